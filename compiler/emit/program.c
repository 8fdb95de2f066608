/* SPDX-License-Identifier: MIT
 * program.c: the constant tables of a program: nnrt_desc for everybody, nnrt_program and nnrt_entry for the runtime (nnrt_abi.h).
 * Fields stand in the order of the C structs. */
#include <string.h>

#include "emit/emit.h"
#include "nnrt_abi.h"

_Static_assert((int)CORE_MAX_ARGS == (int)NNRT_MAX_ARGS && (int)CORE_MAX_SIZES == (int)NNRT_MAX_SIZES, "limits of an entry");
_Static_assert((int)LOOP_MAX_LEVELS == (int)NNRT_LEVELS, "levels of a program");

enum { MOST_FIELDS = 48 };
typedef struct Fields { /* of a struct or array being built */
    CgConst at[MOST_FIELDS];
    uint32_t n;
} Fields;

typedef struct Out {
    Cg *cg;
    const EmitProgram *e;
    uint32_t n_globals;
} Out;

static void add(Fields *f, CgConst c)
{
    if (f->n == MOST_FIELDS) BUG("too many fields");
    f->at[f->n++] = c;
}
static void add_i32(Out *o, Fields *f, int64_t v)
{
    add(f, cg_int(o->cg, 32, v));
}
static void add_i64(Out *o, Fields *f, int64_t v)
{
    add(f, cg_int(o->cg, 64, v));
}
static void add_size(Out *o, Fields *f, int64_t v)
{
    add(f, cg_int(o->cg, 8 * o->e->targets->at[0].loop.pointer_bytes, v));
}
static CgConst structure(Out *o, const Fields *f)
{
    return cg_struct(o->cg, f->at, f->n);
}

static CgConst place(Out *o, CgConst value)
{
    return cg_global(o->cg, arena_print(o->e->arena, "%s__data%u", o->e->prefix, o->n_globals++), value, 16, false);
}

/* Pointer to an array of n constants, or a null pointer. */
static CgConst pointer_to(Out *o, const CgConst *item, uint32_t n)
{
    return n ? place(o, cg_array(o->cg, item, n)) : cg_null(o->cg);
}

static CgConst int64_array(Out *o, const int64_t *v, uint32_t n)
{
    CgConst *item = ARENA_ARRAY(o->e->arena, CgConst, n + 1);
    for (uint32_t i = 0; i < n; i++)
        item[i] = cg_int(o->cg, 64, v[i]);
    return pointer_to(o, item, n);
}

static CgConst double_array(Out *o, const double *v, int64_t n)
{
    return n ? place(o, cg_bytes(o->cg, v, sizeof(double) * (size_t)n)) : cg_null(o->cg);
}

/* Pointers to the function `before<suffix>behind` of each level; of none without `before`. */
static CgConst functions(Out *o, const char *before, const char *behind)
{
    const CgTargets *targets = o->e->targets;
    CgConst item[NNRT_LEVELS];
    for (uint32_t i = 0; i < NNRT_LEVELS; i++) {
        const char *suffix = targets->at[i].loop.suffix;
        bool is_there = before && i < targets->n;
        item[i] = is_there ? cg_symbol(o->cg, arena_print(o->e->arena, "%s%s%s", before, suffix ? suffix : "", behind)) : cg_null(o->cg);
    }
    return cg_array(o->cg, item, NNRT_LEVELS);
}

/* ---- nnrt_desc ----------------------------------------------------------------------------------- */

static int32_t public_dtype(const EmitProgram *e, uint8_t elem)
{
    switch (lower_dtype(elem, e->lowered->float_dtype)) {
    case DT_f32: return 0;
    case DT_f64: return 1;
    case DT_i64: return 3;
    case DT_bool:
    case DT_u8: return 4;
    case DT_i8: return 5;
    case DT_f16: return 6;
    case DT_bf16: return 7;
    default: return 2;
    }
}

