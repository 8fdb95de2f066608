/* SPDX-License-Identifier: MIT
 * wrapper.c: the C functions of the core layer (embedding.md#the-header): they gather sizes and pointers and call the core. */
#include "emit/emit.h"
#include "nnrt_abi.h"

#include <stddef.h>

typedef struct Wrapper {
    LB b;
    const EmitProgram *e;
    const EmitEntry *entry;
    VEC(uint8_t) type; /* parameters of the C function */
} Wrapper;

static const char *core_symbol(const EmitProgram *e, const char *what)
{
    return arena_print(e->arena, "%s_core_%s", e->prefix, what);
}

static const char *entry_symbol(const EmitProgram *e, const EmitEntry *entry, const char *what)
{
    return arena_print(e->arena, "%s_core_%s%s", e->prefix, entry->c_name, what);
}

static LV global(LB *b, const char *name)
{
    LIns ins = {.op = L_global, .type = LT_ptr, .lanes = 1, .name = name};
    vec_add(b->m->arena, &b->f->ins, ins);
    return b->f->ins.n - 1;
}

static LV program(LB *b, const EmitProgram *e)
{
    return global(b, arena_print(e->arena, "%s_program", e->prefix));
}

static LV entry_data(LB *b, const EmitProgram *e, const EmitEntry *entry)
{
    return global(b, arena_print(e->arena, "%s__entry_%s", e->prefix, entry->c_name));
}

static LB begin(LoopModule *m, const char *name, const uint8_t *types, int n, LoopType result)
{
    LoopFn *f = loop_fn_new(m, name, types, n, result);
    f->exported = true;
    return (LB){m, f};
}

/* int name(p0, p1 ...) { return callee(program, [entry,] p0, p1 ...); } */
static void forward(LoopModule *m, const EmitProgram *e, const EmitEntry *entry, const char *name, const char *callee, const uint8_t *types,
                    int n)
{
    LB b = begin(m, name, types, n, LT_i32);
    LV args[8];
    int k = 0;
    args[k++] = program(&b, e);
    if (entry) args[k++] = entry_data(&b, e, entry);
    for (int i = 0; i < n; i++)
        args[k++] = l_arg(&b, i);
    l_ret(&b, l_call(&b, callee, LT_i32, args, k));
}

/* size_t */
static LoopType size_type(const LoopModule *m)
{
    return m->target.pointer_bytes == 8 ? LT_i64 : LT_i32;
}

static void constant(LoopModule *m, const char *name, int64_t value)
{
    LB b = begin(m, name, NULL, 0, size_type(m));
    l_ret(&b, l_int(&b, size_type(m), 1, value));
}

/* void P_core_defaults(options *) */
static void defaults(LoopModule *m, const EmitProgram *e)
{
    uint8_t types[] = {LT_ptr};
    LB b = begin(m, core_symbol(e, "defaults"), types, 1, LT_void);
    LV from = global(&b, arena_print(e->arena, "%s__options", e->prefix)), to = l_arg(&b, 0);
    for (uint32_t i = 0; i < e->core->options.n; i++) {
        uint8_t elem = e->core->options.at[i].elem;
        uint8_t mem = elem == ELEM_none ? DT_COUNT : elem == ELEM_bool ? DT_bool : elem == ELEM_float ? e->layout.float_dtype : DT_i32;
        int64_t at = e->option_offset[i];
        l_store(&b, to, at, mem, l_load(&b, from, at, mem, 1, 0), 0);
    }
    l_ret(&b, 0);
}

/* size_t P_core_X_work(sizes..., int threads) */
static void work(LoopModule *m, const EmitProgram *e, const EmitEntry *entry)
{
    uint8_t types[NNRT_MAX_SIZES + 1];
    int n = (int)entry->sizes.n;
    for (int i = 0; i < n; i++)
        types[i] = LT_i64;
    types[n] = LT_i32;
    LB b = begin(m, entry_symbol(e, entry, "_work"), types, n + 1, size_type(m));
    LV sizes = l_alloca(&b, 8 * (n + 1));
    for (int i = 0; i < n; i++)
        l_store(&b, sizes, 8 * i, DT_i64, l_arg(&b, i), 0);
    LV args[] = {entry_data(&b, e, entry), sizes, l_arg(&b, n)};
    l_ret(&b, l_call(&b, "nnrt_core_work", size_type(m), args, 3));
}

static LoopType by_value(uint8_t dtype)
{
    switch (dtype) {
    case DT_f32: return LT_f32;
    case DT_f64: return LT_f64;
    case DT_i64: return LT_i64;
    default: return LT_i32;
    }
}

