/* SPDX-License-Identifier: MIT
 * layer.c: layers: making an instance, elaborating its members, holes, calling it
 * (language.md#layers-and-models). */
#include "sema/layer.h"

#include <string.h>

#include "sema/base/entry_state.h"
#include "sema/base/frame.h"
#include "sema/base/match.h"
#include "sema/base/place.h"
#include "sema/base/record.h"
#include "sema/base/size.h"
#include "sema/base/suggest.h"
#include "sema/call.h"
#include "sema/calls.h"
#include "sema/chain.h"
#include "sema/condition.h"
#include "sema/expr.h"
#include "sema/init.h"
#include "sema/layer_help.h"
#include "sema/library.h"
#include "sema/modules.h"
#include "sema/types.h"

/* ---- configuration -------------------------------------------------------------------------- */

static const char *config_kind(Sema *s, const TypeExpr *type)
{
    if (type->kind != TYPE_TENSOR) return full_type_print(s, &(FullType){.kind = type->kind});
    return elem_name(type->elem);
}

static bool config_number(Sema *s, const Param *param, Value *v)
{
    int64_t n;
    if (v->kind == VAL_FLOAT) return true;
    if (v->kind == VAL_INT && value_is_const_int(s, v, &n)) {
        *v = value_float((double)n);
        return true;
    }
    if (v->kind == VAL_INT) { /* a size of a definition check */
        if (s->body) *v = value_as_tensor(s, v, ELEM_float);
        return s->body != NULL;
    }
    (void)param;
    return v->kind == VAL_TENSOR && v->type.rank == 0 && v->type.elem == ELEM_float && (s->generic || v->def);
}

bool layer_config_type(Sema *s, const TypeExpr *type)
{
    bool number = type->kind == TYPE_TENSOR && !type->brackets && !type->bound;
    if (number && (type->elem == ELEM_int || type->elem == ELEM_float || type->elem == ELEM_bool)) return true;
    if (type->kind != TYPE_TENSOR && type->kind != TYPE_TUPLE) return true;
    diag_error(s->diags, "E0319", type->span, "an argument of a layer is int, float, bool, string, ints, fn or layer");
    return false;
}

/* What the check of a definition computes from arguments is known where the layer is made: x > 0.5 of a float x. A whole number,
 * int(x), may be a size, of which nothing can be said before. */
static void becomes_known(Sema *s, const TypeExpr *type, const char *name, Value *v)
{
    bool number = type->kind == TYPE_DIM || (type->kind == TYPE_TENSOR && type->elem == ELEM_int);
    bool truth = type->kind == TYPE_TENSOR && type->elem == ELEM_bool;
    if (!value_of_config(v)) return;
    if (number && v->type.elem == ELEM_int)
        s->abort = true, *v = value_error();
    else if (truth && v->type.elem == ELEM_bool)
        *v = (Value){.kind = VAL_BOOL, .truth = -1, .text = name};
}