static CgConst tensor_desc(Out *o, const LayoutTensor *t)
{
    Fields f = {0};
    uint8_t dtype = t->type.dtype;
    add(&f, cg_string(o->cg, t->name));
    add_i32(o, &f, t->is_state);
    add_i32(o, &f, dtype == DT_f32 ? 0 : dtype == DT_f64 ? 1 : dtype == DT_i32 ? 2 : dtype == DT_i64 ? 3 : 4);
    add_i32(o, &f, t->type.rank);
    add(&f, int64_array(o, t->extent, t->type.rank));
    add(&f, int64_array(o, t->stride, t->type.rank));
    add_i64(o, &f, t->offset);
    return structure(o, &f);
}

static CgConst arg_desc(Out *o, const char *name, int32_t kind, int32_t dtype, const Dim *dim, int rank)
{
    Fields f = {0};
    CgConst text[MAX_RANK];
    for (int i = 0; i < rank; i++)
        text[i] = cg_string(o->cg, emit_dim_text(o->e, dim[i]));
    add(&f, cg_string(o->cg, name));
    add_i32(o, &f, kind);
    add_i32(o, &f, dtype);
    add_i32(o, &f, rank);
    add(&f, pointer_to(o, text, (uint32_t)rank));
    return structure(o, &f);
}

static CgConst entry_desc(Out *o, const EmitEntry *entry)
{
    const CoreEntry *core = entry->lowered->core;
    Arena *arena = o->e->arena;
    Fields f = {0};
    uint32_t n_binders = core->binders.n, n = 0;
    CgConst *binder = ARENA_ARRAY(arena, CgConst, n_binders + 1);
    CgConst *arg = ARENA_ARRAY(arena, CgConst, core->args.n + core->outs.n + core->reports.n + 1);
    for (uint32_t i = 0; i < n_binders; i++)
        binder[i] = cg_string(o->cg, core->binder_names.at[i]);
    for (uint32_t i = 0; i < core->args.n; i++) {
        const CoreArg *a = &core->args.at[i];
        int32_t kind = a->role == ROLE_DIM ? 2 : a->role == ROLE_SCALAR ? 1 : 0;
        int32_t dtype = a->role == ROLE_DIM ? 3 : public_dtype(o->e, a->type.elem);
        arg[n++] = arg_desc(o, a->name, kind, dtype, a->type.dim, a->role == ROLE_DIM ? 0 : a->type.rank);
    }
    for (uint32_t i = 0; i < core->outs.n; i++) {
        const CoreType *type = &core->outs.at[i].type;
        const char *name = core->outs.n == 1 ? "out" : arena_print(arena, "out%u", i);
        arg[n++] = arg_desc(o, name, 3, public_dtype(o->e, type->elem), type->dim, type->rank);
    }
    for (uint32_t i = 0; i < core->reports.n; i++) {
        const Graph *g = entry->lowered->report;
        const Type *type = graph_type(g, g->result.at[i].ref);
        arg[n++] = arg_desc(o, core->reports.at[i].name, 4, 1, type->dim, type->rank);
    }
    add(&f, cg_string(o->cg, entry->name));
    add_i32(o, &f, (int32_t)core->kind);
    add_i32(o, &f, n_binders);
    add_i32(o, &f, n);
    add(&f, pointer_to(o, binder, n_binders));
    add(&f, pointer_to(o, arg, n));
    return structure(o, &f);
}

