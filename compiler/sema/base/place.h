/* SPDX-License-Identifier: MIT
 * place.h: the words of a program at a place, and the places of messages. */
#ifndef NNC_SEMA_BASE_PLACE_H
#define NNC_SEMA_BASE_PLACE_H

#include "sema/base/state.h"

const char *source_text(Sema *s, Span span); /* the program's own words, shortened */
bool span_in_library(const Sema *s, Span span);
/* Drop messages from `first` on that repeat an earlier one's place and code. */
void diags_unique(Sema *s, uint32_t first);
/* Of the messages from `first` on those inside of a definition that its check has found right: the call that made it is to
 * blame (moved), or is named. */
void diags_blame(Sema *s, uint32_t first, Span definition, Span call, bool moved);
/* Messages from `first` on that lie in the library move to `at`. */
void diags_relocate(Sema *s, uint32_t first, Span at);
/* Messages from `first` on were found in a function of the program that is called there. */
void diags_called(Sema *s, uint32_t first, Span call);

#endif
