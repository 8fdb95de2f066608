/* SPDX-License-Identifier: MIT
 * pattern.c: rearrange, reduce, repeat and einsum: patterns of letters (einops: Rogozhnikov
 * 2022), checked while compiling; carets point inside the string. `...` is any number of axes that
 * keep together. */
#include <ctype.h>
#include <string.h>

#include "sema/base/demand.h"
#include "sema/base/record.h"
#include "sema/prim/argument.h"
#include "sema/prim/ops.h"
#include "sema/prim/prim.h"

enum { MOST_ITEMS = 16, DOTS = -1, NO_LETTER = -2 };

typedef struct Letter {
    const char *name;
    Axis axis; /* its size, once known */
    bool known;
} Letter;

typedef struct Item {       /* one axis of one side: a letter, the dots, or a group */
    int letter[MOST_ITEMS]; /* indices into Pattern.letter, or DOTS */
    int n;
    bool group;
    uint32_t at, length; /* in the string */
} Item;

typedef struct Side {
    Item item[MOST_ITEMS];
    int n;
} Side;

typedef struct Pattern {
    Sema *s;
    const PrimCall *call;
    const PrimArg *arg;
    const char *text;
    Letter letter[MOST_ITEMS * 2];
    int n_letters;
    Side left[8], right;
    int n_left;
    Axis dots[CORE_MAX_RANK]; /* axes that `...` stands for */
    int n_dots;
    bool has_dots, dots_set;
} Pattern;

/* Place inside the literal, when the argument is one without escapes. */
static Span place(const Pattern *p, uint32_t at, uint32_t length)
{
    const Expr *e = p->arg->expr;
    if (!e || e->kind != EXPR_STRING || e->span.hi - e->span.lo != strlen(p->text) + 2)
        return p->arg->span;
    return (Span){e->span.file, e->span.lo + 1 + at, e->span.lo + 1 + at + (length ? length : 1)};
}

static bool bad(const Pattern *p, uint32_t at, uint32_t length, const char *code, const char *what)
{
    diag_error(p->s->diags, code, place(p, at, length), "%s: %s", p->call->name, what);
    return false;
}

static bool is_dots(const Item *item)
{
    return !item->group && item->n == 1 && item->letter[0] == DOTS;
}

static int letter_of(Pattern *p, const char *name, size_t n)
{
    const char *text = str_intern(p->s->strings, name, n);
    for (int i = 0; i < p->n_letters; i++)
        if (p->letter[i].name == text) return i;
    if (p->n_letters == MOST_ITEMS * 2) return NO_LETTER;
    p->letter[p->n_letters].name = text;
    return p->n_letters++;
}

/* Items up to `end` (an arrow, a comma or the end of the text). */
static bool read_side(Pattern *p, const char **at, Side *side)
{
    const char *c = *at;
    Item *group = NULL;
    side->n = 0;
    for (;;) {
        while (*c == ' ')
            c++;
        uint32_t where = (uint32_t)(c - p->text);
        if (!*c || *c == ',' || (c[0] == '-' && c[1] == '>')) break;
        if (*c == '(' || *c == ')') {
            if ((*c == '(') == (group != NULL))
                return bad(p, where, 1, "E0330", "brackets do not pair");
            if (*c == '(') {
                if (side->n == MOST_ITEMS) return bad(p, where, 1, "E0330", "too many axes");
                group = &side->item[side->n++];
                *group = (Item){.at = where, .group = true};
            } else {
                group->length = where + 1 - group->at;
                group = NULL;
            }
            c++;
            continue;
        }
        int letter;
        size_t n = 0;
        if (strncmp(c, "...", 3) == 0) {
            letter = DOTS;
            n = 3;
            p->has_dots = true;
        } else {
            while (isalnum((unsigned char)c[n]) || c[n] == '_')
                n++;
            if (n == 0)
                return bad(p, where, 1, "E0330", "a letter, `...`, brackets or `->` is expected");
            letter = letter_of(p, c, n);
            if (letter == NO_LETTER)
                return bad(p, where, (uint32_t)n, "E0330", "too many different letters");
        }
        Item *to = group;
        if (!to) {
            if (side->n == MOST_ITEMS) return bad(p, where, 1, "E0330", "too many axes");
            to = &side->item[side->n++];
            *to = (Item){.at = where, .length = (uint32_t)n};
        }
        if (to->n == MOST_ITEMS) return bad(p, where, 1, "E0330", "too many axes");
        to->letter[to->n++] = letter;
        c += n;
    }
    if (group) return bad(p, group->at, 1, "E0330", "brackets do not pair");
    *at = c;
    return true;
}