static CgConst desc(Out *o)
{
    const EmitProgram *e = o->e;
    Fields f = {0};
    uint32_t n_entries = 0, n_options = e->core->options.n, n_tensors = e->layout.tensor.n;
    CgConst *tensor = ARENA_ARRAY(e->arena, CgConst, n_tensors + 1);
    CgConst *entry = ARENA_ARRAY(e->arena, CgConst, e->entry.n + 1);
    CgConst *option = ARENA_ARRAY(e->arena, CgConst, n_options + 1);
    for (uint32_t i = 0; i < n_tensors; i++)
        tensor[i] = tensor_desc(o, &e->layout.tensor.at[i]);
    for (uint32_t i = 0; i < e->entry.n; i++)
        if (e->entry.at[i].lowered->core) entry[n_entries++] = entry_desc(o, &e->entry.at[i]);
    for (uint32_t i = 0; i < n_options; i++)
        option[i] = arg_desc(o, e->core->options.at[i].name, 5, public_dtype(e, e->core->options.at[i].elem), NULL, 0);
    add_i32(o, &f, NNRT_ABI);
    add(&f, cg_string(o->cg, e->core->name));
    add_i64(o, &f, (int64_t)e->hash);
    add_size(o, &f, e->layout.model_bytes);
    add_i32(o, &f, n_tensors);
    add_i32(o, &f, n_entries);
    add_i32(o, &f, n_options);
    add(&f, pointer_to(o, tensor, n_tensors));
    add(&f, pointer_to(o, entry, n_entries));
    add(&f, pointer_to(o, option, n_options));
    return cg_global(o->cg, arena_print(e->arena, "%s_desc", e->prefix), structure(o, &f), 16, true);
}

/* ---- nnrt_entry ------------------------------------------------------------------------------------ */

static CgConst arg_info(Out *o, const EmitCode *code, uint32_t k, uint8_t dtype, bool result, bool scalar, int line)
{
    Fields f = {0};
    add_i32(o, &f, emit_abi_dtype(dtype));
    add_i32(o, &f, result);
    add_i32(o, &f, code->arg_entry.at[k]);
    add_i32(o, &f, code->bound_entry.at[k]);
    add_i32(o, &f, scalar);
    add_i32(o, &f, line);
    return structure(o, &f);
}

static CgConst arg_infos(Out *o, const EmitCode *code, const Graph *g)
{
    CgConst item[NNRT_MAX_ARGS];
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->param.n; i++) {
        const GraphParam *p = &g->param.at[i];
        if (p->kind == PARAM_INPUT || p->kind == PARAM_SCALAR)
            item[n] = arg_info(o, code, n, p->type.dtype, false, p->kind == PARAM_SCALAR, 0), n++;
    }
    for (uint32_t i = 0; i < g->result.n; i++)
        if (g->result.at[i].alias < 0) item[n] = arg_info(o, code, n, graph_type(g, g->result.at[i].ref)->dtype, true, false, 0), n++;
    return pointer_to(o, item, n);
}

static CgConst require_infos(Out *o, const EmitCode *code, const CoreEntry *core, const int *line)
{
    CgConst *item = ARENA_ARRAY(o->e->arena, CgConst, core->requires_.n + 1);
    static const uint8_t oper[] = {[OPER_EQ] = 0, [OPER_NE] = 1, [OPER_LT] = 2, [OPER_LE] = 3, [OPER_GT] = 4, [OPER_GE] = 5};
    for (uint32_t i = 0; i < core->requires_.n; i++) {
        Fields f = {0};
        add_i32(o, &f, code->left.at[i]);
        add_i32(o, &f, code->right.at[i]);
        add_i32(o, &f, oper[core->requires_.at[i].oper]);
        add_i32(o, &f, line[i]);
        item[i] = structure(o, &f);
    }
    return pointer_to(o, item, core->requires_.n);
}

static CgConst code_info(Out *o, const EmitEntry *entry, const EmitCode *code, const Graph *g, bool report)
{
    const CoreEntry *core = entry->lowered->core;
    Fields f = {0};
    add_i32(o, &f, code->k->table.n);
    add_i32(o, &f, code->k->work_entry);
    add_i32(o, &f, code->k->scratch_entry);
    add_i32(o, &f, code->k->lent_entry);
    add(&f, report ? cg_null(o->cg) : arg_infos(o, code, g));
    if (core && !report && core->requires_.n) {
        int *line = ARENA_ARRAY(o->e->arena, int, core->requires_.n);
        for (uint32_t i = 0; i < core->requires_.n; i++)
            line[i] = emit_line(o->e, core->requires_.at[i].span);
        add(&f, require_infos(o, code, core, line));
    } else {
        add(&f, cg_null(o->cg));
    }
    add(&f, cg_symbol(o->cg, arena_print(o->e->arena, "%s_prologue", code->symbol)));
    add(&f, functions(o, code->symbol, "_driver"));
    return place(o, structure(o, &f));
}

