/* SPDX-License-Identifier: MIT
 * graph.c: a whole graph -> kernels: places of params and results, the nodes in order, scans. */
#include <string.h>

#include "kernel/band.h"
#include "kernel/build.h"
#include "kernel/group.h"
#include "kernel/in_place.h"
#include "kernel/lend.h"
#include "kernel/margin.h"
#include "kernel/remake.h"
#include "kernel/rows.h"

uint32_t kernel_table_dim(KProgram *p, Dim dim)
{
    for (uint32_t i = 0; i < p->table.n; i++)
        if (p->table.at[i].kind == TABLE_DIM && p->table.at[i].dim == dim) return i;
    vec_add(p->arena, &p->table, (TableEntry){.kind = TABLE_DIM, .dim = dim});
    return p->table.n - 1;
}

/* ---- places of the caller -------------------------------------------------------------------- */

static Home home_of_table(Builder *b, Ref r)
{
    uint32_t number = (uint32_t)graph_attr(b->g, r, 0);
    const Table *table = &b->g->module->table.at[number];
    Type type = *graph_type(b->g, r);
    if (table->quads) { /* words; an index of the axis is one, and none is too many */
        type.dtype = DT_i32;
        for (int i = 1; i <= table->joined; i++)
            type.dim[table->quads - 1 - i] = build_dim(b, 1);
        type.dim[table->quads - 1] = build_dim(b, table_words(b->dims, table));
    }
    Home h = home_at(b, BUF_CONST, "table", &type, b->o->const_offset[number]);
    b->p->buf.at[h.buf].index = number;
    return h;
}

static Home home_of_param(Builder *b, const GraphParam *param, uint32_t *n_args)
{
    switch (param->kind) {
    case PARAM_INPUT:
    case PARAM_SCALAR: {
        Home h = home_at(b, BUF_ARG, param->name, &param->type, 0);
        b->p->buf.at[h.buf].index = (*n_args)++;
        return h;
    }
    case PARAM_WEIGHT:
    case PARAM_STATE: return home_of_tensor(b, param->slot, false);
    case PARAM_SUM:
        return home_at(b, b->o->sums_in_train ? BUF_TRAIN : BUF_SUMS, param->name, &param->type, b->p->entry->sum_at.at[param->slot]);
    case PARAM_OPTION: return home_at(b, BUF_OPTIONS, param->name, &param->type, b->o->option_offset[param->slot]);
    case PARAM_STEP: return home_at(b, BUF_COUNTERS, param->name, &param->type, 8 * (int64_t)param->slot);
    case PARAM_SEED: return home_at(b, BUF_COUNTERS, param->name, &param->type, 24);
    default: BUG("param `%s` of an entry graph", param->name);
    }
}

/* ---- extern ---------------------------------------------------------------------------------- */

static Access plain_access(const Home *h)
{
    Access a = {.buf = h->buf, .off = h->off};
    memcpy(a.iter, h->iter, sizeof a.iter);
    return a;
}

/* Operands, among them the sizes of its binders, and results are dense. */
static void build_extern_kernel(Builder *b, Ref r)
{
    const Graph *g = b->g;
    const Node *n = graph_node(g, r);
    Kernel *k = kernel_new(b, K_EXTERN, "extern", r);
    k->symbol = g->module->symbol.at[graph_attr(g, r, 0)].name;
    k->n_extern_in = n->n_in;
    for (uint32_t i = 0; i < n->n_in; i++) {
        Ref v = graph_in(g, r, i);
        Home dense = home_new(b, graph_type(g, v), "extern_in");
        build_part(b, v, &dense, "extern_in");
        vec_add(b->arena, &k->rd, plain_access(&dense));
    }
    b->homes[r] = ARENA_ARRAY(b->arena, Home, n->n_out);
    for (uint32_t i = 0; i < n->n_out; i++) {
        b->homes[r][i] = home_new(b, graph_out_type(g, r, i), "extern_out");
        vec_add(b->arena, &k->wr, plain_access(&b->homes[r][i]));
    }
    vec_add(b->arena, b->out, k);
}

