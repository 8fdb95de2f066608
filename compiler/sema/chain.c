/* SPDX-License-Identifier: MIT
 * chain.c: chain(a, b, ...), the one combinator. */
#include "sema/chain.h"

#include <string.h>

#include "sema/base/place.h"
#include "sema/call.h"
#include "sema/calls.h"

enum { MOST_ITEMS = 10000 };

Value chain_make(Sema *s, PrimArg *args, uint32_t n, Span span)
{
    Instance *chain = ARENA_NEW(s->arena, Instance);
    *chain = (Instance){.unit = s->frame ? s->frame->unit : s->main, .path = "", .title = "chain", .made = span, .generic = s->generic};
    if (n == 0) {
        diag_error(s->diags, "E0302", span, "a chain has at least one item");
        return value_error();
    }
    if (n > MOST_ITEMS) {
        diag_error(s->diags, "E0605", span, "a chain of %u items; at most %d are possible", n, MOST_ITEMS);
        return value_error();
    }
    for (uint32_t i = 0; i < n; i++) {
        Value v = args[i].value;
        if (args[i].name || args[i].pack) {
            diag_error(s->diags, "E0302", args[i].span, "the items of a chain have no names");
            return value_error();
        }
        if (v.kind == VAL_FN || (v.kind == VAL_LAYER && !v.text)) {
            vec_add(s->arena, &chain->items, v);
            vec_add(s->arena, &chain->item_spans, args[i].span);
            continue;
        }
        if (is_error(&v)) return v;
        Diag *d = diag_error(s->diags, "E0302", args[i].span, "an item of a chain is a layer or a function of one argument, not %s",
                             value_describe(s, &v));
        const Param *config = v.kind == VAL_LAYER_DEF ? ((const Global *)v.def)->decl->config : NULL;
        if (v.kind == VAL_LAYER_DEF && config && !config->value)
            diag_help(d, "write %s(...)", source_text(s, args[i].span));
        else if (v.kind == VAL_LAYER_DEF)
            diag_help(d, "write %s()", source_text(s, args[i].span)), diag_edit(d, span_end(args[i].span), "()");
        else if (known_text(&v)[0])
            diag_help(d, "write the name without quotes: %s", v.text), diag_edit(d, args[i].span, "%s", v.text);
        else if (v.kind == VAL_LIST || v.kind == VAL_TUPLE)
            diag_help(d, "the items stand without brackets: chain(a, b, c)");
        return value_error();
    }
    return (Value){.kind = VAL_LAYER, .instance = chain, .span = span};
}

/* How a size came about, as far as the chain shows it: the results of the items before `failed`. */
static void add_trail(Sema *s, Instance *chain, const Value *results, uint32_t failed, uint32_t first_diag)
{
    if (failed == 0 || s->diags->list.n == first_diag) return;
    Diag *d = s->diags->list.at[first_diag];
    if (strcmp(d->code, "E0304") != 0 || s->diags->muted) return;
    diag_note(d, "the value went through:");
    for (uint32_t i = 0; i < failed; i++)
        if (results[i].kind == VAL_TENSOR) diag_trail(d, chain->item_spans.at[i], "%s", type_print(s, &results[i].type));
}

/* All items, one after the other. */
static Value run_items(Sema *s, Instance *chain, PrimArg arg, Span span)
{
    Value *results = ARENA_ARRAY(s->arena, Value, chain->items.n + 1);
    for (uint32_t i = 0; i < chain->items.n; i++) {
        uint32_t first = s->diags->list.n;
        Span at = chain->item_spans.at[i];
        Span old = s->call_span;
        if (!span_in_library(s, at)) s->call_span = at;
        if (i) arg.span = (Span){0}; /* the value has no words of its own */
        PrimArg one = arg;
        if (i && chain->items.at[i].kind == VAL_FN && chain->items.at[i].prim) one.span = at;
        results[i] = call_value(s, &chain->items.at[i], &one, 1, at, at);
        s->call_span = old;
        if (is_error(&results[i])) {
            add_trail(s, chain, results, i, first);
            return value_error();
        }
        if (results[i].kind == VAL_TUPLE || results[i].kind == VAL_NONE) {
            diag_error(s->diags, "E0302", at, "an item of a chain has one result, this one has %s", value_describe(s, &results[i]));
            return value_error();
        }
        arg = (PrimArg){.span = span, .value = results[i]};
        arg.value.span = at;
    }
    return results[chain->items.n - 1];
}

Value chain_call(Sema *s, Instance *chain, PrimArg *args, uint32_t n, Span span)
{
    if (n != 1 || args[0].name) {
        diag_error(s->diags, "E0302", span, "a chain takes one argument");
        return value_error();
    }
    const char *old_path = s->path;
    s->path = chain->path;
    uint32_t around = calls_begin(s, chain, NULL), first = s->diags->list.n;
    Value v = run_items(s, chain, args[0], span);
    if (!s->generic) diags_called(s, first, span);
    calls_end(s, around);
    s->path = old_path;
    calls_note(s, chain, &v);
    return v;
}
