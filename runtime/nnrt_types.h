/* SPDX-License-Identifier: MIT
 * nnrt_types.h: what every generated header shares (docs/embedding.md). Valid C99 and C++. Generated headers repeat this
 * text, so that an object and its header are enough. */
#ifndef NNRT_ABI
#define NNRT_ABI 2
#define NNRT_ALIGN 64
#include <stddef.h>
#include <stdint.h>
#ifdef NNRT_DOUBLE /* programs compiled with --float=f64; do not mix the two */
typedef double nnrt_float;
#else
typedef float nnrt_float;
#endif
enum {
    NNRT_OK, NNRT_E_SHAPE, NNRT_E_RANGE, NNRT_E_REQUIRES, NNRT_E_WORK, NNRT_E_ALIGN, NNRT_E_NUMERIC, NNRT_E_ABI,
    NNRT_E_IO, NNRT_E_MEM /* the last two: convenience layer only */
};
typedef struct {         /* what went wrong, without text */
    int32_t code, line;  /* line: of the program, for NNRT_E_REQUIRES, NNRT_E_RANGE and NNRT_E_NUMERIC */
    int32_t argument, axis; /* which argument or binder, -1 if none; NNRT_E_NUMERIC: which minimize, and tensor of its gradient or -1 */
    int64_t wanted, given;
} nnrt_error;
typedef struct {         /* threads of the caller; structs grow only at the end, size says which one it is */
    size_t size;         /* sizeof (nnrt_host) */
    int threads;
    void (*gang)(void *user, int n, void (*fn)(void *arg, int i), void *arg); /* all n at the same time */
    void *user;
    /* How a thread that waits for the others sleeps; both or neither (it then spins). Sleep while *word is value, for any time: the
     * word is read again. wake: all that sleep on this word. A futex, or a mutex with a condition. */
    void (*wait)(void *user, const uint32_t *word, uint32_t value);
    void (*wake)(void *user, const uint32_t *word);
} nnrt_host;
typedef struct {         /* one call; start from zero, fill what is needed */
    size_t size;         /* sizeof (nnrt_call) */
    void *work;          /* scratch, NNRT_ALIGN aligned; contents mean nothing between calls */
    size_t work_bytes;
    const void *options; /* the program's options struct, NULL = defaults of the file */
    uint64_t seed;       /* for entry points that draw */
    const nnrt_host *host; /* NULL: the calling thread only */
    nnrt_error error;    /* written when the result is not NNRT_OK */
} nnrt_call;
/* kind: 0 parameter, 1 state. dtype: 0 float, 1 double, 2 int32, 3 int64, 4 uint8 (also bool), 5 int8, 6 half, 7 bfloat16 (the
 * bits of both in a uint16). Strides in elements, offset in bytes. */
typedef struct { const char *name; int32_t kind, dtype, rank; const int64_t *dim, *stride; uint64_t offset; } nnrt_tensor_desc;
/* kind: 0 tensor, 1 scalar, 2 dim argument, 3 result, 4 reported value, 5 option. dim texts: "B", "4", "2*B". */
typedef struct { const char *name; int32_t kind, dtype, rank; const char *const *dim; } nnrt_arg_desc;
/* kind: 0 train, 1 eval, 2 export */
typedef struct { const char *name; int32_t kind, n_binders, n_args; const char *const *binder; const nnrt_arg_desc *arg; } nnrt_entry_desc;
typedef struct { uint32_t abi; const char *program; uint64_t hash; size_t model_bytes;
                 int32_t n_tensors, n_entries, n_options;
                 const nnrt_tensor_desc *tensor; const nnrt_entry_desc *entry; const nnrt_arg_desc *option; } nnrt_desc;
#endif
