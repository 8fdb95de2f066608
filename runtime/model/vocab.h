/* SPDX-License-Identifier: MIT
 * vocab.h: the words and class names of the fields of data blocks. */
#ifndef NNRT_MODEL_VOCAB_H
#define NNRT_MODEL_VOCAB_H

#include "model/model.h"

Vocab *rt_vocab(nnrt *m, int data, int field);                             /* NULL if not made yet */
int rt_add_vocab(nnrt *m, int data, int field, char **words, int n); /* takes the words over */
/* The code of a word; -1: it has none. The first search makes an index, which stays as long as the words; threads may search at once. */
int rt_vocab_find(Vocab *v, const char *word);
uint64_t rt_word_hash(const char *word);
void rt_free_vocabs(nnrt *m);

#endif