/* Is v what the configuration argument wants? Converted in place. */
bool layer_config_value(Sema *s, const Param *param, Value *v, Span at, const char *title)
{
    const TypeExpr *type = param->type;
    bool ok = false;
    if (!layer_config_type(s, type)) return false;
    if (s->generic && v->kind == VAL_TENSOR) becomes_known(s, type, param->name, v);
    switch (type->kind) {
    case TYPE_TENSOR:
        if (type->elem == ELEM_int)
            ok = v->kind == VAL_INT || v->kind == VAL_HOLE;
        else if (type->elem == ELEM_float)
            ok = config_number(s, param, v);
        else if (type->elem == ELEM_bool)
            ok = v->kind == VAL_BOOL || (v->kind == VAL_TENSOR && v->def && v->type.elem == ELEM_bool);
        break;
    case TYPE_DIM: ok = v->kind == VAL_INT || v->kind == VAL_HOLE; break;
    case TYPE_STRING: ok = v->kind == VAL_STRING; break;
    case TYPE_INTS:
    case TYPE_FN:
    case TYPE_LAYER: {
        FullType want = {.kind = type->kind};
        const char *why;
        ok = value_fit(s, v, &want, &why);
        break;
    }
    case TYPE_TUPLE: break;
    }
    if (ok || is_error(v)) return !is_error(v);
    if (v->kind == VAL_TENSOR && type->kind != TYPE_FN && !(s->generic && value_of_config(v))) {
        Diag *d = diag_error(s->diags, "E0315", at, "`%s` of %s has to be known to the compiler, but this is known only at run time",
                             param->name, title);
        if (type->kind == TYPE_TENSOR && type->elem == ELEM_int && v->def)
            diag_help(d, "an option cannot be a size: use `const`, and nnc -D name=value");
        else if (type->kind == TYPE_DIM || (type->kind == TYPE_TENSOR && type->elem == ELEM_int))
            suggest_whole(s, d, v, at);
        return false;
    }
    Diag *d = diag_error(s->diags, "E0302", at, "`%s` of %s is %s, not %s", param->name, title, config_kind(s, type), value_describe(s, v));
    const char *text = known_text(v);
    if (type->kind == TYPE_TENSOR && type->elem == ELEM_int && !strcmp(text, "same"))
        diag_help(d, "padding is a number: pad=1 keeps the size with kernel=3 and stride 1, pad=(kernel - 1) // 2 with others");
    else if (!strcmp(text, "valid"))
        diag_help(d, "leave it out: without pad= nothing is added at the edges");
    else if (text[0] && scope_find_global(s, text))
        diag_help(d, "an activation is a call of its own: %s(fc(x)), or the next item of a chain", text);
    if ((v->kind == VAL_TUPLE || v->kind == VAL_LIST) && type->kind == TYPE_TENSOR)
        diag_help(d, "one number for all axes: %s=%s; Conv2d has kernel_w, stride_w and pad_w for axis 2", param->name,
                  v->n && v->items[0].kind == VAL_INT ? dim_print(s->dims, s->arena, v->items[0].dim) : "3");
    if (type->kind == TYPE_FN && v->kind == VAL_TENSOR) diag_help(d, "write the name without ( )");
    if (type->kind == TYPE_DIM || (type->kind == TYPE_TENSOR && type->elem == ELEM_int)) suggest_whole(s, d, v, at);
    return false;
}

static void add_mem(Sema *s, Instance *instance, Mem mem)
{
    if (record_within_limit(s, instance->members.n + 1, MAX_MEMBERS, "members in one layer", mem.span))
        vec_add(s->arena, &instance->members, mem);
}

/* Evaluate in the instance's own names. */
static Frame *instance_frame(Sema *s, Instance *instance)
{
    Frame *frame = frame_push(s, instance->unit, instance, NULL, instance->made);
    return frame;
}

static bool config_bind(Sema *s, Instance *instance, const Param *p, Value v, Span at)
{
    if (v.kind == VAL_TENSOR && v.def) v.ref = 0; /* an option: read again where it is used */
    if (v.kind == VAL_HOLE) {
        uint32_t index = instance->members.n;
        vec_add(s->arena, &instance->holes, index);
    }
    add_mem(s, instance, (Mem){.kind = MEM_CONFIG, .name = p->name, .span = at, .value = v, .tensor = -1});
    return true;
}

static const char *missing_parens(Sema *s, Span span)
{
    return source_text(s, span);
}

