/* SPDX-License-Identifier: MIT
 * init.c: the model block: identification, start values of parameters and states. */
#include "core.h"

typedef struct Ident { /* first 64 bytes of a model block */
    char magic[8];
    uint32_t abi, float_bytes;
    uint64_t hash, bytes;
} Ident;
static const char magic[8] = {'n', 'n', 'c', 'm', 'o', 'd', 'e', 'l'};

/* Byte offset of logical (row-major) element e. */
static uint64_t place(const nnrt_tensor_info *t, uint64_t e, uint64_t bytes)
{
    uint64_t offset = 0;
    for (int a = t->rank - 1; a >= 0; a--) {
        offset += (e % (uint64_t)t->dim[a]) * (uint64_t)t->stride[a];
        e /= (uint64_t)t->dim[a];
    }
    return (uint64_t)t->offset + offset * bytes;
}

static uint64_t count(const nnrt_tensor_info *t)
{
    uint64_t n = 1;
    for (int a = 0; a < t->rank; a++)
        n *= (uint64_t)t->dim[a];
    return n;
}

static uint64_t element_bytes(const nnrt_tensor_info *t)
{
    switch (t->dtype) {
    case NNRT_F64:
    case NNRT_I64: return 8;
    case NNRT_BOOL: return 1;
    default: return 4;
    }
}

static void store(unsigned char *model, const nnrt_tensor_info *t, uint64_t e, double value)
{
    unsigned char *at = model + place(t, e, element_bytes(t));
    switch (t->dtype) {
    case NNRT_F32: *(float *)at = (float)value; break;
    case NNRT_F64: *(double *)at = value; break;
    case NNRT_I32: *(int32_t *)at = (int32_t)value; break;
    case NNRT_I64: *(int64_t *)at = (int64_t)value; break;
    default: *at = value != 0;
    }
}

static double fetch(const unsigned char *model, const nnrt_tensor_info *t, uint64_t e)
{
    const unsigned char *at = model + place(t, e, element_bytes(t));
    return t->dtype == NNRT_F64 ? *(const double *)at : (double)*(const float *)at;
}

/* One value of the rows (or columns) of the matrix [dim 0, the rest] that are made orthonormal. */
static uint64_t entry_of(uint64_t vector, uint64_t k, int by_rows, uint64_t columns)
{
    return by_rows ? vector * columns + k : k * columns + vector;
}

/* Saxe et al. 2014: rows of a wide matrix (columns of a tall one) are orthonormal; modified Gram-Schmidt, twice. */
static void orthogonal(unsigned char *model, const nnrt_tensor_info *t, uint64_t seed, uint64_t hash)
{
    uint64_t n = count(t), rows = t->rank ? (uint64_t)t->dim[0] : 1, columns = n / rows;
    int by_rows = rows <= columns;
    uint64_t vectors = by_rows ? rows : columns, length = by_rows ? columns : rows;
    for (uint64_t e = 0; e < n; e++)
        store(model, t, e, core_normal(seed, hash, e));
    for (uint64_t v = 0; v < vectors; v++) {
        for (int pass = 0; pass < 2; pass++) {
            for (uint64_t u = 0; u < v; u++) {
                double dot = 0;
                for (uint64_t k = 0; k < length; k++)
                    dot += fetch(model, t, entry_of(v, k, by_rows, columns)) * fetch(model, t, entry_of(u, k, by_rows, columns));
                for (uint64_t k = 0; k < length; k++) {
                    uint64_t e = entry_of(v, k, by_rows, columns);
                    store(model, t, e, fetch(model, t, e) - dot * fetch(model, t, entry_of(u, k, by_rows, columns)));
                }
            }
            double norm = 0;
            for (uint64_t k = 0; k < length; k++) {
                double x = fetch(model, t, entry_of(v, k, by_rows, columns));
                norm += x * x;
            }
            norm = __builtin_sqrt(norm);
            if (norm == 0) norm = 1;
            for (uint64_t k = 0; k < length; k++) {
                uint64_t e = entry_of(v, k, by_rows, columns);
                store(model, t, e, fetch(model, t, e) / norm);
            }
        }
    }
    for (uint64_t e = 0; e < n && t->a != 1; e++)
        store(model, t, e, t->a * fetch(model, t, e));
}

/* A normal number that is drawn again while it is farther than `most` from 0. */
static double truncated(uint64_t seed, uint64_t hash, uint64_t e, double most)
{
    for (uint64_t draw = 0; draw < 1000; draw++) {
        double x = core_normal(seed, hash + draw * 0xD1B54A32D192ED03u, e);
        if (x >= -most && x <= most) return x;
    }
    return 0;
}

static double start_value(const nnrt_tensor_info *t, uint64_t seed, uint64_t hash, uint64_t e)
{
    switch (t->init) {
    case NNRT_INIT_CONST: return t->a;
    case NNRT_INIT_NORMAL: return t->a * core_normal(seed, hash, e);
    case NNRT_INIT_UNIFORM: return t->a + (t->b - t->a) * core_uniform(seed, hash, e);
    case NNRT_INIT_GLOROT: return __builtin_sqrt(6 / (t->a + t->b)) * (2 * core_uniform(seed, hash, e) - 1);
    case NNRT_INIT_HE: return __builtin_sqrt(2 / t->a) * core_normal(seed, hash, e);
    case NNRT_INIT_TRUNCATED: return t->a * truncated(seed, hash, e, t->b);
    case NNRT_INIT_DATA: return t->data[e];
    default: return 0;
    }
}

int nnrt_core_blank(const nnrt_program *program, void *model)
{
    if (!model || (uintptr_t)model % NNRT_ALIGN) return NNRT_E_ALIGN;
    memset(model, 0, program->model_bytes);
    Ident *ident = model;
    memcpy(ident->magic, magic, sizeof magic);
    ident->abi = program->abi;
    ident->float_bytes = program->float_bytes;
    ident->hash = program->hash;
    ident->bytes = program->model_bytes;
    return NNRT_OK;
}

int nnrt_core_init(const nnrt_program *program, void *model, uint64_t seed)
{
    int code = nnrt_core_blank(program, model);
    if (code) return code;
    for (int32_t i = 0; i < program->n_tensors; i++) {
        const nnrt_tensor_info *t = &program->tensor[i];
        uint64_t hash = core_hash(t->name), n = count(t);
        if (t->init == NNRT_INIT_ZERO) continue;
        if (t->init == NNRT_INIT_ORTHOGONAL)
            orthogonal(model, t, seed, hash);
        else
            for (uint64_t e = 0; e < n; e++)
                store(model, t, e, start_value(t, seed, hash, e));
    }
    return NNRT_OK;
}

int nnrt_core_check(const nnrt_program *program, const void *model)
{
    const Ident *ident = model;
    if (!model || (uintptr_t)model % NNRT_ALIGN) return NNRT_E_ALIGN;
    for (int i = 0; i < 8; i++)
        if (ident->magic[i] != magic[i]) return NNRT_E_ABI;
    return ident->abi == program->abi && ident->float_bytes == program->float_bytes && ident->hash == program->hash &&
                   ident->bytes == program->model_bytes
               ? NNRT_OK
               : NNRT_E_ABI;
}