static bool read_pattern(Pattern *p)
{
    const char *at = p->text;
    for (;;) {
        if (p->n_left == 8) return bad(p, 0, 1, "E0330", "too many operands");
        if (!read_side(p, &at, &p->left[p->n_left])) return false;
        p->n_left++;
        if (*at != ',') break;
        at++;
    }
    if (strncmp(at, "->", 2) != 0)
        return bad(p, (uint32_t)(at - p->text), 1, "E0330", "`->` is missing");
    at += 2;
    if (!read_side(p, &at, &p->right)) return false;
    bool left_dots = false;
    for (int k = 0; k < p->n_left; k++)
        for (int i = 0; i < p->left[k].n; i++)
            left_dots |= is_dots(&p->left[k].item[i]);
    for (int i = 0; i < p->right.n; i++)
        for (int j = 0; j < p->right.item[i].n && !left_dots; j++)
            if (p->right.item[i].letter[j] == DOTS)
                return bad(p, p->right.item[i].at, p->right.item[i].length, "E0331",
                           "`...` stands on the right only");
    return *at ? bad(p, (uint32_t)(at - p->text), 1, "E0330", "this does not belong here") : true;
}

static bool start(Sema *s, const PrimCall *call, const PrimArg *arg, Pattern *p)
{
    *p = (Pattern){.s = s, .call = call, .arg = arg};
    if (arg->value.kind != VAL_STRING || !arg->value.text) {
        diag_error(s->diags, "E0330", arg->span, "the pattern of %s is a text in quotes",
                   call->name);
        return false;
    }
    p->text = arg->value.text;
    return read_pattern(p);
}

/* ---- matching -------------------------------------------------------------------------------- */

static bool bind_letter(Pattern *p, int letter, const Axis *axis, const Item *item,
                        const char *what)
{
    Letter *l = &p->letter[letter];
    Sema *s = p->s;
    if (!l->known) {
        l->axis = *axis;
        if (axis->kind == AXIS_STRETCH) l->axis = axis_of(dim_const(s->dims, 1));
        l->known = true;
        return true;
    }
    const char *why = NULL;
    DimAnswer answer = sema_equal(s, axis_size(s, &l->axis), axis_size(s, axis), &why);
    if (answer == DIM_PROVED || (answer == DIM_OPEN && s->generic)) return true;
    Diag *d = diag_error(s->diags, "E0331", place(p, item->at, item->length),
                         "%s: axis `%s` is %s here but %s %s", p->call->name, l->name,
                         dim_print(s->dims, s->arena, axis_size(s, axis)),
                         dim_print(s->dims, s->arena, axis_size(s, &l->axis)), what);
    for (uint32_t i = 0; i < p->call->n; i++)
        if (p->call->args[i].value.kind == VAL_TENSOR)
            diag_note(d, "operand %u: %s", i, type_print(s, &p->call->args[i].value.type));
    if (why && *why) diag_note(d, "equal only if both are, which fails for %s", why);
    return false;
}

static Dim group_size(Pattern *p, const Item *item, int except)
{
    Dim n = dim_const(p->s->dims, 1);
    for (int i = 0; i < item->n; i++)
        if (item->letter[i] != except && item->letter[i] != DOTS)
            n = dim_mul(p->s->dims, n, axis_size(p->s, &p->letter[item->letter[i]].axis));
    return n;
}

