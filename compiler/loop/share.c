/* SPDX-License-Identifier: MIT
 * share.c: kernels that differ in constants only become one function.
 *
 *   before:  fn a(ctx, lo, hi, iter) { .. ld table +8 .. imul %9, 64 .. }     call a(ctx, lo, hi,
 * it) fn b(ctx, lo, hi, iter) { .. ld table +24 .. imul %9, 96 .. }    call b(ctx, lo, hi, it)
 *   after:   fn a(ctx, lo, hi, iter, p, q) { .. ld table+p .. imul %9, q .. }
 *            call a(ctx, lo, hi, it, 8, 64)    call a(ctx, lo, hi, it, 24, 96)
 *
 * A slot is a constant that may become a parameter: a scalar integer, the place of a size or of a
 * buffer's address in the tables, the offset of a buffer in its block. Integers of a kernel with
 * register tiles stay constants: its inner loops are a tenth slower with sizes in memory. So do
 * the counts of masks: of a masked vector of several registers those that are full are then loaded
 * without a mask, and a processor foresees what follows. Only
 * slots that differ in a group do, and slots that always hold the same value share one. The
 * arithmetic is that of before, bit for bit. */
#include "loop/loop.h"

#include <string.h>

typedef enum { SLOT_none, SLOT_value, SLOT_offset } SlotKind;

typedef struct Group { /* functions alike, in order; the first one stays */
    uint64_t hash;
    VEC(const LoopFn *) member;
    uint32_t next;    /* of the same hash bucket, +1 */
    uint32_t n_extra; /* parameters added */
    uint32_t *column; /* by instruction: parameter added + 1, or 0 */
    VEC(LV) first;    /* by parameter added: the first slot of it */
} Group;

typedef struct Share {
    LoopModule *m;
    Arena *arena;
    VEC(Group) group;
    VEC(uint32_t) of;         /* by function: its group + 1, 0: not a kernel */
    uint32_t *names, n_names; /* hash table of functions by name: number + 1 */
} Share;

static LV arg_of(const LoopFn *f, LV v, uint32_t a)
{
    const LIns *i = &f->ins.at[v];
    return a < i->n_arg ? f->arg.at[i->arg + a] : 0;
}

/* A pointer read from memory: the table, the bases, or an address among the bases. */
static bool is_loaded_pointer(const LoopFn *f, LV v)
{
    return v && f->ins.at[v].op == L_ld && f->ins.at[v].type == LT_ptr;
}

static SlotKind slot_of(const LoopFn *f, LV v)
{
    const LIns *i = &f->ins.at[v];
    LV p = arg_of(f, v, 0);
    if (i->op == L_iconst && i->lanes == 1 && i->type != LT_mask && !f->tiled) return SLOT_value;
    if (i->op == L_ld && i->lanes == 1 && is_loaded_pointer(f, p)) return SLOT_offset;
    if (i->op != L_ptradd) return SLOT_none;
    if (f->ins.at[p].op == L_ptradd && i->imm) p = arg_of(f, p, 0);
    return is_loaded_pointer(f, p) ? SLOT_offset : SLOT_none;
}

/* ---- groups ---- */

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 29;
}

static uint64_t mix_text(uint64_t h, const char *s)
{
    while (*s)
        h = mix(h, (unsigned char)*s++);
    return h;
}

static uint64_t hash_of(const LoopFn *f)
{
    uint64_t h = mix(f->n_params | (uint64_t)f->level << 8, f->ins.n);
    for (LV v = 1; v < f->ins.n; v++) {
        const LIns *i = &f->ins.at[v];
        h = mix(h, (uint64_t)i->op << 24 | (uint64_t)i->type << 16 | (uint64_t)i->lanes << 8 | i->mem);
        for (uint32_t a = 0; a < i->n_arg; a++)
            h = mix(h, f->arg.at[i->arg + a]);
        if (slot_of(f, v) == SLOT_none) h = mix(h, (uint64_t)i->imm);
        if (i->name) h = mix_text(h, i->name);
    }
    return h;
}

static bool same_double(double x, double y)
{
    return memcmp(&x, &y, sizeof x) == 0;
}

static bool is_alike(const LoopFn *f, const LoopFn *g)
{
    if (f->ins.n != g->ins.n || f->n_params != g->n_params || f->result != g->result || f->level != g->level ||
        memcmp(f->params, g->params, f->n_params) != 0)
        return false;
    for (LV v = 1; v < f->ins.n; v++) {
        const LIns *i = &f->ins.at[v], *j = &g->ins.at[v];
        if (i->op != j->op || i->type != j->type || i->lanes != j->lanes || i->mem != j->mem || i->n_arg != j->n_arg ||
            !same_double(i->fimm, j->fimm) || !i->name != !j->name)
            return false;
        if (i->name && strcmp(i->name, j->name) != 0) return false;
        for (uint32_t a = 0; a < i->n_arg; a++)
            if (f->arg.at[i->arg + a] != g->arg.at[j->arg + a]) return false;
        if (i->imm != j->imm && (!slot_of(f, v) || slot_of(f, v) != slot_of(g, v))) return false;
    }
    return true;
}

