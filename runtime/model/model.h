/* SPDX-License-Identifier: MIT
 * model.h: the model handle: the weights of a program, its options, and what belongs to them. */
#ifndef NNRT_MODEL_MODEL_H
#define NNRT_MODEL_MODEL_H

#include <stdatomic.h>

#include "base/base.h"
#include "base/json.h"
#include "nnrt_abi.h"

enum { MODEL_HEAD = 64 }; /* bytes of a model's identification; the parameters follow */

/* The words or class names of a field of a data block; they belong to the checkpoint. */
typedef struct Vocab {
    int data, field;
    char **word;
    int n;
    struct WordIndex *_Atomic index; /* made by the first call of rt_vocab_find */
} Vocab;

typedef struct Progress { /* where a training run stands; part of its checkpoint */
    int entry;
    int64_t step, epoch, batch; /* batch: batches of this epoch done */
    uint64_t seed;
    double best;   /* best validation value so far */
    int64_t stale; /* validations since then */
    bool has_best, valid;
    double validated; /* the value that this checkpoint is kept for */
    bool has_validated;
    int64_t unchecked; /* 1: a signal came before the validation of this step was done */
    int64_t steps;   /* of the whole run */
    const char *run; /* resume_text, when it is saved */
} Progress;

typedef struct Pace { /* of the calls of an entry: with one thread [0] and with all [1] (pace.h) */
    double seconds[2];   /* that a call takes */
    bool known[2];       /* is it? */
    bool all;            /* the way that is taken now */
    int trial;           /* calls that a trial of it had and this one; 0: it is none */
    double fastest, spent; /* of the trial */
    int64_t until, wait; /* calls until the other way is tried again, and after that */
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
    struct Pool *pool;  /* gang.h */
    const struct Exchange *exchange; /* run/exchange.h: with the other ranks of a distributed run; NULL: it is alone */
    bool threads_fixed; /* the user said how many */
    Pace *pace;         /* by entry */
    uint64_t seed;
    Vocab *vocab;
    int n_vocabs;
    const struct Show *show; /* show.h: prints of the calls that are made now; NULL: nobody wants to see them */
    bool tells;        /* remarks go to standard error: a program, not a library */
    bool lists_weights; /* all that do not fit, not the first ones */
    bool keeps_vocabs; /* what is not known stays an error: evaluations, exports */
    atomic_bool asked_to_stop; /* nnrt_stop */
    Progress progress; /* of the checkpoint that was loaded */
    char **string;     /* option texts that were set */
    bool *option_given; /* by the command line */
    Stream *streams;
    size_t held, hold_most; /* bytes of files of folders that are held decoded (data/hold.h); hold_most 0: a share of the memory */
};

/* As nnrt_new, but without a model block; and the block, zero but for its identification. */
nnrt *rt_new(const nnrt_program *program);
int rt_blank_model(nnrt *m);
void rt_remark(const nnrt *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
