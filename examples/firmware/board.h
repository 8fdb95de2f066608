/* SPDX-License-Identifier: MIT
 * board.h: what the program wants of its board. */
#ifndef BOARD_H
#define BOARD_H

#include <stdbool.h>
#include <stddef.h>

void board_say(const char *text);
bool board_line(char *to, size_t room); /* the next line of the console, without its end */

#endif
