/* SPDX-License-Identifier: MIT
 * variant.c: messages about variants of the body of a train: gathered while each is evaluated, then made facts of the run. */
#include "sema/variant.h"

#include <stdlib.h>
#include <string.h>

#include "sema/base/place.h"

/* ---- conditions that are the same ----------------------------------------------------------- */

static bool are_same(const CoreIns *a, const CoreIns *b, const CoreRef *first)
{
    if (a->op != b->op || a->n_in != b->n_in || a->n_attr != b->n_attr || a->type.elem != b->type.elem) return false;
    if (a->number != b->number || a->integer != b->integer) return false;
    for (uint32_t i = 0; i < a->n_attr; i++)
        if (a->attr[i] != b->attr[i]) return false;
    for (uint32_t i = 0; i < a->n_in; i++)
        if (first[a->in[i]] != first[b->in[i]]) return false;
    return true;
}

/* By instruction, the first one that computes the same. */
static const CoreRef *first_ones(Sema *s, const CoreBody *body)
{
    CoreRef *first = ARENA_ARRAY(s->arena, CoreRef, body->ins.n + 1);
    for (CoreRef r = 1; r <= body->ins.n; r++) {
        first[r] = 1;
        while (first[r] < r && !are_same(&body->ins.at[r - 1], &body->ins.at[first[r] - 1], first))
            first[r]++;
    }
    return first;
}

typedef struct Truth { /* of x, of x < y or of x == y, or the opposite of it */
    uint16_t op;
    CoreRef x, y;
    bool negated;
} Truth; /* y = 0: of x alone */

static Truth truth_of(const CoreBody *body, CoreRef ref)
{
    const CoreIns *ins = &body->ins.at[ref - 1];
    bool negated = false;
    for (; ins->op == CORE_not; ins = &body->ins.at[ref - 1]) {
        negated = !negated;
        ref = ins->in[0];
    }
    CoreRef x = ins->n_in == 2 ? ins->in[0] : 0, y = ins->n_in == 2 ? ins->in[1] : 0;
    bool whole = x && body->ins.at[x - 1].type.elem == ELEM_int; /* NaN is neither less nor not */
    switch (whole ? ins->op : CORE_where) {
    case CORE_less: return (Truth){CORE_less, x, y, negated};
    case CORE_greater: return (Truth){CORE_less, y, x, negated};
    case CORE_greater_equal: return (Truth){CORE_less, x, y, !negated};
    case CORE_less_equal: return (Truth){CORE_less, y, x, !negated};
    case CORE_equal: return (Truth){CORE_equal, x, y, negated};
    case CORE_not_equal: return (Truth){CORE_equal, x, y, !negated};
    default: return (Truth){ins->op, ref, 0, negated};
    }
}

static bool are_alike(const Truth *a, const Truth *b, const CoreRef *first)
{
    if (a->op != b->op) return false;
    if (first[a->x] == first[b->x] && first[a->y] == first[b->y]) return true;
    return a->op == CORE_equal && first[a->x] == first[b->y] && first[a->y] == first[b->x];
}

uint32_t variant_condition(Sema *s, uint32_t first, CoreRef ref, bool *negated)
{
    CoreBody *body = s->entry->entry->cond_body;
    const CoreRef *same = first_ones(s, body);
    Truth now = truth_of(body, ref);
    *negated = false;
    for (uint32_t i = 0; i < body->results.n; i++) {
        Truth before = truth_of(body, body->results.at[i]);
        if (!are_alike(&now, &before, same)) continue;
        *negated = now.negated != before.negated;
        body->ins.n = first;
        return i;
    }
    vec_add(s->arena, &body->results, ref);
    return body->results.n - 1;
}

/* ---- what was met --------------------------------------------------------------------------- */

bool variant_has_errors(const Sema *s)
{
    return s->diags->n_errors > (s->entry ? s->entry->n_errors_of_others : 0);
}

static bool is_gathered(const EntryState *e, const Diag *d)
{
    for (uint32_t i = e->told.n; i-- > 0;)
        if (e->told.at[i].diag == d) return true;
    return false;
}

static void gather(Sema *s, const Stmt *stmt, uint32_t mask, uint32_t first)
{
    EntryState *e = s->entry;
    for (uint32_t i = first; i < s->diags->list.n; i++) {
        Diag *d = s->diags->list.at[i];
        VariantMessage m = {.diag = d, .stmt = stmt, .masks = (uint8_t)(1u << mask)};
        if (!is_gathered(e, d)) vec_add(s->arena, &e->told, m);
    }
}

static VariantStmt *find_made(const EntryState *e, const Stmt *stmt)
{
    for (uint32_t i = 0; i < e->made.n; i++)
        if (e->made.at[i].stmt == stmt) return &e->made.at[i];
    return NULL;
}

