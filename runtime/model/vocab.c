/* SPDX-License-Identifier: MIT
 * vocab.c: the words and class names of fields. */
#include "model/vocab.h"

void rt_free_vocabs(nnrt *m)
{
    for (int i = 0; i < m->n_vocabs; i++)
        rt_free_texts(m->vocab[i].word, m->vocab[i].n);
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
        rt_free_texts(old->word, old->n);
        old->word = words;
        old->n = n;
        return NNRT_OK;
    }
    if (!rt_more(&m->vocab, m->n_vocabs, sizeof *m->vocab)) return rt_no_memory();
    m->vocab[m->n_vocabs++] = (Vocab){data, field, words, n};
    return NNRT_OK;
}
