/* SPDX-License-Identifier: MIT
 * habits.h: syntax errors that are habits of other languages, or a slip of the hand. */
#ifndef NNC_SYNTAX_HABITS_H
#define NNC_SYNTAX_HABITS_H

#include "syntax/place.h"

/* Each says what is wrong and is true if it knows. */
bool habit_of_rule(const Place *x);          /* by the table of short patterns */
bool habit_of_type(const Place *x);          /* a type that is none, or that stands in front of its name */
bool habit_of_misspelling(const Place *x);   /* retrun x */
bool habit_of_near_word(const Place *x);     /* over net usign adam() */
bool habit_of_missing_word(const Place *x);
bool habit_of_import(const Place *x);
bool habit_of_missing_close(const Place *x); /* a bracket that a line above has left open */
bool habit_of_unfinished(const Place *x);
bool habit_of_missing_comma(const Place *x); /* two values in a row */

#endif
