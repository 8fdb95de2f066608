/* SPDX-License-Identifier: MIT
 * explain.c: what the core found wrong with a call, as a text. */
#include "model/explain.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/shape.h"
#include "model/cpu.h"
#include "model/manifest.h"
#include "model/show.h"

/* Does a name stand in a text? */
static bool stands_in(const char *text, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = strstr(text, name); at; at = strstr(at + 1, name)) {
        bool inside = (at > text && (isalnum((unsigned char)at[-1]) || at[-1] == '_')) || isalnum((unsigned char)at[n]) || at[n] == '_';
        if (!inside) return true;
    }
    return false;
}

/* "H is 30, W is 21": the sizes that stand in a text; without a text "H 30, W 21" of all. */
static void sizes_in(const Json *entry, const char *text, const int64_t *sizes, char *out, size_t n)
{
    int i = 0;
    out[0] = 0;
    for (const Json *s = json_list(entry, "sizes"); s; s = s->next, i++)
        if (!text || stands_in(text, s->text))
            rt_append(out, n, "%s%s%s %lld", out[0] ? ", " : "", s->text, text ? " is" : "", (long long)sizes[i]);
}

int rt_too_large(const nnrt *m, int entry, const int64_t *sizes)
{
    char have[400];
    sizes_in(rt_entry(m, entry), NULL, sizes, have, sizeof have);
    return rt_fail(NNRT_E_WORK, "%s: these sizes are too large: %s", m->program->entry[entry]->name, have);
}

/* Name of pointer argument i; "?" if it has none. */
static const char *argument_name(const Json *entry, int i)
{
    for (const Json *a = json_list(entry, "args"); a; a = a->next)
        if (!json_is(a, "role", "dim") && i-- == 0) return json_text(a, "name", "?");
    return "?";
}

/* Number i of a minimize, counted from 1. */
static const char *number_name(const Json *statement, int64_t i)
{
    const Json *name = json_at(json_get(statement, "numbers"), (int)i - 1);
    return name && name->text ? name->text : "?";
}

static void put_tensor(const nnrt *m, int tensor, const char *source, char *out, size_t n)
{
    const Json *line = json_at(json_get(m->manifest, "tensor_lines"), tensor);
    char at[300] = "";
    if (line && line->integer > 0) snprintf(at, sizeof at, " (%s:%lld)", source, (long long)line->integer);
    snprintf(out, n, "the gradient of %s%s is not finite", m->program->tensor[tensor].name, at);
}

/* What of a minimize was not finite, and what was changed before. */
static int explain_numeric(const nnrt *m, int entry, const nnrt_error *err, const char *source)
{
    const nnrt_entry *e = m->program->entry[entry];
    const nnrt_train *train = m->area[entry];
    const Json *statement = json_at(json_get(rt_entry(m, entry), "statements"), err->argument);
    const char *optimizer = json_text(statement, "optimizer", "?");
    char what[900];
    if (err->given == NNRT_GRADIENT && err->axis >= 0)
        put_tensor(m, err->axis, source, what, sizeof what);
    else if (err->given == NNRT_GRADIENT)
        snprintf(what, sizeof what, "the gradient is too large for its norm to be a number");
    else if (err->given > 0)
        snprintf(what, sizeof what, "%s of %s is not finite", number_name(statement, err->given), optimizer);
    else
        snprintf(what, sizeof what, "loss is not finite");
    return rt_fail(NNRT_E_NUMERIC, "%s, step %lld: %s, at the minimize of %s:%d; %s", e->name, (long long)train->step, what, source,
                   err->line, err->wanted > 0 ? "it updated nothing, but those before it in this step did" : "no update was made");
}

/* "fit, step 12", "test, batch 3", "predict" */
static void put_moment(const nnrt *m, int entry, char *out, size_t n)
{
    const nnrt_entry *e = m->program->entry[entry];
    const char *area = m->area[entry];
    snprintf(out, n, "%s", e->name);
    if (e->kind == NNRT_TRAIN_ENTRY && area)
        rt_append(out, n, ", step %lld", (long long)((const nnrt_train *)(const void *)area)->step);
    else if (e->kind == NNRT_EVAL_ENTRY && area)
        rt_append(out, n, ", batch %lld", (long long)*(const int64_t *)(const void *)(area + e->batch_offset));
}

