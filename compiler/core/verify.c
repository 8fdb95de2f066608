/* SPDX-License-Identifier: MIT
 * verify.c: what must hold of every checked program: operands stand before their users, attributes are those of core.h, what is
 * named exists, and types go together as far as sizes tell: two sizes disagree where both are numbers and differ. */
#include "core/core.h"
#include "support/functions.h"

typedef struct Check {
    const CoreProgram *p;
    const CoreEntry *entry; /* NULL: outside of entry points */
    Arena *arena;
    const char *where;
    const CoreBody *body;
    uint32_t n_args; /* of the body */
} Check;

static const CoreType *type_of(const Check *c, CoreRef ref)
{
    return &c->body->ins.at[ref - 1].type;
}

static bool agree(const Check *c, Dim a, Dim b)
{
    int64_t x, y;
    return a == b || !dim_is_const(c->p->dims, a, &x) || !dim_is_const(c->p->dims, b, &y) || x == y;
}

static bool is_one(const Check *c, Dim a)
{
    int64_t x;
    return dim_is_const(c->p->dims, a, &x) && x == 1;
}

static bool same_shape(const Check *c, const CoreType *a, const CoreType *b)
{
    if (a->rank != b->rank) return false;
    for (int i = 0; i < a->rank; i++)
        if (!agree(c, a->dim[i], b->dim[i])) return false;
    return true;
}

static bool is_float(uint8_t elem)
{
    return elem == ELEM_float || (elem >= ELEM_f16 && elem <= ELEM_f64);
}

static bool is_int(uint8_t elem)
{
    return elem == ELEM_int || (elem >= ELEM_i8 && elem <= ELEM_u8);
}

/* A raw value of a data field has none. */
static bool same_elem(uint8_t a, uint8_t b)
{
    return a == b || a == ELEM_none || b == ELEM_none;
}

static const char *check_type(const CoreType *t)
{
    if (t->elem == ELEM_none || t->elem > ELEM_u8 || t->rank > CORE_MAX_RANK) return "a type";
    for (int i = 0; i < t->rank; i++)
        if (!t->dim[i]) return "a size is missing";
    return NULL;
}

/* ---- types of results ------------------------------------------------------------------------- */

/* Operands stretch to the result: right-aligned, a 1 to anything. */
static const char *check_stretch(const Check *c, const CoreIns *ins)
{
    int rank = 0;
    for (uint32_t k = 0; k < ins->n_in; k++) {
        const CoreType *t = type_of(c, ins->in[k]);
        int ahead = ins->type.rank - t->rank;
        if (t->rank > rank) rank = t->rank;
        if (ahead < 0) return "an operand has more axes than the result";
        for (int i = 0; i < t->rank; i++)
            if (!is_one(c, t->dim[i]) && !agree(c, t->dim[i], ins->type.dim[ahead + i])) return "sizes";
    }
    return rank == ins->type.rank ? NULL : "the result has more axes than its operands";
}

static const char *check_elementwise(const Check *c, const CoreIns *ins)
{
    int properties = core_properties(ins->op);
    uint8_t result = ins->type.elem, first = type_of(c, ins->in[0])->elem;
    if (ins->op == CORE_where) return first == ELEM_bool ? check_stretch(c, ins) : "a condition is a bool";
    if ((properties & COMPARES || properties & LOGIC) && result != ELEM_bool) return "the result is a bool";
    for (uint32_t k = 1; k < ins->n_in; k++) {
        uint8_t elem = type_of(c, ins->in[k])->elem;
        if (!same_elem(elem, first) && !(is_int(elem) && is_int(first))) return "element types of operands";
    }
    return check_stretch(c, ins);
}

