/* SPDX-License-Identifier: MIT
 * fuzz_compile.c: random graphs as machine code against the interpreter.
 *
 *   fuzz_compile [--source] [--seed S] [--count N] [--once] [--out FOLDER] [--keep]
 *   fuzz_compile --graph FILE.tir ...
 *   fuzz_compile --write --seed S [--out FOLDER]
 *
 * A seed decides everything: the graph, whether its gradients are results too, single or double
 * precision, the CPU, threads, fusion, sizes. A seed that fails is printed with the smallest graph
 * of the same seed that fails, and that graph is written to FOLDER/fuzz-SEED.tir. Exit status 1 if
 * any failed; --keep goes on after ten failures. --once compiles each graph in one way, where else
 * it is compared with itself without prints, groups, bands, vectors, a limit of memory, and with
 * -Os, too: half of the time. --graph compiles a graph that was written (what a seed means changes
 * with the generator) for each CPU, with and without groups and reuse of memory; --write writes the
 * graph of a seed. */
#include "fuzz/bound.h"
#include "fuzz/gen_source.h"
#include "fuzz/look.h"
#include "fuzz/plan.h"
#include "fuzz/sizes.h"
#include "fuzz/values.h"
#include "support/bug.h"
#include "unit/amx_traps.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static bool once; /* the flag */

static Plan planned(uint64_t seed, bool source)
{
    Plan p = plan_of(seed, source);
    p.once = once;
    return p;
}

/* ---- one seed ---- */

/* NULL, or text on the first result that is out of bounds. */
static const char *compare(const Graph *g, const TensorValue *got, const TensorValue *want, double *const *bound, Arena *arena)
{
    for (uint32_t i = 0; i < g->result.n; i++)
        for (int64_t e = 0; e < want[i].count; e++) {
            double x = values_element(&got[i], e), y = values_element(&want[i], e);
            if (!values_close(x, y, bound[i][e]))
                return arena_print(arena, "result %u (%s) [%lld of %lld] is %.17g, not %.17g +- %.2g", i, g->result.at[i].name,
                                   (long long)e, (long long)want[i].count, x, y, bound[i][e]);
        }
    return NULL;
}

/* What a call gives: its results, then what is printed. */
static const char *call_machine(Machine *m, const Looks *looks, const int64_t *symbols, const TensorValue *in, TensorValue *out,
                                int threads, Arena *arena)
{
    const Graph *seen = &looks->seen;
    uint32_t n = m->source->result.n;
    m->printed = ARENA_ARRAY(arena, TensorValue, looks->n_numbers + 1);
    for (uint32_t i = n; i < seen->result.n; i++) {
        out[i] = tensor_value_new(arena, seen->module->dims, graph_type(seen, seen->result.at[i].ref), symbols);
        m->printed[looks->number[i - n]] = out[i]; /* the same numbers */
    }
    const char *error = machine_call(m, symbols, in, out, threads, arena);
    m->printed = NULL;
    return error;
}

/* plain: the same graph without prints, or NULL. */
static const char *check_call(const Plan *p, Machine *m, const Looks *looks, Machine *plain, uint64_t k, Arena *arena)
{
    const Graph *g = &looks->seen;
    int64_t *symbols = ARENA_ARRAY(arena, int64_t, symbol_count(m->module->dims) + 1);
    sizes_choose(g, p->seed, k, symbols);
    TensorValue *in = gen_values(arena, g, p->seed + k, symbols);
    for (uint32_t i = 0; i < g->param.n; i++) /* variances among them */
        for (int64_t e = 0; p->source && g->param.at[i].kind == PARAM_STATE && e < in[i].count; e++)
            in[i].f[e] = fabs(in[i].f[e]);
    TensorValue *want = ARENA_ARRAY(arena, TensorValue, g->result.n + 1);
    TensorValue *got = ARENA_ARRAY(arena, TensorValue, g->result.n + 1);
    TensorValue *more = ARENA_ARRAY(arena, TensorValue, g->result.n + 1);
    const char *error = graph_interpret(g, symbols, in, want, NULL, arena);
    if (error) return error;
    error = call_machine(m, looks, symbols, in, got, 1, arena);
    if (error) return error;
    static const int samples[] = {4, 40, 1000}; /* many where the greatest of almost equal elements gets the gradient */
    for (int i = 0; i < 3 && (i == 0 || error); i++)
        error = compare(g, got, want, bound_of(g, symbols, in, want, samples[i], arena), arena);
    if (error) return error;
    error = call_machine(m, looks, symbols, in, more, p->threads, arena);
    for (uint32_t i = 0; i < g->result.n && !error; i++)
        if (!values_same_bits(&got[i], &more[i])) error = arena_print(arena, "result %u differs with %d threads", i, p->threads);
    if (error || !plain) return error;
    error = machine_call(plain, symbols, in, more, 1, arena);
    for (uint32_t i = 0; i < plain->source->result.n && !error; i++)
        if (!values_same_bits(&got[i], &more[i])) error = arena_print(arena, "result %u differs without prints", i);
    return error;
}

