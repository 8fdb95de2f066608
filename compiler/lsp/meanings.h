/* SPDX-License-Identifier: MIT
 * meanings.h: what was told of the word at a place. */
#ifndef NNC_LSP_MEANINGS_H
#define NNC_LSP_MEANINGS_H

#include "lsp/analysis.h"

typedef struct Meanings {
    uint32_t at; /* in the text */
    VEC(SemaMeaning) list; /* each once, the uses of the word before what is declared by it */
} Meanings;

void meanings_take(Analysis *a, const SemaMeaning *meaning); /* Analysis.meant, where its user begins with a Meanings */

#endif
