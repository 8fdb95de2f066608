/* SPDX-License-Identifier: MIT
 * rearrange.c: rearrange, repeat and reduce, by patterns of letters. */
#include <string.h>

#include "sema/prim/argument.h"
#include "sema/prim/pattern.h"
#include "sema/prim/prim.h"

typedef struct Flat { /* the axes after splitting: a letter, or one of the dots' axes (DOTS - 1 - k)
                       */
    int id[CORE_MAX_RANK + MOST_ITEMS];
    int n;
} Flat;

static bool flatten(Pattern *p, const Side *side, Flat *f)
{
    f->n = 0;
    for (int i = 0; i < side->n; i++)
        for (int k = 0; k < side->item[i].n; k++) {
            int letter = side->item[i].letter[k];
            for (int d = 0; d < (letter == DOTS ? p->n_dots : 1); d++) {
                if (f->n == CORE_MAX_RANK) return pattern_bad(p, side->item[i].at, 1, "E0308", "more than 8 axes");
                int id = letter == DOTS ? DOTS - 1 - d : letter;
                for (int j = 0; j < f->n; j++)
                    if (f->id[j] == id)
                        return pattern_bad(p, side->item[i].at, side->item[i].length, "E0330", "a letter stands twice on one side");
                f->id[f->n++] = id;
            }
        }
    return true;
}

static Axis axis_by_id(const Pattern *p, int id)
{
    return id < DOTS ? p->dots[DOTS - 1 - id] : p->letter[id].axis;
}

static SemaType type_of(Pattern *p, const SemaType *like, const int *id, int n)
{
    SemaType t = *like;
    t.rank = (uint8_t)n;
    for (int i = 0; i < n; i++)
        t.axis[i] = axis_by_id(p, id[i]);
    return t;
}

static Value reshaped(Sema *s, const Value *x, const SemaType *type)
{
    bool same = x->type.rank == type->rank;
    for (int i = 0; same && i < type->rank; i++)
        same = x->type.axis[i].kind == type->axis[i].kind && x->type.axis[i].dim == type->axis[i].dim;
    return same ? *x : prim_emit1(s, CORE_reshape, type, x, NULL, 0);
}

/* Sum, mean ... over the axes of `x` that `gone` marks, by calling the function with axis=. */
static Value reduce_axes(Pattern *p, const Value *x, const bool *gone, const Value *fn)
{
    Sema *s = p->s;
    Value list = {.kind = VAL_LIST, .items = ARENA_ARRAY(s->arena, Value, CORE_MAX_RANK)};
    for (int i = 0; i < x->type.rank; i++)
        if (gone[i]) list.items[list.n++] = value_int(s, i);
    if (list.n == 0) return *x;
    PrimArg args[2] = {{.value = *x, .span = p->call->args[0].span},
                       {.name = str_name(s->strings, "axis"), .value = list, .span = p->call->span, .name_span = p->call->span}};
    return s->call_value(s, fn, args, 2, p->call->span, p->call->span);
}

/* What the parts of a pattern do to x, in order. */
typedef struct Moved {
    Pattern *p;
    Value x;
    Flat left, right;
    int kept[CORE_MAX_RANK], n_kept; /* letters of the left that stay */
} Moved;

/* Letters of the left only are reduced by the function; without one they are a mistake. */
static bool drop_axes(Moved *m, const Value *fn)
{
    Pattern *p = m->p;
    Sema *s = p->s;
    bool gone[CORE_MAX_RANK] = {0};
    for (int i = 0; i < m->left.n; i++) {
        bool found = false;
        for (int j = 0; j < m->right.n; j++)
            found |= m->right.id[j] == m->left.id[i];
        gone[i] = !found;
        if (found)
            m->kept[m->n_kept++] = m->left.id[i];
        else if (!fn)
            return pattern_bad(p, p->left[0].item[0].at, 0, "E0331",
                               "a letter of the left side is missing on the right (reduce says what to do with "
                               "it)");
    }
    if (!fn) return true;
    if (s->generic && type_has_pack(&m->x.type)) { /* the type of the result is clear; nothing is recorded */
        SemaType out = type_of(p, &m->x.type, m->kept, m->n_kept);
        m->x = prim_emit1(s, CORE_reshape, &out, &m->x, NULL, 0);
    } else {
        m->x = reduce_axes(p, &m->x, gone, fn);
    }
    if (m->x.kind != VAL_TENSOR) return false;
    m->x = value_plain(s, &m->x);
    if (m->x.type.rank == m->n_kept) return true;
    diag_error(s->diags, "E0331", p->call->args[2].span, "reduce: the function must drop the axes, but it gives %s",
               type_print(s, &m->x.type));
    return false;
}