static const char *check_reduction(const Check *c, const CoreIns *ins)
{
    const CoreType *x = type_of(c, ins->in[0]);
    int n_axes = (int)ins->n_attr - 1, last = -1;
    bool keep = ins->attr[0] != 0;
    for (uint32_t i = 1; i < ins->n_attr; i++) {
        if (ins->attr[i] <= last || ins->attr[i] >= x->rank) return "axes";
        last = (int)ins->attr[i];
    }
    if (ins->type.rank != (keep ? x->rank : x->rank - n_axes)) return "axes of the result";
    bool chooses = ins->op == CORE_argmax || ins->op == CORE_argmin, logic = ins->op == CORE_any || ins->op == CORE_all;
    uint8_t want = chooses ? ELEM_int : logic ? ELEM_bool : x->elem;
    return same_elem(ins->type.elem, want) ? NULL : "element type of the result";
}

/* One operand of which one axis changes at most: cumsum, cumprod, pad, flip, roll, concat. */
static const char *check_one_axis(const Check *c, const CoreIns *ins, bool changes)
{
    if (ins->attr[0] < 0 || ins->attr[0] >= ins->type.rank) return "axis";
    uint32_t n = ins->op == CORE_concat ? ins->n_in : 1;
    for (uint32_t k = 0; k < n; k++) {
        const CoreType *x = type_of(c, ins->in[k]);
        if (x->rank != ins->type.rank || !same_elem(x->elem, ins->type.elem)) return "an operand has another type";
        for (int i = 0; i < x->rank; i++)
            if (!(changes && i == ins->attr[0]) && !agree(c, x->dim[i], ins->type.dim[i])) return "sizes";
    }
    return n ? NULL : "no operands";
}

static const char *check_view(const Check *c, const CoreIns *ins)
{
    const CoreType *x = type_of(c, ins->in[0]), *y = &ins->type;
    uint32_t seen = 0;
    if (!same_elem(x->elem, y->elem)) return "element type of the result";
    if (ins->op == CORE_slice) {
        if (x->rank != y->rank || ins->n_attr != 3u * x->rank) return "axes";
        for (int i = 0; i < x->rank; i++)
            if (!ins->attr[3 * i + 2]) return "a step of 0";
        return NULL;
    }
    if (ins->n_attr != x->rank || (ins->op == CORE_permute && x->rank != y->rank)) return "axes";
    for (int i = 0; i < x->rank; i++) {
        int from = ins->op == CORE_permute ? (int)ins->attr[i] : i, to = ins->op == CORE_permute ? i : (int)ins->attr[i];
        if (from < 0 || from >= x->rank || to < 0 || to >= y->rank || seen >> ins->attr[i] & 1) return "axes";
        seen |= 1u << ins->attr[i];
        if (!agree(c, x->dim[from], y->dim[to]) && !is_one(c, x->dim[from])) return "sizes";
    }
    return NULL;
}

static const char *check_indexed(const Check *c, const CoreIns *ins)
{
    const CoreType *a = type_of(c, ins->in[0]), *b = ins->n_in > 1 ? type_of(c, ins->in[1]) : NULL;
    int rank = ins->type.rank;
    switch (ins->op) {
    case CORE_take:
        if (ins->attr[0] < 0 || ins->attr[0] >= a->rank) return "axis";
        return is_int(b->elem) && rank == a->rank - 1 + b->rank ? NULL : "an index";
    case CORE_pick: return is_int(b->elem) && rank == b->rank && a->rank == b->rank + 1 ? NULL : "an index";
    case CORE_one_hot: return is_int(a->elem) && rank == a->rank + 1 ? NULL : "an index";
    default: return is_int(a->elem) && rank == 1 + b->rank - a->rank ? NULL : "an index";
    }
}

static const char *check_result(const Check *c, const CoreIns *ins)
{
    const CoreIns *many = &c->body->ins.at[ins->in[0] - 1];
    if (ins->attr[0] < 0 || ins->attr[0] >= many->n_out) return "there is no such result";
    const CoreType *t = many->types ? &many->types[ins->attr[0]] : &many->type;
    return t->elem == ins->type.elem && same_shape(c, t, &ins->type) ? NULL : "another type than the result";
}