/* Dense(4, 16): an instance without a name yet. Its members are elaborated when it gets one. */
Value layer_make(Sema *s, Global *global, PrimArg *args, uint32_t n, Span span)
{
    const Decl *decl = global->decl;
    Instance *instance = ARENA_NEW(s->arena, Instance);
    global->used |= !s->generic;
    *instance = (Instance){.decl = decl, .unit = global->unit, .global = global, .path = "", .made = span, .generic = s->generic};
    instance->title = missing_parens(s, span);
    instance->depth = s->frame && s->frame->instance ? s->frame->instance->depth + 1 : 0;
    int *slot = ARENA_ARRAY(s->arena, int, param_count(decl->config) + 1);
    uint32_t first = s->diags->list.n;
    s->diags->muted += global->bad; /* what is wrong with the definition may be why the arguments do not fit */
    bool matched = match_args(s, decl->config, args, n, slot, decl->name, span);
    s->diags->muted -= global->bad;
    if (!matched) {
        if (global->unit->library) layer_help_input(s, decl, args, n, span, first);
        return value_error();
    }
    bool ok = true, into_library = global->unit->library && !(s->frame && s->frame->unit->library);
    int i = 0;
    for (const Param *p = decl->config; p; p = p->next, i++) {
        Value v;
        Span at = span;
        if (slot[i] >= 0) {
            v = args[slot[i]].value;
            at = args[slot[i]].span;
        } else {
            instance_frame(s, instance);
            v = expr_eval(s, p->value);
            frame_pop(s);
        }
        if (!layer_config_value(s, p, &v, at, decl->name)) {
            ok = false;
            v = value_error();
        }
        config_bind(s, instance, p, v, at);
    }
    if (ok && !instance->holes.n) {
        int before = s->diags->n_errors;
        instance_frame(s, instance);
        for (const Expr *e = decl->requires_; e; e = e->next) {
            demand_condition(s, e, span, instance->title, DEMAND_KNOWN);
            if (s->generic) facts_from_condition(s, e, true);
        }
        frame_pop(s);
        ok = s->diags->n_errors == before; /* nothing inside is looked at: it would say the same */
    }
    if (into_library) diags_relocate(s, first, span);
    if (!ok) return value_error();
    return (Value){.kind = VAL_LAYER, .instance = instance, .span = span};
}

/* ---- ownership and names -------------------------------------------------------------------- */

void instance_own(Sema *s, Instance *instance, Instance *owner, const char *path)
{
    instance->owned = true;
    instance->owner = owner;
    const char *prefix = owner && owner->path ? owner->path : "";
    instance->path = prefix[0] ? arena_print(s->arena, "%s.%s", prefix, path) : arena_copy(s->arena, path, strlen(path));
    modules_note(s, instance);
    for (uint32_t i = 0; i < instance->members.n; i++) { /* Enc(emb=Embedding(10, 4)): the first owner */
        Mem *m = &instance->members.at[i];
        if (m->kind == MEM_CONFIG && m->value.kind == VAL_LAYER && m->value.instance && !m->value.instance->owned)
            instance_own(s, m->value.instance, instance, m->name);
    }
    if (!instance->decl || !instance->holes.n) layer_elaborate(s, instance);
}

/* ---- members -------------------------------------------------------------------------------- */

static bool same_index(const Mem *a, const int64_t *index, uint32_t n)
{
    if (a->n_index != n) return false;
    for (uint32_t i = 0; i < n; i++)
        if (a->index[i] != index[i]) return false;
    return true;
}

static bool check_new(Sema *s, Instance *instance, const Member *m, const int64_t *index, uint32_t n)
{
    if (m->name == s->word_training) {
        diag_error(s->diags, "E0107", m->name_span, "`training` belongs to the language and cannot be a member");
        return false;
    }
    for (uint32_t i = 0; i < instance->members.n; i++) {
        Mem *old = &instance->members.at[i];
        if (old->name != m->name || (n && old->n_index && !same_index(old, index, n))) continue;
        if (m->kind == MEMBER_LOCAL && old->kind == MEM_LOCAL) continue;
        layer_redeclared(s, m->name, m->kind == MEMBER_LAYER, m->name_span, old->span);
        return false;
    }
    return true;
}

/* A member that an error has kept from being made: its name is known. */
static void add_unknown(Sema *s, Instance *instance, const Member *m)
{
    add_mem(s, instance, (Mem){.kind = MEM_LOCAL, .name = m->name, .span = m->name_span, .value = value_error()});
}

