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
static size_t place(const nnrt_tensor_info *t, size_t e, size_t bytes)
{
    size_t offset = 0;
    if (!HAS(strides)) return (size_t)t->offset + e * bytes;
    for (int a = t->rank - 1; a >= 0; a--) {
        offset += (e % (size_t)t->dim[a]) * (size_t)t->stride[a];
        e /= (size_t)t->dim[a];
    }
    return (size_t)t->offset + offset * bytes;
}

static size_t count(const nnrt_tensor_info *t)
{
    size_t n = 1;
    if (!HAS(strides)) return (size_t)t->padded;
    for (int a = 0; a < t->rank; a++)
        n *= (size_t)t->dim[a];
    return n;
}

static size_t element_bytes(const nnrt_tensor_info *t)
{
    if (!HAS(other_types)) return sizeof(nnrt_float);
    switch (t->dtype) {
    case NNRT_F64:
    case NNRT_I64: return 8;
    case NNRT_BOOL: return 1;
    default: return 4;
    }
}

static void store_at(unsigned char *at, int32_t dtype, double value)
{
    if (!HAS(other_types)) {
        *(nnrt_float *)(void *)at = (nnrt_float)value;
        return;
    }
    switch (dtype) {
    case NNRT_F32: *(float *)at = (float)value; break;
    case NNRT_F64: *(double *)at = value; break;
    case NNRT_I32: *(int32_t *)at = (int32_t)value; break;
    case NNRT_I64: *(int64_t *)at = (int64_t)value; break;
    default: *at = value != 0;
    }
}

static void store(unsigned char *model, const nnrt_tensor_info *t, size_t e, double value)
{
    store_at(model + place(t, e, element_bytes(t)), t->dtype, value);
}

/* n elements from e on, row by row. */
APART static void store_range(unsigned char *model, const nnrt_tensor_info *t, size_t e, const double *value, size_t n)
{
    size_t row = t->rank ? (size_t)t->dim[t->rank - 1] : 1, step = HAS(strides) && t->rank ? (size_t)t->stride[t->rank - 1] : 1;
    while (n > 0) {
        size_t bytes = element_bytes(t), many = !HAS(strides) || row - e % row > n ? n : row - e % row;
        unsigned char *at = model + place(t, e, bytes);
        if (HAS(other_types) && t->dtype == NNRT_F32 && step == 1)
            for (size_t k = 0; k < many; k++)
                ((float *)at)[k] = (float)value[k];
        else
            for (size_t k = 0; k < many; k++)
                store_at(at + k * step * bytes, t->dtype, value[k]);
        e += many, value += many, n -= many;
    }
}

static double fetch(const unsigned char *model, const nnrt_tensor_info *t, size_t e)
{
    const unsigned char *at = model + place(t, e, element_bytes(t));
    return t->dtype == NNRT_F64 ? *(const double *)at : (double)*(const float *)at;
}

/* Normal numbers that are drawn again while they are farther than `most` from 0. */
static void truncated(uint64_t seed, uint64_t hash, size_t e, float most, float *to)
{
    float fresh[CORE_DRAWS];
    int left = 1;
    core_normals(seed, hash, e, to);
    for (uint64_t draw = 1; left && draw <= 1000; draw++) {
        left = 0;
        for (int k = 0; k < CORE_DRAWS; k++)
            left |= !(to[k] >= -most && to[k] <= most);
        if (!left) return;
        core_normals(seed, hash + draw * 0xD1B54A32D192ED03u, e, fresh);
        for (int k = 0; k < CORE_DRAWS; k++) {
            float other = draw == 1000 ? 0 : fresh[k];
            to[k] = to[k] >= -most && to[k] <= most ? to[k] : other;
        }
    }
}

static void draws(const nnrt_tensor_info *t, uint64_t seed, uint64_t hash, size_t e, float *to)
{
    if (t->init == NNRT_INIT_UNIFORM || t->init == NNRT_INIT_GLOROT) {
        if (HAS_INIT(UNIFORM) || HAS_INIT(GLOROT)) core_uniforms(seed, hash, e, to);
        for (int k = 0; HAS_INIT(GLOROT) && t->init == NNRT_INIT_GLOROT && k < CORE_DRAWS; k++)
            to[k] = 2 * to[k] - 1;
    } else if (t->init == NNRT_INIT_TRUNCATED) {
        if (HAS_INIT(TRUNCATED)) truncated(seed, hash, e, (float)t->b, to);
    } else if (HAS_INIT(NORMAL) || HAS_INIT(HE) || HAS_INIT(ORTHOGONAL)) {
        core_normals(seed, hash, e, to);
    }
}

