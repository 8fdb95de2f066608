/* SPDX-License-Identifier: MIT
 * train.c: STEPS steps, of ROWS examples each, of any program's training on numbers that are drawn here, and a hash of the weights; of
 * every target the same text (tests/cross/run). Compiled with the object of `nnc -c --prefix=net`; hosts without a C library have bare.c
 * beside it. */
#include "nnrt_abi.h"

#ifndef ARENA_MB /* boards have less */
#define ARENA_MB 128
#endif
enum { ARENA = ARENA_MB << 20 };
extern const nnrt_program net_program;
void show(const char *text); /* without a C library: of the host */

static _Alignas(NNRT_ALIGN) unsigned char arena[ARENA];
static uint64_t used;
static uint32_t state = 1;

static void *take(uint64_t bytes)
{
    void *at = arena + used;
    used += (bytes + NNRT_ALIGN - 1) / NNRT_ALIGN * NNRT_ALIGN;
    return used <= ARENA ? at : NULL;
}

static uint32_t draw(void)
{
    state = state * 1664525u + 1013904223u;
    return state >> 8;
}

/* An argument that holds n elements: integers below the bound of their type, other numbers from -1 to 1. */
static void *argument(const nnrt_arg *a, const int64_t *table)
{
    int64_t n = table[a->bytes_entry], bound = a->bound_entry < 0 ? 2 : table[a->bound_entry];
    unsigned char *at = take((uint64_t)n * 8);
    for (int64_t i = 0; at && i < n; i++) {
        if (a->dtype == NNRT_F32)
            ((float *)at)[i] = (float)draw() / 0x800000 - 1;
        else if (a->dtype == NNRT_I32)
            ((int32_t *)at)[i] = (int32_t)(draw() % (uint32_t)bound);
        else
            at[i] = draw() & 1;
    }
    return at;
}

static const nnrt_entry *first_train(void)
{
    for (int32_t i = 0; i < net_program.n_entries; i++)
        if (net_program.entry[i]->kind == NNRT_TRAIN_ENTRY) return net_program.entry[i];
    return NULL;
}

static void put_bits(char *to, uint64_t bits)
{
    for (int i = 0; i < 16; i++)
        to[i] = "0123456789abcdef"[bits >> (60 - 4 * i) & 15];
}

static int fail(int code, const char *what)
{
    show(what);
    return code;
}

int main(void)
{
    const nnrt_entry *entry = first_train();
    const nnrt_core_table *core = net_program.core;
    static int64_t sizes[NNRT_MAX_SIZES], table[4096];
    static double reports[64];
    void *args[NNRT_MAX_ARGS];
    if (!entry || entry->code[0]->n_table > 4096 || entry->n_report_values > 64) return fail(1, "no such training");
    for (int i = 0; i < entry->n_sizes; i++)
        sizes[i] = ROWS;
    if (entry->code[0]->prologue(table, sizes)) return fail(2, "sizes");
    for (int i = 0; i < entry->n_args; i++)
        if (!(args[i] = argument(&entry->code[0]->arg[i], table))) return fail(3, "arguments need more memory");
    nnrt_call call = {.size = sizeof call, .work_bytes = core->work(entry, sizes, 1)};
    void *model = take(net_program.model_bytes), *area = take(entry->train_bytes);
    call.work = take(call.work_bytes);
    if (!model || !area || !call.work) return fail(4, "training needs more memory");
    if (core->init(&net_program, model, 1) || core->train_init(&net_program, entry, area, 1)) return fail(5, "init");
    double first = 0;
    int64_t examples;
    for (int step = 0; step < STEPS; step++) {
        if (core->call(&net_program, entry, model, area, &call, sizes, args)) return fail(6, "step");
        core->report(&net_program, entry, area, reports, &examples, 1);
        if (step == 0) first = reports[0];
    }
    uint64_t hash = 14695981039346656037u;
    for (uint64_t i = 0; i < net_program.model_bytes; i++)
        hash = (hash ^ ((unsigned char *)model)[i]) * 1099511628211u;
    union {
        double d;
        uint64_t i;
    } loss = {.d = reports[0]};
    static char text[] = "................ ................";
    put_bits(text, hash);
    put_bits(text + 17, loss.i);
    show(text);
    return reports[0] < first ? 0 : fail(7, "it does not learn");
}