static void member_storage(Sema *s, Instance *instance, const Member *m)
{
    FullType type;
    bool is_state = m->kind == MEMBER_STATE;
    if (!check_new(s, instance, m, NULL, 0)) return;
    if (!type_eval(s, m->type, &type, false)) {
        add_unknown(s, instance, m);
        return;
    }
    if (type.kind != TYPE_TENSOR || (type.tensor.elem != ELEM_float && type.tensor.elem != ELEM_int) ||
        (!is_state && type.tensor.elem != ELEM_float)) {
        diag_error(s->diags, "E0319", m->type->span, is_state ? "a state is a float or int tensor" : "a parameter is a float tensor");
        add_unknown(s, instance, m);
        return;
    }
    size_check(s, &type.tensor, m->name_span);
    Mem mem = {.kind = is_state ? MEM_STATE : MEM_PARAM, .name = m->name, .span = m->name_span, .tensor = -1, .type = type.tensor};
    if (!m->value && !is_state)
        diag_help(diag_error(s->diags, "E0121", m->name_span, "parameter `%s` has no start value", m->name),
                  "write = normal(std=0.02), glorot(n_in, n_out), he(n_in), orthogonal() or a number");
    CoreInit init = m->value ? init_eval(s, m->value, &type.tensor, is_state, m->name_span, m->name) : (CoreInit){.kind = INIT_ZERO};
    if (instance->metric && !s->generic) {
        if (is_state)
            mem.tensor = metric_state(s, instance, m, &type.tensor, &init);
        else
            diag_error(s->diags, "E0515", m->name_span, "a metric has states, no parameters");
    } else if (!s->generic) {
        for (int i = 0; i < type.tensor.rank; i++) {
            if (type.tensor.axis[i].kind == AXIS_DIM && dim_is_const(s->dims, type.tensor.axis[i].dim, NULL)) continue;
            diag_error(s->diags, "E0315", m->type->span, "the shape of `%s` has to be known to the compiler, it is %s", m->name,
                       type_print(s, &type.tensor));
            add_unknown(s, instance, m);
            return;
        }
        CoreTensor tensor = {.name = arena_print(s->arena, "%s.%s", instance->path, m->name),
                             .is_state = is_state,
                             .type = core_type(s, &type.tensor),
                             .init = init,
                             .span = m->name_span};
        mem.tensor = (int32_t)s->program->tensors.n;
        vec_add(s->arena, &s->program->tensors, tensor);
    }
    add_mem(s, instance, mem);
}

static void member_layer(Sema *s, Instance *instance, const Member *m)
{
    Mem mem = {.kind = MEM_CHILD, .name = m->name, .span = m->name_span, .tensor = -1};
    Text path = {.arena = s->arena};
    text_add(&path, "%s", m->name);
    bool ok = true;
    for (const Expr *e = m->indices; e; e = e->next) {
        if (mem.n_index == MAX_INDEX) {
            diag_error(s->diags, "E0105", e->span, "a layer has at most %d indices", MAX_INDEX);
            return;
        }
        int64_t k = 0;
        ok &= expr_const_int(s, e, &k);
        mem.index[mem.n_index++] = k;
        text_add(&path, ".%lld", (long long)k);
    }
    Value v = ok ? expr_eval(s, m->value) : value_error();
    if (s->abort) return;
    if (!check_new(s, instance, m, mem.index, mem.n_index)) return;
    if (!is_error(&v) && (v.kind != VAL_LAYER || v.text)) {
        Diag *d = diag_error(s->diags, "E0114", m->value->span, "`layer %s` needs a layer, not %s", m->name, value_describe(s, &v));
        if (v.kind == VAL_LAYER_DEF) diag_help(d, "write %s(...)", source_text(s, m->value->span));
        v = value_error();
    }
    mem.value = v;
    if (is_error(&v)) {
        mem.kind = mem.n_index ? MEM_CHILD : MEM_LOCAL;
        add_mem(s, instance, mem);
        return;
    }
    if (!v.instance->owned) instance_own(s, v.instance, instance, text_c(&path));
    add_mem(s, instance, mem);
}

