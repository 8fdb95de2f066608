/* SPDX-License-Identifier: MIT
 * plan.c: what a seed means. */
#include "fuzz/plan.h"

#include "fuzz/gen_source.h"
#include "fuzz/sizes.h"
#include "lower/lower.h"
#include "sema/sema.h"
#include "support/bug.h"
#include "syntax/parse.h"
#include "transform/transform.h"

#include <stdio.h>
#include <string.h>

static bool one_in(uint64_t *state, uint64_t n)
{
    return sizes_mix(state) % n == 0;
}

#if defined(__x86_64__)
static const char *const cpus[] = {NULL, NULL, "x86-64", "x86-64-v3"};
#else
static const char *const cpus[] = {NULL, NULL, NULL, NULL};
#endif

Plan plan_of(uint64_t seed, bool source)
{
    uint64_t state = seed ^ 0x91A5;
    Plan p = {.seed = seed, .source = source, .only = -1};
    p.machine.cpu = cpus[sizes_mix(&state) % 4];
    p.gen.n_nodes = 6 + (int)(sizes_mix(&state) % 15);
    p.gen.constant = one_in(&state, 3);
    p.gen.states = p.gen.constant && one_in(&state, 2);
    p.gen.smooth = !one_in(&state, 4);
    p.gen.f64 = p.machine.f64 = one_in(&state, 3);
    p.gradients = one_in(&state, 2);
    p.machine.no_fusion = one_in(&state, 10);
    p.machine.no_reuse = one_in(&state, 10);
    p.machine.strict = one_in(&state, 10);
    p.threads = one_in(&state, 2) ? 3 : 2;
    p.gen.attends = one_in(&state, 3);
    p.machine.least_group = one_in(&state, 3) ? 0 : 1;
    p.machine.least_band = 1;
    p.gen.gates = one_in(&state, 3);
    p.looks = one_in(&state, 3);
    p.machine.most_work = one_in(&state, 2) ? 1 + (int64_t)(sizes_mix(&state) % 3) * 2048 : 0;
    p.operands = !p.gen.f64 && one_in(&state, 3);
    return p;
}

const char *plan_text(Arena *arena, const char *path)
{
    Text text = {.arena = arena};
    FILE *f = fopen(path, "r");
    char line[4096];
    while (f && fgets(line, sizeof line, f))
        text_add(&text, "%s", line);
    return !f || fclose(f) != 0 || !text.n ? NULL : text_c(&text);
}

Plan plan_written(const char *text, int way)
{
    Plan p = {.text = text, .only = -1, .threads = 2, .machine.cpu = cpus[1 + way % 3]};
    p.gen.f64 = p.machine.f64 = strstr(p.text, ": f64[") != NULL;
    p.machine.no_reuse = way / 3 % 2;
    p.machine.least_group = way < 6;
    p.machine.most_work = way % 2;
    p.looks = strstr(p.text, "= probe ") != NULL;
    return p;
}

void plan_print(const Plan *p)
{
    printf("seed %llu: %d operations, %s, %s%s%s%s%s%s%s%s%s%s%s%s%s", (unsigned long long)p->seed, p->gen.n_nodes,
           p->gen.f64 ? "f64" : "f32", p->machine.cpu ? p->machine.cpu : "native", p->gradients ? ", gradients" : "",
           p->gen.constant ? ", constant sizes" : "", p->gen.states ? ", states" : "", p->machine.no_fusion ? ", no fusion" : "",
           p->machine.no_reuse ? ", no reuse" : "", p->machine.strict ? ", strict" : "", p->gen.attends ? ", attends" : "",
           p->machine.least_group ? ", groups" : "", p->gen.gates ? ", gates" : "", p->looks ? ", prints" : "",
           p->machine.most_work ? ", little memory" : "", p->operands ? ", bf16" : "");
    if (p->only >= 0) printf(", result %d only", p->only);
    printf("\n");
}

/* ---- the graph ---- */