/* Neighbouring tensors become one range, unless each is one. */
static CgConst ranges(Out *o, const uint32_t *over, uint32_t n_over, bool by_tensor, uint32_t *n_ranges)
{
    CgConst *item = ARENA_ARRAY(o->e->arena, CgConst, n_over + 1);
    uint32_t n = 0;
    int64_t bytes = o->e->f64 ? 8 : 4;
    for (uint32_t i = 0; i < n_over;) {
        const LayoutTensor *t = &o->e->layout.tensor.at[over[i]];
        int64_t lo = (t->offset - 64) / bytes, hi = lo + t->padded;
        for (i++; i < n_over && !by_tensor; i++) {
            t = &o->e->layout.tensor.at[over[i]];
            if ((t->offset - 64) / bytes > (hi + 15) / 16 * 16) break;
            hi = (t->offset - 64) / bytes + t->padded;
        }
        Fields f = {0};
        add_i64(o, &f, lo);
        add_i64(o, &f, hi - lo);
        item[n++] = structure(o, &f);
    }
    *n_ranges = n;
    return pointer_to(o, item, n);
}

/* Looked at whatever the conditions of the step are. */
static bool is_seen(const EmitEntry *entry, uint32_t tensor)
{
    for (uint32_t c = 0; c < entry->n_codes; c++) {
        const KProgram *k = entry->code[c].k;
        bool seen = false;
        for (uint32_t i = 0; i < k->seen.n; i++)
            seen |= k->seen.at[i] == tensor;
        if (!seen) return false;
    }
    return true;
}

_Static_assert((int)LAYOUT_SLOTS == (int)NNRT_SLOTS, "slots of a statement");

static CgConst statement_info(Out *o, const EmitEntry *entry, uint32_t k)
{
    const CoreMinimize *m = &entry->lowered->core->minimizes.at[k];
    const LayoutStatement *s = &entry->layout.statement.at[k];
    Fields f = {0};
    uint32_t n_ranges = 0, n_unseen = 0;
    const bool *in_place = entry->layout.in_place;
    bool by_tensor = m->optimizer->sees == SEES_tensors;
    VEC(uint32_t) stored = {0};
    VEC(uint32_t) unseen = {0};
    for (uint32_t i = 0; i < s->over.n; i++) {
        if (in_place && in_place[s->over.at[i]]) continue;
        vec_add(o->e->arena, &stored, s->over.at[i]);
        if (!is_seen(entry, s->over.at[i])) vec_add(o->e->arena, &unseen, s->over.at[i]);
    }
    CgConst range = ranges(o, stored.at, stored.n, by_tensor || in_place, &n_ranges);
    CgConst tested = ranges(o, unseen.at, unseen.n, in_place != NULL, &n_unseen);
    add_i32(o, &f, m->n_args);
    add_i32(o, &f, n_ranges);
    add(&f, range);
    add_i64(o, &f, s->count_offset);
    CgConst slot[LAYOUT_SLOTS];
    for (int i = 0; i < LAYOUT_SLOTS; i++)
        slot[i] = cg_int(o->cg, 64, s->slot_offset[i]);
    add(&f, cg_array(o->cg, slot, LAYOUT_SLOTS));
    add(&f, tested);
    add_i64(o, &f, entry->layout.hull);
    add(&f, functions(o, emit_rule_symbol(o->e, "rule", m->optimizer->name), ""));
    add(&f, functions(o, by_tensor ? emit_rule_symbol(o->e, "measure", m->optimizer->name) : NULL, ""));
    add(&f, functions(o, emit_rule_symbol(o->e, "rule", "finite"), ""));
    add_i32(o, &f, emit_line(o->e, m->span));
    add_i32(o, &f, n_unseen);
    add_i32(o, &f, s->more);
    add_i32(o, &f, emit_is_last(o->e, entry, k));
    return structure(o, &f);
}