static bool has_bands(const Kernel *k)
{
    bool some = k->band != NULL;
    for (uint32_t i = 0; i < k->body.n; i++)
        some |= has_bands(k->body.at[i]);
    return some;
}

/* The first call by kernels that were made with other options; `exact`: zeros with their sign. */
static const char *check_another(const Plan *p, const Machine *m, const MachineOptions *options, bool exact, const char *what, Arena *arena)
{
    Machine other;
    const Graph *g = m->source;
    machine_lay_out(&other, arena, (Graph *)(uintptr_t)g);
    int64_t *symbols = ARENA_ARRAY(arena, int64_t, symbol_count(m->module->dims) + 1);
    sizes_choose(g, p->seed, 0, symbols);
    TensorValue *in = gen_values(arena, g, p->seed, symbols);
    TensorValue *got = ARENA_ARRAY(arena, TensorValue, g->result.n + 1), *want = ARENA_ARRAY(arena, TensorValue, g->result.n + 1);
    const char *error = machine_compile(&other, options);
    if (!error) error = machine_call(m, symbols, in, got, 1, arena);
    if (!error) error = machine_call(&other, symbols, in, want, 1, arena);
    for (uint32_t i = 0; i < g->result.n && !error; i++) {
        if (exact && !values_same_numbers(&got[i], &want[i])) error = arena_print(arena, "result %u has other bits without %s", i, what);
        for (int64_t e = 0; e < want[i].count && !error && !exact; e++)
            if (!values_close(values_element(&got[i], e), values_element(&want[i], e), 0))
                error = arena_print(arena, "result %u [%lld] has other bits without %s", i, (long long)e, what);
    }
    machine_free(&other);
    return error;
}

/* What is masked adds zeros: the bits are those of kernels that do all of it, but for the sign of a zero. */
static const char *check_without_bands(const Plan *p, const Machine *m, Arena *arena)
{
    MachineOptions options = p->machine;
    bool some = false;
    for (uint32_t i = 0; i < m->p->kernel.n; i++)
        some |= has_bands(m->p->kernel.at[i]);
    options.least_band = -1;
    return some ? check_another(p, m, &options, false, "bands", arena) : NULL;
}

/* What is computed again has the same bits. */
static const char *check_with_memory(const Plan *p, const Machine *m, Arena *arena)
{
    MachineOptions options = p->machine;
    options.most_work = 0;
    return m->p->remade ? check_another(p, m, &options, true, "a limit of memory", arena) : NULL;
}

/* Machines without vectors compute the same. */
static const char *check_without_vectors(const Plan *p, const Machine *m, Arena *arena)
{
    MachineOptions options = p->machine;
    options.scalar = true;
    return p->seed % 5 == 0 ? check_another(p, m, &options, true, "vectors", arena) : NULL;
}

/* Small code does, too, with one thread. */
static const char *check_small(const Plan *p, const Machine *m, Arena *arena)
{
    MachineOptions options = p->machine;
    options.compact = true;
    return p->seed % 3 == 0 ? check_another(p, m, &options, true, "-Os", arena) : NULL;
}

/* A machine with AMX does so by tiles. */
static const char *check_with_tiles(const Plan *p, const Machine *m, Arena *arena)
{
    MachineOptions options = p->machine;
    options.amx = amx_usable() && !options.cpu && !options.strict;
    return p->operands && options.amx ? check_another(p, m, &options, true, "tiles", arena) : NULL;
}

