/* SPDX-License-Identifier: MIT
 * pieces.h: a program as words, numbers, texts and signs, each with its place: what damage.h changes. Roughly as the lexer has
 * them, from any text: comments are left out, and a bracket that nothing closes has no other end. */
#ifndef NNC_TESTS_PIECES_H
#define NNC_TESTS_PIECES_H

#include "support/arena.h"
#include "support/vec.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum { PIECE_WORD, PIECE_NUMBER, PIECE_TEXT, PIECE_SIGN } PieceKind;

typedef struct Piece {
    PieceKind kind;
    uint32_t lo, hi; /* its bytes in the text */
    uint32_t line;   /* from 1 */
    uint32_t other;  /* of a bracket: the piece that opens or closes it; else, and where there is none, its own number */
} Piece;

typedef struct Pieces {
    const char *text;
    VEC(Piece) list;
} Pieces;

Pieces pieces_of(Arena *arena, const char *text);
bool piece_is(const Pieces *p, uint32_t i, const char *what); /* false behind the end, too */
bool piece_opens(const Pieces *p, uint32_t i);                /* ( [ { with its other end */
char *piece_text(Arena *arena, const Pieces *p, uint32_t i);
/* The number of the first piece of this line or a later one. */
uint32_t pieces_from_line(const Pieces *p, uint32_t line);

#endif