/* The axes that stay come in the order of the right; letters of the right only are repeated. */
static void order_axes(Moved *m)
{
    Sema *s = m->p->s;
    int64_t from[CORE_MAX_RANK], to[CORE_MAX_RANK];
    int n = 0;
    bool moved = false;
    for (int j = 0; j < m->right.n; j++)
        for (int i = 0; i < m->n_kept; i++)
            if (m->kept[i] == m->right.id[j]) from[n] = i, to[n++] = j;
    for (int i = 0; i < n; i++)
        moved |= from[i] != i;
    if (moved) {
        SemaType out = m->x.type;
        for (int i = 0; i < n; i++)
            out.axis[i] = m->x.type.axis[from[i]];
        m->x = prim_emit1(s, CORE_permute, &out, &m->x, from, (uint32_t)n);
    }
    if (m->right.n == n) return;
    SemaType out = type_of(m->p, &m->x.type, m->right.id, m->right.n);
    m->x = prim_emit1(s, CORE_broadcast, &out, &m->x, to, (uint32_t)n);
}

/* The axes in brackets of the right are merged. */
static Value merge_axes(Moved *m)
{
    Pattern *p = m->p;
    Sema *s = p->s;
    SemaType out = m->x.type;
    out.rank = 0;
    for (int i = 0; i < p->right.n; i++) {
        const Item *item = &p->right.item[i];
        if (pattern_is_dots(item)) {
            for (int d = 0; d < p->n_dots; d++)
                out.axis[out.rank++] = p->dots[d];
        } else if (out.rank == CORE_MAX_RANK) {
            pattern_bad(p, item->at, 1, "E0308", "more than 8 axes");
            return value_error();
        } else if (!item->group) {
            out.axis[out.rank++] = p->letter[item->letter[0]].axis;
        } else {
            Dim n = pattern_group_size(p, item, NO_LETTER);
            for (int k = 0; k < item->n; k++)
                for (int d = 0; item->letter[k] == DOTS && d < p->n_dots; d++)
                    n = dim_mul(s->dims, n, axis_size(s, &p->dots[d]));
            out.axis[out.rank++] = axis_of(n);
        }
    }
    return reshaped(s, &m->x, &out);
}

static Value move_axes(Pattern *p, Value x, const Value *fn)
{
    Moved m = {.p = p};
    if (!flatten(p, &p->left[0], &m.left) || !flatten(p, &p->right, &m.right)) return value_error();
    SemaType t = type_of(p, &x.type, m.left.id, m.left.n);
    m.x = reshaped(p->s, &x, &t);
    if (!drop_axes(&m, fn)) return value_error();
    order_axes(&m);
    return merge_axes(&m);
}

static Value by_pattern(Sema *s, const PrimCall *call, bool reduces, bool repeats)
{
    Pattern p;
    Value x;
    uint32_t fixed = reduces ? 3 : 2;
    if (!arg_by_place(s, call, fixed)) return value_error();
    if (call->n < fixed) {
        diag_error(s->diags, "E0302", call->span,
                   reduces ? "reduce needs a tensor, a pattern and a function: reduce(x, \"... c -> c\", mean)"
                           : "%s needs a tensor and a pattern",
                   call->name);
        return value_error();
    }
    if (!arg_tensor(s, call, &call->args[0], &x) || !pattern_read(s, call, &call->args[1], &p)) return value_error();
    if (p.n_left != 1) {
        pattern_bad(&p, 0, 0, "E0330", "one operand is expected (einsum takes several)");
        return value_error();
    }
    if (!pattern_bind_named(&p, fixed) || !pattern_match(&p, &p.left[0], &x.type, 0)) return value_error();
    for (int i = 0; i < p.n_letters; i++)
        if (!p.letter[i].known) {
            Diag *d = diag_error(s->diags, "E0331", call->args[1].span, "%s: the size of `%s` is not known", call->name, p.letter[i].name);
            diag_help(d, "give it as an argument: %s=...", p.letter[i].name);
            return value_error();
        }
    if (!repeats) { /* new letters on the right are for repeat only */
        Flat left, right;
        if (!flatten(&p, &p.left[0], &left) || !flatten(&p, &p.right, &right)) return value_error();
        for (int j = 0; j < right.n; j++) {
            bool found = false;
            for (int i = 0; i < left.n; i++)
                found |= left.id[i] == right.id[j];
            if (!found) {
                pattern_bad(&p, p.right.item[0].at, 0, "E0331",
                            "a letter of the right side is missing on the left (repeat makes new axes)");
                return value_error();
            }
        }
    }
    if (reduces && call->args[2].value.kind != VAL_FN) {
        diag_error(s->diags, "E0302", call->args[2].span, "reduce takes a function such as sum, mean or max, but this is %s",
                   value_describe(s, &call->args[2].value));
        return value_error();
    }
    return move_axes(&p, x, reduces ? &call->args[2].value : NULL);
}

Value prim_rearrange(Sema *s, const PrimCall *call)
{
    return by_pattern(s, call, false, false);
}

Value prim_repeat(Sema *s, const PrimCall *call)
{
    return by_pattern(s, call, false, true);
}

Value prim_pattern_reduce(Sema *s, const PrimCall *call)
{
    return by_pattern(s, call, true, false);
}
