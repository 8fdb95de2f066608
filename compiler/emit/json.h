/* SPDX-License-Identifier: MIT
 * json.h: a writer of JSON text, which puts commas where they belong. Begin with { .t = { .arena = arena }, .first = true }. */
#ifndef NNC_EMIT_JSON_H
#define NNC_EMIT_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "support/str.h"

typedef struct Json {
    Text t;
    bool first; /* of a list or an object: no comma before it */
} Json;

/* An object: all of the text, or an element of a list. */
void json_item(Json *j);
void json_end(Json *j);
/* Members of an object; of the first two what follows, up to the end, are elements or members. */
void json_list(Json *j, const char *name);
void json_members(Json *j, const char *name); /* ends with json_end */
void json_end_list(Json *j);
void json_text(Json *j, const char *name, const char *text); /* NULL: null */
void json_int(Json *j, const char *name, int64_t v);
void json_bool(Json *j, const char *name, bool v);
void json_number(Json *j, const char *name, double v); /* null, if it is not finite */
/* Elements of a list; of the last what follows, up to the end, are elements. */
void json_add_string(Json *j, const char *text);
void json_add_int(Json *j, int64_t v);
void json_add_text(Json *j, const char *json); /* that is JSON already */
void json_add_list(Json *j); /* ends with json_end_list */

const char *json_quoted(Arena *arena, const char *text); /* one string, which Python and JavaScript read, too */

#endif
