/* SPDX-License-Identifier: MIT
 * vocab.c: the words and class names of fields. */
#include "model/vocab.h"

#include <stdlib.h>

void rt_free_vocabs(nnrt *m)
{
    for (int i = 0; i < m->n_vocabs; i++) {
        for (int k = 0; k < m->vocab[i].n; k++)
            free(m->vocab[i].word[k]);
        free(m->vocab[i].word);
    }
    rt_free(m->vocab);
    m->vocab = NULL;
    m->n_vocabs = 0;
}

Vocab *rt_vocab(nnrt *m, int data, int field)
{
    for (int i = 0; i < m->n_vocabs; i++)
        if (m->vocab[i].data == data && m->vocab[i].field == field) return &m->vocab[i];
    return NULL;
}

int rt_add_vocab(nnrt *m, int data, int field, char **words, int n)
{
    Vocab *old = rt_vocab(m, data, field);
    if (old) {
        for (int k = 0; k < old->n; k++)
            free(old->word[k]);
        free(old->word);
        old->word = words;
        old->n = n;
        return NNRT_OK;
    }
    Vocab *list = rt_grow(m->vocab, sizeof(Vocab) * (size_t)m->n_vocabs,
                          sizeof(Vocab) * (size_t)(m->n_vocabs + 1));
    if (!list) return NNRT_E_MEM;
    m->vocab = list;
    m->vocab[m->n_vocabs++] = (Vocab){data, field, words, n};
    return NNRT_OK;
}
