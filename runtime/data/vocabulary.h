/* SPDX-License-Identifier: MIT
 * vocabulary.h: words, characters and classes as numbers; they belong to the field and the checkpoint. */
#ifndef NNRT_DATA_VOCABULARY_H
#define NNRT_DATA_VOCABULARY_H

#include "data/pieces.h"
#include "data/texts.h"

bool vocabulary_needed(TextMode mode);
Vocab *vocabulary_of(const Spec *spec); /* its own, or that of like=; NULL if not made yet */
int vocabulary_given(const Spec *spec); /* labels=["no", "yes"] fixes the names */
/* The most frequent words or characters (0 padding, 1 unknown), or the sorted labels. */
int vocabulary_make(const Spec *spec, TextMode mode, const Texts *texts);
/* NNRT_E_RANGE: a text at `where` ("iris.csv:7: ", or "") is no class; the one that is close, or all. */
int vocabulary_no_class(const Spec *spec, const Vocab *v, const char *where, const char *text);

#endif
