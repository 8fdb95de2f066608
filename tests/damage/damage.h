/* SPDX-License-Identifier: MIT
 * damage.h: a program that is slightly wrong, or says something slightly different: one place of it is changed in a way that mostly
 * leaves it a program to be read: a number, a name, an argument, a type, an operator, a statement.
 *
 * What happens to a line depends on the name of the program, the text of the line, a number, and hardly on what stands around it:
 * what is changed elsewhere makes few other damages. Lines keep their numbers. */
#ifndef NNC_TESTS_DAMAGE_H
#define NNC_TESTS_DAMAGE_H

#include "damage/pieces.h"

typedef struct Damage {
    uint32_t at;      /* byte of the text where it begins */
    const char *what; /* "0.9 -> 1.9"; on one line, short */
    const char *text; /* the whole program */
} Damage;

/* One of many damages of this line; false: none came to mind. A mild one leaves the program right, if it can. */
bool damage_make(Arena *arena, const Pieces *p, const char *name, uint32_t line, uint32_t number, bool mild, Damage *out);

#endif