void variant_made(Sema *s, const Stmt *stmt, uint32_t first)
{
    EntryState *e = s->entry;
    VariantStmt *made = find_made(e, stmt), new = {.stmt = stmt};
    if (!made) {
        vec_add(s->arena, &e->made, new);
        made = &e->made.at[e->made.n - 1];
    }
    made->masks |= (uint8_t)(1u << e->mask);
    gather(s, stmt, e->mask, first);
}

void variant_said(Sema *s, uint32_t mask, uint32_t first)
{
    gather(s, NULL, mask, first);
}

/* ---- the variants that make a statement ----------------------------------------------------- */

static bool lies_in(Span inner, Span outer)
{
    return inner.file == outer.file && inner.lo >= outer.lo && inner.hi <= outer.hi;
}

static bool has_instruction(const CoreBody *body, Span at)
{
    for (uint32_t i = 0; i < body->ins.n; i++) {
        const CoreIns *ins = &body->ins.at[i];
        if (ins->span.file == at.file && ins->span.lo == at.lo && ins->span.hi == at.hi) return true;
        for (int k = 0; k < 2; k++)
            if (ins->bodies[k] && has_instruction(ins->bodies[k], at)) return true;
    }
    return false;
}

static uint8_t all_variants(const EntryState *e)
{
    uint32_t n = 1u << e->entry->n_conditions;
    return (uint8_t)((1u << n) - 1);
}

/* What is told behind the evaluation is about the innermost statement there, or about an instruction of a function. */
static uint8_t variants_of(const EntryState *e, const VariantMessage *m)
{
    const VariantStmt *made = m->stmt ? find_made(e, m->stmt) : NULL;
    for (uint32_t i = 0; i < e->made.n && !m->stmt; i++) {
        Span span = e->made.at[i].stmt->span;
        if (lies_in(m->diag->span, span) && (!made || lies_in(span, made->stmt->span))) made = &e->made.at[i];
    }
    if (made) return made->masks;
    uint8_t masks = 0;
    for (uint32_t k = 0; k < 1u << e->entry->n_conditions; k++)
        if (e->entry->body[k] && has_instruction(e->entry->body[k], m->diag->span)) masks |= (uint8_t)(1u << k);
    return masks & m->masks ? masks : all_variants(e);
}

/* ---- when it is so -------------------------------------------------------------------------- */

typedef struct Cube { /* values of some of the conditions */
    uint32_t asked, truth;
} Cube;

static uint8_t variants_in(const EntryState *e, Cube cube)
{
    uint8_t masks = 0;
    for (uint32_t k = 0; k < 1u << e->entry->n_conditions; k++)
        if ((k & cube.asked) == cube.truth) masks |= (uint8_t)(1u << k);
    return masks;
}

static int count_bits(uint32_t bits)
{
    int n = 0;
    for (; bits; bits &= bits - 1)
        n++;
    return n;
}

/* Of the variants `made`, the values that say that it is one of `told`: as few as there are, best of all of them. */
static Cube cube_of(const EntryState *e, uint8_t told, uint8_t made)
{
    Cube best = {0};
    int best_worth = -1;
    for (uint32_t asked = 0; asked < 1u << e->entry->n_conditions; asked++)
        for (uint32_t truth = 0; truth <= asked; truth++) {
            Cube cube = {asked, truth};
            uint8_t in = (truth & ~asked) ? 0 : variants_in(e, cube) & made;
            int worth = count_bits(in) * 4 + 3 - count_bits(asked);
            if (!in || (in & ~told) || worth <= best_worth) continue;
            best = cube;
            best_worth = worth;
        }
    return best;
}

static const Stmt *condition_of(const EntryState *e, uint32_t bit)
{
    for (uint32_t i = 0; i < e->conditions.n; i++)
        if (e->conditions.at[i].bit == bit && !e->conditions.at[i].negated) return e->conditions.at[i].stmt;
    BUG("a condition without a statement");
}

static void say_when(Sema *s, const EntryState *e, const VariantMessage *m, uint8_t made)
{
    Diag *d = m->diag;
    Cube cube = cube_of(e, m->masks, made);
    Text text = {.arena = s->arena};
    for (uint32_t i = 0; i < e->entry->n_conditions; i++) {
        if (!(cube.asked >> i & 1)) continue;
        Span at = condition_of(e, i)->cond->span;
        text_add(&text, "%s`%s` %s", text.n ? " and " : "", source_text(s, at), cube.truth >> i & 1 ? "holds" : "does not hold");
        diag_label(d, at, "%s", "");
    }
    if (text.n) d->text = arena_print(s->arena, "%s, where %s", d->text, text_c(&text));
}

/* ---- settling ------------------------------------------------------------------------------- */

