/* SPDX-License-Identifier: MIT
 * huffman.h: prefix codes of symbols by how often they come, as deflate wants them (RFC 1951, 3.2.2). */
#ifndef NNRT_FORMAT_HUFFMAN_H
#define NNRT_FORMAT_HUFFMAN_H

#include <stdint.h>

enum { HUFFMAN_MOST = 288 }; /* symbols */

typedef struct Huffman {
    unsigned char length[HUFFMAN_MOST]; /* bits; 0: the symbol does not come */
    uint16_t code[HUFFMAN_MOST];        /* its first bit is the lowest */
} Huffman;

/* Of n symbols, with at most `most` bits each; at least one symbol has a code. */
void huffman_make(const uint32_t *count, int n, int most, Huffman *h);

#endif