typedef struct Call {
    LB b;
    bool has_area;
    int first_size, first_arg; /* of the C function's arguments */
    LV sizes, args, values;
    int n_sizes, n_args;
} Call;

/* The C function: model, area, host, sizes, arguments, results. */
static void call_begin(Call *c, LoopModule *m, const EmitProgram *e, const EmitEntry *entry)
{
    const CoreEntry *core = entry->lowered->core;
    uint8_t types[8 + NNRT_MAX_SIZES + NNRT_MAX_ARGS];
    int n = 0;
    types[n++] = LT_ptr;
    if (c->has_area) types[n++] = LT_ptr;
    types[n++] = LT_ptr;
    c->first_size = n;
    for (uint32_t i = 0; i < core->binders.n; i++)
        types[n++] = LT_i64;
    c->first_arg = n;
    for (uint32_t i = 0; i < core->args.n; i++) {
        const CoreArg *a = &core->args.at[i];
        types[n++] = a->role == ROLE_DIM      ? LT_i64
                     : a->role == ROLE_SCALAR ? (uint8_t)by_value(lower_dtype(a->type.elem, e->lowered->float_dtype))
                                              : LT_ptr;
    }
    for (uint32_t i = 0; i < core->outs.n; i++)
        types[n++] = LT_ptr;
    c->b = begin(m, entry_symbol(e, entry, c->has_area ? "_step" : ""), types, n, LT_i32);
}

static void store_pointer(Call *c, LV pointer)
{
    l_store(&c->b, c->args, c->b.m->target.pointer_bytes * c->n_args++, DT_COUNT, pointer, 0);
}

/* A number goes to memory; its place. */
static LV stored_number(Call *c, const EmitProgram *e, uint8_t elem, int64_t i, LV given)
{
    uint8_t mem = lower_dtype(elem, e->lowered->float_dtype);
    if (mem == DT_f16 || mem == DT_bf16) mem = DT_i32; /* their bits come in an integer, the low ones first in memory */
    if (mem == DT_bool) { /* a C bool: other bits of the register than its own mean nothing */
        given = l_bin(&c->b, L_and, given, l_int(&c->b, LT_i32, 1, 255));
        given = l_cmp(&c->b, LP_ne, given, l_int(&c->b, LT_i32, 1, 0));
    }
    l_store(&c->b, c->values, 8 * i, mem, given, 0);
    return l_ptradd(&c->b, c->values, l_i64(&c->b, 8 * i), 0);
}

static void call_arguments(Call *c, const EmitProgram *e, const CoreEntry *core)
{
    for (uint32_t i = 0; i < core->binders.n; i++)
        l_store(&c->b, c->sizes, 8 * c->n_sizes++, DT_i64, l_arg(&c->b, c->first_size + (int)i), 0);
    for (uint32_t i = 0; i < core->args.n; i++) {
        const CoreArg *a = &core->args.at[i];
        LV given = l_arg(&c->b, c->first_arg + (int)i);
        if (a->role == ROLE_DIM)
            l_store(&c->b, c->sizes, 8 * c->n_sizes++, DT_i64, given, 0);
        else
            store_pointer(c, a->role == ROLE_SCALAR ? stored_number(c, e, a->type.elem, i, given) : given);
    }
    for (uint32_t i = 0; i < core->outs.n; i++)
        store_pointer(c, l_arg(&c->b, c->first_arg + (int)(core->args.n + i)));
}

/* The call itself: int P_core_X(model, [area,] call, binders..., parameters in order..., results...). */
static void call(LoopModule *m, const EmitProgram *e, const EmitEntry *entry)
{
    const CoreEntry *core = entry->lowered->core;
    Call c = {.has_area = core->kind != ENTRY_EXPORT};
    call_begin(&c, m, e, entry);
    LB *b = &c.b;
    c.sizes = l_alloca(b, 8 * (int64_t)(entry->sizes.n + 1));
    c.args = l_alloca(b, 8 * (int64_t)(emit_n_pointers(entry) + 1));
    c.values = l_alloca(b, 8 * (int64_t)(core->args.n + 1));
    call_arguments(&c, e, core);
    LV area = c.has_area ? l_arg(b, 1) : l_int(b, LT_i64, 1, 0);
    if (!c.has_area) {
        LIns null = {.op = L_global, .type = LT_ptr, .lanes = 1, .name = NULL};
        vec_add(m->arena, &b->f->ins, null);
        area = b->f->ins.n - 1;
    }
    LV in[] = {program(b, e), entry_data(b, e, entry), l_arg(b, 0), area, l_arg(b, c.first_size - 1), c.sizes, c.args};
    l_ret(b, l_call(b, "nnrt_core_call", LT_i32, in, 7));
}

