/* SPDX-License-Identifier: MIT
 * nnrt.h: the convenience layer (docs/embedding.md). Valid C99 and C++. Generated headers wrap
 * these functions; programs seldom call them directly. Functions that return int give NNRT_OK (0)
 * or a code; nnrt_error_text() then says what was wrong. */
#ifndef NNRT_H
#define NNRT_H

#ifndef NNRT_ABI
#include "nnrt_types.h"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* A model with its train areas, workspaces and threads: one thread at a time, except exports. */
typedef struct nnrt nnrt;
struct nnrt_program;
struct nnrt_reader;

/* A tensor of the model, where it lies. Strides in elements. dtype: 0 float, 1 double, 2 int32, 3
 * int64, 4 uint8. */
typedef struct {
    int32_t rank, dtype;
    int64_t dim[8], stride[8];
    void *data;
} nnrt_tensor;
/* A run; 0 or NULL: as the file says. shuffle: 1 yes, 2 no. log: "" or "none" turns the files off.
 * line: called with every line of progress. */
typedef struct {
    int64_t epochs, steps, batch, log_every;
    uint64_t seed;
    int threads, shuffle;
    const char *load, *save, *resume, *log;
    void (*line)(void *user, const char *text);
    void *user;
} nnrt_run;

/* Weights initialised from the seed. NULL: see nnrt_error_text. */
nnrt *nnrt_new(const struct nnrt_program *program, uint64_t seed);
void nnrt_free(nnrt *m);
/* Names and shapes are checked; all mismatches are listed, and then nothing is changed. */
int nnrt_load(nnrt *m, const char *path);
int nnrt_save(const nnrt *m, const char *path); /* atomically */
const char *nnrt_error_text(void); /* of the calling thread's last failure */
int nnrt_get_tensor(nnrt *m, const char *name, nnrt_tensor *view);
void *nnrt_model(nnrt *m);
/* A text as the codes of a data field "block.field", with the vocabulary of the checkpoint that was loaded. Returns their number,
 * of which at most `room` are written, or -1. */
int64_t nnrt_encode(nnrt *m, const char *field, const char *text, int32_t *out, int64_t room);
/* The class, word or character that a code of such a field stands for, as long as no other checkpoint is loaded; NULL: an error. */
const char *nnrt_code_name(nnrt *m, const char *field, int32_t code);
void *nnrt_options(nnrt *m);
/* sizes: binders, then dim arguments; args: pointers to tensors and scalars, then results. */
int nnrt_call_export(const nnrt *m, int entry, uint64_t seed, const int64_t *sizes, void *const *args);
/* One step of a train or eval on the caller's batch. report: doubles, then the number of examples
 * (the generated struct); NULL: go on summing. */
int nnrt_step(nnrt *m, int entry, const int64_t *sizes, void *const *args, void *report);
/* What the schedules of a train entry read in the steps that follow: which epoch it is, from 0, and how many steps the run has. Steps
 * count themselves. */
int nnrt_plan(nnrt *m, int entry, int64_t epoch, int64_t steps);
/* A whole run on the file's data; readers: the loaders that the data blocks name. report: of the
 * last interval (train) or all rows (eval). */
int nnrt_fit(nnrt *m, int entry, const nnrt_run *run, const struct nnrt_reader *const *readers, void *report);
/* From another thread, or from `line`: the run that goes on ends behind its step, and is saved, as after Ctrl-C in a program. An
 * evaluation ends with what it has seen. Between runs it means nothing. */
void nnrt_stop(nnrt *m);
int nnrt_evaluate(nnrt *m, int entry, const nnrt_run *run, const struct nnrt_reader *const *readers, void *report);

#ifdef __cplusplus
}
#endif
#endif
