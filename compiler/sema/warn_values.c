/* SPDX-License-Identifier: MIT
 * warn_values.c: two products without a function between them, a mask the wrong way round, bytes that are fed as they are. */
#include "sema/warn_values.h"

#include <string.h>

#include "sema/base/place.h"
#include "sema/data_args.h"
#include "sema/warn_body.h"

/* ---- W0713: Dense after Dense ---------------------------------------------------------------- */

static const CoreTensor *weight_of(const Sema *s, const CoreBody *body, CoreRef ref, int rank)
{
    const CoreIns *ins = body_ins(body, ref);
    while (ins->op == CORE_broadcast || ins->op == CORE_reshape)
        ins = body_ins(body, ins->in[0]);
    if (ins->op != CORE_weight) return NULL;
    const CoreTensor *t = &s->program->tensors.at[ins->attr[0]];
    return t->type.rank == rank ? t : NULL;
}

/* x @ w + b: the product; NULL if it is none. */
static const CoreIns *affine(const Sema *s, const CoreBody *body, CoreRef ref)
{
    const CoreIns *add = body_ins(body, ref);
    while (add->op == CORE_reshape)
        add = body_ins(body, add->in[0]);
    if (add->op != CORE_add || !weight_of(s, body, add->in[1], 1)) return NULL;
    const CoreIns *product = body_ins(body, add->in[0]);
    return product->op == CORE_matmul && weight_of(s, body, product->in[1], 2) ? product : NULL;
}

/* net.fc1.w and net.fc2.w: members of one layer. What ends with a product, as attention does, may stand in front of one. */
static bool are_siblings(const char *a, const char *b)
{
    size_t n[2];
    const char *name[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        n[i] = strlen(name[i]);
        for (int dots = 0; n[i] && dots < 2; n[i]--)
            dots += name[i][n[i] - 1] == '.';
    }
    return n[0] == n[1] && memcmp(a, b, n[0]) == 0;
}

static void two_products(Sema *s, const CoreBody *body, const CoreIns *second)
{
    const CoreTensor *w2 = second->op == CORE_matmul ? weight_of(s, body, second->in[1], 2) : NULL;
    const CoreIns *first = w2 ? affine(s, body, second->in[0]) : NULL;
    if (!first) return;
    const CoreTensor *w1 = weight_of(s, body, first->in[1], 2);
    int64_t n_in, middle, n_out;
    if (!dim_is_const(s->dims, w1->type.dim[0], &n_in) || !dim_is_const(s->dims, w1->type.dim[1], &middle) ||
        !dim_is_const(s->dims, w2->type.dim[1], &n_out))
        return;
    if (w1 == w2 || (middle < n_in && middle < n_out)) return; /* narrower than both: fewer parameters are meant */
    if (!are_siblings(w1->name, w2->name)) return;
    Diag *d = diag_warning(s->diags, "W0713", second->span, "two Dense layers with nothing between them are no more than one");
    diag_note(d, "%s, then %s", w1->name, w2->name);
    diag_help(d, "put an activation between them: relu, gelu, tanh ...");
}

/* ---- W0720: masks ---------------------------------------------------------------------------- */

static void hidden_places(Sema *s, const CoreBody *body, const CoreIns *where)
{
    double x;
    if (where->op != CORE_where || !body_is_noted(s->entry, body, where->in[0], NOTED_MASK)) return;
    if (!body_constant(body, where->in[1], &x) || x > -1e4) return;
    Diag *d = diag_warning(s->diags, "W0720", where->span, "this mask hides what is there and shows the padding or the future");
    diag_help(d, "a mask is true where something may be seen: where(mask, x, -inf)");
}

/* ---- W0719: bytes ---------------------------------------------------------------------------- */

/* Pictures as they are stored, 0 to 255, in a field of floats. */
static bool is_bytes(const CoreField *f)
{
    if (f->type.elem != ELEM_float || f->type.rank < 2 || f->readers.n != 1) return false;
    const CoreReader *r = &f->readers.at[0];
    const CoreBody *body = f->expr;
    if (body && body_ins(body, body_source(body, body->results.at[0]))->op != CORE_arg) return false;
    const CoreReaderArg *raw = argument_find(r, "raw");
    return !strcmp(r->kind, "idx") || (!strcmp(r->kind, "image_dir") && raw && raw->lo);
}

static void unscaled_bytes(Sema *s, const CoreEntry *entry, const CoreBody *body)
{
    const CoreData *data = &s->program->data.at[entry->data];
    bool *from = ARENA_ARRAY(s->arena, bool, body->ins.n + 1);
    for (CoreRef r = 1; r <= body->ins.n; r++) {
        const CoreIns *ins = body_ins(body, r);
        if (ins->op == CORE_arg) {
            const CoreArg *arg = &entry->args.at[ins->attr[0]];
            from[r] = arg->role == ROLE_FIELD && is_bytes(&data->fields.at[arg->field]);
        } else if (body_is_view(ins->op) || ins->op == CORE_pad || ins->op == CORE_flip) {
            from[r] = from[ins->in[0]];
        } else if ((ins->op == CORE_conv || ins->op == CORE_matmul) && from[ins->in[0]]) {
            const CoreIns *source = body_ins(body, ins->in[0]);
            while (source->op != CORE_arg)
                source = body_ins(body, source->in[0]);
            const CoreField *f = &data->fields.at[entry->args.at[source->attr[0]].field];
            Diag *d =
                diag_warning(s->diags, "W0719", f->span, "`%s` goes into the first layer as it is stored: bytes from 0 to 255", f->name);
            diag_help(d, "write float(...) / 255, or put Standardize or BatchNorm in front");
            return;
        }
    }
}

void warn_values(Sema *s, const CoreEntry *entry, const CoreBody *body)
{
    for (CoreRef r = 1; r <= body->ins.n; r++) {
        if (entry->kind == ENTRY_TRAIN) two_products(s, body, body_ins(body, r));
        hidden_places(s, body, body_ins(body, r));
    }
    if (entry->data >= 0) unscaled_bytes(s, entry, body);
}