/* Nor do items of groups, or where values lie in memory, change a bit. */
static const char *check_with_other_places(const Plan *p, const Machine *m, Arena *arena)
{
    MachineOptions options = p->machine;
    options.no_reuse = !options.no_reuse;
    options.least_group = options.least_group ? 0 : 1;
    return p->seed % 5 == 1 ? check_another(p, m, &options, true, "these groups and this sharing of memory", arena) : NULL;
}

static const char *check_other_ways(const Plan *p, const Machine *m, Arena *arena)
{
    const char *error = check_without_bands(p, m, arena);
    if (!error) error = check_with_memory(p, m, arena);
    if (!error) error = check_without_vectors(p, m, arena);
    if (!error) error = check_with_other_places(p, m, arena);
    if (!error) error = check_with_tiles(p, m, arena);
    return error ? error : check_small(p, m, arena);
}

/* Shared with the children. */
static volatile struct Shared {
    uint64_t at, refused; /* the seed at work; programs that are not valid */
} *shared;

/* g is without them as yet, where it is no program. */
static Graph *without_looks(const Plan *p, Graph *g, Arena *arena)
{
    Plan unseen = *p;
    const char *messages = NULL;
    unseen.unseen = true;
    if (p->source) return plan_graph(&unseen, arena, &messages);
    Graph *without = ARENA_NEW(arena, Graph);
    *without = looks_removed(g);
    return without;
}

static const char *check_plan(const Plan *p, Arena *arena)
{
    Machine m, plain = {0};
    const char *messages = NULL;
    Graph *g = plan_graph(p, arena, &messages);
    if (!g) {
        shared->refused++;
        if (getenv("NNC_FUZZ_REFUSED")) printf("%s\n", messages), fflush(stdout);
        return NULL;
    }
    const char *error = graph_verify(g, arena);
    if (error) return arena_print(arena, "generator: %s", error);
    Graph without = *without_looks(p, g, arena);
    if (p->looks && !p->source && !p->text) looks_add(g, p->seed);
    machine_lay_out(&m, arena, g);
    error = machine_compile(&m, &p->machine);
    const Looks looks = looks_find(g);
    if (p->looks && !p->once && !error) {
        machine_lay_out(&plain, arena, &without);
        error = machine_compile(&plain, &p->machine);
    }
    for (uint64_t k = 0; k < 2 && !error; k++) {
        Arena scratch = {0};
        error = check_call(p, &m, &looks, p->looks && !p->once ? &plain : NULL, k, &scratch);
        if (error) error = arena_print(arena, "call %d: %s", (int)k, error);
        arena_free(&scratch);
    }
    if (!error && !p->once) error = check_other_ways(p, &m, arena);
    machine_free(&m);
    machine_free(&plain);
    return error;
}

/* ---- children: a crash ends one of them, not the run ---- */

enum { FAILED = 9, TIME_LIMIT = 60 /* seconds of the processor per seed */ };

static void limit_time(void)
{
    setitimer(ITIMER_PROF, &(struct itimerval){.it_value = {.tv_sec = TIME_LIMIT}}, NULL);
}

static bool fails(const Plan *p, bool quiet)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        Arena arena = {0};
        if (quiet && !freopen("/dev/null", "w", stderr)) _exit(FAILED);
        limit_time();
        const char *error = check_plan(p, &arena);
        if (error && !quiet) printf("  %s\n", error);
        fflush(NULL);
        _exit(error ? FAILED : 0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0) return true;
    if (WIFSIGNALED(status) && !quiet) printf("  ended by signal %d\n", WTERMSIG(status));
    return status != 0;
}

static void write_graph(const Plan *p, const char *folder)
{
    Arena arena = {0};
    Text text = {.arena = &arena};
    const char *messages = NULL;
    if (p->source) {
        gen_source(&text, p->seed, p->gen.n_nodes);
    } else {
        Graph *g = plan_graph(p, &arena, &messages);
        if (p->looks) looks_add(g, p->seed);
        module_print(g->module, &(const Graph *){g}, 1, &text);
    }
    const char *path = arena_print(&arena, "%s/fuzz-%llu.%s", folder, (unsigned long long)p->seed, p->source ? "nn" : "tir");
    FILE *f = fopen(path, "w");
    if (!f || fputs(text_c(&text), f) < 0 || fclose(f) != 0)
        printf("  cannot write %s\n", path);
    else
        printf("  %s\n", path);
    arena_free(&arena);
}