/* ---- probe ----------------------------------------------------------------------------------- */

/* Only stored where it lies nowhere yet: what else is kept does not depend on who looks. */
static void build_probe_kernel(Builder *b, Ref r)
{
    Ref v = graph_in(b->g, r, 0);
    const Type *type = graph_type(b->g, v);
    Home seen = b->home[v], dense = home_dense(b, buf_new(b, BUF_WORK, type->dtype, "probe_in"), type);
    bool there = seen.buf && memcmp(seen.stride, dense.stride, sizeof dense.stride) == 0;
    if (!there) build_part(b, v, &dense, "probe_in");
    Kernel *k = kernel_new(b, K_PROBE, graph_attr(b->g, r, 0) == PROBE_ASSERT ? "assert" : "print", r);
    k->probe = (ProbeKind)graph_attr(b->g, r, 0);
    k->number = graph_attr(b->g, r, 1);
    k->line = graph_attr(b->g, r, 2);
    vec_add(b->arena, &k->sizes, type_count(b->dims, type));
    vec_add(b->arena, &k->rd, plain_access(there ? &seen : &dense));
    vec_add(b->arena, b->out, k);
}

/* ---- scan ------------------------------------------------------------------------------------ */

static Home with_iter(Builder *b, Home h, Dim row)
{
    h.iter[b->depth] = row;
    return h;
}

static Home stacked(Builder *b, const Type *row_type, Dim rows, const char *name, Dim *row)
{
    Type type = *row_type;
    for (int i = type.rank; i > 0; i--)
        type.dim[i] = type.dim[i - 1];
    type.dim[0] = rows;
    type.rank++;
    *row = type_count(b->dims, row_type);
    Home whole = home_dense(b, buf_new(b, BUF_WORK, type.dtype, name), &type), one = whole;
    for (int i = 0; i < row_type->rank; i++)
        one.stride[i] = whole.stride[i + 1];
    one.stride[row_type->rank] = 0;
    return one;
}

/* Home of a stack seen as a value with a leading axis. */
static Home as_stack(Builder *b, const Home *row_home, int rank, Dim row, Dim trips)
{
    Home h = *row_home;
    for (int i = rank; i > 0; i--)
        h.stride[i] = h.stride[i - 1];
    h.stride[0] = build_dim_is(b, trips, 1) ? 0 : row;
    h.iter[b->depth] = 0;
    return h;
}

typedef struct ScanHomes {
    Builder *b, *inner;
    Ref scan;
    const Graph *body;
    Dim trips;
    uint32_t n_carries, n_xs;
    Home *one, *to; /* by result: row 0 of its stack; where a step puts it */
    Dim *row;       /* by result: from a row of its stack to the next */
    int64_t *shift; /* by result: rows between an emit and its carry stack, or -1 */
} ScanHomes;

/* Carries get a stack, whose first row is filled; slices and constants are seen where they are. */
static void scan_operands(ScanHomes *h)
{
    Builder *b = h->b;
    for (uint32_t i = 0; i < h->body->param.n; i++) {
        Ref v = graph_in(b->g, h->scan, i), param = h->body->param.at[i].ref;
        if (i < h->n_carries) {
            h->one[i] = stacked(b, &h->body->param.at[i].type, dim_add(b->dims, h->trips, build_dim(b, 1)), "carry", &h->row[i]);
            build_part(b, v, &h->one[i], "carry_start");
            h->inner->home[param] = with_iter(b, h->one[i], h->row[i]);
        } else if (i < h->n_carries + h->n_xs) {
            Home seen = home_seen(b, v), slice = seen;
            int rank = h->body->param.at[i].type.rank;
            for (int a = 0; a < rank; a++)
                slice.stride[a] = seen.stride[a + 1];
            slice.stride[rank] = 0;
            h->inner->home[param] = with_iter(b, slice, seen.stride[0]);
        } else {
            h->inner->home[param] = home_seen(b, v);
        }
    }
}

