/* SPDX-License-Identifier: MIT
 * warn_bytes.c: pictures in bytes that are fed as they are (W0719). */
#include "sema/warn_bytes.h"

#include <string.h>

#include "sema/data_args.h"
#include "sema/warn_body.h"
#include "sema/warn_range.h"

/* Bytes that have no format of pictures are taken for some if their sizes are theirs: boards and bitmaps are smaller or have
 * more planes. */
static bool is_sized_like_picture(const Sema *s, const CoreType *t)
{
    enum { SMALLEST = 24 };
    int64_t h, w, c = 1;
    if (t->rank < 2 || t->rank > 3 || !dim_is_const(s->dims, t->dim[0], &h) || !dim_is_const(s->dims, t->dim[1], &w)) return false;
    if (t->rank == 3 && !dim_is_const(s->dims, t->dim[2], &c)) return false;
    return h >= SMALLEST && w >= SMALLEST && (c == 1 || c == 3);
}

/* Pictures as a reader finds them: bytes. */
static bool reads_bytes(const Sema *s, const CoreReader *r)
{
    const CoreReaderArg *raw = argument_find(r, "raw"), *dtype = argument_find(r, "dtype");
    bool by_size = !strcmp(r->kind, "raw") && dtype && dtype->text && !strcmp(dtype->text, "u8");
    return !strcmp(r->kind, "idx") || (!strcmp(r->kind, "image_dir") && raw && raw->lo) || (by_size && is_sized_like_picture(s, &r->type));
}

static Range field_range(Sema *s, const CoreField *f)
{
    int64_t bound = 256;
    if (f->bound && (!dim_is_const(s->dims, f->bound, &bound) || bound > 256)) return range_unknown;
    if (f->type.rank < 2) return f->bound ? range_between(0, (double)bound - 1, 0) : range_unknown;
    Range bytes = range_between(0, (double)bound - 1, RANGE_BYTES);
    bool stored = f->type.elem == ELEM_u8 && is_sized_like_picture(s, &f->type);
    if (!f->expr) return stored || (f->readers.n == 1 && reads_bytes(s, &f->readers.at[0])) ? bytes : range_unknown;
    Range *args = ARENA_ARRAY(s->arena, Range, f->readers.n + 1);
    for (uint32_t i = 0; i < f->readers.n; i++)
        args[i] = reads_bytes(s, &f->readers.at[i]) ? bytes : range_unknown;
    CoreRef result = f->expr->results.at[0];
    return range_body(s, f->expr, args)[result];
}

static Range *field_ranges(Sema *s, const CoreEntry *entry)
{
    Range *args = ARENA_ARRAY(s->arena, Range, entry->args.n + 1);
    for (uint32_t i = 0; i < entry->args.n; i++) {
        const CoreArg *a = &entry->args.at[i];
        args[i] = a->role == ROLE_FIELD && a->data >= 0 ? field_range(s, &s->program->data.at[a->data].fields.at[a->field]) : range_unknown;
    }
    return args;
}

/* The ranges of the values of a body, and of the scans that it is the body of. */
typedef struct RangeScope RangeScope;
struct RangeScope {
    const RangeScope *up;
    const CoreIns *scan; /* NULL: the body of the entry */
    const CoreBody *body;
    const Range *at;
};

/* The field that a value is read from, through whatever it is pointwise or a view of. */
static const CoreField *field_of(const Sema *s, const CoreEntry *entry, const RangeScope *scope, CoreRef ref)
{
    for (;;) {
        const CoreIns *ins = body_ins(scope->body, ref);
        uint32_t from = 0;
        while (from < ins->n_in && !(scope->at[ins->in[from]].how & RANGE_BYTES))
            from++;
        if (from < ins->n_in) {
            ref = ins->in[from];
        } else if (scope->scan) {
            ref = scope->scan->in[ins->attr[0]];
            scope = scope->up;
        } else {
            return &s->program->data.at[entry->data].fields.at[entry->args.at[ins->attr[0]].field];
        }
    }
}

/* The first layer: it gets numbers that go far beyond 1, and never below 0. */
static bool unscaled_bytes(Sema *s, const CoreEntry *entry, const RangeScope *scope)
{
    for (CoreRef r = 1; r <= scope->body->ins.n; r++) {
        const CoreIns *ins = body_ins(scope->body, r);
        if (ins->op == CORE_scan) {
            const Range *args = range_scan_args(s, ins, scope->at);
            RangeScope inner = {.up = scope, .scan = ins, .body = ins->bodies[0]};
            inner.at = range_body(s, inner.body, args);
            if (unscaled_bytes(s, entry, &inner)) return true;
        }
        if (ins->op != CORE_conv && ins->op != CORE_matmul) continue;
        const Range *in = &scope->at[ins->in[0]];
        if (!(in->how & RANGE_BYTES) || in->lo < 0 || in->hi < 100) continue;
        const CoreField *f = field_of(s, entry, scope, ins->in[0]);
        Diag *d = diag_warning(s->diags, "W0719", f->span, "`%s` goes into the first layer as it is stored: bytes from 0 to 255", f->name);
        diag_help(d, "write float(...) / 255, or put Standardize or BatchNorm in front");
        return true;
    }
    return false;
}

void warn_bytes(Sema *s, const CoreEntry *entry, const CoreBody *body)
{
    const Range *args = field_ranges(s, entry);
    bool bytes = false;
    for (uint32_t i = 0; i < entry->args.n; i++)
        bytes |= (args[i].how & RANGE_BYTES) != 0;
    if (!bytes) return;
    RangeScope scope = {.body = body, .at = range_body(s, body, args)};
    unscaled_bytes(s, entry, &scope);
}
