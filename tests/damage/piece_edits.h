/* SPDX-License-Identifier: MIT
 * piece_edits.h: changes of one piece, and of what stands around it. Each may change nothing, where it has nothing to say. */
#ifndef NNC_TESTS_PIECE_EDITS_H
#define NNC_TESTS_PIECE_EDITS_H

#include "damage/draw.h"

Edit edit_number(Draw *d, uint32_t i);
Edit edit_text(Draw *d, uint32_t i); /* a letter, a word of it */
Edit edit_word(Draw *d, uint32_t i); /* another word, or something is made of it: -x, x[0] */
Edit edit_sign(Draw *d, uint32_t i); /* another operator, other items between brackets */

#endif
