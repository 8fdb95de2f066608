/* SPDX-License-Identifier: MIT
 * entry_state.c: what the evaluation of an entry point remembers: statements met, fields of the example, sums of reports. */
#include "sema/base/entry_state.h"

#include <string.h>

#include "sema/base/record.h"
#include "sema/base/suggest.h"

/* How often this statement was met in this evaluation: unrolled loops meet it several times. */
uint32_t entry_ordinal(Sema *s, const void *key)
{
    EntryState *e = s->entry;
    for (uint32_t i = 0; i < e->ordinals.n; i++)
        if (e->ordinals.at[i].name == key) return e->ordinals.at[i].n++;
    CallCount c = {.name = key, .n = 1};
    vec_add(s->arena, &e->ordinals, c);
    return 0;
}

/* ---- fields of the example ------------------------------------------------------------------- */

static Dim entry_dim(Sema *s, const EntryState *e, Dim dim)
{
    const CoreData *data = &s->program->data.at[e->entry->data];
    uint32_t n = symbol_count(s->dims) + 1;
    Dim *map = ARENA_ARRAY(s->arena, Dim, n);
    for (uint32_t i = 0; i < data->symbols.n; i++)
        map[data->symbols.at[i]] = dim_symbol(s->dims, e->entry->data_symbols.at[i]);
    return dim_substitute(s->dims, dim, map, n);
}

SemaType example_type(Sema *s, const EntryState *e, const CoreField *f)
{
    SemaType type = {.elem = (Elem)f->type.elem, .rank = (uint8_t)(f->type.rank + 1), .bound = f->bound};
    type.axis[0] = (Axis){.kind = AXIS_DIM, .dim = e->batch};
    for (int i = 0; i < f->type.rank; i++)
        type.axis[i + 1] = (Axis){.kind = AXIS_DIM, .dim = entry_dim(s, e, f->type.dim[i])};
    return type;
}

Value example_field(Sema *s, const Value *example, const char *name, Span span)
{
    EntryState *e = s->entry;
    Global *g = example->def;
    if (g->bad) return value_error();
    const CoreData *data = &s->program->data.at[g->index];
    int k = core_find_field(data, name);
    if (k < 0) {
        Diag *d = diag_error(s->diags, "E0102", span, "data %s has no field `%s`", data->name, name);
        const char *names[64];
        uint32_t n = 0;
        for (uint32_t i = 0; i < data->fields.n && n < 64; i++)
            names[n++] = data->fields.at[i].name;
        const char *close = suggest_among(name, names, n);
        if (close)
            suggest_meant(d, span, close);
        else
            diag_help(d, "its fields are: %s", suggest_list(s, names, n));
        return value_error();
    }
    if (data->fields.at[k].type.rank == CORE_MAX_RANK) {
        diag_error(s->diags, "E0319", span, "with the batch axis `%s` has more than %d axes", name, CORE_MAX_RANK);
        return value_error();
    }
    e->used_fields[k] = true;
    SemaType type = example_type(s, e, &data->fields.at[k]);
    CoreBody *here = s->body;
    s->body = e->top; /* arguments belong to the outermost body */
    bool metric = s->in_metric;
    s->in_metric = false;
    Value v = value_leaf(s, CORE_arg, &type, k);
    s->in_metric = metric;
    s->body = here;
    return v;
}

void entry_binder(Sema *s, CoreEntry *entry, Symbol symbol, const char *name)
{
    vec_add(s->arena, &entry->binders, symbol);
    vec_add(s->arena, &entry->binder_names, name);
}

/* ---- sums of reports --------------------------------------------------------------------------- */

uint32_t entry_sum(Sema *s, const char *name, const CoreType *type, double init)
{
    CoreEntry *entry = s->entry->entry;
    CoreSum sum = {.name = name, .type = *type, .init = init};
    sum.type.elem = ELEM_f64;
    vec_add(s->arena, &entry->sums, sum);
    return entry->sums.n - 1;
}

/* A state of a metric: called by the elaboration of members. */
int32_t metric_state(Sema *s, Instance *instance, const Member *m, const SemaType *type, const CoreInit *init)
{
    for (int i = 0; i < type->rank; i++) {
        if (type->axis[i].kind == AXIS_DIM && dim_is_const(s->dims, type->axis[i].dim, NULL)) continue;
        diag_error(s->diags, "E0315", instance->made, "the size of %s.%s has to be known to the compiler, it is %s", instance->decl->name,
                   m->name, type_print(s, type));
        return 0;
    }
    if (init->kind != INIT_ZERO && init->kind != INIT_CONST) {
        diag_error(s->diags, "E0123", m->name_span, "a state of a metric starts from a number");
        return 0;
    }
    CoreType core = core_type(s, type);
    return (int32_t)entry_sum(s, arena_print(s->arena, "%s.%s", instance->title, m->name), &core, init->kind == INIT_CONST ? init->a : 0);
}
