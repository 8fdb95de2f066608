/* SPDX-License-Identifier: MIT
 * huffman.c: prefix codes. */
#include "format/huffman.h"

#include <string.h>

typedef struct Tree { /* leaves first, then what joins two of them */
    uint32_t weight[2 * HUFFMAN_MOST];
    int parent[2 * HUFFMAN_MOST]; /* -1: not joined yet */
    int symbol[HUFFMAN_MOST];
    int n;
} Tree;

static int lightest(const Tree *t)
{
    int least = -1;
    for (int i = 0; i < t->n; i++)
        if (t->parent[i] < 0 && (least < 0 || t->weight[i] < t->weight[least])) least = i;
    return least;
}

static void join_all(Tree *t)
{
    for (int left = t->n; left > 1; left--) {
        int a = lightest(t);
        t->parent[a] = t->n;
        int b = lightest(t);
        t->parent[b] = t->n;
        t->weight[t->n] = t->weight[a] + t->weight[b];
        t->parent[t->n++] = -1;
    }
}

/* The longest length; counts are divided by 2^shift, which makes the longest ones shorter. */
static int lengths(const uint32_t *count, int n, int shift, unsigned char *length)
{
    Tree t = {.n = 0};
    int longest = 0;
    for (int i = 0; i < n; i++) {
        if (!count[i]) continue;
        t.symbol[t.n] = i;
        t.weight[t.n] = count[i] >> shift ? count[i] >> shift : 1;
        t.parent[t.n++] = -1;
    }
    int leaves = t.n;
    join_all(&t);
    memset(length, 0, HUFFMAN_MOST);
    for (int i = 0; i < leaves; i++) {
        int depth = 0;
        for (int at = i; t.parent[at] >= 0; at = t.parent[at])
            depth++;
        length[t.symbol[i]] = (unsigned char)(depth ? depth : 1);
        longest = depth > longest ? depth : longest;
    }
    if (leaves == 0) length[0] = 1;
    return longest;
}

/* Of one length in the order of symbols, shorter ones first. */
static void codes(int n, Huffman *h)
{
    uint32_t code = 0;
    for (int bits = 1; bits < 16; bits++, code <<= 1)
        for (int i = 0; i < n; i++) {
            if (h->length[i] != bits) continue;
            uint32_t turned = 0;
            for (int k = 0; k < bits; k++)
                turned |= (code >> k & 1) << (bits - 1 - k);
            h->code[i] = (uint16_t)turned;
            code++;
        }
}

void huffman_make(const uint32_t *count, int n, int most, Huffman *h)
{
    for (int shift = 0; lengths(count, n, shift, h->length) > most;)
        shift++;
    codes(n, h);
}
