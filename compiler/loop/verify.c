/* SPDX-License-Identifier: MIT
 * verify.c: is a loop module well formed? The constructors check types, so this checks structure:
 * nesting is balanced, definitions dominate their uses (are in an open or enclosing body), a loop
 * ends with its yield, carried and result belong to a loop in reach, no fused multiply-add where
 * the target must not have one. */
#include "loop/loop.h"

typedef struct Check {
    const LoopFn *f;
    Arena *arena;
    bool *visible;      /* values that may be used here */
    VEC(LV) open;       /* loops and ifs */
    VEC(LV) scope;      /* values defined, oldest first */
    VEC(uint32_t) mark; /* length of scope at each open */
    const char *error;
} Check;

static void fail(Check *c, LV v, const char *what)
{
    if (!c->error) c->error = arena_print(c->arena, "%s: %%%u = %s: %s", c->f->name, v, loop_op_name((LoopOp)c->f->ins.at[v].op), what);
}

static void enter(Check *c, LV v)
{
    vec_add(c->arena, &c->open, v);
    vec_add(c->arena, &c->mark, c->scope.n);
}

/* Values of the body that ends are no longer visible. */
static void leave(Check *c)
{
    uint32_t mark = c->mark.at[--c->mark.n];
    while (c->scope.n > mark)
        c->visible[c->scope.at[--c->scope.n]] = false;
    c->open.n--;
}

static void check_end(Check *c, LV v, LV of)
{
    if (c->open.n == 0 || c->open.at[c->open.n - 1] != of)
        fail(c, v, "ends something else");
    else
        leave(c);
}

static bool is_open(const Check *c, LV loop)
{
    for (uint32_t i = 0; i < c->open.n; i++)
        if (c->open.at[i] == loop) return true;
    return false;
}

static void check_structure(Check *c, LV v, const LoopTarget *target)
{
    const LIns *i = &c->f->ins.at[v];
    LV first = i->n_arg ? c->f->arg.at[i->arg] : 0;
    switch (i->op) {
    case L_carried:
        if (!is_open(c, first)) fail(c, v, "not inside its loop");
        break;
    case L_result:
        if (is_open(c, first)) fail(c, v, "inside its loop");
        break;
    case L_yield:
        if (c->open.n == 0 || c->f->ins.at[c->open.at[c->open.n - 1]].op != L_loop || v + 1 >= c->f->ins.n ||
            c->f->ins.at[v + 1].op != L_end)
            fail(c, v, "a yield stands at the end of a loop");
        break;
    case L_end:
        if (c->f->ins.at[first].op == L_loop && c->f->ins.at[v - 1].op != L_yield) fail(c, v, "a loop ends with its yield");
        break;
    case L_fma:
        if (target->strict || !target->fma) fail(c, v, "fma is not allowed here");
        break;
    default: break;
    }
}

static const char *check_fn(const LoopFn *f, const LoopTarget *target, Arena *arena)
{
    Check c = {.f = f, .arena = arena, .visible = ARENA_ARRAY(arena, bool, f->ins.n)};
    for (LV v = 1; v < f->ins.n && !c.error; v++) {
        const LIns *i = &f->ins.at[v];
        bool marker = i->op == L_end || i->op == L_else || i->op == L_carried || i->op == L_result;
        for (uint32_t a = 0; a < i->n_arg && !marker; a++) {
            LV x = f->arg.at[i->arg + a];
            if (x && (x >= v || !c.visible[x])) fail(&c, v, "uses a value that is not defined here");
        }
        check_structure(&c, v, target);
        LV first = i->n_arg ? f->arg.at[i->arg] : 0;
        if (i->op == L_end || i->op == L_else) check_end(&c, v, first);
        if (i->op == L_loop || i->op == L_if)
            enter(&c, v);
        else if (i->op == L_else)
            enter(&c, first);
        if (i->type != LT_void) {
            c.visible[v] = true;
            vec_add(arena, &c.scope, v);
        }
    }
    if (!c.error && c.open.n) return arena_print(arena, "%s: a body is not ended", f->name);
    if (!c.error && f->ins.at[f->ins.n - 1].op != L_ret) return arena_print(arena, "%s: does not end with its return", f->name);
    return c.error;
}

const char *loop_verify(const LoopModule *m, Arena *arena)
{
    for (uint32_t i = 0; i < m->fn.n; i++) {
        const char *error = check_fn(m->fn.at[i], loop_target(m, m->fn.at[i]), arena);
        if (error) return error;
    }
    return NULL;
}
