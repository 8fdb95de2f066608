/* SPDX-License-Identifier: MIT
 * pattern.c: patterns of letters: reading them, and matching their left side with operands. */
#include "sema/prim/pattern.h"

#include <ctype.h>
#include <string.h>

#include "sema/base/demand.h"
#include "sema/prim/argument.h"

/* Place inside the literal, when the argument is one without escapes. */
static Span place(const Pattern *p, uint32_t at, uint32_t length)
{
    const Expr *e = p->arg->expr;
    if (!e || e->kind != EXPR_STRING || e->span.hi - e->span.lo != strlen(p->text) + 2) return p->arg->span;
    return (Span){e->span.file, e->span.lo + 1 + at, e->span.lo + 1 + at + (length ? length : 1)};
}

bool pattern_bad(const Pattern *p, uint32_t at, uint32_t length, const char *code, const char *what)
{
    diag_error(p->s->diags, code, place(p, at, length), "%s: %s", p->call->name, what);
    return false;
}

bool pattern_is_dots(const Item *item)
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
            if ((*c == '(') == (group != NULL)) return pattern_bad(p, where, 1, "E0330", "brackets do not pair");
            if (*c == '(') {
                if (side->n == MOST_ITEMS) return pattern_bad(p, where, 1, "E0330", "too many axes");
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
            if (n == 0) return pattern_bad(p, where, 1, "E0330", "a letter, `...`, brackets or `->` is expected");
            letter = letter_of(p, c, n);
            if (letter == NO_LETTER) return pattern_bad(p, where, (uint32_t)n, "E0330", "too many different letters");
        }
        Item *to = group;
        if (!to) {
            if (side->n == MOST_ITEMS) return pattern_bad(p, where, 1, "E0330", "too many axes");
            to = &side->item[side->n++];
            *to = (Item){.at = where, .length = (uint32_t)n};
        }
        if (to->n == MOST_ITEMS) return pattern_bad(p, where, 1, "E0330", "too many axes");
        to->letter[to->n++] = letter;
        c += n;
    }
    if (group) return pattern_bad(p, group->at, 1, "E0330", "brackets do not pair");
    *at = c;
    return true;
}

static bool read_pattern(Pattern *p)
{
    const char *at = p->text;
    for (;;) {
        if (p->n_left == 8) return pattern_bad(p, 0, 1, "E0330", "too many operands");
        if (!read_side(p, &at, &p->left[p->n_left])) return false;
        p->n_left++;
        if (*at != ',') break;
        at++;
    }
    if (strncmp(at, "->", 2) != 0) return pattern_bad(p, (uint32_t)(at - p->text), 1, "E0330", "`->` is missing");
    at += 2;
    if (!read_side(p, &at, &p->right)) return false;
    bool left_dots = false;
    for (int k = 0; k < p->n_left; k++)
        for (int i = 0; i < p->left[k].n; i++)
            left_dots |= pattern_is_dots(&p->left[k].item[i]);
    for (int i = 0; i < p->right.n; i++)
        for (int j = 0; j < p->right.item[i].n && !left_dots; j++)
            if (p->right.item[i].letter[j] == DOTS)
                return pattern_bad(p, p->right.item[i].at, p->right.item[i].length, "E0331", "`...` stands on the right only");
    return *at ? pattern_bad(p, (uint32_t)(at - p->text), 1, "E0330", "this does not belong here") : true;
}

bool pattern_read(Sema *s, const PrimCall *call, const PrimArg *arg, Pattern *p)
{
    *p = (Pattern){.s = s, .call = call, .arg = arg};
    if (arg->value.kind != VAL_STRING || !arg->value.text) {
        diag_error(s->diags, "E0330", arg->span, "the pattern of %s is a text in quotes", call->name);
        return false;
    }
    p->text = arg->value.text;
    return read_pattern(p);
}

/* ---- matching -------------------------------------------------------------------------------- */

/* Where a letter got its size. */
static const char *source_of(const Pattern *p, const Letter *l)
{
    for (uint32_t i = 0; i < p->call->n; i++)
        if (p->call->args[i].name && strcmp(p->call->args[i].name, l->name) == 0) return "as an argument";
    return p->n_left > 1 ? "in an earlier operand" : "at an earlier axis";
}

