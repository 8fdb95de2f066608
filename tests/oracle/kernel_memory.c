/* SPDX-License-Identifier: MIT
 * kernel_memory.c: the blocks of a running kernel program, with checks of every access. */
#include "oracle/kernel_memory.h"

int64_t memory_dim(const Memory *m, Dim d)
{
    int64_t v = 0;
    if (d && !dim_eval(m->p->module->dims, d, m->symbols, &v)) BUG("%s: size overflows", m->p->name);
    return v;
}

void memory_fail(Memory *m, const char *format, ...)
{
    if (m->error) return;
    va_list args;
    va_start(args, format);
    const char *text = arena_vprint(m->arena, format, args);
    va_end(args);
    m->error = arena_print(m->arena, "%s: %s", m->kernel ? m->kernel->name : "start", text);
}

static Block block_new(Memory *m, double *number, int64_t n)
{
    Block b = {.number = number, .n = n};
    if (!number) b.cell = ARENA_ARRAY(m->arena, Scalar, n + 1);
    b.owner = ARENA_ARRAY(m->arena, uint32_t, n + 1);
    b.trace = ARENA_ARRAY(m->arena, struct Trace, n + 1);
    return b;
}

static int64_t align64(int64_t n)
{
    return (n + 63) & ~(int64_t)63;
}

/* Places as the prologue computes them; returns the bytes of work. *lent: those of what may lie in the gradient block. */
static int64_t find_places(Memory *m, int64_t *lent)
{
    const KProgram *p = m->p;
    int64_t total = *lent = 0;
    m->offset = ARENA_ARRAY(m->arena, int64_t, p->table.n + 1);
    for (uint32_t k = 0; k < p->place_order.n; k++) {
        uint32_t i = p->place_order.at[k];
        const TableEntry *t = &p->table.at[i];
        for (uint32_t j = 0; j < t->above.n; j++) {
            uint32_t e = t->above.at[j];
            int64_t end = align64(m->offset[e] + memory_dim(m, p->table.at[e].dim));
            if (end > m->offset[i]) m->offset[i] = end;
        }
        int64_t end = align64(m->offset[i] + memory_dim(m, t->dim));
        int64_t *most = t->limit ? lent : &total;
        if (end > *most) *most = end;
    }
    return total;
}

void memory_start(Memory *m, double *const *args, KernelBlocks *blocks)
{
    const KProgram *p = m->p;
    int64_t lent, work = find_places(m, &lent);
    m->work = block_new(m, NULL, work);
    m->lent = block_new(m, NULL, lent);
    m->local = block_new(m, NULL, p->scratch_bytes);
    m->local.trace = NULL; /* a thread's own */
    for (uint32_t i = 1; i < p->buf.n; i++) {
        const Buf *b = &p->buf.at[i];
        if (b->cls != BUF_ARG) continue;
        if (b->index >= 64) BUG("%s: too many arguments", p->name);
        m->arg[b->index] = block_new(m, args[b->index], memory_dim(m, b->elements));
    }
    if (!blocks) return;
    m->counters = (Block){.number = ARENA_ARRAY(m->arena, double, 56), .n = 0};
    for (int i = 0; i < 7; i++)
        m->counters.number[8 * i] = (double)blocks->counters[i];
    m->options = (Block){.number = blocks->options};
    if (blocks->model) m->model = block_new(m, blocks->model, p->layout->model_bytes);
    if (blocks->train) m->train = block_new(m, blocks->train, p->entry->total_bytes);
    if (blocks->sums) m->sums = block_new(m, blocks->sums, p->entry->total_bytes);
}

static Block *block_of(Memory *m, const Buf *b, int64_t *start, int64_t *scale)
{
    *start = b->place;
    *scale = dtype_bytes(b->dtype);
    switch (b->cls) {
    case BUF_MODEL: return &m->model;
    case BUF_TRAIN: return &m->train;
    case BUF_SUMS: return &m->sums;
    case BUF_OPTIONS: return &m->options;
    case BUF_COUNTERS: return &m->counters;
    case BUF_LOCAL: return &m->local;
    case BUF_WORK: *start = m->offset[b->place]; return is_lent(m->p, b) ? &m->lent : &m->work;
    default:
        *start = 0;
        *scale = 1;
        return &m->arg[b->index];
    }
}