static CgConst statements(Out *o, const EmitEntry *entry)
{
    uint32_t n = entry->layout.statement.n;
    CgConst *item = ARENA_ARRAY(o->e->arena, CgConst, n + 1);
    for (uint32_t i = 0; i < n; i++)
        item[i] = statement_info(o, entry, i);
    return pointer_to(o, item, n);
}

/* Start values of the sums, at their places. */
static CgConst sum_start(Out *o, const EmitEntry *entry)
{
    const EntryLayout *l = &entry->layout;
    int64_t n = l->sum_bytes / 8, count = 0, base = l->sum_offset;
    double *start = ARENA_ARRAY(o->e->arena, double, n + 1);
    for (uint32_t k = 0; k < l->sum.n; k++) {
        dim_is_const(o->e->core->dims, type_count(o->e->core->dims, &l->sum.at[k]), &count);
        for (int64_t i = 0; i < count; i++)
            start[(l->sum_at.at[k] - base) / 8 + i] = lower_sum_init(entry->lowered->core, k);
    }
    return double_array(o, start, n);
}

static CgConst report_counts(Out *o, const EmitEntry *entry, int64_t *total)
{
    const Graph *g = entry->lowered->report;
    CgConst *item = ARENA_ARRAY(o->e->arena, CgConst, g->result.n + 1);
    *total = 0;
    for (uint32_t i = 0; i < g->result.n; i++) {
        int64_t count = 0;
        if (!dim_is_const(o->e->core->dims, type_count(o->e->core->dims, graph_type(g, g->result.at[i].ref)), &count))
            BUG("report `%s` has a run-time size", g->result.at[i].name);
        item[i] = cg_int(o->cg, 32, count);
        *total += count;
    }
    return pointer_to(o, item, g->result.n);
}

static CgConst entry_info(Out *o, const EmitEntry *entry, uint32_t index)
{
    const CoreEntry *core = entry->lowered->core;
    const Graph *g = entry->lowered->step[0];
    const EntryLayout *l = &entry->layout;
    uint32_t n_results = 0, n_pointers = emit_n_pointers(entry);
    for (uint32_t i = 0; i < g->result.n; i++)
        n_results += g->result.at[i].alias < 0;
    bool reports = core && core->kind != ENTRY_EXPORT;
    int64_t n_values = 0;
    CgConst counts = reports ? report_counts(o, entry, &n_values) : cg_null(o->cg);
    Fields f = {0};
    add(&f, cg_string(o->cg, entry->name));
    add_i32(o, &f, core ? (int32_t)core->kind : NNRT_EXPORT_ENTRY);
    add_i32(o, &f, index);
    add_i32(o, &f, entry->sizes.n);
    add_i32(o, &f, n_pointers - n_results);
    add_i32(o, &f, n_results);
    add_i32(o, &f, core ? core->requires_.n : 0);
    add_i32(o, &f, l->statement.n);
    add_i32(o, &f, l->sum.n);
    add(&f, l->statement.n ? statements(o, entry) : cg_null(o->cg));
    CgConst code[8];
    for (uint32_t k = 0; k < 8; k++)
        code[k] = k < entry->n_codes ? code_info(o, entry, &entry->code[k], entry->lowered->step[k], false) : cg_null(o->cg);
    add(&f, cg_array(o->cg, code, 8));
    add_i32(o, &f, core ? core->n_conditions : 0);
    add_i32(o, &f, n_values);
    add(&f, functions(o, entry->condition, ""));
    bool reads_reports = reports && (core->reports.n || !o->e->targets->at[0].compact);
    add(&f, reads_reports ? code_info(o, entry, &entry->report, entry->lowered->report, true) : cg_null(o->cg));
    add_i64(o, &f, entry->train_bytes);
    add_i64(o, &f, l->grad_offset);
    add_i64(o, &f, l->grad_count);
    add_i64(o, &f, entry->n_partials);
    add_i64(o, &f, l->sum_offset);
    add_i64(o, &f, l->sum_bytes);
    add(&f, reports ? sum_start(o, entry) : cg_null(o->cg));
    add_i32(o, &f, core ? core->draws : 0);
    add_i32(o, &f, core ? core->writes_state : 0);
    add_i32(o, &f, reports ? core->reports.n : 0);
    add_i32(o, &f, reports ? emit_odd_sum(o->e, entry) : 0);
    add(&f, counts);
    add_i64(o, &f, entry->sums_area);
    add_i64(o, &f, entry->batch_offset);
    add_i64(o, &f, entry->report_work_offset);
    return cg_global(o->cg, arena_print(o->e->arena, "%s__entry_%s", o->e->prefix, entry->c_name), structure(o, &f), 16, false);
}

