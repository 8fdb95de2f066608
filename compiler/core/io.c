/* SPDX-License-Identifier: MIT
 * io.c: text both ways: tokens. */
#include "core/io.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void io_fail(Io *io, const char *what)
{
    if (!io->error) io->error = arena_print(io->arena, "line %d: %s", io->line, what);
}

/* ---- printing --------------------------------------------------------------------------------- */

static bool starts(const Io *io)
{
    return !io->out->n || io->out->at[io->out->n - 1] == ' ' || io->out->at[io->out->n - 1] == '\n';
}

/* No blank stands before these, and none behind those. */
static void put(Io *io, const char *token)
{
    char last = io->out->n ? io->out->at[io->out->n - 1] : '\n';
    bool close = starts(io) || strchr("([%<", last) || strchr(",)]>:[", token[0]);
    text_add(io->out, "%s%s", close ? "" : " ", token);
}

void io_line(Io *io)
{
    if (!io_reads(io)) text_add(io->out, "\n%*s", 4 * io->depth, "");
}

/* ---- reading ---------------------------------------------------------------------------------- */

static void skip(Io *io)
{
    for (;; io->at++) {
        if (*io->at == '\n') io->line++;
        if (*io->at == ';') {
            while (*io->at && *io->at != '\n')
                io->at++;
            io->at--;
        } else if (!isspace((unsigned char)*io->at)) {
            return;
        }
    }
}

static bool of_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static bool take(Io *io, const char *word)
{
    skip(io);
    size_t n = strlen(word);
    if (io->error || strncmp(io->at, word, n) != 0) return false;
    if (of_word(word[n - 1]) && of_word(io->at[n])) return false;
    io->at += n;
    return true;
}

/* ---- both ------------------------------------------------------------------------------------- */

bool io_ends(Io *io)
{
    skip(io);
    return !*io->at;
}

void io_word(Io *io, const char *word)
{
    if (!io_reads(io))
        put(io, word);
    else if (!take(io, word))
        io_fail(io, arena_print(io->arena, "`%s` expected", word));
}

bool io_maybe(Io *io, const char *word, bool there)
{
    if (io_reads(io)) return take(io, word);
    if (there) put(io, word);
    return there;
}

int io_choice(Io *io, const char *const *words, int n, int value)
{
    if (!io_reads(io)) return put(io, words[value]), value;
    for (int i = 0; i < n; i++)
        if (take(io, words[i])) return i;
    io_fail(io, arena_print(io->arena, "`%s` or another word of its kind expected", words[0]));
    return 0;
}

int64_t io_integer(Io *io, int64_t value)
{
    if (!io_reads(io)) return put(io, arena_print(io->arena, "%lld", (long long)value)), value;
    skip(io);
    char *end = NULL;
    errno = 0;
    value = strtoll(io->at, &end, 10);
    if (end == io->at || errno == ERANGE) io_fail(io, "an integer of 64 bits expected");
    io->at = end;
    return value;
}

double io_real(Io *io, double value)
{
    if (!io_reads(io)) return put(io, arena_print(io->arena, "%.17g", value)), value;
    skip(io);
    char *end = NULL;
    value = strtod(io->at, &end);
    if (end == io->at) io_fail(io, "a number expected");
    io->at = end;
    return value;
}

/* Printable bytes stand for themselves, others as \xHH. */
static void put_text(Io *io, const char *value)
{
    put(io, "\"");
    for (const char *c = value; *c; c++) {
        bool plain = *c != '"' && *c != '\\' && (unsigned char)*c >= ' ';
        text_add(io->out, plain ? "%c" : "\\x%02x", plain ? *c : (unsigned char)*c);
    }
    text_add(io->out, "\"");
}

const char *io_text(Io *io, const char *value)
{
    if (!io_reads(io)) return put_text(io, value), value;
    Text text = {.arena = io->arena};
    io_word(io, "\"");
    for (; !io->error && *io->at != '"'; io->at++) {
        unsigned code = 0;
        if (!*io->at || (*io->at == '\\' && sscanf(io->at, "\\x%2x", &code) != 1)) {
            io_fail(io, "a text ends in \", and \\ stands before xHH");
            break;
        }
        if (code) io->at += 3;
        char c = code ? (char)code : *io->at;
        text_bytes(&text, &c, 1);
    }
    io_word(io, "\"");
    return text_c(&text);
}

/* ---- sizes ------------------------------------------------------------------------------------ */

static Symbol find_symbol(void *user, const char *name, size_t n)
{
    Io *io = user;
    for (uint32_t i = io->symbols.n; i-- > io->scope;) {
        const char *known = symbol_name(io->dims, io->symbols.at[i]);
        if (strlen(known) == n && strncmp(known, name, n) == 0) return io->symbols.at[i];
    }
    return 0;
}

Dim io_dim(Io *io, Dim value)
{
    if (!io_reads(io)) return put(io, dim_print(io->dims, io->arena, value)), value;
    skip(io);
    const char *end = io->at;
    value = dim_read(io->dims, io->at, &end, find_symbol, io);
    if (!value || !dim_is_defined(io->dims, value)) io_fail(io, "a size expected");
    io->at = end;
    return value;
}

Symbol io_symbol(Io *io, Symbol value)
{
    int64_t lower = 1;
    const char *name = io_text(io, io_reads(io) ? NULL : symbol_name(io->dims, value));
    bool known = io_reads(io) || symbol_lower(io->dims, value, &lower);
    if (io_reads(io) && find_symbol(io, name, strlen(name))) io_fail(io, "two sizes of one name");
    if (io_reads(io)) value = symbol_new(io->dims, name);
    if (io_maybe(io, "any", !known))
        symbol_set_lower(io->dims, value, false, 0);
    else if (io_maybe(io, "from", lower != 1))
        symbol_set_lower(io->dims, value, true, io_integer(io, lower));
    vec_add(io->arena, &io->symbols, value);
    return value;
}

/* ---- lists ------------------------------------------------------------------------------------ */

void *io_room(Io *io, void *at, size_t size, uint32_t *n, uint32_t *cap)
{
    if (*n == *cap) {
        *cap = *cap ? 2 * *cap : 8;
        at = arena_grow(io->arena, at, size * *n, size * *cap);
    }
    ++*n;
    return at;
}