/* int P_core_X_report(area, report *): doubles, then the number of examples. */
static void report(LoopModule *m, const EmitProgram *e, const EmitEntry *entry, int64_t n_values)
{
    bool train = entry->lowered->core->kind == ENTRY_TRAIN;
    uint8_t types[] = {LT_ptr, LT_ptr};
    LB b = begin(m, entry_symbol(e, entry, "_report"), types, 2, LT_i32);
    LV out = l_arg(&b, 1), examples = l_ptradd(&b, out, l_i64(&b, 8 * n_values), 0);
    LV args[] = {program(&b, e), entry_data(&b, e, entry), l_arg(&b, 0), out, examples, l_int(&b, LT_i32, 1, train)};
    l_ret(&b, l_call(&b, "nnrt_core_report", LT_i32, args, 6));
}

int64_t emit_report_values(const EmitProgram *e, const EmitEntry *entry)
{
    int64_t n = 0, count = 0;
    const Graph *g = entry->lowered->report;
    for (uint32_t i = 0; i < g->result.n; i++) {
        dim_is_const(e->core->dims, type_count(e->core->dims, graph_type(g, g->result.at[i].ref)), &count);
        n += count;
    }
    return n;
}

/* void P_core_X_plan(train, epoch, steps) */
static void plan(LoopModule *m, const EmitProgram *e, const EmitEntry *entry)
{
    uint8_t types[] = {LT_ptr, LT_i64, LT_i64};
    LB b = begin(m, entry_symbol(e, entry, "_plan"), types, 3, LT_void);
    l_store(&b, l_arg(&b, 0), (int64_t)offsetof(nnrt_train, epoch), DT_i64, l_arg(&b, 1), 0);
    l_store(&b, l_arg(&b, 0), (int64_t)offsetof(nnrt_train, steps), DT_i64, l_arg(&b, 2), 0);
    l_ret(&b, 0);
}

/* void P_core_X_eval_plan(sum, step, epoch, steps) */
static void run_plan(LoopModule *m, const EmitProgram *e, const EmitEntry *entry)
{
    uint8_t types[] = {LT_ptr, LT_i64, LT_i64, LT_i64};
    LB b = begin(m, entry_symbol(e, entry, "_plan"), types, 4, LT_void);
    for (int i = 1; i < 4; i++)
        l_store(&b, l_arg(&b, 0), entry->batch_offset + 8 * i, DT_i64, l_arg(&b, i), 0);
    l_ret(&b, 0);
}

static void wrap_entry(LoopModule *m, const EmitProgram *e, const EmitEntry *entry)
{
    const CoreEntry *core = entry->lowered->core;
    uint8_t area_seed[] = {LT_ptr, LT_i64}, area[] = {LT_ptr};
    work(m, e, entry);
    call(m, e, entry);
    if (core->kind == ENTRY_EXPORT) return;
    report(m, e, entry, emit_report_values(e, entry));
    if (core->kind == ENTRY_EVAL) {
        forward(m, e, entry, entry_symbol(e, entry, "_clear"), "nnrt_core_sum_clear", area, 1);
        if (core->derived_from >= 0) run_plan(m, e, entry);
        return;
    }
    constant(m, entry_symbol(e, entry, "_train_bytes"), entry->train_bytes);
    forward(m, e, entry, entry_symbol(e, entry, "_init"), "nnrt_core_train_init", area_seed, 2);
    plan(m, e, entry);
}

void emit_wrappers(LoopModule *m, const EmitProgram *e)
{
    uint8_t model_seed[] = {LT_ptr, LT_i64}, model[] = {LT_ptr}, level[] = {LT_i32};
    constant(m, core_symbol(e, "model_bytes"), e->layout.model_bytes);
    defaults(m, e);
    forward(m, e, NULL, core_symbol(e, "init"), "nnrt_core_init", model_seed, 2);
    forward(m, e, NULL, core_symbol(e, "check"), "nnrt_core_check", model, 1);
    if (e->targets->n > 1) forward(m, e, NULL, core_symbol(e, "cpu_level"), "nnrt_core_level", level, 1);
    for (uint32_t i = 0; i < e->entry.n; i++)
        if (e->entry.at[i].lowered->core) wrap_entry(m, e, &e->entry.at[i]);
}
