/* SPDX-License-Identifier: MIT
 * json.c: recursive descent with a depth limit; all nodes and texts live in one block list owned by
 * the root. */
#include "json.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DEPTH = 16, MOST_KEYS = 32768, CHUNK = 1 << 16 }; /* keys are compared pairwise */

typedef struct Chunk {
    struct Chunk *next;
    size_t used, size;
    max_align_t data[];
} Chunk;

typedef struct Parser {
    const char *at, *end, *error;
    Chunk *chunks;
} Parser;

typedef struct Root { /* the root node is first, so that a Json * finds its chunks */
    Json node;
    Chunk *chunks;
} Root;

static void *take(Parser *p, size_t bytes)
{
    bytes = (bytes + 15) & ~(size_t)15;
    if (!p->chunks || p->chunks->size - p->chunks->used < bytes) {
        size_t size = bytes > CHUNK ? bytes : CHUNK;
        Chunk *c = calloc(1, sizeof(Chunk) + size);
        if (!c) {
            p->error = "out of memory";
            return NULL;
        }
        c->size = size;
        c->next = p->chunks;
        p->chunks = c;
    }
    void *at = (char *)p->chunks->data + p->chunks->used;
    p->chunks->used += bytes;
    return at;
}

static void fail(Parser *p, const char *error)
{
    if (!p->error) p->error = error;
}

static void skip(Parser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\n' || *p->at == '\t' || *p->at == '\r'))
        p->at++;
}

static int accept(Parser *p, char c)
{
    skip(p);
    if (p->at >= p->end || *p->at != c) return 0;
    p->at++;
    return 1;
}

static unsigned hex4(Parser *p)
{
    unsigned v = 0;
    for (int i = 0; i < 4; i++) {
        if (p->at >= p->end) return fail(p, "unfinished escape"), 0;
        char c = *p->at++;
        int d = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
        if (d < 0) return fail(p, "bad escape"), 0;
        v = 16 * v + (unsigned)d;
    }
    return v;
}

static size_t put_utf8(char *out, unsigned c)
{
    if (c < 0x80) return out[0] = (char)c, 1;
    if (c < 0x800) return out[0] = (char)(0xC0 | c >> 6), out[1] = (char)(0x80 | (c & 63)), 2;
    return out[0] = (char)(0xE0 | c >> 12), out[1] = (char)(0x80 | (c >> 6 & 63)),
           out[2] = (char)(0x80 | (c & 63)), 3;
}

static const char *string(Parser *p)
{
    const char *from = p->at;
    size_t n = 0;
    while (p->at < p->end && *p->at != '"')
        p->at += *p->at == '\\' ? 2 : 1;
    if (p->at >= p->end) return fail(p, "unfinished string"), NULL;
    const char *stop = p->at;
    char *out = take(p, (size_t)(stop - from) + 1);
    if (!out) return NULL;
    p->at = from;
    while (p->at < stop && !p->error) {
        unsigned char c = (unsigned char)*p->at++;
        if (c < 32) return fail(p, "control character in a string"), NULL;
        if (c != '\\') {
            out[n++] = (char)c;
            continue;
        }
        switch (*p->at++) {
        case '"': out[n++] = '"'; break;
        case '\\': out[n++] = '\\'; break;
        case '/': out[n++] = '/'; break;
        case 'b': out[n++] = '\b'; break;
        case 'f': out[n++] = '\f'; break;
        case 'n': out[n++] = '\n'; break;
        case 'r': out[n++] = '\r'; break;
        case 't': out[n++] = '\t'; break;
        case 'u': n += put_utf8(out + n, hex4(p)); break;
        default: fail(p, "bad escape");
        }
    }
    p->at = stop + 1;
    out[n] = 0;
    return out;
}

static void number(Parser *p, Json *v)
{
    char copy[64];
    size_t n = 0;
    const char *from = p->at;
    while (p->at < p->end && *p->at && strchr("+-.0123456789eE", *p->at))
        p->at++;
    n = (size_t)(p->at - from);
    if (n == 0 || n >= sizeof copy) {
        fail(p, "bad number");
        return;
    }
    memcpy(copy, from, n);
    copy[n] = 0;
    char *end = NULL;
    v->kind = JSON_NUMBER;
    v->number = strtod(copy, &end);
    const char *digits = copy + (*copy == '-');
    bool leading_zero = digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9';
    if (*end || leading_zero || *digits < '0' || *digits > '9') fail(p, "bad number");
    v->is_integer = strspn(copy, "-0123456789") == n && n < 19;
    v->integer = v->is_integer ? strtoll(copy, NULL, 10) : 0;
}

static void value(Parser *p, Json *v, int depth);

