/* SPDX-License-Identifier: MIT
 * tree.c: a reader of JSON, by recursive descent. */
#include "report/tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DEPTH = 64 };

typedef struct Reader {
    Arena *arena;
    const char *at, *end;
    int depth;
    const char *wrong;
} Reader;

static void skip_blanks(Reader *r)
{
    while (r->at < r->end && strchr(" \t\r\n", *r->at) && *r->at)
        r->at++;
}

static bool take(Reader *r, char c)
{
    skip_blanks(r);
    if (r->at >= r->end || *r->at != c) return false;
    r->at++;
    return true;
}

static bool fail(Reader *r, const char *what)
{
    if (!r->wrong) r->wrong = what;
    return false;
}

/* ---- texts */

static size_t put_utf8(char *to, unsigned long c)
{
    if (c >= 0xdc80 && c <= 0xdcff) return *to = (char)(c - 0xdc00), 1; /* a byte that is no UTF-8 */
    if (c < 0x80) return *to = (char)c, 1;
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    to[0] = (char)((0xff00 >> (more + 1) & 0xff) | c >> 6 * more);
    for (int i = 1; i <= more; i++)
        to[i] = (char)(0x80 | (c >> 6 * (more - i) & 0x3f));
    return (size_t)more + 1;
}

static bool hex4(Reader *r, unsigned long *c)
{
    char digits[5] = {0}, *end;
    if (r->end - r->at < 4) return fail(r, "a text without an end");
    memcpy(digits, r->at, 4);
    *c = strtoul(digits, &end, 16);
    r->at += 4;
    return strspn(digits, "0123456789abcdefABCDEF") == 4 || fail(r, "\\u without four digits");
}

static bool read_escape(Reader *r, char **to)
{
    static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    char c = r->at < r->end ? *r->at++ : 0;
    const char *found = c ? strchr(names, c) : NULL;
    unsigned long high, low;
    if (found) return *(*to)++ = means[found - names], true;
    if (c != 'u') return fail(r, "an unknown escape");
    if (!hex4(r, &high)) return false;
    if (high >= 0xd800 && high < 0xdc00 && r->end - r->at >= 6 && r->at[0] == '\\' && r->at[1] == 'u') {
        r->at += 2;
        if (!hex4(r, &low)) return false;
        high = 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
    }
    if (high) *to += put_utf8(*to, high);
    return true;
}

static const char *read_text(Reader *r)
{
    const char *end = r->at;
    while (end < r->end && *end != '"')
        end += *end == '\\' && end + 1 < r->end ? 2 : 1;
    if (end >= r->end) return fail(r, "a text without an end"), NULL;
    char *text = arena_alloc(r->arena, (size_t)(end - r->at) + 1), *to = text;
    while (r->at < end && !r->wrong)
        if (*r->at != '\\')
            *to++ = *r->at++;
        else
            r->at++, read_escape(r, &to);
    r->at = end + 1;
    return r->wrong ? NULL : text;
}

/* ---- values */

static Tree *read_value(Reader *r);

static bool read_word(Reader *r, Tree *t)
{
    static const struct {
        const char *word;
        TreeKind kind;
        double number;
    } words[] = {{"null", TREE_NULL, NAN}, {"true", TREE_BOOL, 1}, {"false", TREE_BOOL, 0}};
    size_t n = 0;
    while (r->at + n < r->end && r->at[n] && strchr("+-.0123456789abcdefghijklmnopqrstuvwxyzE", r->at[n]))
        n++;
    const char *word = arena_copy(r->arena, r->at, n);
    char *end = NULL;
    r->at += n;
    t->text = word;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].word, word) == 0) return t->kind = words[i].kind, t->number = words[i].number, true;
    t->kind = TREE_NUMBER;
    t->number = strtod(word, &end);
    bool good = n > 0 && !*end && strspn(word, "+-.0123456789eE") == n && *word != '+' && *word != '.';
    return good || fail(r, "no value where one is expected");
}

static bool read_members(Reader *r, Tree *t, char close)
{
    const Tree **last = &t->child;
    t->kind = close == '}' ? TREE_OBJECT : TREE_LIST;
    if (take(r, close)) return true;
    do {
        const char *key = NULL;
        if (close == '}' && !(take(r, '"') && (key = read_text(r)) && take(r, ':'))) return fail(r, "no name where one is expected");
        Tree *child = read_value(r);
        if (!child) return false;
        child->key = key;
        *last = child;
        last = &child->next;
        t->n++;
    } while (take(r, ','));
    return take(r, close) || fail(r, "a list or an object without an end");
}

static Tree *read_value(Reader *r)
{
    Tree *t = ARENA_NEW(r->arena, Tree);
    bool good;
    t->number = NAN;
    if (++r->depth > MOST_DEPTH) return fail(r, "too deep"), NULL;
    if (take(r, '{'))
        good = read_members(r, t, '}');
    else if (take(r, '['))
        good = read_members(r, t, ']');
    else if (take(r, '"'))
        t->kind = TREE_TEXT, good = (t->text = read_text(r)) != NULL;
    else
        good = read_word(r, t);
    r->depth--;
    return good ? t : NULL;
}

const Tree *tree_read(Arena *arena, const char *text, size_t n, const char **wrong)
{
    Reader r = {.arena = arena, .at = text, .end = text + n};
    const Tree *t = read_value(&r);
    skip_blanks(&r);
    if (t && r.at < r.end) fail(&r, "more behind the value");
    *wrong = r.wrong;
    return r.wrong ? NULL : t;
}

/* ---- what is in it */

const Tree *tree_get(const Tree *object, const char *key)
{
    if (!object || object->kind != TREE_OBJECT) return NULL;
    for (const Tree *t = object->child; t; t = t->next)
        if (strcmp(t->key, key) == 0) return t;
    return NULL;
}

const Tree *tree_first(const Tree *object, const char *key)
{
    const Tree *t = tree_get(object, key);
    return t ? t->child : NULL;
}

const char *tree_text(const Tree *object, const char *key, const char *otherwise)
{
    const Tree *t = tree_get(object, key);
    return t && t->kind == TREE_TEXT ? t->text : otherwise;
}

double tree_number(const Tree *object, const char *key, double otherwise)
{
    const Tree *t = tree_get(object, key);
    return t && t->kind == TREE_NUMBER ? t->number : otherwise;
}