/* Is result i of the scan read in no other order than from its last row to its first? */
static bool read_backwards(const Builder *b, Ref scan, uint32_t i)
{
    bool any = false;
    for (Ref p = scan + 1; p < b->g->node.n; p++) {
        if (!b->live[p] || b->g->node.at[p].op != OP_proj || graph_in(b->g, p, 0) != scan || graph_attr(b->g, p, 0) != i) continue;
        for (uint32_t u = b->uses.off[p]; u < b->uses.off[p + 1]; u++) {
            Ref use = b->uses.use[u];
            if (!b->live[use]) continue;
            if (b->g->node.at[use].op != OP_slice || graph_attr(b->g, use, 2) >= 0) return false;
            any = true;
        }
    }
    return any;
}

/* Step 0 writes the last row. */
static void turn_stack(ScanHomes *h, uint32_t i)
{
    Dims *dims = h->b->dims;
    Dim before = dim_sub(dims, h->trips, dim_const(dims, 1));
    h->one[i].off = dim_add(dims, h->one[i].off, dim_mul(dims, before, h->row[i]));
    h->row[i] = dim_mul(dims, h->row[i], dim_const(dims, -1));
}

/* An emit has a stack of its own, unless it is a carry, before or after the step, which is stacked anyway. What is read
 * backwards is stacked backwards: its readers then run forward, and time is one axis with the rows of a step. */
static void scan_emits(ScanHomes *h)
{
    const Graph *body = h->body;
    for (uint32_t i = h->n_carries; i < body->result.n; i++) {
        Ref ref = body->result.at[i].ref;
        h->shift[i] = -1;
        for (uint32_t c = 0; c < h->n_carries && h->shift[i] < 0; c++) {
            if (body->param.at[c].ref == ref)
                h->shift[i] = 0;
            else if (body->result.at[c].ref == ref)
                h->shift[i] = 1;
            if (h->shift[i] >= 0) h->one[i] = h->one[c], h->row[i] = h->row[c];
        }
        if (h->shift[i] >= 0) continue;
        h->one[i] = stacked(h->b, graph_type(body, ref), h->trips, "emit", &h->row[i]);
        if (read_backwards(h->b, h->scan, i)) turn_stack(h, i);
    }
}

/* Where a step puts its results; what is kept there is computed there. */
static void scan_places(ScanHomes *h)
{
    Builder *inner = h->inner;
    for (uint32_t i = 0; i < h->body->result.n; i++) {
        Ref ref = h->body->result.at[i].ref;
        h->to[i] = with_iter(h->b, h->one[i], h->row[i]);
        if (i < h->n_carries || h->shift[i] == 1) h->to[i].off = dim_add(h->b->dims, h->to[i].off, h->row[i]);
        if (!inner->dest[ref].buf && inner->keep[ref] && !inner->home[ref].buf) inner->dest[ref] = h->to[i];
    }
}

/* The results of the scan: the last row of a carry, the stack of an emit. */
static void scan_results(ScanHomes *h)
{
    Builder *b = h->b;
    Home *homes = ARENA_ARRAY(b->arena, Home, h->body->result.n + 1);
    for (uint32_t i = 0; i < h->body->result.n; i++) {
        const Type *type = graph_type(h->body, h->body->result.at[i].ref);
        homes[i] = h->one[i];
        if (i < h->n_carries)
            homes[i].off = dim_mul(b->dims, h->trips, h->row[i]);
        else
            homes[i] = as_stack(b, &h->one[i], type->rank, h->row[i], h->trips);
        if (i >= h->n_carries && h->shift[i] == 1) homes[i].off = dim_add(b->dims, h->one[i].off, h->row[i]);
    }
    b->homes[h->scan] = homes;
}