/* ---- nnrt_program ----------------------------------------------------------------------------------- */

static CgConst tensor_info(Out *o, uint32_t k)
{
    const LayoutTensor *t = &o->e->layout.tensor.at[k];
    const CoreTensor *core = &o->e->core->tensors.at[k];
    Fields f = {0};
    CgConst dim[8], stride[8];
    int64_t count = 1;
    for (int i = 0; i < 8; i++) {
        dim[i] = cg_int(o->cg, 64, i < t->type.rank ? t->extent[i] : 0);
        stride[i] = cg_int(o->cg, 64, i < t->type.rank ? t->stride[i] : 0);
        if (i < t->type.rank) count *= t->extent[i];
    }
    add(&f, cg_string(o->cg, t->name));
    add_i32(o, &f, t->is_state);
    add_i32(o, &f, t->type.rank);
    add(&f, cg_array(o->cg, dim, 8));
    add(&f, cg_array(o->cg, stride, 8));
    add_i64(o, &f, t->offset);
    add_i64(o, &f, t->padded);
    add_i32(o, &f, emit_init_kind(core));
    add_i32(o, &f, emit_abi_dtype(t->type.dtype));
    add(&f, cg_double(o->cg, emit_init_scale(&core->init)));
    add(&f, cg_double(o->cg, core->init.b));
    add(&f, core->init.kind == INIT_EXPR ? double_array(o, o->e->lowered->init[k], count) : cg_null(o->cg));
    return structure(o, &f);
}

static CgConst options_block(Out *o)
{
    const EmitProgram *e = o->e;
    CgConst *field = ARENA_ARRAY(e->arena, CgConst, e->core->options.n + 1);
    for (uint32_t i = 0; i < e->core->options.n; i++) {
        const CoreOption *option = &e->core->options.at[i];
        switch (option->elem) {
        case ELEM_none: field[i] = cg_string(o->cg, option->text); break;
        case ELEM_bool: field[i] = cg_int(o->cg, 8, option->number != 0); break;
        case ELEM_float:
            if (e->f64) {
                field[i] = cg_double(o->cg, option->number);
            } else {
                union {
                    float f;
                    int32_t i;
                } u = {.f = (float)option->number};
                field[i] = cg_int(o->cg, 32, u.i);
            }
            break;
        default: field[i] = cg_int(o->cg, 32, (int64_t)option->number);
        }
    }
    if (!e->core->options.n) field[0] = cg_int(o->cg, 64, 0);
    uint32_t n = e->core->options.n ? e->core->options.n : 1;
    return cg_global(o->cg, arena_print(e->arena, "%s__options", e->prefix), cg_struct(o->cg, field, n), 16, false);
}

static void store_value(unsigned char *at, uint8_t dtype, double v)
{
    float f = (float)v;
    int64_t i = (int64_t)v;
    int32_t i32 = (int32_t)i;
    switch (dtype) {
    case DT_f32: memcpy(at, &f, sizeof f); break;
    case DT_f64: memcpy(at, &v, sizeof v); break;
    case DT_i64: memcpy(at, &i, sizeof i); break;
    case DT_i32: memcpy(at, &i32, sizeof i32); break;
    default: *at = (unsigned char)i;
    }
}

