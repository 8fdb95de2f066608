/* SPDX-License-Identifier: MIT
 * json.h: a strict JSON reader for files that may be hostile (no duplicate keys, bounded depth, no
 * more than time and memory in proportion to the text), and small writing helpers.
 *
 * Texts are bytes without 0. A byte that is no UTF-8 is written as \udcXX, so that what is written is JSON whatever the text, and read
 * back as that byte. Control characters and marks that reorder text are written as \u001b: JSON can go to a terminal as it is. */
#ifndef NNRT_BASE_JSON_H
#define NNRT_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef enum { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } JsonKind;
typedef struct Json Json;
struct Json {
    JsonKind kind;
    const char *key;  /* inside an object */
    const char *text; /* STRING */
    double number;    /* NUMBER, BOOL */
    int64_t integer;  /* NUMBER that is a plain integer */
    int is_integer;
    Json *child, *next;
    int n; /* children */
};

extern const char json_too_many[];              /* as *error: more values than were allowed */
extern const char json_no_memory[];             /* as *error, where it is not the text that is wrong; */
int json_code(const char *error, int otherwise); /* then NNRT_E_MEM */
/* NULL and *error on bad input. Free with json_free. */
Json *json_parse(const char *text, size_t n, const char **error);
/* The same in the memory of `before`, which is gone then; NULL: of its own. At most so many values in lists and objects. */
Json *json_parse_again(Json *before, const char *text, size_t n, size_t most, const char **error);
void json_free(Json *root);
const Json *json_get(const Json *object, const char *key); /* NULL if absent */
const Json *json_first(const Json *list);  /* its first child; NULL of NULL or of none */
const Json *json_list(const Json *object, const char *key); /* the first of a list in it */
const Json *json_at(const Json *array, int i); /* NULL if there is none */
int json_index(const Json *list, const char *name, size_t n); /* of the object whose "name" is these n bytes; -1 */
int64_t json_int(const Json *object, const char *key, int64_t otherwise);
double json_number(const Json *object, const char *key, double otherwise);
const char *json_text(const Json *object, const char *key, const char *otherwise);
/* The text between quotes, decoded in place, with a 0 behind: text[n] must be writable. Sets *error
 * if it is wrong. */
size_t json_unescape(char *text, size_t n, const char **error);
const char *json_string_end(const char *at, const char *end); /* the closing quote, or NULL */
bool json_is(const Json *object, const char *key, const char *text); /* is this text there? */
void json_put(FILE *f, const char *before, const char *text); /* `before` as it is, and the text as a string */
void json_write_string(FILE *f, const char *text);
void json_write_number(FILE *f, double v); /* null if not finite; shortest text that reads back */
const char *json_format_number(double v, char *buffer, size_t n);

#endif
