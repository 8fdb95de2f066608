/* SPDX-License-Identifier: MIT
 * typescript.c: the types of a module's functions, as TypeScript and editors read them (.d.mts). */
#include <string.h>

#include "emit/javascript.h"
#include "emit/json.h"

static void add_parameters(Script *s)
{
    for (uint32_t i = 0; i < s->core->args.n; i++) {
        const CoreArg *a = &s->core->args.at[i];
        const char *kind = a->role == ROLE_DIM ? "dim" : script_kind(s, a->type.elem);
        text_add(&s->t, "%s%s: ", script_word(s->arena, a->name), emit_may_default(s->core, i) ? "?" : "");
        if (a->role <= ROLE_TENSOR)
            text_add(&s->t, "%s | Numbers, ", script_array(s, a->type.elem));
        else
            text_add(&s->t, "%s, ", strcmp(kind, "i64") == 0 ? "number | bigint" : strcmp(kind, "bool") == 0 ? "boolean" : "number");
    }
}

/* Sizes that follow from no argument, and what else a call can be told. */
static void add_settings(Script *s, const char *more, bool must)
{
    ScriptSize found[CORE_MAX_SIZES];
    Text sizes = {.arena = s->arena};
    script_sizes(s, found);
    for (uint32_t i = 0; i < s->core->binders.n; i++)
        if (found[i].arg < 0) text_add(&sizes, "%s: number; ", s->entry->size_names.at[found[i].which]);
    must |= sizes.n > 0;
    text_add(&sizes, "%s", more);
    if (!*more && sizes.n) sizes.n -= strlen("; ");
    text_add(&s->t, sizes.n ? "settings%s: { %s }" : "settings%s: {}", must ? "" : "?", text_c(&sizes));
}

static void add_result_types(Script *s)
{
    uint32_t n = s->core->outs.n;
    text_add(&s->t, n > 1 ? "[" : "");
    for (uint32_t i = 0; i < n; i++) {
        const CoreType *type = &s->core->outs.at[i].type;
        const char *one = strcmp(script_kind(s, type->elem), "i64") == 0 ? "bigint" : "number";
        text_add(&s->t, "%s%s", i ? ", " : "", type->rank ? script_array(s, type->elem) : one);
    }
    text_add(&s->t, n > 1 ? "]" : "");
}

static void add_export(Script *s)
{
    if (!script_is_export(s)) return;
    script_comment(s);
    text_add(&s->t, "    %s(", script_word(s->arena, s->entry->c_name));
    add_parameters(s);
    add_settings(s, s->core->draws ? "seed?: number | bigint" : "", false);
    text_add(&s->t, "): ");
    add_result_types(s);
    text_add(&s->t, ";\n");
}

static void add_step(Script *s, const char *doc)
{
    script_comment(s);
    text_add(&s->t, "    /** %s report: false adds to the next report. */\n    %s_step(", doc, s->entry->c_name);
    add_parameters(s);
    add_settings(s, "report?: true", false);
    text_add(&s->t, "): %s;\n    %s_step(", emit_report_class(s->e, s->entry), s->entry->c_name);
    add_parameters(s);
    add_settings(s, "report: false", true);
    text_add(&s->t, "): undefined;\n");
}

static void add_train(Script *s)
{
    if (s->core->kind != ENTRY_TRAIN) return;
    const char *name = s->entry->c_name;
    add_step(s, "One step of training.");
    text_add(&s->t, "    /** A whole run over these examples; each step of the iteration is a step of training. */\n    %s(",
             script_word(s->arena, name));
    add_parameters(s);
    add_settings(s, "batch?: number; epochs?: number; shuffle?: boolean", false);
    text_add(&s->t, "): Generator<%s & { step: number; steps: number; epoch: number }>;\n", emit_report_class(s->e, s->entry));
    text_add(&s->t,
             "    /** What schedules read in the steps that follow: the epoch, from 0, and how many steps the run has. */\n"
             "    %s_plan(epoch: number, steps: number): void;\n",
             name);
}

static void add_eval(Script *s)
{
    if (s->core->kind != ENTRY_EVAL) return;
    add_step(s, "These examples are added.");
    text_add(&s->t, "    /** All of these examples, batch by batch. */\n    %s(", script_word(s->arena, s->entry->c_name));
    add_parameters(s);
    add_settings(s, "batch?: number", false);
    text_add(&s->t, "): %s;\n", emit_report_class(s->e, s->entry));
}

static void add_report(Script *s)
{
    if (script_is_export(s)) return;
    text_add(&s->t, "export interface %s {\n", emit_report_class(s->e, s->entry));
    for (uint32_t i = 0; i < s->core->reports.n; i++) {
        int rank;
        script_report_count(s, i, &rank);
        text_add(&s->t, "    %s: %s;\n", emit_c_report(s->entry, s->arena, i), rank ? "Float64Array" : "number");
    }
    text_add(&s->t, "    examples: number;\n}\n\n");
}

static void add_options(Script *s)
{
    text_add(&s->t, "export interface Options {\n");
    for (uint32_t i = 0; i < s->e->core->options.n; i++) {
        const CoreOption *o = &s->e->core->options.at[i];
        if (o->elem == ELEM_none) continue;
        if (o->doc && *o->doc && !strstr(o->doc, "*/")) text_add(&s->t, "    /** %s */\n", o->doc);
        text_add(&s->t, "    %s: %s;\n", emit_c_option(s->arena, o->name), o->elem == ELEM_bool ? "boolean" : "number");
    }
    text_add(&s->t, "}\n\n");
}

static const char in_all[] =
    "/** What a model refuses, other than an argument (TypeError, RangeError). code: that of the C header, as NNRT_E_NUMERIC. */\n"
    "export class ModelError extends Error {\n"
    "    code: string;\n"
    "}\n"
    "\n"
    "/** A model of its own. wasm: where the module is, if it is not beside this file, or its bytes, or the module. */\n"
    "export function open(settings?: {\n"
    "    seed?: number | bigint;\n"
    "    wasm?: string | URL | ArrayBuffer | ArrayBufferView | WebAssembly.Module;\n"
    "}): Promise<Model>;\n"
    "\n"
    "export class Model {\n"
    "    private constructor();\n"
    "    /** What is set here counts from the next call on. */\n"
    "    readonly options: Options;\n"
    "    /** Weights from the initialisers, and training from its start. */\n"
    "    reset(seed?: number | bigint): void;\n"
    "    /** A checkpoint, as the programs of nnc write and read it (safetensors). */\n"
    "    save(): Uint8Array;\n"
    "    /** Weights of a checkpoint. If something does not fit, nothing changes. */\n"
    "    load(checkpoint: ArrayBuffer | Uint8Array): void;\n"
    "    /** The numbers of a tensor, by its name in checkpoints. */\n"
    "    tensor(name: string): Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;\n";

const char *emit_typescript(const EmitProgram *e)
{
    Script s = {.t = {.arena = e->arena}, .arena = e->arena, .e = e};
    text_add(&s.t, "// made by nnc %s: types of %s.wasm\n\n", e->version, e->core->name);
    text_add(&s.t, "/** Numbers one behind the other; lists may stand in lists. */\n"
                   "export type Numbers = readonly (number | bigint | boolean | Numbers)[];\n\n");
    script_each_entry(&s, add_report);
    add_options(&s);
    text_add(&s.t, "%s", in_all);
    script_each_entry(&s, add_export);
    script_each_entry(&s, add_train);
    script_each_entry(&s, add_eval);
    text_add(&s.t, "}\n");
    return text_c(&s.t);
}
