/* SPDX-License-Identifier: MIT
 * scope.c: the current versions of what a body reads: parameters, states, sums, options, counters. */
#include "lower/scope.h"

#include "lower/types.h"

uint32_t scope_leaf_number(const Lower *l, int kind, uint32_t index)
{
    uint32_t tensors = l->program->tensors.n;
    uint32_t sums = l->entry ? lower_n_sums(l->entry) : 0;
    uint32_t options = l->program->options.n;
    switch (kind) {
    case LEAF_TENSOR: return index;
    case LEAF_SUM: return tensors + index;
    case LEAF_OPTION: return tensors + sums + index;
    case LEAF_COUNTER: return tensors + sums + options + index;
    case LEAF_SEED: return tensors + sums + options + 6;
    default: return tensors + sums + options + 7;
    }
}

Scope *scope_new(Lower *l, Graph *g, Scope *parent)
{
    Scope *s = ARENA_NEW(l->arena, Scope);
    *s = (Scope){.l = l, .g = g, .parent = parent};
    l->n_leaves = scope_leaf_number(l, LEAF_AT, 0) + 1;
    s->leaf = ARENA_ARRAY(l->arena, Ref, l->n_leaves);
    s->written = ARENA_ARRAY(l->arena, bool, l->n_leaves);
    return s;
}

static Type scalar_type(uint8_t dtype)
{
    return (Type){.dtype = dtype};
}

/* The param of an entry graph for a leaf that is read for the first time. */
static Ref new_leaf(Scope *s, int kind, uint32_t index)
{
    Lower *l = s->l;
    static const char *const counters[] = {"step", "epoch", "steps", "run.step", "run.epoch", "run.steps"};
    switch (kind) {
    case LEAF_TENSOR: {
        const CoreTensor *t = &l->program->tensors.at[index];
        return build_param(s->g, t->is_state ? PARAM_STATE : PARAM_WEIGHT, t->name, lower_type(&t->type, l->float_dtype), index);
    }
    case LEAF_SUM: {
        const char *name = index ? l->entry->sums.at[index - 1].name : "examples";
        return build_param(s->g, PARAM_SUM, name, lower_sum_type(l->entry, index), index);
    }
    case LEAF_OPTION: {
        const CoreOption *o = &l->program->options.at[index];
        return build_param(s->g, PARAM_OPTION, o->name, scalar_type(lower_dtype(o->elem, l->float_dtype)), index);
    }
    case LEAF_COUNTER: return build_param(s->g, PARAM_STEP, counters[index], scalar_type(DT_i64), index < 3 ? index : index + 1);
    case LEAF_SEED: return build_param(s->g, PARAM_SEED, "seed", scalar_type(DT_i64), 0);
    default: return build_scalar(s->g, DT_i32, 0); /* outside scans */
    }
}

Ref scope_leaf(Scope *s, int kind, uint32_t index)
{
    uint32_t k = scope_leaf_number(s->l, kind, index);
    if (s->leaf[k]) return s->leaf[k];
    if (!s->parent) return s->leaf[k] = new_leaf(s, kind, index);
    Ref outer = scope_leaf(s->parent, kind, index);
    const Type *type = graph_type(s->parent->g, outer);
    s->leaf[k] = build_param(s->g, PARAM_CONST, "", *type, s->outer.n);
    vec_add(s->l->arena, &s->outer, outer);
    return s->leaf[k];
}

void scope_set(Scope *s, int kind, uint32_t index, Ref value)
{
    uint32_t k = scope_leaf_number(s->l, kind, index);
    s->leaf[k] = value;
    s->written[k] = true;
}
