/* SPDX-License-Identifier: MIT
 * steps.c: what of a step allows its batch to be divided (runtime/run/shards.c). */
#include "emit/emit.h"

/* Does an instruction only add to the sum that it sets? */
static bool adds(const CoreBody *body, const CoreIns *set)
{
    const CoreIns *add = &body->ins.at[set->in[0] - 1];
    for (uint32_t i = 0; add->op == CORE_add && i < 2; i++) {
        const CoreIns *sum = &body->ins.at[add->in[i] - 1];
        if (sum->op == CORE_report_sum && sum->attr[0] == set->attr[0]) return true;
    }
    return false;
}

/* Sums of parts of a batch can only be added. */
int32_t emit_odd_sum(const EmitProgram *e, const EmitEntry *entry)
{
    const CoreEntry *core = entry->lowered->core;
    const EntryLayout *l = &entry->layout;
    if (e->targets->at[0].compact) return -1;
    for (uint32_t k = 0; k < entry->n_codes; k++)
        for (uint32_t i = 0; i < core->body[k]->ins.n; i++) {
            const CoreIns *set = &core->body[k]->ins.at[i];
            if (set->op != CORE_report_sum_set || adds(core->body[k], set)) continue;
            return (int32_t)((l->sum_at.at[set->attr[0] + 1] - l->sum_offset) / 8 + 1);
        }
    return 0;
}

/* Does a kernel read what an update writes, or a gradient? */
static bool reads_update(const EmitProgram *e, const EmitEntry *entry, const KProgram *p, const Kernel *k)
{
    for (uint32_t i = 0; i < k->rd.n; i++) {
        const Buf *b = &p->buf.at[k->rd.at[i].buf];
        if (b->cls == BUF_MODEL && b->place < e->layout.state_offset) return true;
        if (b->cls == BUF_TRAIN && b->place < entry->layout.sum_offset) return true;
    }
    for (uint32_t i = 0; i < k->body.n; i++)
        if (reads_update(e, entry, p, k->body.at[i])) return true;
    return false;
}

/* In every code that makes the statement nothing behind it depends on its update. */
bool emit_is_last(const EmitProgram *e, const EmitEntry *entry, uint32_t statement)
{
    for (uint32_t c = 0; c < entry->n_codes; c++) {
        const KProgram *p = entry->code[c].k;
        bool made = false;
        for (uint32_t i = 0; i < p->kernel.n; i++) {
            const Kernel *k = p->kernel.at[i];
            if (made && (k->kind == K_UPDATE || reads_update(e, entry, p, k))) return false;
            made |= k->kind == K_UPDATE && k->statement == (int64_t)statement;
        }
    }
    return true;
}
