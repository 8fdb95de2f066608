/* SPDX-License-Identifier: MIT
 * nnc.h: the compiler as a library. It prints nothing and keeps no globals: messages and dumps go through `write`. */
#ifndef NNC_NNC_H
#define NNC_NNC_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    NNC_PROGRAM,
    NNC_OBJECT,
    NNC_SHARED,
    NNC_PYTHON,
    NNC_MODULE,
    NNC_CHECK,
    NNC_FORMAT,
    NNC_COSTS
} NncMode; /* module: of WebAssembly, with its functions for JavaScript; costs: of the layers, as JSON (emit/layers.c) */
typedef enum { NNC_F32, NNC_F64, NNC_BF16 } NncFloat; /* bf16: f32, and contractions multiply bf16 (docs/ir.md, "Operands") */
typedef enum { NNC_OUT, NNC_ERR } NncStream;

struct Diags;       /* support/diag.h */
struct SemaMeaning; /* sema/base/options.h */

typedef struct NncInt8 { /* what `quantize` found out */
    const char *file;
    unsigned n;
    const char *const *name; /* of a weight */
    const double *lo, *hi;   /* what its products and convolutions read */
    const char *code;        /* hash of what the program computes; NULL: it is not compared */
} NncInt8;
typedef struct NncSizes { /* what became of a program */
    long long before, after, states; /* bytes of the weights that inference needs: as floats, with bytes; of the states */
    char code[20];                   /* as NncInt8.code */
    char floats[1000];               /* weights of products that stay floats, and why, each behind ", " */
} NncSizes;

typedef struct NncOptions {
    NncMode mode;
    const char *input;   /* model.nn, or graph.tir with `passes`; "-" is standard input */
    const char *text;    /* of `input`, for who has it already; NULL: it is read */
    size_t n_text;
    const char *output;  /* NULL: from the input's stem */
    const char *const *defines;
    unsigned n_defines;       /* -D name=value */
    const char *const *include_dirs;
    unsigned n_include_dirs;
    const char *const *link_inputs;
    unsigned n_link_inputs; /* objects, archives, -l names */
    const char *prefix;  /* of C symbols; NULL: the stem */
    const char *march;   /* LLVM CPU; NULL or "native": this machine's */
    const char *target;  /* triple; NULL: this machine's */
    const char *dump;    /* comma-separated stages, or NULL */
    const char *stop_after;
    const char *passes;  /* for .tir input */
    const char *depfile; /* where the files that were read are listed, for make; NULL: nowhere */
    const char *only;    /* entry point that dumps are limited to */
    const char *runtime_dir; /* where libnnrt.a lies; NULL: unknown, nothing can be linked */
    int floats; /* NncFloat */
    int strict_fp, time, shapes, colour, no_fusion, no_reuse, assembly;
    long long memory;    /* bytes that a step of a training may take; 0: as many as it likes */
    const void *weights; /* of a model block, and behind it its vocabularies (`export --block` of the program); NULL: none */
    size_t n_weights;
    const char *checkpoint; /* where they come from */
    int observe;         /* without what trains; evaluations report what products and convolutions read, as `range.lo X`, `range.hi X` */
    const NncInt8 *int8; /* these are in integers of 8 bits; NULL: all in floats */
    NncSizes *sizes;     /* set with int8; or NULL */
    int *wrong_gradients; /* functions with a grad block are compared with differences, and those counted that do not agree; or NULL */
    const char *cc;      /* links programs and shared libraries; NULL: "cc" */
    int is_static;       /* a program without shared libraries */
    int mpi;             /* a program whose runs several processes share (--dist=mpi) */
    int lean;            /* a program without the commands that look at it */
    int small;           /* code that is small rather than fast, for one thread: objects only */
    int no_debug;        /* without assert and print; objects and libraries never have print */
    int allow_outside;   /* imports may leave the folder of the program and those of include_dirs */
    int only_compare;    /* NNC_FORMAT: nothing is written; the status is 1 if the layout is another */
    void (*meant)(void *user, const struct SemaMeaning *meaning);        /* what the words of the program mean; NULL: nobody asks */
    const char *(*open_text)(void *user, const char *path, size_t *n); /* of an import that is open in an editor; NULL: none is */
    void (*messages)(void *user, const struct Diags *diags); /* takes them, also where there are none; NULL: they are written as text */
    void (*write)(void *user, NncStream stream, const char *text, size_t n);
    void *user;
} NncOptions;

/* 0 ok, 1 wrong program, 2 an output that is refused, 3 file or system error (exit codes of the command). Without memory the process
 * ends with status 5. */
int nnc_compile(const NncOptions *options);
const char *nnc_version(void);
/* Page of a diagnostic code ("E0304"), or NULL. */
const char *nnc_explain(const char *code);

#ifdef __cplusplus
}
#endif
#endif