static bool bind_letter(Pattern *p, int letter, const Axis *axis, const Item *item)
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
    Diag *d =
        diag_error(s->diags, "E0331", place(p, item->at, item->length), "%s: axis `%s` is %s here but %s %s", p->call->name, l->name,
                   dim_print(s->dims, s->arena, axis_size(s, axis)), dim_print(s->dims, s->arena, axis_size(s, &l->axis)), source_of(p, l));
    for (uint32_t i = 0, n = 1; i < p->call->n; i++)
        if (p->call->args[i].value.kind == VAL_TENSOR) diag_note(d, "operand %u: %s", n++, type_print(s, &p->call->args[i].value.type));
    if (why && *why) diag_note(d, "equal only if both are, which fails for %s", why);
    return false;
}

Dim pattern_group_size(Pattern *p, const Item *item, int except)
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
        if (item->letter[i] == DOTS) return pattern_bad(p, item->at, item->length, "E0330", "`...` cannot stand in brackets on the left");
        if (p->letter[item->letter[i]].known) continue;
        if (open >= 0)
            return pattern_bad(p, item->at, item->length, "E0331",
                               "the sizes of two letters of these brackets are not known; give one as an "
                               "argument");
        open = item->letter[i];
    }
    Dim have = axis_size(s, axis), others = pattern_group_size(p, item, open);
    const char *why = NULL;
    DimAnswer answer = open < 0 ? sema_equal(s, have, others, &why) : dim_divides(s->facts, have, others, &why);
    if (answer == DIM_REFUTED || (answer == DIM_OPEN && !s->generic)) {
        Diag *d = diag_error(s->diags, "E0331", place(p, item->at, item->length),
                             "%s: an axis of size %s does not split so: the known letters make %s", p->call->name,
                             dim_print(s->dims, s->arena, have), dim_print(s->dims, s->arena, others));
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
bool pattern_bind_named(Pattern *p, uint32_t from)
{
    for (uint32_t i = from; i < p->call->n; i++) {
        const PrimArg *arg = &p->call->args[i];
        Dim size = 0;
        if (!arg->name) continue;
        int letter = -1;
        for (int k = 0; k < p->n_letters; k++)
            if (p->letter[k].name == arg->name || strcmp(p->letter[k].name, arg->name) == 0) letter = k;
        if (letter < 0) {
            diag_error(p->s->diags, "E0331", arg->name_span, "%s: there is no letter `%s` in the pattern", p->call->name, arg->name);
            return false;
        }
        if (!arg_size(p->s, p->call, arg, &size)) return false;
        sema_demand(p->s, size, OPER_GE, dim_const(p->s->dims, 1), arg->span,
                    arena_print(p->s->arena, "the size of `%s` is at least 1", arg->name));
        p->letter[letter].axis = axis_of(size);
        p->letter[letter].known = true;
    }
    return true;
}

/* `...` stands for the same axes wherever it stands. */
static bool match_dots(Pattern *p, const Item *item, const SemaType *type, int at, int n, int operand)
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
    Diag *d = diag_error(s->diags, "E0331", place(p, item->at, item->length),
                         "%s: `...` stands for other axes here than in the first operand", p->call->name);
    diag_note(d, "operand %d: %s", operand + 1, type_print(s, type));
    if (why && *why) diag_note(d, "equal only if both are, which fails for %s", why);
    return false;
}

bool pattern_match(Pattern *p, const Side *side, const SemaType *type, int operand)
{
    int plain = 0, dots = -1;
    for (int i = 0; i < side->n; i++) {
        if (pattern_is_dots(&side->item[i])) {
            if (dots >= 0) return pattern_bad(p, side->item[i].at, 3, "E0330", "`...` stands twice");
            dots = i;
        } else {
            plain++;
        }
    }
    if (dots < 0 ? plain != type->rank : plain > type->rank) {
        Diag *d = diag_error(p->s->diags, "E0331", place(p, side->n ? side->item[0].at : 0, 1),
                             "%s: the pattern has %d ax%cs but operand %d is %s", p->call->name, plain, plain == 1 ? 'i' : 'e', operand + 1,
                             type_print(p->s, type));
        if (plain == 1 && side->item[0].length > 1)
            diag_help(d, "letters stand apart: \"%c %c ...\"", p->text[side->item[0].at], p->text[side->item[0].at + 1]);
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
        if (!item->group ? !bind_letter(p, item->letter[0], axis, item) : !bind_group(p, item, axis)) return false;
    }
    return true;
}