/* ---- functions by name ---- */

static uint32_t name_place(const Share *s, const char *name)
{
    uint32_t at = (uint32_t)mix_text(1, name) & (s->n_names - 1);
    while (s->names[at] && strcmp(s->m->fn.at[s->names[at] - 1]->name, name) != 0)
        at = (at + 1) & (s->n_names - 1);
    return at;
}

static void index_names(Share *s)
{
    s->n_names = 64;
    while (s->n_names < 2 * s->m->fn.n)
        s->n_names *= 2;
    s->names = ARENA_ARRAY(s->arena, uint32_t, s->n_names);
    for (uint32_t i = 0; i < s->m->fn.n; i++)
        s->names[name_place(s, s->m->fn.at[i]->name)] = i + 1;
}

/* Number + 1 of the function that an instruction calls, 0: none of this module. */
static uint32_t callee(const Share *s, const LIns *i)
{
    return i->op == L_call ? s->names[name_place(s, i->name)] : 0;
}

static void add_to_group(Share *s, uint32_t fn, uint32_t *bucket, uint32_t n_buckets)
{
    const LoopFn *f = s->m->fn.at[fn];
    uint64_t hash = hash_of(f);
    uint32_t *at = &bucket[hash & (n_buckets - 1)];
    for (uint32_t g = *at; g; g = s->group.at[g - 1].next) {
        Group *group = &s->group.at[g - 1];
        if (group->hash != hash || !is_alike(group->member.at[0], f)) continue;
        vec_add(s->arena, &group->member, f);
        s->of.at[fn] = g;
        return;
    }
    Group group = {.hash = hash, .next = *at};
    vec_add(s->arena, &group.member, f);
    vec_add(s->arena, &s->group, group);
    s->of.at[fn] = *at = s->group.n;
}

/* Kernels are the functions that others call. */
static void find_groups(Share *s)
{
    uint32_t n = s->m->fn.n, n_buckets = s->n_names;
    bool *called = ARENA_ARRAY(s->arena, bool, n + 1);
    uint32_t *bucket = ARENA_ARRAY(s->arena, uint32_t, n_buckets);
    for (uint32_t i = 0; i < n; i++)
        for (LV v = 1; v < s->m->fn.at[i]->ins.n; v++) {
            uint32_t fn = callee(s, &s->m->fn.at[i]->ins.at[v]);
            if (fn && s->m->fn.at[fn - 1]->level != s->m->fn.at[i]->level)
                BUG("%s calls %s, which is for another machine", s->m->fn.at[i]->name, s->m->fn.at[fn - 1]->name);
            called[fn] = true;
        }
    for (uint32_t i = 0; i < n; i++)
        vec_add(s->arena, &s->of, 0);
    for (uint32_t i = 0; i < n; i++)
        if (called[i + 1] && !s->m->fn.at[i]->exported) add_to_group(s, i, bucket, n_buckets);
}

/* ---- parameters ---- */

static bool differs(const Group *g, LV v)
{
    for (uint32_t k = 1; k < g->member.n; k++)
        if (g->member.at[k]->ins.at[v].imm != g->member.at[0]->ins.at[v].imm) return true;
    return false;
}

static bool always_equal(const Group *g, LV v, LV w)
{
    for (uint32_t k = 0; k < g->member.n; k++)
        if (g->member.at[k]->ins.at[v].imm != g->member.at[k]->ins.at[w].imm) return false;
    return true;
}

static LoopType slot_type(const LoopFn *f, LV v)
{
    return slot_of(f, v) == SLOT_value ? (LoopType)f->ins.at[v].type : LT_i64;
}

/* False: too many. */
static bool find_parameters(Share *s, Group *g)
{
    const LoopFn *f = g->member.at[0];
    g->column = ARENA_ARRAY(s->arena, uint32_t, f->ins.n);
    for (LV v = 1; v < f->ins.n; v++) {
        if (!differs(g, v)) continue;
        uint32_t c = 0;
        while (c < g->first.n && !(slot_type(f, g->first.at[c]) == slot_type(f, v) && always_equal(g, g->first.at[c], v)))
            c++;
        if (c == g->first.n) vec_add(s->arena, &g->first, v);
        g->column[v] = c + 1;
    }
    g->n_extra = g->first.n;
    return f->n_params + g->n_extra <= LOOP_MAX_PARAMS;
}

/* ---- new functions ---- */

typedef struct Copy { /* of a function, instruction by instruction */
    Share *s;
    const LoopFn *from;
    LoopFn *to;
    LV *map; /* by old value */
} Copy;

static Copy copy_begin(Share *s, const LoopFn *from)
{
    Copy c = {.s = s, .from = from, .to = ARENA_NEW(s->arena, LoopFn)};
    *c.to = *from;
    c.to->ins.at = NULL;
    c.to->ins.n = c.to->ins.cap = 0;
    c.to->arg.at = NULL;
    c.to->arg.n = c.to->arg.cap = 0;
    vec_add(s->arena, &c.to->ins, (LIns){0});
    c.map = ARENA_ARRAY(s->arena, LV, from->ins.n);
    return c;
}

