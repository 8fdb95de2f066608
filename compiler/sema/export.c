/* SPDX-License-Identifier: MIT
 * export.c: the arguments, requirements and results of an export fn (language.md#testing-predicting-generating). */
#include "sema/export.h"

#include "sema/base/suggest.h"
#include "sema/base/entry_state.h"
#include "sema/base/frame.h"
#include "sema/base/record.h"
#include "sema/base/taken.h"
#include "sema/base/unit.h"
#include "sema/call.h"
#include "sema/condition.h"
#include "sema/data_args.h"
#include "sema/expr.h"
#include "sema/types.h"

/* as txt.seq */
static void report_as(Sema *s, const TypeExpr *type)
{
    Diag *d = diag_error(s->diags, "E0101", type->as_span, "unknown name `%s`", type->as_data);
    const char *names[12];
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->program->data.n && n < 12; i++)
        names[n++] = s->program->data.at[i].name;
    const char *close = suggest_among(type->as_data, names, n);
    if (close)
        diag_help(d, "did you mean as %s.%s?", close, type->as_field);
    else
        diag_help(d, "`as` names a field of a data block: %s", suggest_list(s, names, n));
}

/* `as data.field` */
static void find_as(Sema *s, const TypeExpr *type, int32_t *data, int32_t *field)
{
    *data = *field = -1;
    if (!type->as_data) return;
    Global *g = unit_find(s->main, type->as_data);
    if (!g && unit_has_lost(s, s->main, type->as_data)) return;
    if (!g) {
        report_as(s, type);
        return;
    }
    if (g->decl->kind != DECL_DATA) {
        diag_error(s->diags, "E0501", type->as_span, "there is no data block `%s`", type->as_data);
        return;
    }
    if (g->bad) return;
    int k = core_find_field(&s->program->data.at[g->index], type->as_field);
    if (k < 0) {
        Diag *d = diag_error(s->diags, "E0102", type->as_span, "data %s has no field `%s`", type->as_data, type->as_field);
        Text names = {.arena = s->arena};
        const CoreData *block = &s->program->data.at[g->index];
        for (uint32_t i = 0; i < block->fields.n; i++)
            text_add(&names, "%s%s", i ? ", " : "", block->fields.at[i].name);
        diag_help(d, "its fields are: %s", text_c(&names));
        return;
    }
    const CoreField *f = &s->program->data.at[g->index].fields.at[k];
    if (f->type.elem != ELEM_int) {
        diag_error(s->diags, "E0303", type->as_span, "`as` needs a field of integers that stand for text or labels");
        return;
    }
    *data = (int32_t)g->index;
    *field = k;
}

/* Numbers with axes that stand for nothing but themselves are arrays, as without `as`. */
static void drop_as_of_numbers(const Sema *s, int32_t *data, int32_t *field)
{
    const CoreField *f = *data < 0 ? NULL : &s->program->data.at[*data].fields.at[*field];
    if (f && f->type.rank && !field_has_codes(f)) *data = *field = -1;
}

static void scalar_default(Sema *s, CoreArg *arg, const Param *p)
{
    Value v = expr_eval(s, p->value);
    int64_t n;
    arg->has_default = true;
    if (arg->type.elem == ELEM_bool ? v.kind == VAL_BOOL : value_is_const_int(s, &v, &n))
        arg->value = arg->type.elem == ELEM_bool ? v.truth > 0 : (double)n;
    else if (v.kind == VAL_FLOAT && is_float_elem(arg->type.elem))
        arg->value = v.number;
    else if (!is_error(&v))
        diag_error(s->diags, "E0302", p->value->span, "the default of `%s` is %s", p->name, value_describe(s, &v));
}

static void export_argument(Sema *s, EntryState *e, const Param *p)
{
    CoreEntry *entry = e->entry;
    CoreArg arg = {.name = p->name, .data = -1, .field = -1, .span = p->name_span};
    Value v = value_error();
    if (name_is_flag(p->name)) diag_error(s->diags, "E0111", p->name_span, "argument `%s` would hide the flag --%s", p->name, p->name);
    if (p->type->kind == TYPE_DIM) {
        arg.role = ROLE_DIM;
        arg.dim = symbol_new(s->dims, p->name);
        v = value_dim(s, dim_symbol(s->dims, arg.dim));
        if (p->value) {
            int64_t n;
            arg.has_default = expr_const_int(s, p->value, &n);
            if (arg.has_default) arg.value = (double)n;
            if (arg.has_default && n < 1)
                diag_error(s->diags, "E0302", p->value->span, "the default of `%s` is %lld, but a size is at least 1", p->name,
                           (long long)n);
        }
    } else {
        FullType type;
        if (type_eval(s, p->type, &type, false) && type.kind == TYPE_TENSOR) {
            uint32_t index = 0;
            for (uint32_t i = 0; i < entry->args.n; i++)
                index += entry->args.at[i].role != ROLE_DIM;
            arg.role = type.tensor.rank ? ROLE_TENSOR : ROLE_SCALAR;
            arg.type = core_type(s, &type.tensor);
            arg.bound = type.tensor.bound;
            v = value_leaf(s, CORE_arg, &type.tensor, index);
            find_as(s, p->type, &arg.data, &arg.field);
            drop_as_of_numbers(s, &arg.data, &arg.field);
            if (p->value) {
                if (arg.role == ROLE_SCALAR)
                    scalar_default(s, &arg, p);
                else
                    diag_error(s->diags, "E0302", p->value->span, "only numbers of an export can have a default");
            }
        } else if (type.kind != TYPE_TENSOR) {
            Diag *d = diag_error(s->diags, "E0302", p->type->span, "an argument of an export is a tensor, a number or a dim");
            if (p->type->kind == TYPE_STRING) diag_help(d, "a text is encoded like a field: %s: int<256>[T] as text.seq", p->name);
        }
    }
    vec_add(s->arena, &entry->args, arg);
    Local local = {.name = p->name, .value = v, .span = p->name_span};
    vec_add(s->arena, &e->frame->locals, local);
}