static Ref sum_all(Graph *g, Ref a)
{
    int axes[MAX_RANK], rank = graph_type(g, a)->rank;
    for (int i = 0; i < rank; i++)
        axes[i] = i;
    return rank ? build_reduce(g, OP_sum, a, axes, rank) : a;
}

/* The derivatives of sum sin(results) for all float params become results. */
static void add_gradients(Graph *g, Arena *arena)
{
    Ref loss = 0, *wrt = ARENA_ARRAY(arena, Ref, g->param.n + 1), *grads = ARENA_ARRAY(arena, Ref, g->param.n + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->result.n; i++) {
        if (!dtype_is_float(graph_type(g, g->result.at[i].ref)->dtype)) continue;
        Ref one = sum_all(g, build_unary(g, OP_sin, g->result.at[i].ref));
        loss = loss ? build_binary(g, OP_add, loss, one) : one;
    }
    for (uint32_t i = 0; i < g->param.n; i++)
        if (dtype_is_float(g->param.at[i].type.dtype)) wrt[n++] = g->param.at[i].ref;
    if (!loss) return;
    autodiff_gradients(g, loss, wrt, n, grads, arena);
    for (uint32_t i = 0; i < n && g->result.n < 20; i++)
        if (grads[i]) build_result(g, grads[i], arena_print(arena, "d%u", i), -1);
}

static Graph *random_graph(const Plan *p, Arena *arena)
{
    Strings *strings = ARENA_NEW(arena, Strings);
    strings_init(strings, arena);
    Module *module = module_new(arena, dims_new(arena), strings);
    return gen_graph(module, p->seed, p->gen);
}

/* The graph of a random program as it leaves lower/; NULL: the program has an error, which is in
 * *messages. */
static Graph *source_graph(const Plan *p, Arena *arena, const char **messages)
{
    Text text = {.arena = arena}, said = {.arena = arena};
    gen_source(&text, p->seed, p->gen.n_nodes);
    Strings *strings = ARENA_NEW(arena, Strings);
    Sources *sources = ARENA_NEW(arena, Sources);
    Diags *diags = ARENA_NEW(arena, Diags);
    strings_init(strings, arena);
    sources->arena = arena;
    *diags = (Diags){.arena = arena, .sources = sources};
    uint32_t file = source_add(sources, "random.nn", text_c(&text), text.n, false);
    Ast *ast = parse_file(arena, strings, diags, sources, file);
    SemaOptions options = {.no_print = p->unseen, .no_assert = p->unseen};
    Dims *dims = dims_new(arena);
    CoreProgram *core = sema_check(arena, strings, sources, diags, dims, ast, "random", &options);
    Lowered *lowered = NULL;
    const char *wrong = diags->n_errors ? NULL : core_verify(core, arena);
    if (wrong) BUG("core program: %s", wrong);
    if (!diags->n_errors) lowered = lower_program(arena, strings, diags, core, p->gen.f64 ? DT_f64 : DT_f32);
    if (!diags->n_errors) return lowered->entry.at[0].step[0];
    diag_render(diags, &said, false);
    *messages = arena_print(arena, "%s%s", text_c(&text), text_c(&said));
    return NULL;
}

static Graph *written_graph(const Plan *p, Arena *arena)
{
    Strings *strings = ARENA_NEW(arena, Strings);
    strings_init(strings, arena);
    const char *error = NULL;
    Module *module = module_read(arena, strings, p->text, &error);
    if (!module) BUG("a graph that was written: %s", error);
    return module->graph.at[module->graph.n - 1];
}

Graph *plan_graph(const Plan *p, Arena *arena, const char **messages)
{
    if (p->text) return written_graph(p, arena);
    Graph *g = p->source ? source_graph(p, arena, messages) : random_graph(p, arena);
    if (!g) return NULL;
    if (p->gradients) add_gradients(g, arena);
    Pass pass = {.module = g->module, .scratch = arena, .operands = DT_wide16};
    if (p->operands) g = pass_run(&pass, "operands", g);
    if (p->only >= 0 && (uint32_t)p->only < g->result.n) {
        g->result.at[0] = g->result.at[p->only];
        g->result.n = 1;
    }
    return g;
}