static CgConst const_block(Out *o)
{
    const EmitProgram *e = o->e;
    const Module *m = e->lowered->module;
    unsigned char *bytes = arena_alloc(e->arena, (size_t)e->const_bytes + 64);
    for (uint32_t k = 0; k < m->table.n; k++) {
        const Table *t = &m->table.at[k];
        int64_t count = 0;
        dim_is_const(m->dims, type_count(m->dims, &t->type), &count);
        for (int64_t i = 0; i < count; i++)
            store_value(bytes + e->const_offset[k] + table_place(m->dims, t, i), t->type.dtype, t->value[i]);
    }
    return cg_global(o->cg, arena_print(e->arena, "%s__const", e->prefix), cg_bytes(o->cg, bytes, (size_t)e->const_bytes + 64), 64, false);
}

/* The trained model block, which C programs can use where it lies, and the vocabularies that it was trained with. */
static void add_weights(Out *o, Fields *f)
{
    const EmitProgram *e = o->e;
    size_t block = (size_t)e->layout.model_bytes;
    if (!e->weights) {
        add(f, cg_null(o->cg));
        add(f, cg_null(o->cg));
        return;
    }
    const char *words = arena_copy(e->arena, (const char *)e->weights + block, e->n_weights - block);
    add(f, cg_global(o->cg, arena_print(e->arena, "%s_core_weights", e->prefix), cg_bytes(o->cg, e->weights, block), NNRT_ALIGN, true));
    add(f, *words ? cg_string(o->cg, words) : cg_null(o->cg));
}

static CgConst levels(Out *o)
{
    const CgTargets *targets = o->e->targets;
    CgConst item[NNRT_LEVELS];
    for (uint32_t i = 0; i < targets->n; i++) {
        Fields f = {0};
        add(&f, cg_string(o->cg, targets->at[i].cpu));
        add_i64(o, &f, (int64_t)targets->at[i].needs);
        add_i32(o, &f, targets->n > 1 ? 2 + i : 1);
        add_i32(o, &f, 0);
        item[i] = structure(o, &f);
    }
    return pointer_to(o, item, targets->n);
}

void emit_program(Cg *cg, const EmitProgram *e, bool inside)
{
    Out o = {.cg = cg, .e = e};
    bool small = e->targets->at[0].compact, bare = small || e->is_module; /* nothing but its own functions reads it */
    if (inside) emit_parts_of_core(cg, e);
    CgConst *tensor = ARENA_ARRAY(e->arena, CgConst, e->layout.tensor.n + 1);
    CgConst *entry = ARENA_ARRAY(e->arena, CgConst, e->entry.n + 1);
    for (uint32_t i = 0; i < e->layout.tensor.n; i++)
        tensor[i] = tensor_info(&o, i);
    for (uint32_t i = 0; i < e->entry.n; i++)
        entry[i] = entry_info(&o, &e->entry.at[i], i);
    Fields f = {0};
    add_i32(&o, &f, NNRT_ABI);
    add_i32(&o, &f, e->f64 ? 8 : 4);
    add_i64(&o, &f, (int64_t)e->hash);
    add(&f, cg_string(cg, e->core->name));
    add(&f, bare ? cg_null(cg) : desc(&o));
    add(&f, bare ? cg_null(cg) : cg_string(cg, emit_manifest(e)));
    add_i64(&o, &f, e->layout.model_bytes);
    add_i64(&o, &f, e->layout.param_bytes);
    add_i64(&o, &f, e->layout.state_offset);
    add_i32(&o, &f, e->layout.tensor.n);
    add_i32(&o, &f, e->entry.n);
    add(&f, pointer_to(&o, tensor, e->layout.tensor.n));
    add(&f, pointer_to(&o, entry, e->entry.n));
    add_i64(&o, &f, e->options_bytes);
    add(&f, options_block(&o));
    add(&f, const_block(&o));
    add(&f, small ? cg_null(cg) : cg_symbol(cg, "nnrt_core_functions"));
    add_weights(&o, &f);
    add(&f, levels(&o));
    add_i32(&o, &f, e->targets->n);
    add_i32(&o, &f, 0);
    cg_global(cg, arena_print(e->arena, "%s_program", e->prefix), structure(&o, &f), 16, !small);
}
