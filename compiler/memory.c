/* SPDX-License-Identifier: MIT
 * memory.c: `--memory`, what a step of a training may take at most: the model, what the training keeps (gradients, slots, sums),
 * and the work of a call on one thread, as `summary` shows them.
 *
 * Only the work can be had for less: the kernels are built with what is left for it. How much scratch they want, and how
 * well their buffers fit together, is known behind them and behind the loops: what is too much is then kept in reserve. */
#include "memory.h"

#include "kernel/kernel.h"
#include "nnrt_abi.h"

enum { MOST_ROUNDS = 8, LEAST_WORK = 1 };

/* Without --memory, in a step of many bytes only what costs next to nothing is computed again. */
static const int64_t many_bytes = 128000000;
static const double cheap = 0.01;

static int64_t align64(int64_t n)
{
    return (n + 63) & ~(int64_t)63;
}

static int64_t partial_bytes(const EmitEntry *entry)
{
    return align64(8 * entry->n_partials);
}

static bool is_train(const EmitEntry *entry)
{
    return entry->lowered->core && entry->lowered->core->kind == ENTRY_TRAIN;
}

KProgram *memory_build(Nnc *cx, const EmitProgram *e, const EmitEntry *entry, uint32_t code, KernelOptions *options)
{
    const Graph *g = entry->lowered->step[code];
    if (!cx->o->memory && is_train(entry) && !cx->o->no_reuse) options->most_work = many_bytes, options->most_again = cheap;
    if (!cx->o->memory || !is_train(entry)) return kernel_build(&cx->arena, g, &e->layout, &entry->layout, options);
    int64_t kept = e->layout.model_bytes + align64(entry->layout.total_bytes) + partial_bytes(entry);
    int64_t left = cx->o->memory - kept - entry->reserve, bytes = 0;
    options->own_bytes = entry->own_bytes[code];
    options->most_work = left < LEAST_WORK ? LEAST_WORK : left;
    for (int round = 0; round < MOST_ROUNDS; round++) {
        const KProgram *k = kernel_build(&cx->scratch, g, &e->layout, &entry->layout, options);
        bytes = kernel_work_bytes(k, &cx->scratch, options->sample);
        bool done = bytes <= left || k->least;
        arena_clear(&cx->scratch);
        if (done) break;
        options->most_work = options->most_work > bytes - left ? options->most_work - (bytes - left) : LEAST_WORK;
    }
    return kernel_build(&cx->arena, g, &e->layout, &entry->layout, options);
}

/* ---- behind the loops --------------------------------------------------------------------------------- */

static int64_t work_bytes(Nnc *cx, const EmitProgram *e, const EmitEntry *entry)
{
    int64_t most = 0;
    const int64_t *sample = emit_sample(e, entry->lowered->core);
    for (uint32_t c = 0; c < entry->n_codes; c++) {
        const KProgram *k = entry->code[c].k;
        int64_t bytes = kernel_work_bytes(k, &cx->scratch, sample) + align64(k->scratch_bytes);
        if (bytes > most) most = bytes;
    }
    arena_clear(&cx->scratch);
    return most + partial_bytes(entry);
}

static const char *size_text(Nnc *cx, int64_t bytes)
{
    if (bytes < 10000) return arena_print(&cx->arena, "%lld bytes", (long long)bytes);
    if (bytes < 10000000) return arena_print(&cx->arena, "%.1f kB", (double)bytes / 1e3);
    return arena_print(&cx->arena, "%.1f MB", (double)bytes / 1e6);
}

/* To the byte: the user may ask for just so many. */
static const char *exact_text(Nnc *cx, int64_t bytes)
{
    const char *text = size_text(cx, bytes);
    return bytes < 10000 ? text : arena_print(&cx->arena, "%s (%lld bytes)", text, (long long)bytes);
}

/* Where most is in use, in the program: ", most of it at net.block (net.nn:12)". */
static const char *place_text(Nnc *cx, const EmitProgram *e, const EmitEntry *entry)
{
    const KProgram *k = entry->code[0].k;
    const Loc *loc = &k->module->loc.at[k->most_loc];
    int line = emit_line(e, loc->span);
    const char *path = loc->path && *loc->path ? arena_print(&cx->arena, " in %s", loc->path) : "";
    return line ? arena_print(&cx->arena, ", most of it around line %d%s", line, path) : "";
}

static void fail(Nnc *cx, const EmitProgram *e, const EmitEntry *entry, int64_t work)
{
    int64_t model = e->layout.model_bytes, area = entry->train_bytes, all = model + area + work;
    const CoreEntry *core = entry->lowered->core;
    const char *batch = core->head.batch > 0 ? arena_print(&cx->arena, " with batches of %lld", (long long)core->head.batch) : "";
    driver_fail(cx, 1,
                arena_print(&cx->arena,
                            "%s: error E0606: --memory=%s is too little: a step of train %s%s takes at least %s: the model %s, "
                            "gradients and what the optimizer keeps %s, values %s%s",
                            cx->o->input, size_text(cx, cx->o->memory), core->name, batch, exact_text(cx, all), size_text(cx, model),
                            size_text(cx, area), size_text(cx, work), place_text(cx, e, entry)));
}

MemoryAnswer memory_fits(Nnc *cx, EmitProgram *e, int round)
{
    MemoryAnswer answer = MEMORY_FITS;
    for (uint32_t i = 0; i < e->entry.n && cx->o->memory; i++) {
        EmitEntry *entry = &e->entry.at[i];
        if (!is_train(entry)) continue;
        int64_t work = work_bytes(cx, e, entry), more = e->layout.model_bytes + entry->train_bytes + work - cx->o->memory;
        bool least = false;
        for (uint32_t c = 0; c < entry->n_codes; c++)
            least |= entry->code[c].k->least;
        if (more <= 0) continue;
        if (least || round == MOST_ROUNDS) {
            fail(cx, e, entry, work);
            return MEMORY_FAILS;
        }
        if (entry->own_bytes[0]) entry->reserve += more;
        for (uint32_t c = 0; c < entry->n_codes; c++)
            entry->own_bytes[c] = kernel_own_bytes(entry->code[c].k, &cx->arena);
        answer = MEMORY_AGAIN;
    }
    return answer;
}
