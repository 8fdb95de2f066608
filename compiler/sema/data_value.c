/* SPDX-License-Identifier: MIT
 * data_value.c: values of the program as arguments of readers. */
#include "sema/data_value.h"

#include <string.h>

bool is_empty_text(const Value *v)
{
    return v->kind == VAL_STRING && v->text && !v->text[0];
}

const char *quoted_value(Sema *s, const Value *v)
{
    int64_t n;
    if ((v->kind == VAL_LIST || v->kind == VAL_INTS) && v->n <= 8) {
        Text text = {.arena = s->arena};
        text_add(&text, "[");
        for (uint32_t i = 0; i < v->n; i++)
            text_add(&text, "%s%s", i ? ", " : "", quoted_value(s, &v->items[i]));
        text_add(&text, "]");
        return text_c(&text);
    }
    if (value_is_const_int(s, v, &n)) return arena_print(s->arena, "%lld", (long long)n);
    if (v->kind == VAL_FLOAT) { /* 8000.0 is no 8000 */
        const char *text = arena_print(s->arena, "%g", v->number);
        return strspn(text, "-0123456789") == strlen(text) ? arena_print(s->arena, "%s.0", text) : text;
    }
    if (v->kind == VAL_STRING && v->text) {
        Text text = {.arena = s->arena};
        text_quoted(&text, v->text);
        return text_c(&text);
    }
    int64_t hi;
    if (v->kind == VAL_RANGE && value_is_const_int(s, &v->items[0], &n) && value_is_const_int(s, &v->items[1], &hi))
        return arena_print(s->arena, "%lld..%lld", (long long)n, (long long)hi);
    return value_describe(s, v);
}

static bool list_value(Sema *s, CoreReaderArg *out, const Value *v)
{
    bool strings = v->n && v->items[0].kind == VAL_STRING;
    out->kind = strings ? ARG_STRINGS : ARG_INTS;
    if (strings)
        out->strings = ARENA_ARRAY(s->arena, const char *, v->n);
    else
        out->ints = ARENA_ARRAY(s->arena, int64_t, v->n + 1);
    for (uint32_t i = 0; i < v->n; i++) {
        if (strings) {
            if (v->items[i].kind != VAL_STRING || !v->items[i].text) return false;
            out->strings[out->n_strings++] = v->items[i].text;
        } else if (!value_is_const_int(s, &v->items[i], &out->ints[out->n_ints++])) {
            return false;
        }
    }
    return v->n > 0;
}

bool data_value(Sema *s, CoreReaderArg *out, const Value *v)
{
    switch (v->kind) {
    case VAL_INT: out->kind = ARG_INT; return value_is_const_int(s, v, &out->lo);
    case VAL_FLOAT:
        out->kind = ARG_NUMBER;
        out->number = v->number;
        return v->number - v->number == 0;
    case VAL_BOOL:
        out->kind = ARG_BOOL;
        out->lo = v->truth > 0;
        return v->truth >= 0;
    case VAL_STRING:
        out->kind = ARG_STRING;
        out->text = v->text;
        return v->text != NULL;
    case VAL_RANGE:
        out->kind = ARG_RANGE;
        return value_is_const_int(s, &v->items[0], &out->lo) && value_is_const_int(s, &v->items[1], &out->hi);
    case VAL_LIST:
    case VAL_INTS: return list_value(s, out, v);
    default: return false;
    }
}