void memory_clear_local(Memory *m)
{
    for (int64_t i = 0; i < m->local.n; i++)
        m->local.owner[i] = 0;
}

static Scalar number_scalar(uint8_t dtype, double v)
{
    return dtype_is_float(dtype) ? (Scalar){.f = v} : (Scalar){.i = (int64_t)v};
}

static void note_read(Memory *m, Block *b, int64_t at)
{
    struct Trace *t = &b->trace[at];
    if (t->wrote == m->run && t->writer != m->share) memory_fail(m, "threads race: one reads what another one writes");
    if (t->read != m->run)
        t->reader = m->share;
    else if (t->reader != m->share)
        t->reader = SEVERAL;
    t->read = m->run;
}

static void note_write(Memory *m, Block *b, int64_t at)
{
    struct Trace *t = &b->trace[at];
    if (t->wrote == m->run && t->writer != m->share) memory_fail(m, "threads race: two write one element");
    if (t->read == m->run && t->reader != m->share) memory_fail(m, "threads race: one writes what another one reads");
    t->wrote = m->run;
    t->writer = m->share;
}

/* The bytes of the numbers that lie in a word. */
static Scalar word_of(Memory *m, const Table *t, int64_t word)
{
    int64_t n = 0;
    uint32_t bits = 0;
    dim_is_const(m->p->module->dims, type_count(m->p->module->dims, &t->type), &n);
    for (int64_t i = 0; i < n; i++) {
        int64_t place = table_place(m->p->module->dims, t, i);
        if (place / 4 == word) bits |= (uint32_t)(uint8_t)(int8_t)t->value[i] << 8 * (place % 4);
    }
    return (Scalar){.i = (int32_t)bits};
}

static Scalar table_value(Memory *m, const Buf *b, int64_t element)
{
    const Table *t = &m->p->module->table.at[b->index];
    return t->quads ? word_of(m, t, element) : number_scalar(t->type.dtype, t->value[element]);
}

static bool in_buffer(Memory *m, uint32_t buf, int64_t element)
{
    const Buf *b = &m->p->buf.at[buf];
    int64_t n = memory_dim(m, b->elements);
    if (element >= 0 && element < n) return true;
    memory_fail(m, "element %lld of %%%u (%s), which has %lld", (long long)element, buf, b->name, (long long)n);
    return false;
}

Scalar memory_load(Memory *m, uint32_t buf, int64_t element)
{
    const Buf *b = &m->p->buf.at[buf];
    if (m->error || !in_buffer(m, buf, element)) return (Scalar){0};
    if (b->cls == BUF_CONST) return table_value(m, b, element);
    int64_t start, scale;
    Block *block = block_of(m, b, &start, &scale);
    int64_t at = start + element * scale;
    if (!block->number && !block->cell) {
        memory_fail(m, "a read of a block that is not there");
        return (Scalar){0};
    }
    if (block->n && at >= block->n) memory_fail(m, "%%%u reaches beyond its block", buf);
    if (m->error) return (Scalar){0};
    if (block->trace) note_read(m, block, at);
    if (!block->cell) return number_scalar(b->dtype, block->number[at]);
    for (int64_t i = 0; i < scale; i++)
        if (block->owner[at + i] != buf)
            memory_fail(m, "%%%u [%lld] is read, but %%%u was the last to write there", buf, (long long)element, block->owner[at + i]);
    return block->cell[at];
}

void memory_store(Memory *m, uint32_t buf, int64_t element, Scalar value)
{
    const Buf *b = &m->p->buf.at[buf];
    if (m->error || !in_buffer(m, buf, element)) return;
    int64_t start, scale;
    Block *block = block_of(m, b, &start, &scale);
    int64_t at = start + element * scale;
    if (b->cls == BUF_CONST || !block->n)
        memory_fail(m, "a write to memory that is only read");
    else if (at >= block->n)
        memory_fail(m, "%%%u reaches beyond its block", buf);
    if (m->error) return;
    if (block->trace) note_write(m, block, at);
    for (int64_t i = 0; block->cell && i < scale; i++)
        block->owner[at + i] = buf;
    if (block->cell)
        block->cell[at] = value;
    else
        block->number[at] = dtype_is_float(b->dtype) ? value.f : (double)value.i;
}
