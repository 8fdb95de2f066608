/* SPDX-License-Identifier: MIT
 * count.c: one call of the first export, one example, of an object with its weights inside: a hash of the results, and on a Cortex-M the
 * instructions that it takes (tests/cross/count). Under `qemu -icount shift=0` one takes a nanosecond, so the system timer counts
 * them, TICK to one. */
#include "nnrt_abi.h"

enum { ARENA = 8 << 20, TICK = 40 /* of the board's 25 MHz */, WHOLE = 0xFFFFFF };
extern const nnrt_program net_program;
extern const unsigned char net_core_weights[];
void show(const char *text);

static _Alignas(NNRT_ALIGN) unsigned char arena[ARENA];
static uint64_t used;

static void *take(uint64_t bytes)
{
    void *at = arena + used;
    used += (bytes + NNRT_ALIGN - 1) / NNRT_ALIGN * NNRT_ALIGN;
    return used <= ARENA ? at : NULL;
}

/* Numbers from 0 to 1, indices 0. */
static void *argument(const nnrt_arg *a, const int64_t *table)
{
    static uint32_t state = 1;
    int64_t n = table[a->bytes_entry];
    unsigned char *at = take((uint64_t)n * 8);
    for (int64_t i = 0; at && a->dtype == NNRT_F32 && i < n; i++) {
        state = state * 1664525u + 1013904223u;
        ((float *)at)[i] = (float)(state >> 8) / 0x1000000;
    }
    return at;
}

static const nnrt_entry *first_export(void)
{
    for (int32_t i = 0; i < net_program.n_entries; i++)
        if (net_program.entry[i]->kind == NNRT_EXPORT_ENTRY) return net_program.entry[i];
    return NULL;
}

#ifdef __arm__
static volatile uint32_t *const timer = (volatile uint32_t *)0xE000E010;

static void start_timer(void)
{
    timer[1] = WHOLE, timer[2] = 0, timer[0] = 5; /* the processor's clock, on */
}

/* 0: more than it can count */
static uint32_t instructions(void)
{
    uint32_t left = timer[2];
    return timer[0] & 1u << 16 ? 0 : (WHOLE - left) * TICK;
}
#else
static void start_timer(void)
{
}
static uint32_t instructions(void)
{
    return 0;
}
#endif

static void show_number(uint32_t n)
{
    static char digits[12];
    char *at = digits + sizeof digits - 1;
    do
        *--at = (char)('0' + n % 10);
    while (n /= 10);
    show(at);
}

static uint32_t hash_of(const unsigned char *at, int64_t n)
{
    uint32_t hash = 2166136261u;
    for (int64_t i = 0; i < n; i++)
        hash = (hash ^ at[i]) * 16777619u;
    return hash;
}

static int fail(int code, const char *what)
{
    show(what);
    return code;
}

int main(void)
{
    const nnrt_entry *entry = first_export();
    static int64_t sizes[NNRT_MAX_SIZES], table[4096];
    void *args[NNRT_MAX_ARGS];
    if (!entry || entry->code[0]->n_table > 4096) return fail(1, "no such export");
    for (int i = 0; i < entry->n_sizes; i++)
        sizes[i] = 1;
    if (entry->code[0]->prologue(table, sizes)) return fail(2, "sizes");
    for (int i = 0; i < entry->n_args + entry->n_results; i++)
        if (!(args[i] = argument(&entry->code[0]->arg[i], table))) return fail(3, "arguments need more memory");
    nnrt_call call = {.size = sizeof call, .work_bytes = net_program.core->work(entry, sizes, 1)};
    call.work = take(call.work_bytes);
    if (!call.work) return fail(4, "the call needs more memory");
    void *model = (void *)(uintptr_t)net_core_weights;
    start_timer();
    if (net_program.core->call(&net_program, entry, model, NULL, &call, sizes, args)) return fail(5, "the call fails");
    uint32_t count = instructions();
    const nnrt_arg *result = &entry->code[0]->arg[entry->n_args];
    int64_t bytes = table[result->bytes_entry] * (result->dtype == NNRT_F32 || result->dtype == NNRT_I32 ? 4 : 1);
    show_number(hash_of(args[entry->n_args], bytes));
    show_number(count);
    return 0;
}
