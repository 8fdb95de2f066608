/* SPDX-License-Identifier: MIT
 * python.c: a Python package: its entry points as methods with types of numpy, over what is the same in every package
 * (python/native.py). Names are those of the header. */
#include <ctype.h>
#include <string.h>

#include "emit/emit.h"
#include "emit/json.h"

#define EMBEDDED(NAME) \
    extern const unsigned char embed_##NAME[]; \
    extern const size_t embed_##NAME##_size
EMBEDDED(python_native);
EMBEDDED(python_build);

typedef struct Python {
    Text t;
    const EmitProgram *e;
    const EmitEntry *entry; /* the one being written, */
    const CoreEntry *core;  /* the same */
} Python;

static const EmitNotation notation = {.before = "", .behind = "", .quotient = "", .divide = "//", .name = emit_python_parameter};

/* ---- pieces ------------------------------------------------------------------------------------------ */

static void add_doc(Python *p, const char *indent, const char *text)
{
    text_add(&p->t, "%s\"\"\"", indent);
    for (const char *c = text; *c; c++)
        text_add(&p->t, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
    text_add(&p->t, "\"\"\"\n");
}

/* Behind the last element of a list. */
static void end_list(Python *p, const char *end)
{
    if (p->t.n > 1 && p->t.at[p->t.n - 1] == ' ' && p->t.at[p->t.n - 2] == ',') p->t.n -= 2;
    text_add(&p->t, "%s", end);
}

static const char *parameter(const Python *p, const CoreArg *a)
{
    return emit_python_word(p->e->arena, emit_c_argument(p->e, p->core, a->name));
}

/* "float32" of "Float32": the kind as a value, its name the type of an array. */
static const char *kind_value(const Python *p, uint8_t elem)
{
    const char *kind = emit_python_kind(p->e, elem);
    if (strcmp(kind, "Bool") == 0) return "bool8";
    char *out = arena_copy(p->e->arena, kind, strlen(kind));
    for (char *c = out; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return out;
}

static void add_shape(Python *p, const Dim *dim, int rank)
{
    text_add(&p->t, "(");
    for (int i = 0; i < rank; i++) {
        if (i) text_add(&p->t, ", ");
        emit_expression(&p->t, p->e, p->entry, dim[i], &notation);
    }
    text_add(&p->t, rank == 1 ? ",)" : ")");
}

/* ---- reports, options ----------------------------------------------------------------------------------- */

static void add_report(Python *p)
{
    const Graph *g = p->entry->lowered->report;
    const char *class = emit_report_class(p->e, p->entry);
    int64_t at = 0, count = 0;
    text_add(&p->t, "\n\n@_dataclass(frozen=True, eq=False)\nclass %s:\n    \"\"\"What %s reports.\"\"\"\n\n", class, p->entry->c_name);
    for (uint32_t i = 0; i < p->core->reports.n; i++)
        text_add(&p->t, "    %s: %s\n", emit_python_word(p->e->arena, emit_c_report(p->entry, p->e->arena, i)),
                 graph_type(g, g->result.at[i].ref)->rank ? "_native.Float64" : "float");
    text_add(&p->t, "    examples: int\n\n\ndef _%s_report(values: _native.Values) -> %s:\n    return %s(\n", p->entry->c_name, class,
             class);
    for (uint32_t i = 0; i < p->core->reports.n; i++) {
        const Type *type = graph_type(g, g->result.at[i].ref);
        text_add(&p->t, type->rank ? "        values.array(%lld, " : "        values.number(%lld", (long long)at);
        if (type->rank) add_shape(p, type->dim, type->rank);
        text_add(&p->t, "),\n");
        dim_is_const(p->e->core->dims, type_count(p->e->core->dims, type), &count);
        at += count;
    }
    text_add(&p->t, "        values.examples(),\n    )\n");
}

static void add_options(Python *p)
{
    const CoreProgram *core = p->e->core;
    text_add(&p->t, "\n\nclass Options(_native.Options):\n    \"\"\"The options of the program; what is set here counts from the next call "
                    "on.\"\"\"\n");
    for (uint32_t i = 0; i < core->options.n; i++) {
        const CoreOption *o = &core->options.at[i];
        text_add(&p->t, "\n    %s: %s\n", emit_python_word(p->e->arena, emit_c_option(p->e->arena, o->name)),
                 o->elem == ELEM_none    ? "str"
                 : o->elem == ELEM_bool  ? "bool"
                 : o->elem == ELEM_float ? "float"
                                         : "int");
        if (o->doc && *o->doc) add_doc(p, "    ", o->doc);
    }
    text_add(&p->t, "\n    _native_fields = (");
    for (uint32_t i = 0; i < core->options.n; i++) {
        const CoreOption *o = &core->options.at[i];
        text_add(&p->t, "(\"%s\", _ctypes.%s), ", emit_python_word(p->e->arena, emit_c_option(p->e->arena, o->name)),
                 o->elem == ELEM_none    ? "c_char_p"
                 : o->elem == ELEM_bool  ? "c_bool"
                 : o->elem == ELEM_float ? (p->e->f64 ? "c_double" : "c_float")
                                         : "c_int32");
    }
    end_list(p, core->options.n ? ",)\n" : ")\n");
}

/* ---- methods ------------------------------------------------------------------------------------------------ */

static void add_default(Python *p, const CoreArg *a)
{
    if (a->role == ROLE_SCALAR && a->type.elem == ELEM_bool)
        text_add(&p->t, a->value != 0 ? " = True" : " = False");
    else
        text_add(&p->t, " = %.17g", a->value);
}

/* Where a size stands alone as a size of an argument; NULL: nowhere, it is an argument itself. */
static const CoreArg *has_size(const Python *p, Symbol size, int *axis)
{
    for (uint32_t i = 0; i < p->core->args.n; i++) {
        const CoreArg *a = &p->core->args.at[i];
        for (int k = 0; a->role <= ROLE_TENSOR && k < a->type.rank; k++) {
            if (emit_lone_size(p->e->core->dims, a->type.dim[k]) == size) return *axis = k, a;
        }
    }
    return NULL;
}

static void add_sizes(Python *p)
{
    for (uint32_t i = 0; i < p->core->binders.n; i++) {
        int axis = 0;
        const CoreArg *a = has_size(p, p->entry->sizes.at[i], &axis);
        const char *name = p->entry->size_names.at[i], *word = emit_python_parameter(p->e, name);
        if (a)
            text_add(&p->t, "        %s = %s.shape[%d]\n", word, parameter(p, a), axis);
        else
            text_add(&p->t, "        %s = call.dim(\"%s\", %s)\n", word, name, word);
    }
}

static void add_parameters(Python *p)
{
    int axis;
    for (uint32_t i = 0; i < p->core->binders.n; i++)
        if (!has_size(p, p->entry->sizes.at[i], &axis))
            text_add(&p->t, ", %s: int", emit_python_parameter(p->e, p->entry->size_names.at[i]));
    for (uint32_t i = 0; i < p->core->args.n; i++) {
        const CoreArg *a = &p->core->args.at[i];
        const char *kind = emit_python_kind(p->e, a->type.elem);
        text_add(&p->t, ", %s: ", parameter(p, a));
        if (a->role == ROLE_DIM)
            text_add(&p->t, "int");
        else if (a->role == ROLE_SCALAR)
            text_add(&p->t, strncmp(kind, "Float", 5) == 0 ? "float" : strcmp(kind, "Bool") == 0 ? "bool" : "int");
        else
            text_add(&p->t, "_native.%sLike", kind);
        if (emit_may_default(p->core, i)) add_default(p, a);
    }
}

/* Every argument is looked at alone, then the sizes are taken from them, then all are compared. */
static void add_arguments(Python *p)
{
    text_add(&p->t, "        call = _native.Call(self, \"%s%s\", %s)\n", p->entry->c_name, p->core->kind == ENTRY_EXPORT ? "" : "_step",
             p->core->kind == ENTRY_EXPORT ? "True" : "False");
    for (uint32_t i = 0; i < p->core->args.n; i++) {
        const CoreArg *a = &p->core->args.at[i];
        const char *name = parameter(p, a);
        if (a->role == ROLE_DIM) text_add(&p->t, "        %s = call.dim(\"%s\", %s)\n", name, a->name, name);
        if (a->role > ROLE_TENSOR) continue;
        text_add(&p->t, "        %s = call.take(\"%s\", %s, \"%s\", _native.%s, %d)\n", name, a->name, name,
                 emit_type_text(p->e, &a->type, a->bound), kind_value(p, a->type.elem), a->type.rank);
    }
    add_sizes(p);
    for (uint32_t i = 0; i < p->core->args.n; i++) {
        const CoreArg *a = &p->core->args.at[i];
        if (a->role > ROLE_TENSOR) continue;
        text_add(&p->t, "        call.check(\"%s\", %s, ", a->name, parameter(p, a));
        add_shape(p, a->type.dim, a->type.rank);
        text_add(&p->t, ")\n");
    }
}

static void add_passed(Python *p)
{
    for (uint32_t i = 0; i < p->core->binders.n; i++)
        text_add(&p->t, "%s, ", emit_python_parameter(p->e, p->entry->size_names.at[i]));
    for (uint32_t i = 0; i < p->core->args.n; i++) {
        const CoreArg *a = &p->core->args.at[i];
        if (a->role == ROLE_SCALAR)
            text_add(&p->t, "call.number(\"%s\", %s, _native.%s), ", a->name, parameter(p, a), kind_value(p, a->type.elem));
        else
            text_add(&p->t, "%s, ", parameter(p, a));
    }
}

static const char *out_name(const Python *p, uint32_t i)
{
    return p->core->outs.n == 1 ? "out" : arena_print(p->e->arena, "out%u", i);
}

static void add_result_types(Python *p)
{
    for (uint32_t i = 0; i < p->core->outs.n; i++)
        text_add(&p->t, "%s_native.%s",
                 i                     ? ", "
                 : p->core->outs.n > 1 ? "_Tuple["
                                       : "",
                 emit_python_kind(p->e, p->core->outs.at[i].type.elem));
    if (p->core->outs.n > 1) text_add(&p->t, "]");
}

static void add_doc_of_entry(Python *p, const char *more)
{
    Text doc = {.arena = p->e->arena};
    emit_signature(&doc, p->e, p->core, "\n        ");
    text_add(&doc, "%s", more);
    add_doc(p, "        ", text_c(&doc));
}

static void add_export(Python *p)
{
    const char *name = emit_python_word(p->e->arena, p->entry->c_name);
    text_add(&p->t, "\n    def %s(self", name);
    add_parameters(p);
    text_add(&p->t, p->core->draws ? ", *, seed: int = 0, out: _Optional[" : ", *, out: _Optional[");
    add_result_types(p);
    text_add(&p->t, "] = None) -> ");
    add_result_types(p);
    text_add(&p->t, ":\n");
    add_doc_of_entry(p, "");
    add_arguments(p);
    for (uint32_t i = 0; i < p->core->outs.n; i++) {
        const CoreOut *o = &p->core->outs.at[i];
        bool one = p->core->outs.n == 1;
        text_add(&p->t,
                 one ? "        out = call.give(\"out\", out, " : "        out%u = call.give(\"out[%u]\", out[%u] if out else None, ", i, i,
                 i);
        text_add(&p->t, "\"%s\", _native.%s, ", emit_type_text(p->e, &o->type, o->bound), kind_value(p, o->type.elem));
        add_shape(p, o->type.dim, o->type.rank);
        text_add(&p->t, ")\n");
    }
    text_add(&p->t, "        call.run(%s", p->core->draws ? "_native.seed_of(seed), " : "");
    add_passed(p);
    for (uint32_t i = 0; i < p->core->outs.n; i++)
        text_add(&p->t, "%s, ", out_name(p, i));
    end_list(p, ")\n        return ");
    for (uint32_t i = 0; i < p->core->outs.n; i++)
        text_add(&p->t, "%s%s", i ? ", " : "", out_name(p, i));
    text_add(&p->t, "\n");
}

static void add_step_head(Python *p, const char *report, const char *gives)
{
    text_add(&p->t, "    def %s_step(self", p->entry->c_name);
    add_parameters(p);
    text_add(&p->t, ", *, %s) -> %s:", report, gives);
}

static void add_step(Python *p)
{
    const char *class = emit_report_class(p->e, p->entry);
    text_add(&p->t, "\n    @_overload\n");
    add_step_head(p, "report: _Literal[True] = ...", class);
    text_add(&p->t, " ...\n    @_overload\n");
    add_step_head(p, "report: _Literal[False]", "None");
    text_add(&p->t, " ...\n");
    add_step_head(p, "report: bool = True", arena_print(p->e->arena, "_Optional[%s]", class));
    text_add(&p->t, "\n");
    add_doc_of_entry(
        p,
        arena_print(p->e->arena,
                    "\n\n        %s\n        report: of all since the last report; False: none, they are added to the next one.\n        ",
                    p->core->kind == ENTRY_TRAIN ? "One step of training on these examples." : "These examples are added."));
    add_arguments(p);
    text_add(&p->t, "        _native_values = _native.Values(%lld, report)\n        call.run(",
             (long long)emit_report_values(p->e, p->entry));
    add_passed(p);
    text_add(&p->t, "_native_values)\n        return _%s_report(_native_values) if report else None\n", p->entry->c_name);
}

static void add_plan(Python *p)
{
    if (p->core->kind != ENTRY_TRAIN) return;
    text_add(&p->t, "\n    def %s_plan(self, epoch: int, steps: int) -> None:\n", p->entry->c_name);
    add_doc(p, "        ", "What schedules read in the steps that follow: which epoch it is, from 0, and how many steps the run has.");
    text_add(&p->t, "        self._native_plan(\"%s_plan\", epoch, steps)\n", p->entry->c_name);
}

static void add_run(Python *p)
{
    const char *class = emit_report_class(p->e, p->entry), *name = emit_python_word(p->e->arena, p->entry->c_name);
    if (p->core->derived_from >= 0) return;
    text_add(&p->t, "\n    def %s(self, run: _Optional[Run] = None) -> %s:\n", name, class);
    add_doc(p, "        ",
            p->core->kind == ENTRY_TRAIN ? "The whole training run, on the data of the program." : "On all of the program's data for it.");
    text_add(&p->t,
             "        values = _native.Values(%lld)\n        self._native_run(\"%s\", run, values)\n        return _%s_report(values)\n",
             (long long)emit_report_values(p->e, p->entry), p->entry->c_name, p->entry->c_name);
}

/* ---- the module ----------------------------------------------------------------------------------------------- */

static void each_entry(Python *p, bool (*wanted)(const EmitEntry *), void (*add)(Python *p))
{
    for (uint32_t i = 0; i < p->e->entry.n; i++) {
        p->entry = &p->e->entry.at[i];
        p->core = p->entry->lowered->core;
        if (p->core && wanted(p->entry)) add(p);
    }
}

static bool is_export(const EmitEntry *entry)
{
    return !emit_has_report(entry);
}

static void add_public(Python *p)
{
    text_add(&p->t, "\"%s\", ", emit_report_class(p->e, p->entry));
}

static void add_head(Python *p)
{
    const EmitProgram *e = p->e;
    text_add(&p->t, "# made by nnc %s; it is made anew with the library\n", e->version);
    add_doc(p, "",
            arena_print(
                e->arena,
                "The model %s: weights and entry points are those of a Model.\n\nEach method begins with its text in the program, %s.\n",
                e->prefix, e->source));
    text_add(&p->t, "from __future__ import annotations\n\nimport ctypes as _ctypes\nfrom dataclasses import dataclass as _dataclass\n"
                    "from typing import Literal as _Literal, Optional as _Optional, Tuple as _Tuple, overload as _overload\n\n"
                    "from . import _native\nfrom ._native import Error as Error, Run as Run\n\n"
                    "__all__ = [\"Model\", \"Options\", \"Run\", \"Error\", \"TENSORS\", ");
    each_entry(p, emit_has_report, add_public);
    end_list(p, "]");
    text_add(&p->t, "\n\n_library = _native.Library(__file__, \"%s\")\n\nTENSORS = (\n", e->prefix);
    for (uint32_t i = 0; i < e->layout.tensor.n; i++) {
        text_add(&p->t, "    %s,\n", json_quoted(e->arena, e->layout.tensor.at[i].name));
    }
    text_add(&p->t, ")\n\"\"\"The names that Model.tensor knows.\"\"\"\n");
}

static const char *module_text(const EmitProgram *e)
{
    Python p = {.t = {.arena = e->arena}, .e = e};
    add_head(&p);
    each_entry(&p, emit_has_report, add_report);
    add_options(&p);
    text_add(&p.t, "\n\nclass Model(_native.Model):\n");
    add_doc(&p, "    ",
            e->weights ? "Trained weights, or those of a checkpoint." : "Weights that are drawn with a seed, or those of a checkpoint.");
    text_add(&p.t, "\n    def __init__(self, checkpoint: _Optional[_native.Path] = None, *, seed: int = 0) -> None:\n"
                   "        super().__init__(_library, checkpoint, seed)\n        self.options = Options(self)\n");
    each_entry(&p, is_export, add_export);
    each_entry(&p, emit_has_report, add_step);
    each_entry(&p, emit_has_report, add_plan);
    each_entry(&p, emit_has_report, add_run);
    return text_c(&p.t);
}

static const char *project_text(const EmitProgram *e, const char *package)
{
    return arena_print(
        e->arena,
        "# What the wheel is called, and which version it is: yours to change; nnc writes this file once.\n"
        "[build-system]\nrequires = [\"tomli; python_version < '3.11'\"]\nbuild-backend = \"nnc_build\"\nbackend-path = [\".\"]\n\n"
        "[project]\nname = \"%s\"\nversion = \"0.1.0\"\ndescription = \"a model, compiled by nnc\"\n"
        "requires-python = \">=3.8\"\ndependencies = [\"numpy>=1.21\"]\n",
        package);
}

void emit_python(const EmitProgram *e, EmitFile file[EMIT_PYTHON_FILES])
{
    const char *package = emit_python_word(e->arena, e->prefix);
    file[0] = (EmitFile){arena_print(e->arena, "%s/__init__.py", package), module_text(e), false};
    file[1] = (EmitFile){arena_print(e->arena, "%s/_native.py", package),
                         arena_copy(e->arena, (const char *)embed_python_native, embed_python_native_size), false};
    file[2] = (EmitFile){arena_print(e->arena, "%s/py.typed", package), "", false};
    file[3] = (EmitFile){"nnc_build.py", arena_copy(e->arena, (const char *)embed_python_build, embed_python_build_size), false};
    file[4] = (EmitFile){"pyproject.toml", project_text(e, package), true};
}
