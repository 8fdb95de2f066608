/* SPDX-License-Identifier: MIT
 * wire.h: messages between an editor and the server: a header with the length, then that many bytes of JSON. What comes in may be
 * anything. */
#ifndef NNC_LSP_WIRE_H
#define NNC_LSP_WIRE_H

#include <stdbool.h>

#include "support/arena.h"

enum { WIRE_MOST = 64 << 20 }; /* bytes of a message; longer ones are passed over */

typedef struct Wire {
    int in, out;
    bool broken; /* nobody reads what is written */
    size_t at, n;
    char buffer[1 << 16];
} Wire;

typedef enum { WIRE_MESSAGE, WIRE_BAD, WIRE_END } WireState; /* bad: no message, the next may be one */

WireState wire_read(Wire *wire, Arena *arena, const char **text, size_t *n);
bool wire_waits(const Wire *wire); /* has more come in already? */
void wire_write(Wire *wire, const char *text, size_t n);

#endif