void export_binders(Sema *s, EntryState *e)
{
    for (const Name *b = e->decl->fn->binders; b; b = b->next) {
        if (b->pack) {
            diag_help(diag_error(s->diags, "E0319", b->span, "an export has no pack: its results are C functions"),
                      "name its sizes: fn %s[B, D](x: float[B, D])", e->decl->fn->name);
            continue;
        }
        for (const Name *o = e->decl->fn->binders; o != b; o = o->next)
            if (o->text == b->text) diag_error(s->diags, "E0120", b->span, "`%s` is declared twice", b->text);
        entry_binder(s, e->entry, symbol_new(s->dims, b->text), b->text);
    }
}

bool export_bind_names(Sema *s, EntryState *e)
{
    const FnDecl *fn = e->decl->fn;
    uint32_t i = 0;
    for (const Name *b = fn->binders; b; b = b->next) {
        if (b->pack) continue;
        Local local = {
            .name = b->text, .span = b->span, .binder = true, .value = value_dim(s, dim_symbol(s->dims, e->entry->binders.at[i++]))};
        vec_add(s->arena, &e->frame->locals, local);
    }
    int errors = s->diags->n_errors;
    params_check(s, fn->params, fn->binders);
    for (const Param *p = fn->params; p; p = p->next)
        export_argument(s, e, p);
    if (s->diags->n_errors > errors) return true;
    binders_check(s, fn);
    return s->diags->n_errors == errors;
}

/* `requires` of an export: facts inside, checks on entry. */
void export_requires(Sema *s, EntryState *e)
{
    for (const Expr *x = e->decl->fn->requires_; x; x = x->next) {
        frame_push(s, e->frame->unit, NULL, e->decl->fn, x->span); /* demands are made by the caller's frame */
        Frame *inner = s->frame;
        for (uint32_t i = 0; i < e->frame->locals.n; i++)
            vec_add(s->arena, &inner->locals, e->frame->locals.at[i]);
        demand_condition(s, x, x->span, e->entry->name, DEMAND_ALL);
        facts_from_condition(s, x, true);
        frame_pop(s);
    }
}

/* Floats `as` a class: the last axis has its classes. */
static void check_classes(Sema *s, const CoreOut *out, const TypeExpr *written)
{
    if (out->data < 0 || out->type.elem == ELEM_int) return;
    const CoreField *f = &s->program->data.at[out->data].fields.at[out->field];
    int64_t classes = 0, have = 0;
    Elem elem = (Elem)out->type.elem;
    bool floats = elem == ELEM_float || elem == ELEM_f32 || elem == ELEM_f64 || elem == ELEM_f16 || elem == ELEM_bf16;
    if (f->type.rank || !f->bound || !dim_is_const(s->dims, f->bound, &classes)) {
        diag_help(
            diag_error(s->diags, "E0303", written->as_span, "`as` of floats needs a field of one class, and of a known number of them"),
            "it names the places of their last axis: y: int<3> = csv(\"file.csv\", column=4, labels=true)");
        return;
    }
    bool fits = out->type.rank && dim_is_const(s->dims, out->type.dim[out->type.rank - 1], &have) && have == classes;
    if (fits && floats) return;
    diag_help(diag_error(s->diags, "E0303", written->as_span, "`as` names classes along the last axis of floats: %s.%s has %lld of them",
                         s->program->data.at[out->data].name, f->name, (long long)classes),
              "of an export's results `as` is for int, and for floats whose last axis has one for each class");
}

static void export_out(Sema *s, EntryState *e, const Value *v, const FullType *type, const TypeExpr *written)
{
    Value t = value_as_tensor(s, v, type->tensor.elem);
    vec_add(s->arena, &s->body->results, t.ref);
    CoreOut out = {.type = core_type(s, &type->tensor), .bound = type->tensor.bound};
    find_as(s, written, &out.data, &out.field);
    check_classes(s, &out, written);
    drop_as_of_numbers(s, &out.data, &out.field);
    out.span = written->span;
    vec_add(s->arena, &e->entry->outs, out);
}

void export_results(Sema *s, EntryState *e)
{
    const FnDecl *fn = e->decl->fn;
    Frame *frame = e->frame;
    if (!fn->result) {
        diag_error(s->diags, "E0106", fn->name_span, "an export has a result: write -> float[...]");
        return;
    }
    Value v = call_check_result(s, fn->result, frame->result, has_span(frame->return_span) ? frame->return_span : fn->name_span, fn->name,
                                fn->name_span);
    FullType type;
    if (is_error(&v) || !type_eval(s, fn->result, &type, true)) return;
    if (type.kind == TYPE_TENSOR) {
        export_out(s, e, &v, &type, fn->result);
        return;
    }
    if (type.kind != TYPE_TUPLE) {
        diag_error(s->diags, "E0106", fn->result->span, "an export returns tensors");
        return;
    }
    const TypeExpr *written = fn->result->items;
    for (uint32_t i = 0; i < type.n; i++, written = written->next) {
        if (type.items[i].kind != TYPE_TENSOR)
            diag_error(s->diags, "E0106", written->span, "an export returns tensors");
        else
            export_out(s, e, &v.items[i], &type.items[i], written);
    }
}