/* A group against one axis: at most one letter is not known yet. */
static bool bind_group(Pattern *p, const Item *item, const Axis *axis)
{
    Sema *s = p->s;
    int open = -1;
    for (int i = 0; i < item->n; i++) {
        if (item->letter[i] == DOTS)
            return bad(p, item->at, item->length, "E0330",
                       "`...` cannot stand in brackets on the left");
        if (p->letter[item->letter[i]].known) continue;
        if (open >= 0)
            return bad(p, item->at, item->length, "E0331",
                       "the sizes of two letters of these brackets are not known; give one as an "
                       "argument");
        open = item->letter[i];
    }
    Dim have = axis_size(s, axis), others = group_size(p, item, open);
    const char *why = NULL;
    DimAnswer answer =
        open < 0 ? sema_equal(s, have, others, &why) : dim_divides(s->facts, have, others, &why);
    if (answer == DIM_REFUTED || (answer == DIM_OPEN && !s->generic)) {
        Diag *d = diag_error(s->diags, "E0331", place(p, item->at, item->length),
                             "%s: an axis of size %s does not split so: the known letters make %s",
                             p->call->name, dim_print(s->dims, s->arena, have),
                             dim_print(s->dims, s->arena, others));
        if (why && *why) diag_note(d, "it fails for %s", why);
        return false;
    }
    if (open >= 0) {
        p->letter[open].axis = axis_of(dim_floordiv(s->dims, have, others));
        p->letter[open].known = true;
    }
    return true;
}

/* Named arguments that are letters: h=heads. */
static bool bind_named(Pattern *p, uint32_t from)
{
    for (uint32_t i = from; i < p->call->n; i++) {
        const PrimArg *arg = &p->call->args[i];
        Dim size = 0;
        if (!arg->name) continue;
        int letter = -1;
        for (int k = 0; k < p->n_letters; k++)
            if (p->letter[k].name == arg->name || strcmp(p->letter[k].name, arg->name) == 0)
                letter = k;
        if (letter < 0) {
            diag_error(p->s->diags, "E0331", arg->name_span,
                       "%s: there is no letter `%s` in the pattern", p->call->name, arg->name);
            return false;
        }
        if (!arg_size(p->s, p->call, arg, &size)) return false;
        sema_demand(p->s, size, OPER_GE, dim_const(p->s->dims, 1), arg->span, arg->name);
        p->letter[letter].axis = axis_of(size);
        p->letter[letter].known = true;
    }
    return true;
}

/* `...` stands for the same axes wherever it stands. */
static bool match_dots(Pattern *p, const Item *item, const SemaType *type, int at, int n,
                       int operand)
{
    Sema *s = p->s;
    const char *why = NULL;
    if (!p->dots_set) {
        p->dots_set = true;
        for (int k = 0; k < n; k++)
            p->dots[p->n_dots++] = type->axis[at + k];
        return true;
    }
    bool same = n == p->n_dots;
    for (int k = 0; same && k < n; k++) {
        const Axis *a = &p->dots[k], *b = &type->axis[at + k];
        if (a->kind == AXIS_PACK || b->kind == AXIS_PACK) {
            same = a->kind == b->kind && a->pack == b->pack;
            continue;
        }
        DimAnswer answer = sema_equal(s, axis_size(s, a), axis_size(s, b), &why);
        same = answer == DIM_PROVED || (answer == DIM_OPEN && s->generic);
    }
    if (same) return true;
    Diag *d =
        diag_error(s->diags, "E0331", place(p, item->at, item->length),
                   "%s: `...` stands for other axes here than in the first operand", p->call->name);
    diag_note(d, "operand %d: %s", operand, type_print(s, type));
    if (why && *why) diag_note(d, "equal only if both are, which fails for %s", why);
    return false;
}

