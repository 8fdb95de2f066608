/* SPDX-License-Identifier: MIT
 * dims.c: the value of a size that the manifest has as a text. */
#include "model/dims.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "model/manifest.h"

typedef struct SizeText {
    const char *at;
    const Json *names;
    const int64_t *sizes;
    bool unknown;
} SizeText;

static int64_t size_sum(SizeText *s);

static void blanks(SizeText *s)
{
    while (*s->at == ' ')
        s->at++;
}

static int64_t size_atom(SizeText *s)
{
    blanks(s);
    if (*s->at == '(') {
        s->at++;
        int64_t v = size_sum(s);
        blanks(s);
        if (*s->at == ')') s->at++;
        return v;
    }
    if (*s->at == '-') {
        s->at++;
        return -size_atom(s);
    }
    if (isdigit((unsigned char)*s->at)) return strtoll(s->at, (char **)(uintptr_t)&s->at, 10);
    const char *start = s->at;
    while (isalnum((unsigned char)*s->at) || *s->at == '_')
        s->at++;
    size_t n = (size_t)(s->at - start);
    int i = 0;
    for (const Json *name = json_first(s->names); name; name = name->next, i++)
        if (strlen(name->text) == n && strncmp(name->text, start, n) == 0) {
            if (s->sizes[i] < 0) s->unknown = true;
            return s->sizes[i] < 0 ? 1 : s->sizes[i];
        }
    if (n == 0 && *s->at) s->at++;
    s->unknown = true;
    return 1;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    if (b == 0) return 0;
    int64_t q = a / b;
    return q - (a % b != 0 && (a < 0) != (b < 0));
}

static int64_t size_product(SizeText *s)
{
    int64_t v = size_atom(s);
    for (;;) {
        blanks(s);
        if (s->at[0] == '/' && s->at[1] == '/') {
            s->at += 2;
            v = floor_div(v, size_atom(s));
        } else if (s->at[0] == '%') {
            s->at++;
            int64_t b = size_atom(s);
            v -= floor_div(v, b) * b;
        } else if (s->at[0] == '*' && s->at[1] == '*') {
            s->at += 2;
            int64_t base = v, n = size_atom(s);
            for (v = 1; n > 0; n--)
                if (__builtin_mul_overflow(v, base, &v)) s->unknown = true;
        } else if (s->at[0] == '*') {
            s->at++;
            if (__builtin_mul_overflow(v, size_atom(s), &v)) s->unknown = true;
        } else {
            return v;
        }
    }
}

static int64_t size_sum(SizeText *s)
{
    int64_t v = size_product(s);
    for (;;) {
        blanks(s);
        if (*s->at == '+')
            s->at++, v += size_product(s);
        else if (*s->at == '-')
            s->at++, v -= size_product(s);
        else
            return v;
    }
}

int64_t dims_value(const nnrt *m, int entry, const Json *dim, const int64_t *sizes)
{
    if (dim->kind == JSON_NUMBER) return dim->integer;
    SizeText s = {dim->text, json_get(rt_entry(m, entry), "sizes"), sizes, false};
    int64_t v = size_sum(&s);
    return s.unknown ? -1 : v;
}