static void member_local(Sema *s, Instance *instance, const Member *m)
{
    Value v = expr_eval(s, m->value);
    if (!check_new(s, instance, m, NULL, 0)) return;
    if (v.kind == VAL_LAYER && v.instance && !v.text && !v.instance->owned) {
        Diag *d = diag_error(s->diags, "E0114", m->name_span, "a member that is a layer is declared with `layer`");
        diag_help(d, "write `layer %s = %s`", m->name, source_text(s, m->value->span));
        diag_edit(d, (Span){m->name_span.file, m->name_span.lo, m->name_span.lo}, "layer ");
        v = value_error();
    }
    if (v.kind == VAL_NONE || (v.kind == VAL_TENSOR && !s->generic && !v.def)) {
        layer_report_member(s, instance, m, &v);
        v = value_error();
    }
    Mem *old = instance_find(instance, m->name);
    if (old && old->kind == MEM_LOCAL)
        old->value = v;
    else
        add_mem(s, instance, (Mem){.kind = MEM_LOCAL, .name = m->name, .span = m->name_span, .value = v, .tensor = -1});
}

static void member_for(Sema *s, Instance *instance, const Member *m)
{
    Value v = expr_eval(s, m->value);
    int64_t lo = 0, hi = 0;
    instance->incomplete |= is_error(&v);
    if (is_error(&v)) return;
    bool list = v.kind == VAL_INTS || v.kind == VAL_LIST;
    if (!list && v.kind != VAL_RANGE) {
        diag_error(s->diags, "E0315", m->value->span, "`for` runs in the compiler over a range a..b or a list, not %s",
                   value_describe(s, &v));
        return;
    }
    if (list)
        hi = v.n;
    else if (!value_is_const_int(s, &v.items[0], &lo) || !value_is_const_int(s, &v.items[1], &hi)) {
        if (s->generic)
            s->abort = true;
        else
            diag_error(s->diags, "E0315", m->value->span, "the bounds of a `for` have to be known to the compiler");
        return;
    }
    for (int64_t i = lo; i < hi && !s->abort && !s->too_large; i++) {
        if (!record_turn(s, m->value->span)) return;
        frame_bind(s, m->name, list ? v.items[i] : value_int(s, i), m->name_span);
        members_elaborate(s, instance, m->body);
    }
    Local *local = frame_find(s->frame, m->name);
    if (local) local->name = "";
}

void members_elaborate(Sema *s, Instance *instance, const Member *members)
{
    for (const Member *m = members; m && !s->abort && !s->too_large; m = m->next) {
        switch (m->kind) {
        case MEMBER_PARAM:
        case MEMBER_STATE: member_storage(s, instance, m); break;
        case MEMBER_LAYER: member_layer(s, instance, m); break;
        case MEMBER_LOCAL: member_local(s, instance, m); break;
        case MEMBER_FOR: member_for(s, instance, m); break;
        case MEMBER_FN:
            if (check_new(s, instance, m, NULL, 0))
                add_mem(s, instance, (Mem){.kind = MEM_FN, .name = m->name, .span = m->name_span, .fn = m->fn, .tensor = -1});
            break;
        case MEMBER_IF: {
            int truth = expr_truth(s, m->value, NULL);
            instance->incomplete |= truth < 0 && !s->abort;
            if (truth >= 0) members_elaborate(s, instance, truth ? m->body : m->orelse);
            break;
        }
        }
    }
}

static void contains_itself(Sema *s, Instance *instance)
{
    instance->incomplete = true;
    diag_error(s->diags, "E0109", instance->made, "%s contains itself", instance->decl->name);
    if (instance->global) instance->global->endless = true;
}

/* Inside another instance of the same layer, fifty deep. */
static bool is_endless(const Sema *s, const Instance *instance)
{
    for (const Frame *f = s->frame; f; f = f->up) {
        if (!f->instance || f->instance == instance || f->instance->decl != instance->decl || f->fn) continue;
        int same = 0;
        for (const Instance *o = instance->owner; o; o = o->owner)
            same += o->decl == instance->decl;
        if (same >= 50) return true;
    }
    return false;
}