void build_scan_kernel(Builder *b, Ref r)
{
    const Graph *g = b->g, *body = g->module->graph.at[graph_attr(g, r, 0)];
    if (b->depth == MAX_SCANS) BUG("scans nested more than %d deep", MAX_SCANS);
    Kernel *k = kernel_new(b, K_SCAN, "scan", r);
    k->trips = (Dim)graph_attr(g, r, 1);
    k->depth = b->depth;
    Builder inner = {.p = b->p,
                     .arena = b->arena,
                     .dims = b->dims,
                     .g = body,
                     .o = b->o,
                     .parent = b,
                     .scan = r,
                     .depth = b->depth + 1,
                     .sample = b->sample};
    inner.out = (void *)&k->body;
    builder_start(&inner);
    uint32_t n = body->result.n;
    ScanHomes h = {.b = b,
                   .inner = &inner,
                   .scan = r,
                   .body = body,
                   .trips = k->trips,
                   .n_carries = (uint32_t)graph_attr(g, r, 2),
                   .n_xs = (uint32_t)graph_attr(g, r, 3)};
    h.one = ARENA_ARRAY(b->arena, Home, n + 1);
    h.to = ARENA_ARRAY(b->arena, Home, n + 1);
    h.row = ARENA_ARRAY(b->arena, Dim, n + 1);
    h.shift = ARENA_ARRAY(b->arena, int64_t, n + 1);
    scan_operands(&h);
    scan_emits(&h);
    scan_places(&h);
    build_concats(&inner);
    margins_find(&inner);
    build_nodes(&inner);
    for (uint32_t i = 0; i < n; i++) {
        Ref ref = body->result.at[i].ref;
        bool there = inner.home[ref].buf == h.to[i].buf && inner.home[ref].off == h.to[i].off;
        inner.aside = inner.unwanted[i];
        if (!there && (i < h.n_carries || h.shift[i] < 0)) build_part(&inner, ref, &h.to[i], "scan_result");
    }
    vec_add(b->arena, b->out, k);
    scan_results(&h);
}

/* ---- nodes in order -------------------------------------------------------------------------- */

/* Results of a scan's body that only asserts and prints around it read. */
static void find_unwanted(Builder *b)
{
    const Builder *p = b->parent;
    b->unwanted = ARENA_ARRAY(b->arena, bool, b->g->result.n + 1);
    for (Ref r = b->scan + 1; p && r < p->g->node.n; r++)
        if (p->g->node.at[r].op == OP_proj && graph_in(p->g, r, 0) == b->scan && p->live[r])
            b->unwanted[graph_attr(p->g, r, 0)] = !p->needed[r] && p->needed[b->scan];
}

void builder_start(Builder *b)
{
    uint32_t n = b->g->node.n + 1;
    b->value = build_value;
    b->home = ARENA_ARRAY(b->arena, Home, n);
    b->homes = ARENA_ARRAY(b->arena, Home *, n);
    b->dest = ARENA_ARRAY(b->arena, Home, n);
    b->keep = ARENA_ARRAY(b->arena, bool, n);
    b->sink = ARENA_ARRAY(b->arena, Ref, n);
    b->acc = ARENA_ARRAY(b->arena, Ref, n);
    b->live = graph_live(b->g, b->arena);
    find_unwanted(b);
    b->needed = graph_needed(b->g, b->arena, b->unwanted);
    b->uses = graph_uses(b->g, b->arena);
    products_find(b);
    decide_values(b);
}

static void build_node(Builder *b, Ref r)
{
    switch (b->g->node.at[r].op) {
    case OP_param: break;
    case OP_data: b->home[r] = home_of_table(b, r); break;
    case OP_scan: build_scan_kernel(b, r); break;
    case OP_extern: build_extern_kernel(b, r); break;
    case OP_probe: build_probe_kernel(b, r); break;
    case OP_update: build_update_kernel(b, r); break;
    case OP_proj: b->home[r] = b->homes[graph_in(b->g, r, 0)][graph_attr(b->g, r, 0)]; break;
    case OP_call:
    case OP_minimize: BUG("`%s` reached the kernels", op_names[b->g->node.at[r].op]);
    default:
        if (b->keep[r]) build_value(b, r);
    }
}