static const char *check_window(const Check *c, const CoreIns *ins)
{
    int64_t nd = ins->attr[0];
    bool conv = ins->op == CORE_conv;
    if (nd < 1 || nd > 2 || ins->n_attr != 3u + (conv ? 5u : 6u) * (uint32_t)nd) return "attributes";
    return type_of(c, ins->in[0])->rank == nd + 2 && ins->type.rank == nd + 2 ? NULL : "axes";
}

/* As many numbers as the result has elements. */
static const char *check_table(const Check *c, const CoreIns *ins)
{
    int64_t n = 1, size = 0;
    for (int i = 0; i < ins->type.rank; i++) {
        if (!dim_is_const(c->p->dims, ins->type.dim[i], &size) || size < 1 || size > ins->n_attr) return "sizes";
        n *= size;
        if (n > ins->n_attr) return "sizes";
    }
    return n == ins->n_attr ? NULL : "number of elements";
}

static const char *check_types(const Check *c, const CoreIns *ins)
{
    if (core_properties(ins->op)) return check_elementwise(c, ins);
    if (ins->op == CORE_table) return check_table(c, ins);
    const CoreType *x = ins->n_in ? type_of(c, ins->in[0]) : NULL;
    switch (ins->op) {
    case CORE_sum:
    case CORE_mean:
    case CORE_max:
    case CORE_min:
    case CORE_prod:
    case CORE_argmax:
    case CORE_argmin:
    case CORE_any:
    case CORE_all: return check_reduction(c, ins);
    case CORE_cumsum:
    case CORE_cumprod:
    case CORE_flip:
    case CORE_sort:
    case CORE_roll: return check_one_axis(c, ins, false);
    case CORE_argsort: return ins->type.elem == ELEM_int && same_shape(c, x, &ins->type) ? NULL : "places of the operand's axis";
    case CORE_pad:
    case CORE_concat: return check_one_axis(c, ins, true);
    case CORE_permute:
    case CORE_broadcast:
    case CORE_slice: return check_view(c, ins);
    case CORE_take:
    case CORE_pick:
    case CORE_one_hot:
    case CORE_scatter_add: return check_indexed(c, ins);
    case CORE_conv:
    case CORE_pool: return check_window(c, ins);
    case CORE_result: return check_result(c, ins);
    case CORE_reshape: return same_elem(x->elem, ins->type.elem) ? NULL : "element type of the result";
    case CORE_expect: return is_int(x->elem) && same_shape(c, x, &ins->type) ? NULL : "another type than the operand";
    case CORE_size:
    case CORE_counter: return ins->type.rank == 0 ? NULL : "a scalar";
    case CORE_range: return ins->type.rank == 1 && ins->type.elem == ELEM_int ? NULL : "a row of integers";
    case CORE_eye: return ins->type.rank == 2 ? NULL : "a matrix";
    case CORE_bernoulli: return ins->type.elem == ELEM_bool ? NULL : "the result is a bool";
    case CORE_rand:
    case CORE_randn: return is_float(ins->type.elem) ? NULL : "the result is a float";
    default: return NULL;
    }
}

/* ---- what is named ---------------------------------------------------------------------------- */

static const char *check_tensor(const Check *c, int64_t i, bool state)
{
    if (i < 0 || i >= c->p->tensors.n) return "there is no such tensor";
    return c->p->tensors.at[i].is_state == state ? NULL : state ? "a parameter" : "a state";
}

/* The groups of the statement whose first record is i; operands: the loss, then the numbers of all. */
static const char *check_minimize(const CoreEntry *e, uint32_t i, uint32_t n_in)
{
    uint32_t n = 1;
    for (uint32_t left = e->minimizes.at[i].more;; i++, left--) {
        if (i >= e->minimizes.n || e->minimizes.at[i].more != left) return "the groups of a statement stand together";
        n += e->minimizes.at[i].n_args;
        if (!left) return n_in == n ? NULL : "number of operands";
    }
}

