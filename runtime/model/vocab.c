/* SPDX-License-Identifier: MIT
 * vocab.c: the words and class names of fields. */
#include "model/vocab.h"

#include <stdlib.h>
#include <string.h>

struct WordIndex { /* open addressing; its size is a power of two, more than twice the words */
    size_t mask;
    int at[]; /* the code of a word, or -1 */
};

uint64_t rt_word_hash(const char *word)
{
    uint64_t h = 14695981039346656037u;
    for (; *word; word++)
        h = (h ^ (unsigned char)*word) * 1099511628211u;
    return h;
}

static struct WordIndex *make_index(const Vocab *v)
{
    size_t mask = 63;
    while (mask < 2 * (size_t)v->n)
        mask = 2 * mask + 1;
    struct WordIndex *index = malloc(sizeof *index + sizeof(int) * (mask + 1));
    if (!index) return NULL;
    index->mask = mask;
    for (size_t i = 0; i <= mask; i++)
        index->at[i] = -1;
    for (int w = 0; w < v->n; w++) {
        size_t i = rt_word_hash(v->word[w]) & mask;
        while (index->at[i] >= 0)
            i = (i + 1) & mask;
        index->at[i] = w;
    }
    return index;
}

/* NULL without memory. Of threads that make it at the same time one is faster; the others take that one's. */
static const struct WordIndex *index_of(Vocab *v)
{
    struct WordIndex *known = atomic_load(&v->index), *made;
    if (known || !(made = make_index(v))) return known;
    if (atomic_compare_exchange_strong(&v->index, &known, made)) return made;
    free(made);
    return known;
}

int rt_vocab_find(Vocab *v, const char *word)
{
    const struct WordIndex *index = index_of(v);
    for (int i = 0; !index && i < v->n; i++)
        if (strcmp(v->word[i], word) == 0) return i;
    for (size_t i = index ? rt_word_hash(word) & index->mask : 0; index && index->at[i] >= 0; i = (i + 1) & index->mask)
        if (strcmp(v->word[index->at[i]], word) == 0) return index->at[i];
    return -1;
}

static void free_words(Vocab *v)
{
    rt_free_texts(v->word, v->n);
    free(atomic_exchange(&v->index, NULL));
}

void rt_free_vocabs(nnrt *m)
{
    for (int i = 0; i < m->n_vocabs; i++)
        free_words(&m->vocab[i]);
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
        free_words(old);
        old->word = words;
        old->n = n;
        return NNRT_OK;
    }
    if (!rt_more(&m->vocab, m->n_vocabs, sizeof *m->vocab)) return rt_no_memory();
    m->vocab[m->n_vocabs++] = (Vocab){.data = data, .field = field, .word = words, .n = n};
    return NNRT_OK;
}