/* For asserts and prints. Values that get a buffer for them alone have none for all others. */
static void build_aside(Builder *b, Ref r)
{
    Arena scratch = {0};
    uint32_t n = b->g->node.n + 1;
    Home *home = ARENA_ARRAY(&scratch, Home, n);
    bool *keep = ARENA_ARRAY(&scratch, bool, n);
    memcpy(home, b->home, n * sizeof *home);
    memcpy(keep, b->keep, n * sizeof *keep);
    b->aside = true;
    build_node(b, r);
    b->aside = false;
    for (Ref v = 1; v < b->g->node.n; v++) {
        if (!b->needed[v] || keep[v]) continue;
        b->home[v] = home[v];
        b->keep[v] = false;
    }
    arena_free(&scratch);
}

void build_nodes(Builder *b)
{
    for (Ref r = 1; r < b->g->node.n; r++) {
        if (!b->live[r]) continue;
        if (b->needed[r])
            build_node(b, r);
        else
            build_aside(b, r);
    }
}

/* Parts of a concatenation are computed where they belong in it; outer ones first, so that parts of
 * parts are too. */
void build_concats(Builder *b)
{
    const Graph *g = b->g;
    for (Ref r = g->node.n; r-- > 1;) {
        if (!b->live[r] || g->node.at[r].op != OP_concat || !b->keep[r] || b->home[r].buf) continue;
        if (!b->dest[r].buf) b->dest[r] = home_new(b, graph_type(g, r), arena_print(b->arena, "v%u", r));
        int axis = (int)graph_attr(g, r, 0);
        Dim start = build_dim(b, 0);
        for (uint32_t i = 0; i < g->node.at[r].n_in; i++) {
            Ref part = graph_in(g, r, i);
            uint8_t op = g->node.at[part].op;
            bool own = op == OP_param || op == OP_proj || op == OP_data;
            if (b->keep[part] && !own && !b->dest[part].buf && !b->home[part].buf) {
                b->dest[part] = b->dest[r];
                Dim stride = b->dest[r].stride[axis];
                if (stride) b->dest[part].off = dim_add(b->dims, b->dest[part].off, dim_mul(b->dims, start, stride));
                for (int a = 0; a < graph_type(g, part)->rank; a++)
                    if (build_dim_is(b, graph_type(g, part)->dim[a], 1)) b->dest[part].stride[a] = 0;
            }
            start = dim_add(b->dims, start, graph_type(g, part)->dim[axis]);
        }
    }
}

static Home *place_results(Builder *b, uint32_t n_args)
{
    Home *to = ARENA_ARRAY(b->arena, Home, b->g->result.n + 1);
    uint32_t index = n_args;
    for (uint32_t i = 0; i < b->g->result.n; i++) {
        const GraphResult *res = &b->g->result.at[i];
        if (res->alias >= 0) continue;
        to[i] = home_at(b, BUF_ARG, res->name, graph_type(b->g, res->ref), 0);
        b->p->buf.at[to[i].buf].index = index++;
        if (b->keep[res->ref] && !b->dest[res->ref].buf && !b->home[res->ref].buf) b->dest[res->ref] = to[i];
    }
    b->p->n_results = index - n_args;
    return to;
}

static bool same_place(const Builder *b, const Home *x, const Home *y)
{
    const Buf *p = &b->p->buf.at[x->buf], *q = &b->p->buf.at[y->buf];
    return x->buf == y->buf || (p->cls == q->cls && p->cls != BUF_WORK && p->cls != BUF_ARG && p->place == q->place);
}

/* Results for the caller first, then new versions of states and sums: whatever may read an old
 * version goes through work, so that the old versions stay until all that need them are done. */
