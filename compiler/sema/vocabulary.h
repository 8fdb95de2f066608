/* SPDX-License-Identifier: MIT
 * vocabulary.h: the words of text fields. */
#ifndef NNC_SEMA_VOCABULARY_H
#define NNC_SEMA_VOCABULARY_H

#include "sema/base/state.h"

void vocabularies_check(Sema *s); /* after all entries */

#endif
