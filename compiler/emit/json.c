/* SPDX-License-Identifier: MIT
 * json.c: a writer of JSON text. */
#include "emit/json.h"

#include <math.h>
#include <string.h>

#include "support/character.h"

static void comma(Json *j)
{
    if (!j->first) text_add(&j->t, ",");
    j->first = false;
}

/* As the runtime's json_write_string: JSON whatever the bytes, and nothing to a terminal. */
static void quoted(Json *j, const char *text)
{
    uint32_t c;
    text_add(&j->t, "\"");
    for (size_t n, left = strlen(text); left; text += n, left -= n) {
        n = character_take(text, left, &c);
        if (c == CHARACTER_NONE)
            text_add(&j->t, "\\udc%02x", (unsigned char)*text);
        else if (c == '"' || c == '\\')
            text_add(&j->t, "\\%c", (int)c);
        else if (character_is_control(c))
            text_add(&j->t, "\\u%04x", c);
        else
            text_bytes(&j->t, text, n);
    }
    text_add(&j->t, "\"");
}

static void key(Json *j, const char *name)
{
    comma(j);
    quoted(j, name);
    text_add(&j->t, ":");
}

static void open(Json *j, const char *bracket)
{
    text_add(&j->t, "%s", bracket);
    j->first = true;
}

static void close(Json *j, const char *bracket)
{
    text_add(&j->t, "%s", bracket);
    j->first = false;
}

void json_item(Json *j)
{
    comma(j);
    open(j, "{");
}

void json_end(Json *j)
{
    close(j, "}");
}

void json_list(Json *j, const char *name)
{
    key(j, name);
    open(j, "[");
}

void json_add_list(Json *j)
{
    comma(j);
    open(j, "[");
}

void json_members(Json *j, const char *name)
{
    key(j, name);
    open(j, "{");
}

void json_end_list(Json *j)
{
    close(j, "]");
}

void json_text(Json *j, const char *name, const char *text)
{
    key(j, name);
    if (text)
        quoted(j, text);
    else
        text_add(&j->t, "null");
}

void json_int(Json *j, const char *name, int64_t v)
{
    key(j, name);
    text_add(&j->t, "%lld", (long long)v);
}

void json_bool(Json *j, const char *name, bool v)
{
    key(j, name);
    text_add(&j->t, v ? "true" : "false");
}

void json_number(Json *j, const char *name, double v)
{
    key(j, name);
    if (isfinite(v))
        text_add(&j->t, "%.17g", v);
    else
        text_add(&j->t, "null");
}

void json_add_string(Json *j, const char *text)
{
    comma(j);
    quoted(j, text);
}

void json_add_int(Json *j, int64_t v)
{
    comma(j);
    text_add(&j->t, "%lld", (long long)v);
}

void json_add_text(Json *j, const char *json)
{
    comma(j);
    text_add(&j->t, "%s", json);
}

const char *json_quoted(Arena *arena, const char *text)
{
    Json j = {.t = {.arena = arena}, .first = true};
    json_add_string(&j, text);
    return text_c(&j.t);
}