static bool match(Pattern *p, const Side *side, const SemaType *type, int operand)
{
    int plain = 0, dots = -1;
    for (int i = 0; i < side->n; i++) {
        if (is_dots(&side->item[i])) {
            if (dots >= 0) return bad(p, side->item[i].at, 3, "E0330", "`...` stands twice");
            dots = i;
        } else {
            plain++;
        }
    }
    if (dots < 0 ? plain != type->rank : plain > type->rank) {
        Diag *d = diag_error(p->s->diags, "E0331", place(p, side->n ? side->item[0].at : 0, 1),
                             "%s: the pattern has %d axes but operand %d is %s", p->call->name,
                             plain, operand, type_print(p->s, type));
        (void)d;
        return false;
    }
    int n_dots = type->rank - plain, at = 0;
    for (int i = 0; i < side->n; i++) {
        const Item *item = &side->item[i];
        if (i == dots) {
            if (!match_dots(p, item, type, at, n_dots, operand)) return false;
            at += n_dots;
            continue;
        }
        const Axis *axis = &type->axis[at++];
        if (axis->kind == AXIS_PACK) return false; /* undecided in a generic check */
        if (!item->group ? !bind_letter(p, item->letter[0], axis, item, "in an earlier operand")
                         : !bind_group(p, item, axis))
            return false;
    }
    return true;
}

/* ---- rearrange, repeat, reduce --------------------------------------------------------------- */

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
                if (f->n == CORE_MAX_RANK)
                    return bad(p, side->item[i].at, 1, "E0308", "more than 8 axes");
                int id = letter == DOTS ? DOTS - 1 - d : letter;
                for (int j = 0; j < f->n; j++)
                    if (f->id[j] == id)
                        return bad(p, side->item[i].at, side->item[i].length, "E0330",
                                   "a letter stands twice on one side");
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
        same =
            x->type.axis[i].kind == type->axis[i].kind && x->type.axis[i].dim == type->axis[i].dim;
    return same ? *x : emit1(s, CORE_reshape, type, x, NULL, 0);
}

/* Sum, mean ... over the axes of `x` that `gone` marks, by calling the function with axis=. */
static Value reduce_axes(Pattern *p, const Value *x, const bool *gone, const Value *fn)
{
    Sema *s = p->s;
    Value list = {.kind = VAL_LIST, .items = ARENA_ARRAY(s->arena, Value, CORE_MAX_RANK)};
    for (int i = 0; i < x->type.rank; i++)
        if (gone[i]) list.items[list.n++] = value_int(s, i);
    if (list.n == 0) return *x;
    PrimArg args[2] = {
        {.value = *x, .span = p->call->args[0].span},
        {.name = "axis", .value = list, .span = p->call->span, .name_span = p->call->span}};
    return s->call_value(s, fn, args, 2, p->call->span, p->call->span);
}

