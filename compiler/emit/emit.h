/* SPDX-License-Identifier: MIT
 * emit.h: what surrounds the generated loops: the program's constant tables, the manifest, C wrappers, the header, linking. */
#ifndef NNC_EMIT_EMIT_H
#define NNC_EMIT_EMIT_H

#include "codegen/codegen.h"
#include "emit/json.h"
#include "kernel/kernel.h"
#include "lower/lower.h"

/* Generated code of one graph. */
typedef struct EmitCode {
    KProgram *k;
    const char *symbol;    /* prefix of its functions: "iris__fit0" */
    VEC(uint32_t) arg_entry;   /* table entry with the number of elements, per argument and result */
    VEC(int32_t) bound_entry;  /* or -1 */
    VEC(uint32_t) left, right; /* table entries of requires */
} EmitCode;

typedef struct EmitEntry {
    const LoweredEntry *lowered;
    const char *name;      /* "fit"; of a field "data.field" */
    const char *c_name;    /* name in C symbols */
    EntryLayout layout;
    EmitCode code[8], report;
    uint32_t n_codes;
    VEC(Symbol) sizes;     /* binders, then dim arguments */
    VEC(const char *) size_names;
    const char *condition; /* symbol, or NULL */
    int64_t sums_area, batch_offset, report_work_offset, train_bytes, n_partials;
    const int64_t *own_bytes[8]; /* by code: what its kernels want for themselves (kernel_own_bytes), once that is known (memory.c) */
    int64_t reserve; /* bytes of --memory that buffers of values do not get (memory.c) */
} EmitEntry;

typedef struct EmitInteger { /* a weight that is in the code, in integers of 8 bits */
    const LayoutTensor *tensor; /* of the program in floats */
    int64_t elements, bytes;    /* bytes: with the scales; 0 if another weight is multiplied with it first */
} EmitInteger;

typedef struct EmitProgram {
    Arena *arena;
    Strings *strings;
    const CoreProgram *core;
    const Lowered *lowered;
    Layout layout;
    VEC(EmitEntry) entry;
    const char *prefix;       /* of C symbols: "iris" */
    const char *source;       /* file name for messages */
    const char *version;
    uint64_t hash;
    int64_t *option_offset;   /* bytes in the options struct */
    int64_t options_bytes;
    int64_t *const_offset;    /* of module tables in the constant block */
    int64_t const_bytes;
    bool f64, bf16, has_main; /* has_main: a program, which can profile itself */
    bool is_module;      /* of WebAssembly: nothing reads its descriptions */
    bool int8;           /* weights are in the code, as integers: others cannot be loaded */
    VEC(EmitInteger) integers;
    const CgTargets *targets;
    const Sources *sources;
    const void *weights; /* a model block and vocabularies (nnc.h); NULL: none */
    size_t n_weights;
} EmitProgram;
int emit_line(const EmitProgram *e, Span span); /* of the program's text, 0 if unknown */

/* layout.c: options struct, constant block, model and train areas, sizes of entries (before kernels are built). */
void emit_layout(EmitProgram *e);
void emit_layout_in_place(EmitProgram *e, EmitEntry *entry,
                          const bool *in_place); /* again: these gradients are in no memory; NULL: all are */
/* Representative value per symbol, for the memory plan. */
int64_t *emit_sample(const EmitProgram *e, const CoreEntry *entry);
/* Table entries that the checks on entry need (after kernel_build, before loop_lower). */
void emit_table(EmitProgram *e, EmitEntry *entry, EmitCode *code);
/* Areas that depend on the report's work (after loop_lower). */
void emit_areas(EmitProgram *e, EmitEntry *entry);
const char *emit_no_room(const EmitProgram *e); /* a block is larger than the target can address: error text; else NULL */

/* kernels.c: numbers through the program (before loop_lower); of an entry's kernels what the manifest says. */
void emit_number_kernels(EmitProgram *e);
void emit_kernels(Json *j, const EmitProgram *e, const EmitEntry *entry);

/* sizes.c: a polynomial of the sizes, a number where it is one. */
void emit_add_size(Json *j, const EmitProgram *e, Dim dim);
void emit_size(Json *j, const EmitProgram *e, const char *name, Dim dim);

/* expression.c: a polynomial of the sizes of an entry as another language writes it. */
typedef struct EmitNotation {
    const char *before, *behind;    /* of a name of a size, as in "(size_t)(" and ")" */
    const char *quotient, *divide; /* that is rounded down: what stands before it, and between its numbers */
    const char *(*name)(const EmitProgram *e, const char *name);
} EmitNotation;
void emit_expression(Text *t, const EmitProgram *e, const EmitEntry *entry, Dim dim, const EmitNotation *how);

