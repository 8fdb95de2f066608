/* SPDX-License-Identifier: MIT
 * vocab.h: the words and class names of the fields of data blocks. */
#ifndef NNRT_MODEL_VOCAB_H
#define NNRT_MODEL_VOCAB_H

#include "model/model.h"

Vocab *rt_vocab(nnrt *m, int data, int field);                             /* NULL if not made yet */
int rt_add_vocab(nnrt *m, int data, int field, char **words, int n); /* takes the words over */
void rt_free_vocabs(nnrt *m);

#endif