static Value move_axes(Pattern *p, Value x, const Value *fn)
{
    Sema *s = p->s;
    Flat left, right;
    if (!flatten(p, &p->left[0], &left) || !flatten(p, &p->right, &right)) return value_error();
    SemaType t = type_of(p, &x.type, left.id, left.n);
    x = reshaped(s, &x, &t);
    /* letters of the left only: reduced */
    bool gone[CORE_MAX_RANK] = {0};
    int kept[CORE_MAX_RANK], n_kept = 0;
    for (int i = 0; i < left.n; i++) {
        bool found = false;
        for (int j = 0; j < right.n; j++)
            found |= right.id[j] == left.id[i];
        gone[i] = !found;
        if (found)
            kept[n_kept++] = left.id[i];
        else if (!fn) {
            bad(p, p->left[0].item[0].at, 0, "E0331",
                "a letter of the left side is missing on the right (reduce says what to do with "
                "it)");
            return value_error();
        }
    }
    if (fn) {
        int pack = -1;
        for (int i = 0; i < x.type.rank; i++)
            if (x.type.axis[i].kind == AXIS_PACK) pack = i;
        if (pack >= 0 && s->generic) { /* the type of the result is clear; nothing is recorded */
            SemaType out = type_of(p, &x.type, kept, n_kept);
            x = emit1(s, CORE_reshape, &out, &x, NULL, 0);
        } else {
            x = reduce_axes(p, &x, gone, fn);
        }
        if (x.kind != VAL_TENSOR) return value_error();
        x = plain_value(s, &x);
        if (x.type.rank != n_kept) {
            diag_error(s->diags, "E0331", p->call->args[2].span,
                       "reduce: the function must drop the axes, but it gives %s",
                       type_print(s, &x.type));
            return value_error();
        }
    }
    /* letters of the right only: repeated */
    int64_t attr[CORE_MAX_RANK];
    int from[CORE_MAX_RANK], n_from = 0;
    for (int j = 0; j < right.n; j++)
        for (int i = 0; i < n_kept; i++)
            if (kept[i] == right.id[j]) from[n_from++] = i;
    bool moved = false;
    for (int i = 0; i < n_from; i++)
        attr[i] = from[i], moved |= from[i] != i;
    if (moved) {
        SemaType out = x.type;
        for (int i = 0; i < n_from; i++)
            out.axis[i] = x.type.axis[from[i]];
        x = emit1(s, CORE_permute, &out, &x, attr, (uint32_t)n_from);
    }
    if (right.n > n_from) {
        int k = 0;
        for (int j = 0; j < right.n; j++)
            for (int i = 0; i < n_kept; i++)
                if (kept[i] == right.id[j]) attr[k++] = j;
        SemaType out = type_of(p, &x.type, right.id, right.n);
        x = emit1(s, CORE_broadcast, &out, &x, attr, (uint32_t)k);
    }
    /* brackets of the right: merged */
    SemaType out = x.type;
    out.rank = 0;
    for (int i = 0; i < p->right.n; i++) {
        const Item *item = &p->right.item[i];
        if (is_dots(item)) {
            for (int d = 0; d < p->n_dots; d++)
                out.axis[out.rank++] = p->dots[d];
        } else if (out.rank == CORE_MAX_RANK) {
            bad(p, item->at, 1, "E0308", "more than 8 axes");
            return value_error();
        } else if (!item->group) {
            out.axis[out.rank++] = p->letter[item->letter[0]].axis;
        } else {
            Dim n = group_size(p, item, -2);
            for (int k = 0; k < item->n; k++)
                for (int d = 0; item->letter[k] == DOTS && d < p->n_dots; d++)
                    n = dim_mul(s->dims, n, axis_size(s, &p->dots[d]));
            out.axis[out.rank++] = axis_of(n);
        }
    }
    return reshaped(s, &x, &out);
}

static Value by_pattern(Sema *s, const PrimCall *call, bool reduces, bool repeats)
{
    Pattern p;
    Value x;
    uint32_t fixed = reduces ? 3 : 2;
    if (call->n < fixed || call->args[0].name || call->args[1].name) {
        diag_error(
            s->diags, "E0302", call->span,
            reduces
                ? "reduce needs a tensor, a pattern and a function: reduce(x, \"... c -> c\", mean)"
                : "%s needs a tensor and a pattern",
            call->name);
        return value_error();
    }
    if (!arg_tensor(s, call, &call->args[0], &x) || !start(s, call, &call->args[1], &p))
        return value_error();
    if (p.n_left != 1) {
        bad(&p, 0, 0, "E0330", "one operand is expected (einsum takes several)");
        return value_error();
    }
    if (!bind_named(&p, fixed) || !match(&p, &p.left[0], &x.type, 0)) return value_error();
    for (int i = 0; i < p.n_letters; i++)
        if (!p.letter[i].known) {
            Diag *d = diag_error(s->diags, "E0331", call->args[1].span,
                                 "%s: the size of `%s` is not known", call->name, p.letter[i].name);
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
                bad(&p, p.right.item[0].at, 0, "E0331",
                    "a letter of the right side is missing on the left (repeat makes new axes)");
                return value_error();
            }
        }
    }
    if (reduces && call->args[2].value.kind != VAL_FN) {
        diag_error(s->diags, "E0302", call->args[2].span,
                   "reduce takes a function such as sum, mean or max, but this is %s",
                   value_describe(s, &call->args[2].value));
        return value_error();
    }
    return move_axes(&p, x, reduces ? &call->args[2].value : NULL);
}

Value prim_pattern(Sema *s, const PrimCall *call)
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