/* layers.c: what the manifest says of layers: what they return, and what it costs. */
void emit_layers(Json *j, const EmitProgram *e);

/* flow.c: of a program, what `graph` draws. */
void emit_flows(Json *j, const EmitProgram *e);

/* condition.c: for each level i32 <symbol><suffix>(ptr ctx) from the graph of a step's conditions. */
void emit_condition(LoopModule *m, const Graph *g, const int64_t *option_offset, const char *symbol);
/* wrapper.c: the C functions of the core layer, as loop functions. */
void emit_wrappers(LoopModule *m, const EmitProgram *e);
int64_t emit_report_values(const EmitProgram *e, const EmitEntry *entry); /* doubles that a report has */
/* program.c: descriptor and nnrt_program as constants. */
void emit_program(Cg *cg, const EmitProgram *e, bool inside); /* inside: the core is in this module */
/* initialisers.c: NNRT_INIT_...; the first of its numbers. */
int32_t emit_init_kind(const CoreTensor *t);
double emit_init_scale(const CoreInit *init);
/* parts_of_core.c: what of the core the program asks for, as a constant. */
void emit_parts_of_core(Cg *cg, const EmitProgram *e);
/* manifest.c: the text (docs/manifest.md). */
const char *emit_manifest(const EmitProgram *e);
/* work.c: formulas, the largest of which is what a call on one thread wants of work memory; their number, 0: not known. */
enum { EMIT_WORKS = 8 };
uint32_t emit_work(const EmitProgram *e, const EmitEntry *entry, Dim *most);
/* figures.c: what an object of small code takes. */
typedef struct EmitFigures {
    int64_t *stack;     /* by entry; NULL: not known */
    int64_t init_stack; /* of P_core_init */
    int64_t rom;
} EmitFigures;
void emit_figures(const Cg *cg, const EmitProgram *e, EmitFigures *figures); /* of the object that was written */
/* header.c: the C header. */
const char *emit_header(const EmitProgram *e, const EmitFigures *figures);
/* `int main` of a program as a loop function, and the loaders its data blocks name as constants. */
void emit_main(LoopModule *m, const EmitProgram *e);
void emit_main_data(Cg *cg, const EmitProgram *e);
const char *const *emit_readers(const EmitProgram *e, uint32_t *n); /* "csv", "idx", "words" ... */
/* Functions of the runtime's commands that a program has; lean: without those that look at a program (runtime/command/main.c). */
const char *const *emit_commands(const EmitProgram *e, bool lean, uint32_t *n);
bool emit_has_reader(const EmitProgram *e, const char *kind);
const char *const *emit_formats(const EmitProgram *e, uint32_t *n); /* "png_in", "svg" ...: files that its exports can read or write */

/* core.c: the runtime's core in the module that has the constant tables (part 0): the loops of the optimizers in use, for the
 * program's machine, what the machine lacks and, if it is to be inside, the rest. Before any constant is made. */
void emit_core(Cg *cg, const EmitProgram *e, bool inside);
const char *emit_core_object(const EmitProgram *e, const char *path); /* the rest as machine code of the host; NULL or error text */
/* kind: rule, measure; behind it stands the suffix of a level */
const char *emit_rule_symbol(const EmitProgram *e, const char *kind, const char *name);

/* parts.c: LLVM and the object files of all parts of `m` (loop_split). */
typedef struct EmitParts {
    uint32_t n, n_objects;                  /* one object for each part, then one for the core (emit_core_object) */
    bool core_inside;                       /* the core is in part 0 and has no object */
    const char *object[LOOP_MAX_PARTS + 1]; /* files to write; NULL: none */
    const char *ir[LOOP_MAX_PARTS];     /* LLVM IR, if want_ir */
    bool with_main, assembly, want_ir;
    EmitFigures figures;
} EmitParts;
const char *emit_parts(const EmitProgram *e, const LoopModule *m, EmitParts *parts); /* NULL or error text */

