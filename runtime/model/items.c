/* SPDX-License-Identifier: MIT
 * items.c: the tensors of a checkpoint. */
#include "model/items.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/dtype.h"
#include "base/shape.h"
#include "model/manifest.h"

const char *item_dtype(int dtype)
{
    static const char names[][5] = {[NNRT_F32] = "F32", [NNRT_F64] = "F64", [NNRT_I32] = "I32", [NNRT_I64] = "I64",  [NNRT_BOOL] = "BOOL",
                                    [NNRT_U8] = "U8",   [NNRT_I8] = "I8",   [NNRT_F16] = "F16", [NNRT_BF16] = "BF16"};
    return names[dtype];
}

int item_rename(Item *it, const char *format, ...)
{
    va_list args;
    char *text = NULL;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    if (n < 0) return rt_no_memory();
    free(it->own_name);
    it->name = it->own_name = text;
    return NNRT_OK;
}

/* Item i, new and empty but for what it is; NULL without memory. */
static Item *add_item(Items *items, int dtype, int rank, const int64_t *dim, void *data)
{
    if (!rt_more(&items->at, items->n, sizeof *items->at)) {
        rt_no_memory();
        return NULL;
    }
    Item *it = &items->at[items->n++];
    *it = (Item){.name = "", .dtype = dtype, .rank = rank, .dim = dim, .data = data, .count = (uint64_t)shape_size(rank, dim)};
    it->bytes = it->count * dtype_bytes(dtype);
    return it;
}

/* Parameters and states; then the averages of the parameters, where there are some. */
static int add_tensors(const nnrt *m, Items *items)
{
    const nnrt_program *p = m->program;
    int code = NNRT_OK;
    for (int averages = 0; averages < (m->ema ? 2 : 1); averages++) {
        for (int32_t i = 0; i < p->n_tensors && !code; i++) {
            const nnrt_tensor_info *t = &p->tensor[i];
            if (averages && t->is_state) continue;
            char *data = averages ? (char *)m->ema + t->offset - MODEL_HEAD : (char *)m->model + t->offset;
            Item *it = add_item(items, t->dtype, t->rank, t->dim, data);
            if (!it) return NNRT_E_MEM;
            it->name = t->name;
            it->stride = t->stride;
            it->optional = averages;
            if (averages) code = item_rename(it, "ema.%s", t->name);
        }
    }
    return code;
}

/* Slot k of statement s is one of an earlier statement too. */
static bool is_shared(const nnrt_entry *e, int32_t s, int32_t k)
{
    bool shared = false;
    for (int32_t o = 0; o < s; o++)
        shared |= e->statement[o].slot_offset[k] == e->statement[s].slot_offset[k];
    return shared;
}

static int add_slots(const nnrt *m, const nnrt_entry *e, char *area, Items *items)
{
    static const int64_t one[1] = {1};
    int code = NNRT_OK, dtype = m->program->float_bytes == 8 ? NNRT_F64 : NNRT_F32;
    items->slot_dim = (int64_t)e->grad_count;
    for (int32_t s = 0; s < e->n_statements && !code; s++) {
        const nnrt_statement *st = &e->statement[s];
        Item *it = add_item(items, NNRT_I64, 1, one, area + st->count_offset);
        code = it ? item_rename(it, "optimizer.%s.%d.count", e->name, s) : NNRT_E_MEM;
        for (int32_t k = 0, slot = 0; k < NNRT_SLOTS && !code; k++) {
            if (!st->slot_offset[k]) continue;
            int32_t number = slot++;
            if (is_shared(e, s, k)) continue;
            it = add_item(items, dtype, 1, &items->slot_dim, area + st->slot_offset[k]);
            code = it ? item_rename(it, "optimizer.%s.%d.slot%d", e->name, s, number) : NNRT_E_MEM;
        }
    }
    return code;
}

const char *items_optimizers(const nnrt *m, int entry, char out[ITEMS_OPTIMIZERS])
{
    *out = 0;
    for (const Json *s = json_list(rt_entry(m, entry), "statements"); s; s = s->next)
        rt_append(out, ITEMS_OPTIMIZERS, "%s%s", *out ? ", " : "", json_text(s, "optimizer", ""));
    return out;
}

/* Sums of the interval that is not reported yet. */
static int add_sums(const nnrt_entry *e, char *area, Items *items)
{
    if (!e->sum_bytes) return NNRT_OK;
    items->sum_dim = (int64_t)(e->sum_bytes / sizeof(double));
    Item *it = add_item(items, NNRT_F64, 1, &items->sum_dim, area + e->sum_offset);
    if (!it) return NNRT_E_MEM;
    it->optional = true;
    return item_rename(it, "report.%s", e->name);
}

int items_collect(const nnrt *m, int entry, Items *items)
{
    int code = add_tensors(m, items);
    if (entry < 0 || code) return code;
    const nnrt_entry *e = m->program->entry[entry];
    code = add_slots(m, e, m->area[entry], items);
    return code ? code : add_sums(e, m->area[entry], items);
}

void items_free(Items *items)
{
    for (int i = 0; i < items->n; i++)
        free(items->at[i].own_name);
    rt_free(items->at);
    *items = (Items){0};
}

size_t item_place(const Item *it, uint64_t e)
{
    return (it->stride ? (size_t)shape_place(it->rank, it->dim, it->stride, (int64_t)e) : (size_t)e) * dtype_bytes(it->dtype);
}