static const char *check_named(const Check *c, const CoreIns *ins)
{
    int64_t i = ins->n_attr ? ins->attr[0] : 0;
    switch (ins->op) {
    case CORE_arg: return i >= 0 && i < c->n_args ? NULL : "there is no such argument";
    case CORE_weight: return check_tensor(c, i, false);
    case CORE_state:
    case CORE_state_set: return check_tensor(c, i, true);
    case CORE_option: return i >= 0 && i < c->p->options.n ? NULL : "there is no such option";
    case CORE_counter: return i >= 0 && i <= 2 ? NULL : "there is no such counter";
    case CORE_report_sum:
    case CORE_report_sum_set: return c->entry && i >= 0 && i < c->entry->sums.n ? NULL : "there is no such sum";
    case CORE_minimize:
        if (!c->entry || i < 0 || i >= c->entry->minimizes.n) return "there is no such statement";
        return check_minimize(c->entry, (uint32_t)i, ins->n_in);
    case CORE_probe: return c->entry && i >= 0 && i < c->entry->probes.n ? NULL : "there is no such assert or print";
    case CORE_external: return ins->name ? NULL : "no name";
    default: return NULL;
    }
}

/* ---- instructions and bodies ------------------------------------------------------------------ */

static const char *check_body(const Check *around, const CoreBody *body, uint32_t n_args);

static bool is_statement(uint16_t op)
{
    return op == CORE_state_set || op == CORE_report_sum_set || op == CORE_minimize || op == CORE_probe;
}

static const char *check_form(const Check *c, const CoreIns *ins, CoreRef ref)
{
    if (ins->op == CORE_none || ins->op >= CORE_COUNT) return "there is no such operation";
    int operands = core_operands(ins->op);
    if (operands >= 0 && ins->n_in != (uint32_t)operands) return "number of operands";
    for (uint32_t i = 0; i < ins->n_in; i++) {
        if (!ins->in[i] || ins->in[i] >= ref) return "an operand does not stand before it";
        uint32_t n = c->body->ins.at[ins->in[i] - 1].n_out;
        if (ins->op == CORE_result ? n < 1 : n != 1) return "an operand has no value, or several";
    }
    if (!core_attributes_end(ins->op, ins->n_attr)) return "number of attributes";
    for (uint32_t i = 0; i < ins->n_attr; i++)
        if (core_attribute(ins->op, i) == 's' && !ins->attr[i]) return "a size is missing";
    if (is_statement(ins->op)) return ins->n_out == 0 ? NULL : "a statement has no result";
    if (!ins->n_out || (ins->n_out > 1 && !ins->types)) return "number of results";
    if (ins->op == CORE_arg && !c->entry && ins->type.elem == ELEM_none) return NULL; /* a raw value of a data field */
    for (uint32_t i = 0; i < ins->n_out; i++) {
        const char *wrong = check_type(ins->n_out > 1 ? &ins->types[i] : &ins->type);
        if (wrong) return wrong;
    }
    return NULL;
}

static const char *check_bodies(const Check *c, const CoreIns *ins)
{
    bool scan = ins->op == CORE_scan, call = ins->op == CORE_call;
    if ((ins->bodies[0] != NULL) != (scan || call) || (ins->bodies[1] != NULL) != call) return "bodies";
    if (scan) {
        if (ins->n_in != ins->attr[2] + ins->attr[3] + ins->attr[4]) return "number of operands";
        return ins->bodies[0]->results.n == ins->n_out ? check_body(c, ins->bodies[0], ins->n_in + 1) : "results of the body";
    }
    if (!call) return NULL;
    if (ins->n_in != ins->attr[0] + ins->attr[1] || ins->bodies[0]->results.n != ins->n_out) return "results of the function";
    const char *wrong = check_body(c, ins->bodies[0], ins->n_in);
    return wrong ? wrong : check_body(c, ins->bodies[1], ins->n_in + 2 * ins->n_out);
}

