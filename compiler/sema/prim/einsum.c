/* SPDX-License-Identifier: MIT
 * einsum.c: einsum, a product of operands summed over letters; a letter that an operand has twice takes its diagonal. */
#include "sema/base/record.h"
#include "sema/prim/argument.h"
#include "sema/prim/ops.h"
#include "sema/prim/pattern.h"
#include "sema/prim/prim.h"

typedef struct Letters { /* of the axes of an operand, or of the result */
    int64_t id[CORE_MAX_RANK + MOST_ITEMS];
    const Item *item[CORE_MAX_RANK + MOST_ITEMS];
    int n;
} Letters;

static bool read_letters(Pattern *p, const Side *side, int n_dots, Letters *out)
{
    out->n = 0;
    for (int i = 0; i < side->n; i++) {
        const Item *item = &side->item[i];
        if (item->group) return pattern_bad(p, item->at, item->length, "E0330", "einsum has no brackets");
        bool dots = pattern_is_dots(item);
        for (int d = 0; d < (dots ? n_dots : 1); d++) {
            out->item[out->n] = item;
            out->id[out->n++] = dots ? 1000 + p->n_dots - n_dots + d : item->letter[0];
        }
    }
    return true;
}

/* The second axis with the letter of an earlier one, *first; 0: no letter stands twice. */
static int repeated(const Letters *letters, int *first)
{
    for (int j = 1; j < letters->n; j++)
        for (int i = 0; i < j; i++)
            if (letters->id[i] == letters->id[j]) {
                *first = i;
                return j;
            }
    return 0;
}

static void put_letters(const Letters *letters, int64_t *attr, uint32_t *n)
{
    attr[(*n)++] = letters->n;
    for (int i = 0; i < letters->n; i++)
        attr[(*n)++] = letters->id[i];
}

/* The entries with equal indices at axes i and j, which are of one size n: as a row of n * n entries, padded by n, they are every
 * (n + 1)-th: the first column of a matrix [n, n + 1]. */
static Value diagonal(Sema *s, const Value *x, int i, int j)
{
    SemaType type = x->type;
    Axis axis = type.axis[i];
    Dim n = axis_size(s, &axis), zero = prim_constant(s, 0), one = prim_constant(s, 1);
    int64_t perm[CORE_MAX_RANK], slice[3 * CORE_MAX_RANK];
    int at = 0;
    for (int k = 0; k < type.rank; k++) {
        if (k != j) perm[at++] = k;
        if (k == i) perm[at++] = j;
    }
    for (int k = 0; k < type.rank; k++)
        type.axis[k] = x->type.axis[perm[k]];
    Value v = prim_emit1(s, CORE_permute, &type, x, perm, (uint32_t)type.rank);
    SemaType wide = type, row = type;
    for (int k = i + 1; k + 1 < row.rank; k++)
        row.axis[k] = row.axis[k + 1];
    row.rank--;
    row.axis[i] = axis_of(dim_mul(s->dims, n, n));
    v = prim_emit1(s, CORE_reshape, &row, &v, NULL, 0);
    int64_t pad[3] = {i, zero, n};
    row.axis[i] = axis_of(dim_add(s->dims, dim_mul(s->dims, n, n), n));
    v = prim_emit1(s, CORE_pad, &row, &v, pad, 3);
    wide.axis[i + 1] = axis_of(dim_add(s->dims, n, one));
    v = prim_emit1(s, CORE_reshape, &wide, &v, NULL, 0);
    for (int k = 0; k < wide.rank; k++)
        slice[3 * k] = zero, slice[3 * k + 1] = k == i + 1 ? one : axis_size(s, &wide.axis[k]), slice[3 * k + 2] = 1;
    wide.axis[i + 1] = axis_of(one);
    v = prim_emit1(s, CORE_slice, &wide, &v, slice, 3 * (uint32_t)wide.rank);
    row.axis[i] = axis;
    return prim_emit1(s, CORE_reshape, &row, &v, NULL, 0);
}

/* Of an operand with one letter at several axes what lies on their diagonal. */
static Value on_diagonals(Sema *s, Value x, Letters *letters)
{
    int first = 0;
    for (int j = repeated(letters, &first); j; j = repeated(letters, &first)) {
        x = diagonal(s, &x, first, j);
        letters->n--;
        for (int k = j; k < letters->n; k++)
            letters->id[k] = letters->id[k + 1], letters->item[k] = letters->item[k + 1];
    }
    return x;
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
    if (!arg_by_place(s, call, ALL_ARGUMENTS) || !pattern_read(s, call, &call->args[0], &p)) return value_error();
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
    Letters letters;
    if (!read_operands(s, call, &p, &o)) return value_error();
    int64_t attr[1 + 9 * (CORE_MAX_RANK + 1)] = {p.n_left};
    CoreRef in[8];
    uint32_t n = 1;
    for (int i = 0; i < p.n_left; i++) {
        if (!read_letters(&p, &p.left[i], dots_of(&p.left[i], &o.v[i].type), &letters)) return value_error();
        Value x = on_diagonals(s, value_plain(s, &o.v[i]), &letters);
        put_letters(&letters, attr, &n);
        in[i] = value_use(s, &x, o.elem);
    }
    SemaType out = {.elem = o.elem};
    int first;
    if (!result_type(&p, &out) || !read_letters(&p, &p.right, p.n_dots, &letters)) return value_error();
    if (repeated(&letters, &first)) {
        const Item *item = letters.item[repeated(&letters, &first)];
        pattern_bad(&p, item->at, item->length, "E0330", "a letter stands twice in the result");
        return value_error();
    }
    put_letters(&letters, attr, &n);
    return prim_emit(s, CORE_einsum, &out, in, (uint32_t)p.n_left, attr, n);
}