static void store_results(Builder *b, const Home *to)
{
    uint32_t n = b->g->result.n;
    Home *from = ARENA_ARRAY(b->arena, Home, n + 1), *place = ARENA_ARRAY(b->arena, Home, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        const GraphResult *res = &b->g->result.at[i];
        if (res->alias < 0 && b->home[res->ref].buf != to[i].buf) build_part(b, res->ref, &to[i], "store");
    }
    for (uint32_t i = 0; i < n; i++) {
        const GraphResult *res = &b->g->result.at[i];
        if (res->alias < 0) continue;
        place[i] = b->home[b->g->param.at[res->alias].ref];
        if (b->g->param.at[res->alias].kind == PARAM_WEIGHT) place[i] = home_of_tensor(b, b->g->param.at[res->alias].slot, false);
        from[i] = b->home[res->ref];
        if (from[i].buf && same_place(b, &from[i], &place[i])) continue; /* an update or nothing changed it */
        if (from[i].buf && b->p->buf.at[from[i].buf].cls == BUF_WORK) continue;
        from[i] = home_new(b, graph_type(b->g, res->ref), "new_version");
        build_part(b, res->ref, &from[i], "new_version");
    }
    for (uint32_t i = 0; i < n; i++) {
        const GraphResult *res = &b->g->result.at[i];
        if (res->alias < 0 || same_place(b, &from[i], &place[i])) continue;
        build_copy_home(b, graph_type(b->g, res->ref), graph_type(b->g, res->ref)->dtype, &from[i], &place[i], "store");
    }
}

static void number_kernels(KProgram *p, Kernel *k, uint32_t *n)
{
    k->order = (*n)++;
    k->name = arena_print(p->arena, "k%02u_%s", k->order, k->name);
    for (uint32_t i = 0; i < k->body.n; i++)
        number_kernels(p, k->body.at[i], n);
}

KProgram *kernel_build(Arena *arena, const Graph *g, const Layout *layout, const EntryLayout *entry, const KernelOptions *options)
{
    KProgram *p = ARENA_NEW(arena, KProgram);
    *p = (KProgram){.module = g->module,
                    .arena = arena,
                    .layout = layout,
                    .entry = entry,
                    .name = g->name,
                    .fact = options->fact,
                    .n_facts = options->n_facts};
    vec_add(arena, &p->buf, (Buf){.name = "none"});
    for (uint32_t i = 0; i < options->n_symbols; i++)
        vec_add(arena, &p->symbols, options->symbols[i]);
    int64_t *sample = ARENA_ARRAY(arena, int64_t, symbol_count(g->module->dims) + 1);
    for (uint32_t i = 0; i <= symbol_count(g->module->dims); i++)
        sample[i] = options->sample ? options->sample[i] : 64;
    Builder b = {.p = p, .arena = arena, .dims = g->module->dims, .g = g, .o = options, .out = (void *)&p->kernel, .sample = sample};
    builder_start(&b);
    for (uint32_t i = 0; i < g->param.n; i++)
        b.home[g->param.at[i].ref] = home_of_param(&b, &g->param.at[i], &p->n_args);
    Home *to = place_results(&b, p->n_args);
    build_gradient_places(&b);
    build_concats(&b);
    margins_find(&b);
    build_nodes(&b);
    store_results(&b, to);
    Arena scratch = {0};
    Merger merger = {.p = p, .arena = arena, .scratch = &scratch, .dims = b.dims, .sample = sample};
    if (!options->no_fusion) merge_kernels(&merger);
    if (!options->no_fusion) group_kernels(&merger, options->least_group);
    if (options->least_band >= 0) bands_find(p, &scratch, options->least_band);
    arena_free(&scratch);
    rows_find(p, sample);
    for (uint32_t i = 0; i < p->kernel.n; i++)
        p->kernel.at[i]->origin = i;
    p->sample = sample;
    p->no_reuse = options->no_reuse;
    if (options->most_work) p->least = !remake_fit(p, options->own_bytes, options->most_work + lend_bytes(p), options->most_again);
    lend_clear(&b);
    in_place_find(&b);
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->kernel.n; i++)
        number_kernels(p, p->kernel.at[i], &n);
    seen_find(p);
    plan_memory(p);
    return p;
}
