/* SPDX-License-Identifier: MIT
 * io.h: text both ways. One function says how a thing is written; run with `out` it prints, without it reads what it printed.
 *
 * The text is a row of tokens: words, numbers, quoted texts, sizes, signs. Blanks and lines mean nothing; `;` begins a comment. */
#ifndef NNC_CORE_IO_H
#define NNC_CORE_IO_H

#include "support/arena.h"
#include "support/dims.h"
#include "support/str.h"
#include "support/vec.h"

typedef struct Io {
    Arena *arena;
    Dims *dims;
    Text *out;          /* NULL: reads */
    int depth;          /* of the lines that are printed */
    const char *at;     /* of the text that is read */
    int line;
    const char *error;  /* the first mistake in it, or NULL */
    VEC(Symbol) symbols; /* declared so far */
    uint32_t scope;      /* the first of them whose name means something here */
} Io;

static inline bool io_reads(const Io *io)
{
    return !io->out;
}

void io_fail(Io *io, const char *what);
void io_line(Io *io);                      /* printed: a new line */

void io_word(Io *io, const char *word); /* a word or a sign */
/* One that is there if `there`; read: is it there? */
bool io_maybe(Io *io, const char *word, bool there);
int io_choice(Io *io, const char *const *words, int n, int value);
int64_t io_integer(Io *io, int64_t value);
double io_real(Io *io, double value);
const char *io_text(Io *io, const char *value); /* in quotes */
Dim io_dim(Io *io, Dim value);
Symbol io_symbol(Io *io, Symbol value); /* its declaration: name, and what is known of it */
bool io_ends(Io *io);                   /* nothing is left to be read */

/* The i-th element of the list, whose elements begin with this word: prints the word, or reads it and makes room. */
#define IO_NEXT(io, list, i, word) \
    (io_maybe((io), (word), (i) < (list)->n) && \
     (!io_reads(io) || ((list)->at = io_room((io), (list)->at, sizeof *(list)->at, &(list)->n, &(list)->cap), true)))
void *io_room(Io *io, void *at, size_t size, uint32_t *n, uint32_t *cap);

#endif