/* ---- einsum ---------------------------------------------------------------------------------- */

static bool put_letters(Pattern *p, const Side *side, int64_t *attr, uint32_t *n, int n_dots)
{
    uint32_t rank_at = (*n)++;
    attr[rank_at] = 0;
    for (int i = 0; i < side->n; i++) {
        const Item *item = &side->item[i];
        if (item->group) return bad(p, item->at, item->length, "E0330", "einsum has no brackets");
        bool dots = is_dots(item);
        for (int d = 0; d < (dots ? n_dots : 1); d++) {
            int64_t id = dots ? 1000 + p->n_dots - n_dots + d : item->letter[0];
            for (int64_t k = 0; k < attr[rank_at]; k++)
                if (attr[rank_at + 1 + (uint32_t)k] == id)
                    return bad(p, item->at, item->length, "E0330",
                               "a letter stands twice in one operand");
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
        if (is_dots(&side->item[i]))
            dots = true;
        else
            plain++;
    }
    return dots ? type->rank - plain : 0;
}

Value prim_einsum(Sema *s, const PrimCall *call)
{
    Pattern p;
    Value v[8];
    Span span[8];
    CoreRef in[8];
    int64_t attr[1 + 9 * (CORE_MAX_RANK + 1)];
    if (call->n < 2) {
        diag_error(s->diags, "E0302", call->span,
                   "einsum needs a pattern and operands: einsum(\"b i, b j -> b i j\", x, y)");
        return value_error();
    }
    if (!start(s, call, &call->args[0], &p)) return value_error();
    if (p.n_left != (int)call->n - 1) {
        diag_error(s->diags, "E0331", call->args[0].span,
                   "einsum: the pattern has %d operands, the call %u", p.n_left, call->n - 1);
        return value_error();
    }
    Elem elem = ELEM_none;
    uint32_t n = 0;
    attr[n++] = p.n_left;
    for (int i = 0; i < p.right.n; i++)
        if (p.right.item[i].group) {
            bad(&p, p.right.item[i].at, p.right.item[i].length, "E0330", "einsum has no brackets");
            return value_error();
        }
    for (int i = 0; i < p.n_left; i++) {
        if (call->args[i + 1].name) {
            diag_error(s->diags, "E0302", call->args[i + 1].name_span,
                       "einsum has no named arguments");
            return value_error();
        }
        if (!arg_tensor(s, call, &call->args[i + 1], &v[i])) return value_error();
        span[i] = call->args[i + 1].span;
        if (!match(&p, &p.left[i], &v[i].type, i)) return value_error();
    }
    if (!common_elem(s, v, span, (uint32_t)p.n_left, &elem, call->span)) return value_error();
    if (!is_floating(elem)) {
        diag_error(s->diags, "E0303", call->span, "einsum multiplies floats, not %s",
                   type_print(s, &v[0].type));
        return value_error();
    }
    for (int i = 0; i < p.n_left; i++) {
        if (!put_letters(&p, &p.left[i], attr, &n, dots_of(&p.left[i], &v[i].type)))
            return value_error();
        in[i] = value_use(s, &v[i], elem);
    }
    SemaType out = {.elem = elem};
    for (int i = 0; i < p.right.n; i++) {
        const Item *item = &p.right.item[i];
        bool dots = is_dots(item);
        if (!dots && !p.letter[item->letter[0]].known) {
            bad(&p, item->at, item->length, "E0331", "a letter of the result is in no operand");
            return value_error();
        }
        for (int d = 0; d < (dots ? p.n_dots : 1); d++) {
            if (out.rank == CORE_MAX_RANK) {
                bad(&p, item->at, 1, "E0308", "more than 8 axes");
                return value_error();
            }
            out.axis[out.rank++] = dots ? p.dots[d] : p.letter[item->letter[0]].axis;
        }
    }
    if (!put_letters(&p, &p.right, attr, &n, p.n_dots)) return value_error();
    return emit(s, CORE_einsum, &out, in, (uint32_t)p.n_left, attr, n);
}
