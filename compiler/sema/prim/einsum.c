/* SPDX-License-Identifier: MIT
 * einsum.c: einsum, a product of operands summed over letters. */
#include "sema/base/record.h"
#include "sema/prim/argument.h"
#include "sema/prim/ops.h"
#include "sema/prim/pattern.h"
#include "sema/prim/prim.h"

static bool put_letters(Pattern *p, const Side *side, int64_t *attr, uint32_t *n, int n_dots)
{
    uint32_t rank_at = (*n)++;
    attr[rank_at] = 0;
    for (int i = 0; i < side->n; i++) {
        const Item *item = &side->item[i];
        if (item->group) return pattern_bad(p, item->at, item->length, "E0330", "einsum has no brackets");
        bool dots = pattern_is_dots(item);
        for (int d = 0; d < (dots ? n_dots : 1); d++) {
            int64_t id = dots ? 1000 + p->n_dots - n_dots + d : item->letter[0];
            for (int64_t k = 0; k < attr[rank_at]; k++)
                if (attr[rank_at + 1 + (uint32_t)k] == id)
                    return pattern_bad(p, item->at, item->length, "E0330", "a letter stands twice in one operand");
            attr[(*n)++] = id;
            attr[rank_at]++;
        }
    }
    return true;
}

static int dots_of(const Side *side, const SemaType *type)
{
    int plain = 0;
    bool dots = false;
    for (int i = 0; i < side->n; i++) {
        if (pattern_is_dots(&side->item[i]))
            dots = true;
        else
            plain++;
    }
    return dots ? type->rank - plain : 0;
}

typedef struct Operands {
    Value v[8];
    Span span[8];
    Elem elem;
} Operands;

/* The operands, matched with their letters. */
static bool read_operands(Sema *s, const PrimCall *call, Pattern *p, Operands *o)
{
    for (int i = 0; i < p->n_left; i++) {
        const PrimArg *arg = &call->args[i + 1];
        if (arg->name) {
            diag_error(s->diags, "E0302", arg->name_span, "einsum has no named arguments");
            return false;
        }
        if (!arg_tensor(s, call, arg, &o->v[i])) return false;
        o->span[i] = arg->span;
        if (!pattern_match(p, &p->left[i], &o->v[i].type, i)) return false;
    }
    if (!elem_common(s, o->v, o->span, (uint32_t)p->n_left, &o->elem, call->span)) return false;
    if (is_float_elem(o->elem)) return true;
    diag_error(s->diags, "E0303", call->span, "einsum multiplies floats, not %s", type_print(s, &o->v[0].type));
    return false;
}

static bool result_type(Pattern *p, SemaType *out)
{
    for (int i = 0; i < p->right.n; i++) {
        const Item *item = &p->right.item[i];
        bool dots = pattern_is_dots(item);
        if (!dots && !p->letter[item->letter[0]].known)
            return pattern_bad(p, item->at, item->length, "E0331", "a letter of the result is in no operand");
        for (int d = 0; d < (dots ? p->n_dots : 1); d++) {
            if (out->rank == CORE_MAX_RANK) return pattern_bad(p, item->at, 1, "E0308", "more than 8 axes");
            out->axis[out->rank++] = dots ? p->dots[d] : p->letter[item->letter[0]].axis;
        }
    }
    return true;
}

Value prim_einsum(Sema *s, const PrimCall *call)
{
    Pattern p;
    if (call->n < 2) {
        diag_error(s->diags, "E0302", call->span, "einsum needs a pattern and operands: einsum(\"b i, b j -> b i j\", x, y)");
        return value_error();
    }
    if (!pattern_read(s, call, &call->args[0], &p)) return value_error();
    if (p.n_left != (int)call->n - 1) {
        diag_error(s->diags, "E0331", call->args[0].span, "einsum: the pattern has %d operands, the call %u", p.n_left, call->n - 1);
        return value_error();
    }
    for (int i = 0; i < p.right.n; i++)
        if (p.right.item[i].group) {
            pattern_bad(&p, p.right.item[i].at, p.right.item[i].length, "E0330", "einsum has no brackets");
            return value_error();
        }
    Operands o;
    if (!read_operands(s, call, &p, &o)) return value_error();
    int64_t attr[1 + 9 * (CORE_MAX_RANK + 1)] = {p.n_left};
    CoreRef in[8];
    uint32_t n = 1;
    for (int i = 0; i < p.n_left; i++) {
        if (!put_letters(&p, &p.left[i], attr, &n, dots_of(&p.left[i], &o.v[i].type))) return value_error();
        in[i] = value_use(s, &o.v[i], o.elem);
    }
    SemaType out = {.elem = o.elem};
    if (!result_type(&p, &out) || !put_letters(&p, &p.right, attr, &n, p.n_dots)) return value_error();
    return prim_emit(s, CORE_einsum, &out, in, (uint32_t)p.n_left, attr, n);
}