void layer_elaborate(Sema *s, Instance *instance)
{
    if (instance->elaborated) return;
    instance->elaborated = true;
    if (!instance->decl) { /* a chain: its items get names by place */
        for (uint32_t i = 0; i < instance->items.n; i++) {
            Value *v = &instance->items.at[i];
            if (v->kind == VAL_LAYER && !v->instance->owned) instance_own(s, v->instance, instance, arena_print(s->arena, "%u", i));
        }
        return;
    }
    if (instance->global && instance->global->endless) {
        instance->incomplete = true;
        return;
    }
    if (!record_within_limit(s, (uint32_t)++s->n_layers, (uint32_t)most_of(s, MAX_LAYERS), "layers", instance->made)) return;
    if (s->depth >= MAX_INLINE_DEPTH || is_endless(s, instance)) {
        contains_itself(s, instance);
        return;
    }
    s->depth++;
    bool into_library = instance->unit->library && !(s->frame && s->frame->unit->library);
    uint32_t first = s->diags->list.n;
    int errors = s->diags->n_errors;
    const char *old = s->path;
    s->path = instance->path;
    instance_frame(s, instance);
    members_elaborate(s, instance, instance->decl->members);
    frame_pop(s);
    s->path = old;
    s->depth--;
    if (into_library) {
        instance->bad = s->diags->n_errors > errors;
        diags_relocate(s, first, instance->made);
    } else if (instance->decl->config && instance->global && instance->global->checked && !instance->global->bad)
        diags_blame(s, first, instance->decl->span, instance->made, !instance->global->open);
}

/* ---- calls ---------------------------------------------------------------------------------- */

static Mem *hole_named(Instance *instance, const char *name)
{
    for (uint32_t i = 0; i < instance->holes.n; i++) {
        Mem *m = &instance->members.at[instance->holes.at[i]];
        if (m->name == name && m->value.kind == VAL_HOLE) return m;
    }
    return NULL;
}

static void solve_from_type(Sema *s, Instance *instance, const TypeExpr *type, const Value *v)
{
    if (type->kind != TYPE_TENSOR || v->kind != VAL_TENSOR) return;
    Mem *m = type->bound && type->bound->kind == EXPR_NAME ? hole_named(instance, type->bound->name) : NULL;
    if (m && v->type.bound) m->value = value_dim(s, v->type.bound);
    int at = 0, room;
    if (!type_takes_rank(type, v->type.rank, &room)) return;
    for (const DimItem *item = type->dims; item; item = item->next) {
        if (item->kind == DIMITEM_PACK) {
            at += room;
            continue;
        }
        const Axis *axis = &v->type.axis[at++];
        m = item->kind == DIMITEM_EXPR && item->expr->kind == EXPR_NAME ? hole_named(instance, item->expr->name) : NULL;
        if (m && axis->kind == AXIS_DIM) m->value = value_dim(s, axis->dim);
    }
}

/* 1 or 0: what is known of a condition while `_` is open; -1: nothing. */
static int known_truth(Sema *s, Instance *instance, const Expr *condition)
{
    bool abort = s->abort, elaborated = instance->elaborated;
    instance_frame(s, instance);
    instance->elaborated = true; /* its arguments have values, `_` among them */
    s->diags->muted++;
    Value v = expr_eval(s, condition);
    s->diags->muted--;
    instance->elaborated = elaborated;
    frame_pop(s);
    s->abort = abort;
    return v.kind == VAL_BOOL ? v.truth : -1;
}