static void children(Parser *p, Json *v, int depth, char close)
{
    Json *last = NULL;
    v->kind = close == '}' ? JSON_OBJECT : JSON_ARRAY;
    if (accept(p, close)) return;
    while (!p->error) {
        Json *c = take(p, sizeof *c);
        if (!c) return;
        if (close == '}') {
            if (!accept(p, '"')) {
                fail(p, "a key expected");
                return;
            }
            c->key = string(p);
            for (Json *k = v->child; k && !p->error; k = k->next)
                if (strcmp(k->key, c->key) == 0) {
                    fail(p, "a key stands twice");
                    return;
                }
            if (v->n >= MOST_KEYS) {
                fail(p, "too many keys");
                return;
            }
            if (!p->error && !accept(p, ':')) {
                fail(p, "`:` expected");
                return;
            }
        }
        if (p->error) return;
        value(p, c, depth + 1);
        if (last)
            last->next = c;
        else
            v->child = c;
        last = c;
        v->n++;
        if (accept(p, close)) return;
        if (!p->error && !accept(p, ',')) {
            fail(p, "`,` expected");
            return;
        }
    }
}

static void value(Parser *p, Json *v, int depth)
{
    skip(p);
    if (depth > MOST_DEPTH) {
        fail(p, "nested too deep");
        return;
    }
    if (p->at >= p->end) {
        fail(p, "unfinished");
        return;
    }
    size_t left = (size_t)(p->end - p->at);
    if (*p->at == '{') {
        p->at++;
        children(p, v, depth, '}');
    } else if (*p->at == '[') {
        p->at++;
        children(p, v, depth, ']');
    } else if (*p->at == '"') {
        p->at++;
        v->kind = JSON_STRING;
        v->text = string(p);
    } else if (left >= 4 && memcmp(p->at, "true", 4) == 0) {
        v->kind = JSON_BOOL, v->number = 1, p->at += 4;
    } else if (left >= 5 && memcmp(p->at, "false", 5) == 0) {
        v->kind = JSON_BOOL, p->at += 5;
    } else if (left >= 4 && memcmp(p->at, "null", 4) == 0) {
        p->at += 4;
    } else {
        number(p, v);
    }
}

Json *json_parse(const char *text, size_t n, const char **error)
{
    Parser p = {.at = text, .end = text + n};
    Root *root = take(&p, sizeof *root);
    if (root) {
        value(&p, &root->node, 0);
        skip(&p);
        if (p.at < p.end && *p.at) fail(&p, "something follows");
        root->chunks = p.chunks;
    }
    if (p.error) {
        if (error) *error = p.error;
        Root freeing = {.chunks = p.chunks};
        for (Chunk *c = freeing.chunks; c;) {
            Chunk *next = c->next;
            free(c);
            c = next;
        }
        return NULL;
    }
    return &root->node;
}

void json_free(Json *json)
{
    if (!json) return;
    for (Chunk *c = ((Root *)(void *)json)->chunks; c;) {
        Chunk *next = c->next;
        free(c);
        c = next;
    }
}

const Json *json_get(const Json *object, const char *key)
{
    for (const Json *c = object && object->kind == JSON_OBJECT ? object->child : NULL; c;
         c = c->next)
        if (strcmp(c->key, key) == 0) return c;
    return NULL;
}

const Json *json_at(const Json *array, int i)
{
    const Json *c = array ? array->child : NULL;
    while (c && i-- > 0)
        c = c->next;
    return c;
}

int64_t json_int(const Json *object, const char *key, int64_t otherwise)
{
    const Json *v = json_get(object, key);
    if (!v) return otherwise;
    return v->kind == JSON_BOOL     ? (int64_t)v->number
           : v->kind == JSON_NUMBER ? (v->is_integer ? v->integer : (int64_t)v->number)
                                    : otherwise;
}

double json_number(const Json *object, const char *key, double otherwise)
{
    const Json *v = json_get(object, key);
    return v && (v->kind == JSON_NUMBER || v->kind == JSON_BOOL) ? v->number : otherwise;
}

const char *json_text(const Json *object, const char *key, const char *otherwise)
{
    const Json *v = json_get(object, key);
    return v && v->kind == JSON_STRING ? v->text : otherwise;
}

void json_write_string(FILE *f, const char *text)
{
    putc('"', f);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(f, "\\%c", *c);
        else if (*c < 32)
            fprintf(f, "\\u%04x", *c);
        else
            putc(*c, f);
    }
    putc('"', f);
}

const char *json_format_number(double v, char *buffer, size_t n)
{
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(buffer, n, "%.*g", digits, v);
        if (strtod(buffer, NULL) == v) break;
    }
    return buffer;
}

void json_write_number(FILE *f, double v)
{
    char buffer[40];
    fputs(isfinite(v) ? json_format_number(v, buffer, sizeof buffer) : "null", f);
}