static LV put(Copy *c, LIns ins, const LV *arg, uint32_t n)
{
    ins.arg = c->to->arg.n;
    ins.n_arg = n;
    for (uint32_t a = 0; a < n; a++)
        vec_add(c->s->arena, &c->to->arg, arg[a]);
    vec_add(c->s->arena, &c->to->ins, ins);
    return c->to->ins.n - 1;
}

/* The instruction as it is; arguments are new values, `extra` ones follow them. */
static void copy_ins(Copy *c, LV v, const LV *extra, uint32_t n_extra)
{
    const LIns *i = &c->from->ins.at[v];
    LV *arg = ARENA_ARRAY(c->s->arena, LV, i->n_arg + n_extra + 1);
    for (uint32_t a = 0; a < i->n_arg; a++)
        arg[a] = c->map[arg_of(c->from, v, a)];
    for (uint32_t a = 0; a < n_extra; a++)
        arg[i->n_arg + a] = extra[a];
    c->map[v] = put(c, *i, arg, i->n_arg + n_extra);
}

/* The first of a group with its new parameters. */
static LoopFn *general(Share *s, const Group *g)
{
    Copy c = copy_begin(s, g->member.at[0]);
    LV *param = ARENA_ARRAY(s->arena, LV, g->n_extra + 1);
    for (uint32_t k = 0; k < g->n_extra; k++) {
        uint8_t type = (uint8_t)slot_type(c.from, g->first.at[k]);
        LIns ins = {.op = L_arg, .type = type, .lanes = 1, .imm = c.to->n_params};
        c.to->params[c.to->n_params++] = type;
        param[k] = put(&c, ins, NULL, 0);
    }
    for (LV v = 1; v < c.from->ins.n; v++) {
        if (!g->column[v]) {
            copy_ins(&c, v, NULL, 0);
            continue;
        }
        LV p = param[g->column[v] - 1];
        if (slot_of(c.from, v) == SLOT_value) {
            c.map[v] = p;
            continue;
        }
        LV old = arg_of(c.from, v, 0), moved[2] = {c.map[old], p};
        LIns add = {.op = L_ptradd, .type = LT_ptr, .lanes = 1};
        LV before = c.map[old];
        c.map[old] = put(&c, add, moved, 2);
        copy_ins(&c, v, NULL, 0);
        c.to->ins.at[c.map[v]].imm = 0;
        c.map[old] = before;
    }
    return c.to;
}

/* Which member of its group a function is. */
static const LoopFn *constants(Copy *c, const Group *g, const LoopFn *member, LV *extra)
{
    for (uint32_t k = 0; k < g->n_extra; k++) {
        LIns ins = {.op = L_iconst, .lanes = 1, .imm = member->ins.at[g->first.at[k]].imm};
        ins.type = (uint8_t)slot_type(member, g->first.at[k]);
        extra[k] = put(c, ins, NULL, 0);
    }
    return g->member.at[0];
}

/* A caller calls the functions that stay. */
static LoopFn *redirect(Share *s, const LoopFn *f)
{
    Copy c = copy_begin(s, f);
    LV extra[LOOP_MAX_PARAMS];
    for (LV v = 1; v < f->ins.n; v++) {
        uint32_t fn = callee(s, &f->ins.at[v]), group = fn ? s->of.at[fn - 1] : 0;
        if (!group || s->group.at[group - 1].member.n < 2) {
            copy_ins(&c, v, NULL, 0);
            continue;
        }
        const Group *g = &s->group.at[group - 1];
        const LoopFn *stays = constants(&c, g, s->m->fn.at[fn - 1], extra);
        copy_ins(&c, v, extra, g->n_extra);
        c.to->ins.at[c.map[v]].name = stays->name;
    }
    return c.to;
}

static bool calls_shared(const Share *s, const LoopFn *f)
{
    for (LV v = 1; v < f->ins.n; v++) {
        uint32_t fn = callee(s, &f->ins.at[v]), group = fn ? s->of.at[fn - 1] : 0;
        if (group && s->group.at[group - 1].member.n > 1) return true;
    }
    return false;
}

void loop_share(LoopModule *m)
{
    Share s = {.m = m, .arena = m->arena};
    index_names(&s);
    find_groups(&s);
    for (uint32_t g = 0; g < s.group.n; g++)
        if (s.group.at[g].member.n > 1 && !find_parameters(&s, &s.group.at[g])) s.group.at[g].member.n = 1; /* all stay as they are */
    LoopFn **result = ARENA_ARRAY(m->arena, LoopFn *, m->fn.n + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->fn.n; i++) {
        LoopFn *f = m->fn.at[i];
        const Group *g = s.of.at[i] ? &s.group.at[s.of.at[i] - 1] : NULL;
        if (g && g->member.n > 1) {
            if (g->member.at[0] == f) result[n++] = general(&s, g);
        } else {
            result[n++] = calls_shared(&s, f) ? redirect(&s, f) : f;
        }
    }
    m->fn.n = n;
    memcpy(m->fn.at, result, n * sizeof *result);
}