/* Start values are base + factor * draw. */
static void start_values(unsigned char *model, const nnrt_tensor_info *t, uint64_t seed, uint64_t hash)
{
    float drawn[CORE_DRAWS];
    double value[CORE_DRAWS], base = 0, factor = 1;
    size_t n = count(t);
    if (t->init != NNRT_INIT_ORTHOGONAL) factor = t->a;
    if (HAS_INIT(UNIFORM) && t->init == NNRT_INIT_UNIFORM) base = t->a, factor = t->b - t->a;
    for (size_t e = 0; e < n; e += CORE_DRAWS) {
        draws(t, seed, hash, e, drawn);
        size_t some = n - e < CORE_DRAWS ? n - e : CORE_DRAWS;
        if (!HAS(strides) && !HAS(other_types)) {
            for (size_t k = 0; k < some; k++)
                store(model, t, e + k, base + factor * (double)drawn[k]);
            continue;
        }
        for (int k = 0; k < CORE_DRAWS; k++)
            value[k] = base + factor * (double)drawn[k];
        store_range(model, t, e, value, some);
    }
}

/* One value of the rows (or columns) of the matrix [dim 0, the rest] that are made orthonormal. */
static size_t entry_of(size_t vector, size_t k, int by_rows, size_t columns)
{
    return by_rows ? vector * columns + k : k * columns + vector;
}

/* Saxe et al. 2014: rows of a wide matrix (columns of a tall one) are orthonormal; modified Gram-Schmidt, twice. */
static void orthogonal(unsigned char *model, const nnrt_tensor_info *t, uint64_t seed, uint64_t hash)
{
    size_t n = count(t), rows = t->rank ? (size_t)t->dim[0] : 1, columns = n / rows;
    int by_rows = rows <= columns;
    size_t vectors = by_rows ? rows : columns, length = by_rows ? columns : rows;
    start_values(model, t, seed, hash);
    for (size_t v = 0; v < vectors; v++) {
        for (int pass = 0; pass < 2; pass++) {
            for (size_t u = 0; u < v; u++) {
                double dot = 0;
                for (size_t k = 0; k < length; k++)
                    dot += fetch(model, t, entry_of(v, k, by_rows, columns)) * fetch(model, t, entry_of(u, k, by_rows, columns));
                for (size_t k = 0; k < length; k++) {
                    size_t e = entry_of(v, k, by_rows, columns);
                    store(model, t, e, fetch(model, t, e) - dot * fetch(model, t, entry_of(u, k, by_rows, columns)));
                }
            }
            double norm = 0;
            for (size_t k = 0; k < length; k++) {
                double x = fetch(model, t, entry_of(v, k, by_rows, columns));
                norm += x * x;
            }
            norm = __builtin_sqrt(norm);
            if (norm == 0) norm = 1;
            for (size_t k = 0; k < length; k++) {
                size_t e = entry_of(v, k, by_rows, columns);
                store(model, t, e, fetch(model, t, e) / norm);
            }
        }
    }
    for (size_t e = 0; e < n && t->a != 1; e++)
        store(model, t, e, t->a * fetch(model, t, e));
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
    if (HAS(weights) && program->weights) {
        memcpy(model, program->weights, program->model_bytes);
        return NNRT_OK;
    }
    for (int32_t i = 0; i < program->n_tensors; i++) {
        const nnrt_tensor_info *t = &program->tensor[i];
        uint64_t hash = core_hash(t->name);
        size_t n = count(t);
        int drawn = HAS(inits) & ~(1 << NNRT_INIT_ZERO | 1 << NNRT_INIT_CONST | 1 << NNRT_INIT_DATA | 1 << NNRT_INIT_ORTHOGONAL);
        if (t->init == NNRT_INIT_ZERO) continue;
        if (HAS_INIT(CONST) && t->init == NNRT_INIT_CONST)
            for (size_t e = 0; e < n; e++)
                store(model, t, e, t->a);
        else if (HAS_INIT(DATA) && t->init == NNRT_INIT_DATA)
            store_range(model, t, 0, t->data, n);
        else if (HAS_INIT(ORTHOGONAL) && t->init == NNRT_INIT_ORTHOGONAL)
            orthogonal(model, t, seed, hash);
        else if (drawn)
            start_values(model, t, seed, hash);
    }
    return NNRT_OK;
}

APART int nnrt_core_check(const nnrt_program *program, const void *model)
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