/* Fewer operations, one result, no gradients, the usual machine: as far as it still fails. */
static Plan minimise(Plan p)
{
    Plan t = p;
    for (t.gen.n_nodes = 1; t.gen.n_nodes < p.gen.n_nodes; t.gen.n_nodes++)
        if (fails(&t, true)) break;
    p = t;
    t.gradients = false;
    if (p.gradients && fails(&t, true)) p = t;
    t = p;
    t.looks = false;
    if (p.looks && fails(&t, true)) p = t;
    t = p;
    for (t.only = 0; t.only < 20; t.only++)
        if (fails(&t, true)) {
            p = t;
            break;
        }
    bool *const flags[] = {&t.machine.no_fusion, &t.machine.no_reuse, &t.machine.strict};
    for (int i = 0; i < 3; i++) {
        t = p;
        if (!*flags[i]) continue;
        *flags[i] = false;
        if (fails(&t, true)) p = t;
    }
    t = p;
    t.machine.cpu = NULL;
    if (p.machine.cpu && fails(&t, true)) p = t;
    return p;
}

static void report(uint64_t seed, bool source, const char *folder)
{
    Plan p = planned(seed, source);
    plan_print(&p);
    if (!fails(&p, false)) {
        printf("  does not fail alone\n");
        return;
    }
    p = minimise(p);
    printf("smallest: ");
    plan_print(&p);
    fails(&p, false);
    write_graph(&p, folder);
    fflush(stdout);
}

/* Seeds from..to in one child; the seed where it stopped, or `to` when all passed. */
static uint64_t run_chunk(uint64_t from, uint64_t to, bool source)
{
    shared->at = from;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stderr)) _exit(FAILED);
        for (; shared->at < to; shared->at++) {
            Arena arena = {0};
            Plan p = planned(shared->at, source);
            limit_time();
            if (check_plan(&p, &arena)) _exit(FAILED);
            arena_free(&arena);
        }
        _exit(0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0) return from;
    return shared->at;
}

/* How many of the ways to compile a graph that was written are wrong. */
static int check_written(const char *path)
{
    Arena arena = {0};
    const char *text = plan_text(&arena, path);
    if (!text) return printf("%s: cannot be read\n", path), 1;
    int failed = 0;
    for (int way = 0; way < PLAN_WAYS; way++) {
        Plan p = plan_written(text, way);
        if (!fails(&p, true)) continue;
        printf("%s: ", path);
        plan_print(&p);
        fails(&p, false);
        failed++;
    }
    arena_free(&arena);
    return failed;
}

static int check_all_written(char **path)
{
    int failed = 0;
    for (; *path; path++)
        failed += check_written(*path);
    return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
    uint64_t seed = 1, count = 100, failed = 0;
    const char *folder = ".";
    bool keep = false, source = false, write = false;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) return 3;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--keep") == 0)
            keep = true;
        else if (strcmp(argv[i], "--source") == 0)
            source = true;
        else if (strcmp(argv[i], "--once") == 0)
            once = true;
        else if (strcmp(argv[i], "--write") == 0)
            write = true;
        else if (strcmp(argv[i], "--graph") == 0)
            return check_all_written(argv + i + 1);
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            seed = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--count") == 0 && i + 1 < argc)
            count = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--out") == 0 && i + 1 < argc)
            folder = argv[++i];
        else
            return fprintf(stderr,
                           "fuzz_compile [--source] [--seed S] [--count N] [--once] [--out FOLDER] [--keep | --write] or --graph FILE\n"),
                   2;
    }
    if (write) {
        Plan p = planned(seed, source);
        return write_graph(&p, folder), 0;
    }
    uint64_t next = seed, end = seed + count;
    while (next < end && (keep || failed < 10)) {
        uint64_t to = next + 200 < end ? next + 200 : end;
        uint64_t stopped = run_chunk(next, to, source);
        if (stopped < to) {
            failed++;
            report(stopped++, source, folder);
        }
        next = stopped;
    }
    printf("%llu random %s compiled and compared, %llu failed, %llu not valid\n", (unsigned long long)(next - seed),
           source ? "programs" : "graphs", (unsigned long long)failed, (unsigned long long)shared->refused);
    if (shared->refused * 20 > count) failed++; /* the generator is wrong then */
    return failed ? 1 : 0;
}
