/* SPDX-License-Identifier: MIT
 * graph_plans.c: what the compiler decides for random graphs, beside what it decided before.
 *
 *   graph_plans EXPECTED COUNT FILE.tir ...
 *   graph_plans --show SEED
 *
 * The graphs of seeds 1 to COUNT, programs with these seeds, and graphs that were written: for each a line with the number of its
 * kernels, buffers and loops and with sums of both listings. EXPECTED has these lines (see plans/plans.sh). --show prints the
 * listings of a seed. Nothing is run: fuzz_compile does that. */
#include "fuzz/look.h"
#include "fuzz/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a */
static uint64_t sum_of(const char *text)
{
    uint64_t sum = 0xCBF29CE484222325u;
    for (; *text; text++)
        sum = (sum ^ (uint8_t)*text) * 0x100000001B3u;
    return sum;
}

static int count(const char *text, const char *what)
{
    int n = 0;
    for (; (text = strstr(text, what)); text++)
        n++;
    return n;
}

/* Of machines that do not depend on this one. */
static const char *target_of(const Plan *p, uint64_t k, Arena *arena, CgTarget *target)
{
    static const char *const cpus[] = {"x86-64", "x86-64-v3", "x86-64-v4"};
    *target = (CgTarget){.triple = "x86_64-linux-gnu", .cpu = cpus[k % 3], .compact = k % 8 == 5, .bf16 = p->operands};
    if (p->operands) target->more = "+amx-tile,+amx-bf16";
    const char *error = codegen_target(arena, target, p->machine.strict);
    if (p->operands && k % 2) target->loop.amx = AMX_wherever_it_can;
    return error;
}

/* NULL, or why there are none. */
static const char *listings(const Plan *p, uint64_t k, Arena *arena, Text *kernels, Text *loops)
{
    Machine m;
    const char *messages = NULL;
    Graph *g = plan_graph(p, arena, &messages);
    if (!g) return "is not valid";
    if (p->looks && !p->source && !p->text) looks_add(g, p->seed);
    CgTarget target;
    machine_lay_out(&m, arena, g);
    const char *error = target_of(p, k, arena, &target);
    if (!error) error = machine_kernels(&m, &p->machine);
    if (error) return error;
    kernel_print(m.p, kernels);
    loop_print(machine_loops(&m, &target.loop), loops);
    return NULL;
}

static void add_line(const Plan *p, uint64_t k, const char *name, Text *out)
{
    Arena arena = {0};
    Text kernels = {.arena = &arena}, loops = {.arena = &arena};
    const char *error = listings(p, k, &arena, &kernels, &loops);
    if (error)
        text_add(out, "%s: %s\n", name, error);
    else
        text_add(out, "%s: %d kernels of %d buffers, %016llx; %d loops, %016llx\n", name, count(text_c(&kernels), "\nk"),
                 count(text_c(&kernels), "\nbuf "), (unsigned long long)sum_of(text_c(&kernels)), count(text_c(&loops), " loop "),
                 (unsigned long long)sum_of(text_c(&loops)));
    arena_free(&arena);
}

static int show(uint64_t seed)
{
    Arena arena = {0};
    Text kernels = {.arena = &arena}, loops = {.arena = &arena};
    const Plan p = plan_of(seed, false);
    plan_print(&p);
    const char *error = listings(&p, seed, &arena, &kernels, &loops);
    printf("%s%s%s", error ? error : "", text_c(&kernels), text_c(&loops));
    arena_free(&arena);
    return error != NULL;
}

static void add_written(Arena *arena, const char *path, Text *out)
{
    const char *text = plan_text(arena, path), *name = strrchr(path, '/');
    for (int way = 0; text && way < PLAN_WAYS; way += 5) {
        Plan p = plan_written(text, way);
        add_line(&p, (uint64_t)way, arena_print(arena, "%s %d", name ? name + 1 : path, way), out);
    }
}

/* The lines that differ, of texts with the same names in the same order. */
static int compare(const char *was, const char *is)
{
    int differ = 0;
    while (*was && *is) {
        int n = (int)strcspn(was, "\n"), m = (int)strcspn(is, "\n");
        if (n != m || strncmp(was, is, (size_t)n) != 0) {
            differ++;
            printf("< %.*s\n> %.*s\n", n, was, m, is);
        }
        was += n + (was[n] == '\n');
        is += m + (is[m] == '\n');
    }
    if (*was || *is) differ++, printf("one list is longer\n");
    if (differ)
        printf("%d graphs: the compiler decides otherwise than before (graph_plans --show SEED); where that is meant: tools/record\n",
               differ);
    return differ != 0;
}

int main(int argc, char **argv)
{
    Arena arena = {0};
    Text out = {.arena = &arena};
    if (argc == 3 && strcmp(argv[1], "--show") == 0) return show(strtoull(argv[2], NULL, 10));
    if (argc < 3) return fprintf(stderr, "graph_plans EXPECTED COUNT FILE.tir ..., or --show SEED\n"), 2;
    bool update = getenv("NNC_UPDATE") != NULL;
    for (uint64_t seed = 1, n = strtoull(argv[2], NULL, 10); seed <= n; seed++)
        for (int source = 0; source < 2; source++) {
            const Plan p = plan_of(seed, source);
            if (!source || seed % 4 == 0) add_line(&p, seed, arena_print(&arena, "%s %d", source ? "program" : "graph", (int)seed), &out);
        }
    for (int i = 3; i < argc; i++)
        add_written(&arena, argv[i], &out);
    const char *was = update ? "" : plan_text(&arena, argv[1]);
    int status = 0;
    if (update) {
        FILE *f = fopen(argv[1], "w");
        status = !f || fputs(text_c(&out), f) < 0 || fclose(f) != 0;
    } else {
        status = was ? compare(was, text_c(&out)) : (printf("%s cannot be read\n", argv[1]), 1);
    }
    arena_free(&arena);
    return status;
}