static int explain_assert(const nnrt *m, int entry, const nnrt_error *err, const int64_t *sizes)
{
    const Json *probe = json_at(json_get(rt_entry(m, entry), "probes"), err->argument);
    char moment[200], place[400], at[200] = "", which[400] = "";
    int64_t dim[8], index[8], left = err->wanted;
    int rank = show_shape(m, entry, probe, sizes, dim);
    put_moment(m, entry, moment, sizeof moment);
    show_place(probe, "", place, sizeof place);
    for (int i = rank - 1; i >= 0; i--)
        index[i] = dim[i] > 0 ? left % dim[i] : 0, left /= dim[i] > 0 ? dim[i] : 1;
    if (rank)
        snprintf(which, sizeof which, "; false for %lld of %lld elements, the first is %s", (long long)err->given,
                 (long long)shape_size(rank, dim), shape_text(rank, index, at, sizeof at));
    return rt_fail(NNRT_E_ASSERT, "%s: %sassert does not hold: %s%s", moment, place, json_text(probe, "text", "?"), which);
}

int explain_call(const nnrt *m, int entry, const nnrt_call *call, const int64_t *sizes, int code)
{
    const Json *e = rt_entry(m, entry);
    const char *name = m->program->entry[entry]->name;
    const char *source = json_text(m->manifest, "source", m->program->name);
    const nnrt_error *err = &call->error;
    switch (code) {
    case NNRT_E_REQUIRES: {
        const Json *r = json_at(json_get(e, "requires"), err->argument);
        char have[200];
        sizes_in(e, json_text(r, "text", ""), sizes, have, sizeof have);
        return rt_fail(code, "%s %s: %s but must satisfy %s (%s:%d)", m->program->name, name, have[0] ? have : "the sizes are known",
                       json_text(r, "text", "?"), source, err->line);
    }
    case NNRT_E_RANGE:
        if (err->wanted > 0)
            return rt_fail(code, "%s %s: %s contains %lld, but must be in 0..%lld", m->program->name, name, argument_name(e, err->argument),
                           (long long)err->given, (long long)err->wanted - 1);
        return rt_fail(code, "%s: a value is outside its bound (%s:%d)", name, source, err->line);
    case NNRT_E_ASSERT: return explain_assert(m, entry, err, sizes);
    case NNRT_E_NUMERIC: return explain_numeric(m, entry, err, source);
    case NNRT_E_SHAPE: {
        const Json *size = json_at(json_get(e, "sizes"), err->argument);
        return rt_fail(code, "%s: size %s is %lld, but must be at least 1", name, size && size->text ? size->text : "?",
                       (long long)err->given);
    }
    case NNRT_E_WORK: return rt_too_large(m, entry, sizes);
    case NNRT_E_ALIGN:
        if (err->argument >= m->program->entry[entry]->n_args)
            return rt_fail(code, "%s %s: the pointer of result %d is NULL", m->program->name, name,
                           err->argument - m->program->entry[entry]->n_args);
        if (err->argument >= 0)
            return rt_fail(code, "%s %s: the pointer %s is NULL", m->program->name, name, argument_name(e, err->argument));
        return rt_fail(code, "%s: memory is not aligned", name);
    case NNRT_E_CPU: return cpu_check(m->program);
    case NNRT_E_ABI: return rt_fail(code, "%s: the model's memory is not of this program", name);
    default: return rt_fail(code, "%s: error %d", name, code);
    }
}

int explain_sizes(const nnrt *m, int entry, const int64_t *sizes)
{
    for (int i = 0; i < m->program->entry[entry]->n_sizes; i++)
        if (sizes[i] < 1) return explain_call(m, entry, &(nnrt_call){.error = {.argument = i, .given = sizes[i]}}, sizes, NNRT_E_SHAPE);
    return rt_too_large(m, entry, sizes);
}
