/* SPDX-License-Identifier: MIT
 * source.h: source files and places in them. */
#ifndef NNC_SUPPORT_SOURCE_H
#define NNC_SUPPORT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/arena.h"
#include "support/vec.h"

/* Bytes lo .. hi-1 of file number `file` (1-based; 0: no place). */
typedef struct Span {
    uint32_t file, lo, hi;
} Span;

typedef struct SourceFile {
    const char *name; /* as shown in messages: "iris.nn", "std/prelude.nn" */
    const char *text; /* ends in two 0 bytes (re2c sentinel) */
    size_t n;
    uint32_t *line_start; /* byte offset of each line, n_lines of them */
    uint32_t n_lines;
    bool library; /* embedded standard library */
} SourceFile;

typedef struct Sources {
    Arena *arena;
    VEC(SourceFile) files; /* file k is files.at[k - 1] */
} Sources;

uint32_t source_add(Sources *sources, const char *name, const char *text, size_t n, bool library);
const SourceFile *source_get(const Sources *sources, uint32_t file);
uint32_t source_line(const SourceFile *file, uint32_t offset);   /* 1-based */
uint32_t source_column(const SourceFile *file, uint32_t offset); /* 1-based, in characters of UTF-8 */
/* Text of a line without its end; n is set. */
const char *source_line_text(const SourceFile *file, uint32_t line, size_t *n);
void source_treat(const Sources *sources, Span span); /* what takes memory from here on does so for this place */
Span span_join(Span a, Span b);
static inline Span span_end(Span a) /* the empty place behind it */
{
    return (Span){a.file, a.hi, a.hi};
}

#endif