/* The function of this name, which may be declared under a condition; NULL: there is none. */
static const FnDecl *find_hole_member(Sema *s, Instance *instance, const Member *members, const char *name)
{
    const FnDecl *fn = NULL;
    for (const Member *m = members; m && !fn; m = m->next) {
        if (m->kind == MEMBER_FN && m->name == name) fn = m->fn;
        if (m->kind != MEMBER_IF) continue;
        int truth = known_truth(s, instance, m->value);
        if (truth != 0) fn = find_hole_member(s, instance, m->body, name);
        if (truth != 1 && !fn) fn = find_hole_member(s, instance, m->orelse, name);
    }
    return fn;
}

/* Fill in the `_` of a layer from the types of its first call. */
static bool solve_holes(Sema *s, Instance *instance, const char *fn_name, PrimArg *args, uint32_t n, Span span)
{
    const FnDecl *fn = find_hole_member(s, instance, instance->decl->members, fn_name);
    if (!fn) {
        diag_error(s->diags, "E0102", span, "%s has no function `%s`", instance->title, fn_name);
        return false;
    }
    int *slot = ARENA_ARRAY(s->arena, int, param_count(fn->params) + 1);
    if (!match_args(s, fn->params, args, n, slot, instance->title, span)) return false;
    int i = 0;
    for (const Param *p = fn->params; p; p = p->next, i++)
        if (slot[i] >= 0) solve_from_type(s, instance, p->type, &args[slot[i]].value);
    for (uint32_t k = 0; k < instance->holes.n; k++) {
        Mem *m = &instance->members.at[instance->holes.at[k]];
        bool open = m->value.kind == VAL_HOLE, varies = !open && !s->generic && !dim_is_const(s->dims, m->value.dim, NULL);
        if (!open && !varies) continue;
        diag_error(s->diags, "E0317", instance->made,
                   open ? "`_` for `%s` of %s is not determined by this call%s"
                        : "`_` for `%s` of %s would be %s, which is known only at run time",
                   m->name, instance->decl->name, open ? "" : dim_print(s->dims, s->arena, m->value.dim));
        m->value = (Value){.kind = VAL_HOLE};
        return false;
    }
    instance->hole_solved = span;
    instance->holes.n = 0;
    instance_frame(s, instance);
    for (const Expr *e = instance->decl->requires_; e; e = e->next)
        demand_condition(s, e, instance->made, instance->title, DEMAND_KNOWN);
    frame_pop(s);
    CoreBody *body = s->body;
    Frame *frame = s->frame;
    if (instance->owned) layer_elaborate(s, instance);
    s->body = body;
    s->frame = frame;
    return true;
}

/* What it requires of values, such as options, is looked at where it is called. */
static void look_at_config(Sema *s, Instance *instance, Span span)
{
    if (s->generic || !instance->decl->requires_) return;
    instance_frame(s, instance);
    for (const Expr *e = instance->decl->requires_; e; e = e->next)
        demand_condition(s, e, span, instance->title, DEMAND_VALUES);
    frame_pop(s);
}

Value layer_call(Sema *s, Instance *instance, const char *fn_name, PrimArg *args, uint32_t n, Span span, Span callee_span)
{
    if (!instance->owned) {
        diag_help(diag_error(s->diags, "E0114", callee_span,
                             "a layer is a member of a layer or a model; this one has no place for "
                             "its parameters"),
                  "declare it: layer name = %s", source_text(s, callee_span));
        return value_error();
    }
    if (instance->bad) return value_error();
    if (!instance->decl) return chain_call(s, instance, args, n, span);
    if (!fn_name) fn_name = s->word_forward;
    if (instance->holes.n && !solve_holes(s, instance, fn_name, args, n, span)) return value_error();
    Mem *m = instance_find(instance, fn_name);
    if (!m || m->kind != MEM_FN) {
        if (!instance->incomplete) layer_no_function(s, instance, fn_name, callee_span);
        return value_error();
    }
    look_at_config(s, instance, span);
    modules_note_input(s, instance, args, n);
    library_note_layer(s, instance, args, n);
    Value v = call_fn(s, m->fn, instance->unit, instance, instance->global, args, n, span, callee_span);
    calls_note(s, instance, &v);
    return v;
}
