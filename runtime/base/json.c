/* SPDX-License-Identifier: MIT
 * json.c: recursive descent with a depth limit; all nodes and texts live in one block list owned by
 * the root. */
#include "base/json.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dtype.h"
#include "base/number.h"
#include "base/utf8.h"

enum { MOST_DEPTH = 16, CHUNK = 1 << 16 };

const char json_no_memory[] = "out of memory", json_too_many[] = "too many values";

int json_code(const char *error, int otherwise)
{
    return error == json_no_memory ? NNRT_E_MEM : otherwise;
}

typedef struct Chunk {
    struct Chunk *next;
    size_t used, size;
    max_align_t data[];
} Chunk;

typedef struct Parser {
    const char *at, *end, *error;
    Chunk *chunks;
    size_t left; /* values that may follow */
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
        Chunk *c = malloc(sizeof(Chunk) + size);
        if (!c) {
            p->error = json_no_memory;
            return NULL;
        }
        c->used = 0;
        c->size = size;
        c->next = p->chunks;
        p->chunks = c;
    }
    void *at = (char *)p->chunks->data + p->chunks->used;
    p->chunks->used += bytes;
    return at;
}

static Json *take_node(Parser *p, size_t bytes)
{
    void *at = take(p, bytes);
    return at ? memset(at, 0, bytes) : NULL;
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

/* The four hexadecimal digits at c, or -1. */
static long hex4(const char *c, const char *end)
{
    long v = 0;
    if (end - c < 4) return -1;
    for (int i = 0; i < 4; i++, c++) {
        int d = *c >= '0' && *c <= '9' ? *c - '0' : *c >= 'a' && *c <= 'f' ? *c - 'a' + 10 : *c >= 'A' && *c <= 'F' ? *c - 'A' + 10 : -1;
        if (d < 0) return -1;
        v = 16 * v + d;
    }
    return v;
}

/* The character of \u and what follows at *at; 0 bytes if it is none. Half of a pair alone is none
 * either, but for those that stand for a byte (json.h). */
static size_t unescape_u(const char **at, const char *end, char *out)
{
    long c = hex4(*at, end);
    *at += 4;
    if (c >= 0xDC80 && c <= 0xDCFF) return out[0] = (char)(c - 0xDC00), 1;
    if (c >= 0xD800 && c <= 0xDBFF && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u') {
        long low = hex4(*at + 2, end);
        if (low < 0xDC00 || low > 0xDFFF) return 0;
        *at += 6;
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    } else if (c <= 0 || (c >= 0xD800 && c <= 0xDFFF)) {
        return 0;
    }
    return utf8_put((uint32_t)c, out);
}

size_t json_unescape(char *text, size_t n, const char **error)
{
    const char *at = text, *end = text + n;
    char *out = text;
    while (at < end) {
        unsigned char c = (unsigned char)*at++;
        if (c < 32) return *error = "control character in a string", (size_t)0;
        if (c != '\\') {
            *out++ = (char)c;
            continue;
        }
        static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
        const char *plain = at < end && *at ? strchr(from, *at) : NULL;
        size_t wrote = 0;
        if (plain)
            *out = to[plain - from], wrote = 1, at++;
        else if (at < end && *at == 'u')
            at++, wrote = unescape_u(&at, end, out);
        if (!wrote) return *error = "bad escape", (size_t)0;
        out += wrote;
    }
    *out = 0;
    return (size_t)(out - text);
}

const char *json_string_end(const char *at, const char *end)
{
    while (at < end && *at != '"')
        at += *at == '\\' ? 2 : 1;
    return at < end ? at : NULL;
}

static const char *string(Parser *p)
{
    const char *stop = json_string_end(p->at, p->end), *error = NULL;
    if (!stop) return fail(p, "unfinished string"), NULL;
    size_t n = (size_t)(stop - p->at);
    char *out = take(p, n + 1);
    if (!out) return NULL;
    memcpy(out, p->at, n);
    p->at = stop + 1;
    json_unescape(out, n, &error);
    return error ? fail(p, error), NULL : out;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_of_number(char c)
{
    return is_digit(c) || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
}

static void number(Parser *p, Json *v)
{
    char copy[64];
    const char *from = p->at;
    bool whole = true;
    for (; p->at < p->end && is_of_number(*p->at); p->at++)
        whole &= is_digit(*p->at) || *p->at == '-';
    size_t n = (size_t)(p->at - from);
    if (n == 0 || n >= sizeof copy) {
        fail(p, "bad number");
        return;
    }
    memcpy(copy, from, n);
    copy[n] = 0;
    char *end = NULL;
    v->kind = JSON_NUMBER;
    v->number = number_read(copy, &end);
    const char *digits = copy + (*copy == '-');
    bool leading_zero = digits[0] == '0' && is_digit(digits[1]);
    if (*end || leading_zero || !is_digit(*digits)) fail(p, "bad number");
    if (isinf(v->number)) fail(p, "too large a number");
    errno = 0;
    long long integer = whole ? strtoll(copy, &end, 10) : 0;
    v->is_integer = whole && !*end && errno == 0;
    v->integer = v->is_integer ? integer : 0;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void check_keys(Parser *p, const Json *object)
{
    const char **key = malloc(sizeof *key * (size_t)object->n);
    int n = 0;
    if (!key) {
        fail(p, json_no_memory);
        return;
    }
    for (const Json *c = object->child; c; c = c->next)
        key[n++] = c->key;
    qsort(key, (size_t)n, sizeof *key, by_text);
    for (int i = 1; i < n; i++)
        if (strcmp(key[i - 1], key[i]) == 0) fail(p, "a key stands twice");
    free(key);
}

static void value(Parser *p, Json *v, int depth);

static void children(Parser *p, Json *v, int depth, char close)
{
    Json *last = NULL;
    v->kind = close == '}' ? JSON_OBJECT : JSON_ARRAY;
    if (accept(p, close)) return;
    while (!p->error) {
        if (p->left-- == 0) {
            fail(p, json_too_many);
            return;
        }
        Json *c = take_node(p, sizeof *c);
        if (!c) return;
        if (close == '}') {
            if (!accept(p, '"')) {
                fail(p, "a key expected");
                return;
            }
            c->key = string(p);
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
        if (accept(p, close)) {
            if (close == '}' && !p->error) check_keys(p, v);
            return;
        }
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

static void free_chunks(Chunk *c)
{
    for (Chunk *next; c; c = next) {
        next = c->next;
        free(c);
    }
}

static Json *parse(Parser *p, const char **error)
{
    Root *root = (Root *)(void *)take_node(p, sizeof *root);
    if (root) {
        value(p, &root->node, 0);
        skip(p);
        if (p->at < p->end) fail(p, "something follows");
        root->chunks = p->chunks;
    }
    if (!p->error) return &root->node;
    if (error) *error = p->error;
    free_chunks(p->chunks);
    return NULL;
}

Json *json_parse(const char *text, size_t n, const char **error)
{
    return parse(&(Parser){.at = text, .end = text + n, .left = SIZE_MAX}, error);
}

Json *json_parse_again(Json *before, const char *text, size_t n, size_t most, const char **error)
{
    Parser p = {.at = text, .end = text + n, .left = most, .chunks = before ? ((Root *)(void *)before)->chunks : NULL};
    if (p.chunks) free_chunks(p.chunks->next), p.chunks->next = NULL, p.chunks->used = 0;
    return parse(&p, error);
}

void json_free(Json *json)
{
    if (json) free_chunks(((Root *)(void *)json)->chunks);
}

const Json *json_get(const Json *object, const char *key)
{
    for (const Json *c = object && object->kind == JSON_OBJECT ? object->child : NULL; c; c = c->next)
        if (strcmp(c->key, key) == 0) return c;
    return NULL;
}

const Json *json_first(const Json *list)
{
    return list ? list->child : NULL;
}

const Json *json_list(const Json *object, const char *key)
{
    return json_first(json_get(object, key));
}

const Json *json_at(const Json *array, int i)
{
    const Json *c = i < 0 ? NULL : json_first(array);
    while (c && i-- > 0)
        c = c->next;
    return c;
}

int json_index(const Json *list, const char *name, size_t n)
{
    int i = 0;
    for (const Json *c = json_first(list); c; c = c->next, i++) {
        const char *have = json_text(c, "name", "");
        if (strlen(have) == n && memcmp(have, name, n) == 0) return i;
    }
    return -1;
}

int64_t json_int(const Json *object, const char *key, int64_t otherwise)
{
    const Json *v = json_get(object, key);
    if (!v || (v->kind != JSON_BOOL && v->kind != JSON_NUMBER)) return otherwise;
    if (v->kind == JSON_NUMBER && v->is_integer) return v->integer;
    return fabs(v->number) < 9e18 ? (int64_t)v->number : otherwise;
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

bool json_is(const Json *object, const char *key, const char *text)
{
    return strcmp(json_text(object, key, ""), text) == 0;
}

void json_put(FILE *f, const char *before, const char *text)
{
    fputs(before, f);
    json_write_string(f, text);
}

void json_write_string(FILE *f, const char *text)
{
    putc('"', f);
    for (size_t n; *text; text += n) {
        uint32_t c;
        n = utf8_take(text, 4, &c); /* the 0 is no further byte of a character */
        if (c == UTF8_NONE)
            fprintf(f, "\\udc%02x", (unsigned char)*text);
        else if (c == '"' || c == '\\')
            fprintf(f, "\\%c", (int)c);
        else if (utf8_is_control(c))
            fprintf(f, "\\u%04x", (unsigned)c);
        else
            fwrite(text, 1, n, f);
    }
    putc('"', f);
}

const char *json_format_number(double v, char *buffer, size_t n)
{
    return dtype_text(NNRT_F64, v, 6, buffer, n);
}

void json_write_number(FILE *f, double v)
{
    char buffer[40];
    fputs(isfinite(v) ? json_format_number(v, buffer, sizeof buffer) : "null", f);
}
