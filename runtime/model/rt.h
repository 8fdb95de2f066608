/* SPDX-License-Identifier: MIT
 * rt.h: shared inside the hosted runtime: errors, the model handle, what the manifest says. */
#ifndef NNRT_MODEL_RT_H
#define NNRT_MODEL_RT_H

#include <stdbool.h>

#include "base/json.h"
#include "base/memory.h"
#include "nnrt.h"
#include "nnrt_abi.h"

enum { RT_USAGE = 100 }; /* beside the NNRT_E_... codes: a wrong command line */

/* Sets the calling thread's error text and returns code. */
int rt_fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
void rt_remark(const nnrt *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
void rt_error_prefix(const char *format, ...)
    __attribute__((format(printf, 1, 2))); /* puts text before the error */

void *rt_alloc(size_t bytes); /* zeroed, NNRT_ALIGN aligned; NULL with an error text */
void rt_free(void *at);
void *rt_grow(void *at, size_t old_bytes, size_t new_bytes); /* NULL: old block stays */

typedef struct Pool Pool;    /* gang.c */
enum { RT_MOST_THREADS = 1024 };
Pool *pool_new(int threads); /* 0: as many as this process may use */
void pool_free(Pool *pool);
const nnrt_host *pool_host(Pool *pool);
int pool_default_threads(void);

/* weights.c: text tables that belong to the checkpoint (vocabularies and label names of fields), by
 * data block and field. */
typedef struct Vocab {
    int data, field;
    char **word;
    int n;
} Vocab;

typedef struct Progress { /* where a training run stands; part of its checkpoint */
    int entry;
    int64_t step, epoch, batch; /* batch: batches of this epoch done */
    uint64_t seed;
    double best;   /* best validation value so far */
    int64_t stale; /* validations since then */
    bool has_best, valid;
    int64_t unchecked; /* 1: a signal came before the validation of this step was done */
    int64_t steps;   /* of the whole run */
    const char *run; /* resume_text, when it is saved */
} Progress;

typedef struct Pace { /* seconds per call of an entry with one thread [0] and with all [1] */
    double seconds[2];
    int n[2];            /* calls so far, up to the number of trials */
    int64_t until, wait; /* calls until the slower way is tried again, and after that */
} Pace;

typedef struct Stream { /* what a pipe gave: it can be read once only (data/stream.c) */
    struct Stream *next;
    uint64_t device, inode;
    char *text;
    size_t n;
} Stream;

struct nnrt {
    const nnrt_program *program;
    Json *manifest;
    void *model, *options;
    void **area; /* by entry: train area or sums */
    void *ema;   /* averaged parameters (param_bytes), or NULL */
    void *work;
    size_t work_bytes;
    Pool *pool;
    bool threads_fixed; /* the user said how many */
    Pace *pace;         /* by entry */
    uint64_t seed;
    Vocab *vocab;
    int n_vocabs;
    bool tells;        /* remarks go to standard error: a program, not a library */
    bool keeps_vocabs; /* what is not known stays an error: evaluations, exports */
    Progress progress; /* of the checkpoint that was loaded */
    char **string;     /* option texts that were set */
    bool *option_given; /* by the command line */
    Stream *streams;
};

const Json *rt_entry(const nnrt *m, int entry); /* manifest of an entry */
/* As nnrt_new, but without a model block; and the block, zero but for its identification. */
nnrt *rt_new(const nnrt_program *program);
int rt_blank_model(nnrt *m);
int rt_find_entry(const nnrt *m, const char *name,
                  const char *kind); /* -1; kind NULL: any that is not derived */
void *rt_area(nnrt *m, int entry);   /* train area or sums, made when first asked for */
int rt_call(nnrt *m, int entry, uint64_t seed, const int64_t *sizes, void *const *args);
int rt_threads(nnrt *m, int threads);
int rt_too_large(const nnrt *m, int entry, const int64_t *sizes); /* the error, with the sizes */
const char *rt_join(const nnrt *m, const Json *pieces, char *out,
                    size_t n); /* a path with options in it */
int rt_set_string(nnrt *m, int option, const char *text);
Vocab *rt_vocab(nnrt *m, int data, int field); /* NULL if not made yet */
int rt_add_vocab(nnrt *m, int data, int field, char **words, int n);

/* weights.c */
int weights_save(const nnrt *m, const char *path, int entry,
                 const Progress *progress); /* entry >= 0: with its slots */
/* The same without the last step: does it work, and is there room? The file stays as it is. */
int weights_try(const nnrt *m, const char *path, int entry, const Progress *progress);
/* What resume_text said, free() it; NULL in *out if the file does not say it. */
int weights_run(const char *path, char **out);
int weights_load(nnrt *m, const char *path, bool partial,
                 int entry); /* entry >= 0: slots and progress too */

/* Text that comes from a file or the source, for a message or a terminal: control characters, marks
 * that reorder text and bytes that are no UTF-8 become \n, \t, \x1b. Nothing is cut in the middle. */
const char *rt_plain(char *out, size_t n, const char *text);
void rt_put_plain(FILE *f, const char *text);

uint32_t rt_crc32c(uint32_t crc, const void *data, size_t n);
uint64_t rt_permute(uint64_t i, uint64_t n,
                    uint64_t key); /* a permutation of 0..n-1 (Feistel network, cycle walking) */

#endif