static const char *check_instruction(const Check *c, CoreRef ref)
{
    const CoreIns *ins = &c->body->ins.at[ref - 1];
    const char *wrong = check_form(c, ins, ref);
    if (!wrong) wrong = check_named(c, ins);
    if (!wrong) wrong = check_bodies(c, ins);
    if (!wrong) wrong = check_types(c, ins);
    return wrong ? arena_print(c->arena, "%s: %%%u (%s): %s", c->where, ref, core_op_name(ins->op), wrong) : NULL;
}

static const char *check_body(const Check *around, const CoreBody *body, uint32_t n_args)
{
    Check c = *around;
    c.body = body;
    c.n_args = n_args;
    for (CoreRef ref = 1; ref <= body->ins.n; ref++) {
        const char *wrong = check_instruction(&c, ref);
        if (wrong) return wrong;
    }
    for (uint32_t i = 0; i < body->results.n; i++) {
        CoreRef ref = body->results.at[i];
        if (!ref || ref > body->ins.n || body->ins.at[ref - 1].n_out != 1)
            return arena_print(c.arena, "%s: result %u is not there", c.where, i);
    }
    return NULL;
}

/* ---- the program ------------------------------------------------------------------------------ */

static uint32_t n_body_args(const CoreEntry *e)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < e->args.n; i++)
        n += e->args.at[i].role != ROLE_DIM;
    return n;
}

static const char *check_statements(const Check *c)
{
    const CoreEntry *e = c->entry;
    for (uint32_t i = 0; i < e->minimizes.n; i++)
        for (uint32_t k = 0; k < e->minimizes.at[i].over.n; k++)
            if (check_tensor(c, e->minimizes.at[i].over.at[k], false))
                return arena_print(c->arena, "%s: minimize %u: over what is no parameter", c->where, i);
    for (uint32_t i = 0; i < e->reports.n; i++) {
        CoreRef ref = e->reports.at[i].value;
        if (!ref || ref > e->report_body->ins.n)
            return arena_print(c->arena, "%s: report %s is not computed", c->where, e->reports.at[i].name);
    }
    return NULL;
}

static const char *check_entry(Check *c, const CoreEntry *e)
{
    c->entry = e;
    c->where = e->name;
    if (e->derived_from >= (int32_t)c->p->entries.n || e->data >= (int32_t)c->p->data.n || !e->report_body)
        return arena_print(c->arena, "%s: what it belongs to is not there", e->name);
    const char *wrong = check_body(c, e->report_body, 0);
    if (!wrong) wrong = check_statements(c);
    if (!wrong && e->n_conditions) wrong = e->cond_body ? check_body(c, e->cond_body, 0) : "no conditions";
    for (uint32_t i = 0; i < 1u << e->n_conditions && !wrong; i++)
        wrong = e->body[i] ? check_body(c, e->body[i], n_body_args(e)) : arena_print(c->arena, "%s: body %u is not there", e->name, i);
    return wrong;
}

const char *core_verify(const CoreProgram *p, Arena *arena)
{
    Check c = {.p = p, .arena = arena};
    const char *wrong = NULL;
    for (uint32_t i = 0; i < p->tensors.n && !wrong; i++) {
        c.where = p->tensors.at[i].name;
        wrong = check_type(&p->tensors.at[i].type);
        if (!wrong && p->tensors.at[i].init.body) wrong = check_body(&c, p->tensors.at[i].init.body, 0);
    }
    for (uint32_t i = 0; i < p->data.n; i++)
        for (uint32_t k = 0; k < p->data.at[i].fields.n && !wrong; k++) {
            const CoreField *f = &p->data.at[i].fields.at[k];
            c.where = f->name;
            if (f->expr) wrong = check_body(&c, f->expr, f->readers.n);
        }
    for (uint32_t i = 0; i < p->entries.n && !wrong; i++)
        wrong = check_entry(&c, p->entries.at[i]);
    return wrong;
}