/* link.c */
/* Several objects into one relocatable one, the symbols between them made local. NULL or error text */
const char *emit_merge(Arena *arena, const char *output, const char *const *object, uint32_t n, bool *system);
typedef struct EmitLink {
    const char *const *object;
    uint32_t n_objects;
    const char *output, *runtime_dir; /* where libnnrt.a lies */
    const char *const *extra;
    uint32_t n_extra; /* objects, archives, -l names of the user */
    const char *const *commands; /* of the runtime (emit_commands) */
    uint32_t n_commands;
    const char *cc;   /* the command that links */
    bool shared, is_static, needs_png, needs_jpeg, mpi;
    const char *source, *exports, *soname; /* of a shared library: files with the texts below, and what it is called */
} EmitLink;
const char *emit_link(Arena *arena, const EmitLink *link, bool *system); /* NULL or error text; *system: not the program's fault */

/* steps.c. nnrt_entry.odd_sum; nnrt_statement.last, of the first statement of a group. */
int32_t emit_odd_sum(const EmitProgram *e, const EmitEntry *entry);
bool emit_is_last(const EmitProgram *e, const EmitEntry *entry, uint32_t statement);

/* shared.c: C text of the convenience layer as functions, and the linker's list of names to export. */
const char *emit_shared_source(const EmitProgram *e);
const char *emit_shared_exports(const EmitProgram *e);

/* binding.c: what entry points are called and take in other languages. */
bool emit_has_report(const EmitEntry *entry); /* an entry of the program that is no export */
/* "FitReport": of the entry's name, with a capital in front and for each `_`; if another has the same, with its `_`. */
const char *emit_report_class(const EmitProgram *e, const EmitEntry *entry);
bool emit_may_default(const CoreEntry *core, uint32_t i); /* a default may stand where all behind it have one */
/* Which size a dimension is, if it is one and nothing else; 0: it is not. */
Symbol emit_lone_size(const Dims *dims, Dim dim);

/* module.c: a module of WebAssembly from an object. NULL or error text; *system: not the program's fault. */
const char *emit_module(Arena *arena, const char *object, const char *output, bool *system);

/* javascript.c: what stands beside a module: its functions for JavaScript, and their types for TypeScript. wasm: name of its file. */
const char *emit_javascript(const EmitProgram *e, const char *wasm);
const char *emit_typescript(const EmitProgram *e);

/* python.c: the texts of a Python package, which lies beside its library. */
typedef struct EmitFile {
    const char *path, *text; /* path: below the folder of the package and its pyproject.toml */
    bool once;               /* the user's, from then on */
} EmitFile;
enum { EMIT_PYTHON_FILES = 5 };
void emit_python(const EmitProgram *e, EmitFile file[EMIT_PYTHON_FILES]);

/* python_names.c */
/* A name of the header as Python has it: with `_` behind a word of Python. */
const char *emit_python_word(Arena *arena, const char *name);
const char *emit_python_parameter(const EmitProgram *e, const char *name); /* sizes */
const char *emit_python_kind(const EmitProgram *e, uint8_t elem); /* of an element: "Float32" of native.py */
bool emit_python_hides(const char *package);      /* a module of Python or numpy has this name */

/* names.c */
/* Names of the program as the header writes them: with `_` behind what C, C++ or the header itself gives a meaning. */
const char *emit_c_parameter(const EmitProgram *e, const char *name); /* sizes of entry points */
const char *emit_c_argument(const EmitProgram *e, const CoreEntry *core, const char *name);
const char *emit_c_option(Arena *arena, const char *name);
const char *emit_c_report(const EmitEntry *entry, Arena *arena, uint32_t index); /* of the index-th report */
/* The prefix of C symbols for a file's stem: `_` for what cannot stand in a name, `nn_` in front where C or C++ know the name. */
const char *emit_prefix(Arena *arena, const char *stem);
bool emit_is_prefix(Arena *arena, const char *name); /* can it stand as it is? */
const char *emit_upper(Arena *arena, const char *name);
uint8_t emit_abi_dtype(uint8_t dtype);                          /* NNRT_F32 ... */
const char *emit_c_type(const EmitProgram *e, uint8_t dtype);   /* "nnrt_float", "int32_t", ... */
const char *emit_dim_text(const EmitProgram *e, Dim dim);
const char *emit_type_text(const EmitProgram *e, const CoreType *type, Dim bound); /* as in .nn */
/* "export fn predict[B](x: float[B, 4]) -> float[B, 3]"; its requires on a line of their own, which begins with `line`. */
void emit_signature(Text *t, const EmitProgram *e, const CoreEntry *core, const char *line);
uint32_t emit_n_pointers(const EmitEntry *entry); /* arguments and results passed by pointer in core calls */

#endif
