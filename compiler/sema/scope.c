/* SPDX-License-Identifier: MIT
 * scope.c: what a name means: locals, members, the file, the library, primitives (language.md#functions-and-loops).
 */
#include "sema/scope.h"

#include <math.h>
#include <string.h>

#include "sema/base/demand.h"
#include "sema/base/frame.h"
#include "sema/base/initialisers.h"
#include "sema/base/record.h"
#include "sema/global.h"
#include "sema/prim/prim.h"
#include "sema/unknown.h"

/* ---- lookup --------------------------------------------------------------------------------- */

static Value local_value(Sema *s, Local *local, Span span)
{
    if (local->ended.file) {
        Diag *d = diag_error(s->diags, "E0104", span, "`%s` is not known here: it ended with the body of a scan", local->name);
        diag_trail(d, local->ended, "bound here");
        diag_help(d, "make it a carry: `with %s = ...`", local->name);
        return value_error();
    }
    if (local->unbound) {
        diag_error(s->diags, "E0318", span, "`%s` is not known yet: no parameter before this one gives it a value", local->name);
        return value_error();
    }
    return local->value;
}

static Value counter_value(Sema *s, const char *name)
{
    static const char *const names[] = {"step", "epoch", "steps"};
    if (!s->frame || !s->frame->entry || !s->entry || s->entry->decl->kind != DECL_TRAIN) return value_none();
    for (int i = 0; i < 3; i++) {
        if (strcmp(names[i], name) != 0) continue;
        SemaType type = type_scalar(ELEM_int);
        return value_leaf(s, CORE_counter, &type, i);
    }
    return value_none();
}

static Value training_value(Sema *s, Span span)
{
    if (!s->generic) return value_bool(s->training);
    (void)span;
    return value_bool(demand_decide(s, "training", OPER_EQ, 0, 0));
}

static Value builtin_value(Sema *s, const char *name)
{
    (void)s;
    if (!strcmp(name, "inf")) return value_float(INFINITY);
    if (!strcmp(name, "nan")) return value_float(NAN);
    if (prim_find(name) || !strcmp(name, "chain") || initialiser_find(name)) return (Value){.kind = VAL_FN, .prim = name};
    return value_none();
}

Value scope_lookup(Sema *s, const char *name, Span span)
{
    if (name == s->word_training) return training_value(s, span);
    Local *local = frame_find(s->frame, name);
    if (local) return local_value(s, local, span);
    if (s->frame && s->frame->instance && instance_find(s->frame->instance, name))
        return instance_member(s, s->frame->instance, name, span);
    Value v = counter_value(s, name);
    if (v.kind != VAL_NONE) return v;
    Global *g = scope_find_global(s, name);
    if (g && g->decl->kind == DECL_METRIC && g->unit == s->prelude && prim_find(name)) g = NULL;
    if (g) return global_value(s, g, span);
    v = builtin_value(s, name);
    return v.kind != VAL_NONE ? v : unknown_name(s, name, span);
}

/* ---- members -------------------------------------------------------------------------------- */

static Value storage_value(Sema *s, Instance *instance, const Mem *m, Span span)
{
    if (!s->body) {
        diag_error(s->diags, "E0103", span, "`%s` is known only at run time", m->name);
        return value_error();
    }
    if (s->in_init || s->in_data) {
        Diag *d = diag_error(s->diags, "E0122", span, "%s cannot use the %s `%s`", s->in_init ? "a start value" : "a data field",
                             m->kind == MEM_PARAM ? "parameter" : "state", m->name);
        if (!s->in_init) diag_help(d, "what is done with the values of the model stands in the model");
        return value_error();
    }
    CoreOp op = instance->metric ? CORE_report_sum : m->kind == MEM_PARAM ? CORE_weight : CORE_state;
    return value_leaf(s, op, &m->type, m->tensor < 0 ? 0 : m->tensor);
}

static Value option_again(Sema *s, const Value *v)
{
    Global *g = v->def;
    if (!s->body) return *v;
    return global_value(s, g, v->span);
}

Value instance_member(Sema *s, Instance *instance, const char *name, Span span)
{
    if (!instance->elaborated && instance->holes.n) {
        diag_error(s->diags, "E0317", span, "%s has a `_` that no call has filled in yet", instance->title);
        return value_error();
    }
    Mem *m = instance_find(instance, name);
    if (!m) return unknown_member(s, instance, name, span);
    switch (m->kind) {
    case MEM_CONFIG:
    case MEM_LOCAL:
        if (m->value.kind == VAL_TENSOR && !m->value.ref && m->value.def) return option_again(s, &m->value);
        return m->value;
    case MEM_PARAM:
    case MEM_STATE: return storage_value(s, instance, m, span);
    case MEM_CHILD:
        if (m->n_index == 0) return m->value;
        return (Value){.kind = VAL_LAYER, .instance = instance, .text = name, .span = span};
    case MEM_FN: break;
    }
    return (Value){.kind = VAL_FN, .fn = m->fn, .instance = instance, .def = instance->global, .span = span};
}

/* block[0, 1]: the child; fewer indices than the declaration has give the family below them. */
Value family_index(Sema *s, const Value *family, const int64_t *index, uint32_t n, Span span)
{
    Instance *instance = family->instance;
    Value v = *family;
    int64_t at[MAX_INDEX] = {0};
    uint32_t k = family->n;
    for (uint32_t i = 0; i < k; i++)
        at[i] = family->items[i].truth;
    for (uint32_t i = 0; i < n && k < MAX_INDEX; i++)
        at[k++] = index[i];
    bool prefix = false;
    for (uint32_t i = 0; i < instance->members.n; i++) {
        Mem *m = &instance->members.at[i];
        if (m->kind != MEM_CHILD || m->name != family->text || m->n_index < k) continue;
        bool same = true;
        for (uint32_t j = 0; j < k; j++)
            same &= m->index[j] == at[j];
        if (!same) continue;
        if (m->n_index == k) return m->value;
        prefix = true;
    }
    if (!prefix) {
        Text text = {.arena = s->arena};
        for (uint32_t i = 0; i < k; i++)
            text_add(&text, "%s%lld", i ? ", " : "", (long long)at[i]);
        diag_error(s->diags, "E0105", span, "there is no layer %s[%s]", family->text, text_c(&text));
        return value_error();
    }
    v.items = ARENA_ARRAY(s->arena, Value, k + 1);
    for (uint32_t i = 0; i < k; i++)
        v.items[i].truth = (int)at[i];
    v.n = k;
    return v;
}
