/* SPDX-License-Identifier: MIT
 * scan.c: JSON without a tree (scan.h). */
#include "base/scan.h"

#include <string.h>

#include "base/json.h"

enum { MOST_DEPTH = 64 };

void scan_fail(Scan *s, const char *error)
{
    if (!s->error) s->error = error;
}

bool scan_is(Scan *s, char c)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\t' || *s->at == '\r'))
        s->at++;
    return !s->error && s->at < s->end && *s->at == c;
}

static bool accept(Scan *s, char c)
{
    bool is = scan_is(s, c);
    s->at += is;
    return is;
}

bool scan_item(Scan *s, char open, char close, int64_t i)
{
    if (i == 0 && !accept(s, open)) scan_fail(s, open == '[' ? "a list expected" : "an object expected");
    if (accept(s, close)) return false;
    if (i > 0 && !accept(s, ',')) scan_fail(s, s->at < s->end ? "`,` expected" : "unfinished");
    return !s->error;
}

char *scan_text(Scan *s)
{
    static char nothing[1];
    if (!accept(s, '"')) return scan_fail(s, "a text expected"), nothing;
    char *text = s->at;
    const char *stop = json_string_end(s->at, s->end);
    if (!stop) return scan_fail(s, "unfinished string"), nothing;
    s->at += stop - s->at + 1;
    json_unescape(text, (size_t)(stop - text), &s->error);
    return s->error ? nothing : text;
}

char *scan_key(Scan *s)
{
    char *key = scan_text(s);
    if (!accept(s, ':')) scan_fail(s, "`:` expected");
    return key;
}

int64_t scan_int(Scan *s)
{
    int64_t v = 0;
    scan_is(s, '0');
    if (s->at < s->end && *s->at == '0' && s->at + 1 < s->end && s->at[1] >= '0' && s->at[1] <= '9') scan_fail(s, "bad number");
    const char *from = s->at;
    for (; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++)
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *s->at - '0', &v)) scan_fail(s, "a number is too large");
    if (s->at == from) scan_fail(s, "a whole number expected");
    return s->error ? 0 : v;
}

void scan_skip(Scan *s)
{
    int depth = 0;
    do {
        if (scan_is(s, '"')) {
            scan_text(s);
        } else if (accept(s, '[') || accept(s, '{')) {
            if (++depth > MOST_DEPTH) scan_fail(s, "nested too deep");
        } else if (depth && (accept(s, ']') || accept(s, '}'))) {
            depth--;
        } else if (depth && (accept(s, ',') || accept(s, ':'))) {
            continue;
        } else {
            const char *from = s->at;
            while (s->at < s->end && *s->at && strchr("+-.0123456789abcdefghijklmnopqrstuvwxyzE", *s->at))
                s->at++;
            if (s->at == from) scan_fail(s, "a value expected");
        }
    } while (depth && !s->error);
}

void scan_end(Scan *s)
{
    scan_is(s, 0);
    if (s->at < s->end) scan_fail(s, "something follows");
}