/* Said of the whole run, not of a place. */
static bool is_of_run(const Diag *d)
{
    static const char *const codes[] = {"W0511", "W0512", "W0705", "W0713"};
    for (uint32_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (!strcmp(codes[i], d->code)) return true;
    return false;
}

static void drop(Sema *s, const Diag *d)
{
    Diags *diags = s->diags;
    uint32_t n = 0;
    for (uint32_t i = 0; i < diags->list.n; i++)
        if (diags->list.at[i] != d) diags->list.at[n++] = diags->list.at[i];
    if (n == diags->list.n) return;
    *(d->warning ? &diags->n_warnings : &diags->n_errors) -= 1;
    diags->list.n = n;
}

static bool same_place(const Diag *a, const Diag *b)
{
    return !strcmp(a->code, b->code) && a->span.file == b->span.file && a->span.lo == b->span.lo && a->span.hi == b->span.hi;
}

static int by_address(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t)*(Diag *const *)a, y = (uintptr_t)*(Diag *const *)b;
    return x < y ? -1 : x > y;
}

typedef VEC(Diag *) Messages;

static void drop_all(Sema *s, const Messages *gone)
{
    Diags *diags = s->diags;
    uint32_t n = 0;
    if (!gone->n) return;
    qsort(gone->at, gone->n, sizeof(Diag *), by_address);
    for (uint32_t i = 0; i < diags->list.n; i++) {
        Diag *d = diags->list.at[i];
        if (bsearch(&d, gone->at, gone->n, sizeof(Diag *), by_address))
            *(d->warning ? &diags->n_warnings : &diags->n_errors) -= 1;
        else
            diags->list.at[n++] = d;
    }
    diags->list.n = n;
}

static bool is_equal(const Diag *a, const Diag *b)
{
    return same_place(a, b) && !strcmp(a->text, b->text);
}

/* Equal messages become the first of them, with all their variants. There are thousands at times: they are found by a hash. */
static void join_equal(Sema *s, EntryState *e)
{
    uint32_t n = 0, size = 16;
    while (size < 2 * e->told.n)
        size *= 2;
    uint32_t *first = ARENA_ARRAY(s->arena, uint32_t, size); /* + 1 */
    Messages gone = {0};
    for (uint32_t i = 0; i < e->told.n; i++) {
        VariantMessage m = e->told.at[i];
        uint32_t k = (uint32_t)hash_mix(hash_text(m.diag->text), m.diag->span.lo) & (size - 1);
        while (first[k] && !is_equal(e->told.at[first[k] - 1].diag, m.diag))
            k = (k + 1) & (size - 1);
        if (first[k]) {
            e->told.at[first[k] - 1].masks |= m.masks;
            vec_add(s->arena, &gone, m.diag);
        } else {
            e->told.at[n++] = m;
            first[k] = n;
        }
    }
    e->told.n = n;
    drop_all(s, &gone);
}

/* A loss that is none, or that reaches nothing, in some of the variants: these need no minimize. */
static void help_move(const EntryState *e, const VariantMessage *m, uint8_t made)
{
    uint8_t masks = 0;
    if (strcmp(m->diag->code, "E0509") != 0 && strcmp(m->diag->code, "E0511") != 0) return;
    for (uint32_t i = 0; i < e->told.n; i++)
        if (same_place(e->told.at[i].diag, m->diag)) masks |= e->told.at[i].masks;
    if ((masks & made) == made) return;
    diag_help(m->diag, "put the `minimize` into the `if`, behind its loss: the other steps then update nothing");
}

/* With an error of another kind in a variant nothing was said there of what its loss depends on (variant_has_errors). */
static uint8_t unknown_variants(const EntryState *e, const VariantMessage *m)
{
    uint8_t masks = 0;
    if (strcmp(m->diag->code, "E0511") != 0 && strcmp(m->diag->code, "E0518") != 0) return 0;
    for (uint32_t i = 0; i < e->told.n; i++)
        if (!e->told.at[i].diag->warning && !same_place(e->told.at[i].diag, m->diag)) masks |= e->told.at[i].masks;
    return masks;
}

void variant_settle(Sema *s)
{
    EntryState *e = s->entry;
    join_equal(s, e);
    for (uint32_t i = 0; i < e->told.n && e->entry->n_conditions; i++) {
        VariantMessage *m = &e->told.at[i];
        uint8_t made = variants_of(e, m);
        if (!(made & ~(m->masks | unknown_variants(e, m)))) continue;
        if (is_of_run(m->diag)) {
            drop(s, m->diag);
            continue;
        }
        if (!lies_in(m->diag->span, e->decl->span)) continue; /* what is said of a function is said once */
        help_move(e, m, made);
        say_when(s, e, m, made);
    }
    e->told.n = 0;
}
