/* SPDX-License-Identifier: MIT
 * given.c: see given.h. */
#include "given.h"

#include <math.h>
#include <stdarg.h>

#include "fuzz/targets/memory_file.h"

enum { FIRST = 1 << 20 };
static char *text;
static size_t used, room;
static bool damaged;

static void add(const char *at, size_t n)
{
    if (used + n + 1 > room) {
        room = 2 * (used + n + 1);
        text = realloc(text, room);
        CHECK(text, "no memory");
    }
    memcpy(text + used, at, n);
    text[used += n] = 0;
}

void given_clear(bool of_damaged)
{
    damaged = of_damaged;
    used = 0;
    if (!text) room = FIRST, text = malloc(room);
    add("", 0);
}

bool given_of_damaged(void)
{
    return damaged;
}

const char *given_text(void)
{
    return text;
}

static void add_escaped(unsigned char c, char *to, size_t n)
{
    if (c == '\n')
        snprintf(to, n, "\\n");
    else if (c >= ' ' && c < 127)
        snprintf(to, n, "%c", c);
    else
        snprintf(to, n, "\\x%02x", c);
}

void given_escaped(FILE *f, const void *at, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char piece[8];
        add_escaped(((const unsigned char *)at)[i], piece, sizeof piece);
        fputs(piece, f);
    }
}

void give_bytes(const void *at, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char piece[8];
        add_escaped(((const unsigned char *)at)[i], piece, sizeof piece);
        add(piece, strlen(piece));
    }
}

/* The name of the file in memory is x, as that of the others. */
void give(const char *format, ...)
{
    static char line[1 << 16];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    for (char *at = line; *at; at++) {
        bool name = strncmp(at, MEMORY_FILE, sizeof MEMORY_FILE - 1) == 0;
        give_bytes(name ? "x" : at, 1);
        if (name) at += sizeof MEMORY_FILE - 2;
    }
}

void give_aside(void)
{
    add("\n", 1);
}

/* The shortest text that is this number. */
static void give_number(double v, Precision precision)
{
    char shown[40];
    int digits = precision == SINGLE ? 6 : 9;
    if (isnan(v)) {
        add("nan", 3); /* of either sign */
        return;
    }
    do
        snprintf(shown, sizeof shown, "%.*g", digits, v);
    while (precision != SINGLE && (digits += 4) <= 17 && strtod(shown, NULL) != v);
    add(shown, strlen(shown));
}

void give_numbers(const double *v, int64_t n, Precision precision)
{
    if (precision == LIBRARY && given_of_damaged()) {
        give("%lld numbers", (long long)n);
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        if (i) add(" ", 1);
        give_number(v[i], precision);
    }
}
