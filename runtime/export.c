/* SPDX-License-Identifier: MIT
 * export.c: calls of export functions from the command line: arguments from files and texts, sizes
 * that follow from them, results. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "dataset.h"
#include "tensorfile.h"

typedef struct Arg { /* one pointer argument, as read */
    const Json *json;
    const char *name;
    Tensor t; /* numbers, dense, of the shape in the file */
    bool given, is_text;
    int64_t *length; /* of texts: codes per line */
    void *data;      /* in the element type of the entry */
} Arg;

typedef struct Export {
    Cli *cli;
    nnrt *m;
    int entry;
    const nnrt_entry *e;
    const Json *json;
    int64_t sizes[NNRT_MAX_SIZES];    /* -1: not known yet */
    const char *from[NNRT_MAX_SIZES]; /* argument that told the size */
    Arg arg[NNRT_MAX_ARGS];
    int n_args;
    void *pointer[NNRT_MAX_ARGS];
} Export;

/* ---- sizes: polynomials over the names of the entry
 * ----------------------------------------------------------- */

typedef struct SizeText {
    const char *at;
    const Json *names;
    const int64_t *sizes;
    bool unknown;
} SizeText;

static int64_t size_sum(SizeText *s);

static void blanks(SizeText *s)
{
    while (*s->at == ' ')
        s->at++;
}

static int64_t size_atom(SizeText *s)
{
    blanks(s);
    if (*s->at == '(') {
        s->at++;
        int64_t v = size_sum(s);
        blanks(s);
        if (*s->at == ')') s->at++;
        return v;
    }
    if (*s->at == '-') {
        s->at++;
        return -size_atom(s);
    }
    if (isdigit((unsigned char)*s->at)) return strtoll(s->at, (char **)(uintptr_t)&s->at, 10);
    const char *start = s->at;
    while (isalnum((unsigned char)*s->at) || *s->at == '_')
        s->at++;
    size_t n = (size_t)(s->at - start);
    int i = 0;
    for (const Json *name = s->names ? s->names->child : NULL; name; name = name->next, i++)
        if (strlen(name->text) == n && strncmp(name->text, start, n) == 0) {
            if (s->sizes[i] < 0) s->unknown = true;
            return s->sizes[i] < 0 ? 1 : s->sizes[i];
        }
    if (n == 0 && *s->at) s->at++;
    s->unknown = true;
    return 1;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    if (b == 0) return 0;
    int64_t q = a / b;
    return q - (a % b != 0 && (a < 0) != (b < 0));
}

static int64_t size_product(SizeText *s)
{
    int64_t v = size_atom(s);
    for (;;) {
        blanks(s);
        if (s->at[0] == '/' && s->at[1] == '/') {
            s->at += 2;
            v = floor_div(v, size_atom(s));
        } else if (s->at[0] == '%') {
            s->at++;
            int64_t b = size_atom(s);
            v -= floor_div(v, b) * b;
        } else if (s->at[0] == '*' && s->at[1] == '*') {
            s->at += 2;
            int64_t base = v, n = size_atom(s);
            for (v = 1; n > 0; n--)
                if (__builtin_mul_overflow(v, base, &v)) s->unknown = true;
        } else if (s->at[0] == '*') {
            s->at++;
            if (__builtin_mul_overflow(v, size_atom(s), &v)) s->unknown = true;
        } else {
            return v;
        }
    }
}

static int64_t size_sum(SizeText *s)
{
    int64_t v = size_product(s);
    for (;;) {
        blanks(s);
        if (*s->at == '+')
            s->at++, v += size_product(s);
        else if (*s->at == '-')
            s->at++, v -= size_product(s);
        else
            return v;
    }
}

int64_t dims_value(const nnrt *m, int entry, const Json *dim, const int64_t *sizes)
{
    if (dim->kind == JSON_NUMBER) return dim->integer;
    SizeText s = {dim->text, json_get(rt_entry(m, entry), "sizes"), sizes, false};
    int64_t v = size_sum(&s);
    return s.unknown ? -1 : v;
}

static int size_index(const Export *x, const char *name)
{
    int i = 0;
    const Json *sizes = json_get(x->json, "sizes");
    for (const Json *s = sizes ? sizes->child : NULL; s; s = s->next, i++)
        if (strcmp(s->text, name) == 0) return i;
    return -1;
}

static const char *size_name(const Export *x, int i)
{
    return json_at(json_get(x->json, "sizes"), i)->text;
}

static int set_size(Export *x, int i, int64_t v, const char *from)
{
    if (x->sizes[i] >= 0 && x->sizes[i] != v)
        return rt_fail(NNRT_E_SHAPE, "%s: %s is %lld in %s but %lld in %s", x->e->name,
                       size_name(x, i), (long long)x->sizes[i], x->from[i], (long long)v, from);
    x->sizes[i] = v;
    if (!x->from[i]) x->from[i] = from;
    return NNRT_OK;
}

/* ---- flags
 * --------------------------------------------------------------------------------------------------------
 */

void export_flags(Cli *cli)
{
    const Json *e = rt_entry(cli->m, cli->entry), *args = json_get(e, "args");
    for (const Json *a = args ? args->child : NULL; a; a = a->next) {
        const char *role = json_text(a, "role", "");
        bool file = strcmp(role, "tensor") == 0, text = file && json_int(a, "data", -1) >= 0;
        flags_add(&cli->flags, json_text(a, "name", "?"), FLAG_VALUE, file ? "FILE" : "N",
                  text                       ? "text, encoded like its field (- is standard input)"
                  : file                     ? "CSV, NPY, IDX, PNG or WAV (- is standard input)"
                  : strcmp(role, "dim") == 0 ? "a size"
                                             : "a number");
    }
    flags_add(&cli->flags, "out", FLAG_VALUE, "FILE",
              "result: .csv .npy .png .wav .json .txt (again for further results)");
    flags_add(&cli->flags, "load", FLAG_VALUE, "FILE", "checkpoint");
    flags_add(&cli->flags, "threads", FLAG_VALUE, "N", "0: all cores");
    flags_add(&cli->flags, "seed", FLAG_VALUE, "N", "random numbers");
}

/* ---- arguments
 * ------------------------------------------------------------------------------------------------------
 */

static int dims_of(const Arg *a)
{
    const Json *dims = json_get(a->json, "dims");
    return dims ? dims->n : 0;
}

static const Json *dim_at(const Arg *a, int i)
{
    return json_at(json_get(a->json, "dims"), i);
}

/* A name that stands alone. */
static int free_name(const Export *x, const Json *dim)
{
    return dim->kind == JSON_STRING ? size_index(x, dim->text) : -1;
}

static int64_t count_of(const Tensor *t)
{
    int64_t n = 1;
    for (int i = 0; i < t->rank; i++)
        n *= t->dim[i];
    return n;
}

static void shape_text(const Tensor *t, char *out, size_t n)
{
    size_t at = (size_t)snprintf(out, n, "[");
    for (int i = 0; i < t->rank && at < n; i++)
        at += (size_t)snprintf(out + at, n - at, "%s%lld", i ? ", " : "", (long long)t->dim[i]);
    if (at < n) snprintf(out + at, n - at, "]");
}

static int wrong_shape(const Export *x, const Arg *a)
{
    char have[128], want[256] = "";
    shape_text(&a->t, have, sizeof have);
    for (int i = 0; i < dims_of(a); i++) {
        const Json *d = dim_at(a, i);
        size_t at = strlen(want);
        if (d->kind == JSON_STRING)
            snprintf(want + at, sizeof want - at, "%s%s", i ? ", " : "", d->text);
        else
            snprintf(want + at, sizeof want - at, "%s%lld", i ? ", " : "", (long long)d->integer);
    }
    return rt_fail(NNRT_E_SHAPE, "%s: the file of --%s has the shape %s, but %s: [%s]", x->e->name,
                   a->name, have, a->name, want);
}

/* Axis by axis, where ranks agree (axes of extent 1 in front or behind may be missing). */
static bool match_axes(Export *x, Arg *a, int *code)
{
    int rank = dims_of(a);
    Tensor t = a->t;
    while (t.rank > rank && t.dim[t.rank - 1] == 1)
        t.rank--;
    while (t.rank < rank && t.rank < 8) {
        const Json *last = dim_at(a, rank - 1);
        if (last->kind == JSON_NUMBER && last->integer == 1 &&
            !(t.rank && t.dim[t.rank - 1] == 1)) {
            t.dim[t.rank++] = 1;
        } else {
            memmove(t.dim + 1, t.dim, sizeof(int64_t) * (size_t)t.rank);
            t.dim[0] = 1;
            t.rank++;
        }
    }
    if (t.rank != rank) return false;
    for (int i = 0; i < rank; i++) {
        const Json *d = dim_at(a, i);
        if (free_name(x, d) < 0 && d->kind == JSON_NUMBER && d->integer != t.dim[i]) return false;
    }
    for (int i = 0; i < rank && !*code; i++)
        if (free_name(x, dim_at(a, i)) >= 0)
            *code = set_size(x, free_name(x, dim_at(a, i)), t.dim[i], a->name);
    return true;
}

/* One size is open: the number of elements tells it, and the file's first axis (but for axes of 1)
 * has it. */
static bool match_count(Export *x, Arg *a, int *code)
{
    int64_t known = 1, count = count_of(&a->t);
    int open = -1;
    for (int i = 0; i < dims_of(a); i++) {
        int name = free_name(x, dim_at(a, i));
        int64_t v = dims_value(x->m, x->entry, dim_at(a, i), x->sizes);
        if (v < 0 && name >= 0 && open < 0)
            open = name;
        else if (v < 0)
            return false;
        else
            known *= v;
    }
    if (open < 0) return known == count;
    if (known < 1 || count % known) return false;
    int first = 0;
    while (first + 1 < a->t.rank && a->t.dim[first] == 1)
        first++;
    if (count / known != 1 && (!a->t.rank || a->t.dim[first] != count / known)) return false;
    *code = set_size(x, open, count / known, a->name);
    return true;
}

/* A sound is cut or filled with silence to the declared length, as wav_dir does. */
static int fit_sound(Arg *a)
{
    const Json *last = dims_of(a) ? dim_at(a, dims_of(a) - 1) : NULL;
    if (!a->t.is_sound || !last || last->kind != JSON_NUMBER || last->integer == a->t.dim[0])
        return NNRT_OK;
    double *wave = rt_alloc(sizeof(double) * (size_t)last->integer);
    if (!wave) return NNRT_E_MEM;
    memcpy(wave, a->t.at,
           sizeof(double) * (size_t)(last->integer < a->t.dim[0] ? last->integer : a->t.dim[0]));
    rt_free(a->t.at);
    a->t.at = wave;
    a->t.dim[0] = last->integer;
    return NNRT_OK;
}

static int read_numbers(Export *x, Arg *a, const char *path)
{
    int code = tensor_read(path, &a->t);
    if (!code) code = fit_sound(a);
    if (code) return code;
    if (!match_axes(x, a, &code) && !match_count(x, a, &code)) return wrong_shape(x, a);
    return code;
}

/* ---- texts
 * -------------------------------------------------------------------------------------------------------------
 */

typedef struct Lines {
    int32_t **code;
    int64_t *length, n;
} Lines;

static void lines_free(Lines *l)
{
    for (int64_t i = 0; i < l->n; i++)
        free(l->code[i]);
    rt_free(l->code);
    rt_free(l->length);
}

static Spec text_spec(const Export *x, const Arg *a)
{
    int data = (int)json_int(a->json, "data", -1), field = (int)json_int(a->json, "field", -1);
    const Json *block = json_at(json_get(x->m->manifest, "data"), data),
               *f = json_at(json_get(block, "fields"), field);
    Spec spec = {.m = x->m,
                 .reader = json_at(json_get(f, "readers"), 0),
                 .block = block,
                 .data = data,
                 .field = field,
                 .bound = json_int(f, "bound", 0),
                 .name = json_text(f, "name", "?")};
    snprintf(spec.path, sizeof spec.path, "--%s", a->name);
    return spec;
}

static bool is_bytes_file(const Spec *spec)
{
    return strcmp(json_text(spec->reader, "kind", ""), "bytes") == 0;
}

static int encode_one(Export *x, const Spec *spec, char *text, size_t n, int32_t **code,
                      int64_t *count)
{
    if (!is_bytes_file(spec)) return text_encode(x->m, spec, text, n, code, count);
    *code = malloc(sizeof(int32_t) * (n + 1));
    if (!*code) return rt_fail(NNRT_E_MEM, "out of memory");
    for (size_t i = 0; i < n; i++)
        (*code)[i] = (unsigned char)text[i];
    *count = (int64_t)n;
    return NNRT_OK;
}

/* The file as one text, or every line as one. */
static int encode_file(Export *x, const Arg *a, const Spec *spec, char *text, size_t n, bool whole,
                       Lines *out)
{
    int64_t rows = 1;
    for (size_t i = 0; i < n; i++)
        rows += text[i] == '\n';
    out->code = rt_alloc(sizeof(int32_t *) * (size_t)rows);
    out->length = rt_alloc(sizeof(int64_t) * (size_t)rows);
    if (!out->code || !out->length) return NNRT_E_MEM;
    if (whole) {
        while (n && !is_bytes_file(spec) && (text[n - 1] == '\n' || text[n - 1] == '\r'))
            text[--n] = 0;
        out->n = 1;
        return encode_one(x, spec, text, n, &out->code[0], &out->length[0]);
    }
    for (char *line = text, *end = text + n; line < end;) {
        char *stop = memchr(line, '\n', (size_t)(end - line)), *next = stop ? stop + 1 : end;
        if (!stop) stop = end;
        if (stop > line && stop[-1] == '\r') stop--;
        *stop = 0;
        int64_t i = out->n++;
        int code = encode_one(x, spec, line, (size_t)(stop - line), &out->code[i], &out->length[i]);
        if (code) {
            rt_error_prefix("--%s, line %lld: ", a->name, (long long)i + 1);
            return code;
        }
        line = next;
    }
    return out->n ? NNRT_OK : rt_fail(NNRT_E_IO, "--%s: there is no line of text", a->name);
}

/* Padded with 0 to the longest; a declared length is kept, longer texts are cut. */
static int pad_lines(Export *x, Arg *a, const Lines *l)
{
    int rank = dims_of(a);
    int64_t longest = 1;
    for (int64_t i = 0; i < l->n; i++)
        longest = l->length[i] > longest ? l->length[i] : longest;
    const Json *last = dim_at(a, rank - 1);
    int64_t declared = dims_value(x->m, x->entry, last, x->sizes);
    int64_t width = declared >= 0 ? declared : longest;
    if (rank == 1 && declared > l->length[0])
        return rt_fail(NNRT_E_SHAPE, "--%s has %lld tokens but needs at least %lld", a->name,
                       (long long)l->length[0], (long long)declared);
    a->t = (Tensor){.rank = rank, .at = rt_alloc(sizeof(double) * (size_t)(l->n * width))};
    if (!a->t.at) return NNRT_E_MEM;
    a->t.dim[0] = rank == 1 ? width : l->n;
    if (rank == 2) a->t.dim[1] = width;
    for (int64_t i = 0; i < l->n; i++) {
        int64_t skip = rank == 1 && l->length[i] > width ? l->length[i] - width
                                                         : 0; /* of a prompt the end counts */
        for (int64_t k = 0; k < width && skip + k < l->length[i]; k++)
            a->t.at[i * width + k] = l->code[i][skip + k];
    }
    int code = NNRT_OK;
    return match_axes(x, a, &code) ? code : wrong_shape(x, a);
}

/* Class names, one per line. */
static int take_labels(Export *x, Arg *a, const Lines *l)
{
    a->t = (Tensor){.rank = 1, .dim = {l->n}, .at = rt_alloc(sizeof(double) * (size_t)l->n)};
    int code = a->t.at ? NNRT_OK : NNRT_E_MEM;
    for (int64_t i = 0; i < l->n && !code; i++)
        a->t.at[i] = l->code[i][0];
    if (code || match_axes(x, a, &code)) return code;
    return wrong_shape(x, a);
}

static int read_text(Export *x, Arg *a, const char *path)
{
    Spec spec = text_spec(x, a);
    const Json *fields = json_get(spec.block, "fields"),
               *dims = json_get(json_at(fields, spec.field), "dims");
    bool label = !dims || dims->n == 0;
    Lines l = {0};
    char *text = NULL;
    size_t n = 0;
    int code = tensor_bytes(path, &text, &n);
    if (!code) code = encode_file(x, a, &spec, text, n, !label && dims_of(a) == 1, &l);
    if (!code) code = label ? take_labels(x, a, &l) : pad_lines(x, a, &l);
    if (!code) a->is_text = true, a->length = l.length, l.length = NULL;
    free(text);
    lines_free(&l);
    return code;
}

/* int[B] with the name of the field that counts a text: filled in. */
static Arg *text_counted_by(Export *x, const Arg *a)
{
    for (int i = 0; i < x->n_args; i++) {
        Arg *t = &x->arg[i];
        if (!t->is_text) continue;
        const Json *fields =
            json_get(json_at(json_get(x->m->manifest, "data"), (int)json_int(t->json, "data", -1)),
                     "fields");
        for (const Json *f = fields ? fields->child : NULL; f; f = f->next)
            if (strcmp(json_text(f, "name", ""), a->name) == 0 &&
                json_int(f, "length_of", -1) == json_int(t->json, "field", -2))
                return t;
    }
    return NULL;
}

static int count_text(Export *x, Arg *a)
{
    Arg *t = text_counted_by(x, a);
    if (!t) return rt_fail(RT_USAGE, "%s needs --%s", x->e->name, a->name);
    int64_t n = dims_of(a) == 0 || dims_of(t) == 1 ? 1 : t->t.dim[0],
            width = t->t.dim[t->t.rank - 1];
    a->t = (Tensor){.rank = dims_of(a), .dim = {n}, .at = rt_alloc(sizeof(double) * (size_t)n)};
    if (!a->t.at) return NNRT_E_MEM;
    for (int64_t i = 0; i < n; i++)
        a->t.at[i] = (double)(t->length[i] < width ? t->length[i] : width);
    a->given = true;
    int code = NNRT_OK;
    return match_axes(x, a, &code) ? code : wrong_shape(x, a);
}

/* ---- calling
 * --------------------------------------------------------------------------------------------------------------
 */

static int read_scalar(Export *x, Arg *a)
{
    double v = json_number(a->json, "default", 0);
    if (!flags_has(&x->cli->flags, a->name) && !json_get(a->json, "default"))
        return rt_fail(RT_USAGE, "%s needs --%s", x->e->name, a->name);
    bool truth = v != 0;
    int code = strcmp(json_text(a->json, "elem", ""), "bool") == 0
                   ? flags_bool(&x->cli->flags, a->name, &truth)
                   : flags_number(&x->cli->flags, a->name, &v);
    if (strcmp(json_text(a->json, "elem", ""), "bool") == 0) v = truth;
    a->t = (Tensor){.rank = 0, .at = rt_alloc(sizeof(double))};
    if (!a->t.at) return NNRT_E_MEM;
    a->t.at[0] = v;
    a->given = true;
    return code;
}

static int read_arg(Export *x, const Json *json)
{
    const char *role = json_text(json, "role", ""), *name = json_text(json, "name", "?");
    const char *value = flags_value(&x->cli->flags, name);
    if (strcmp(role, "dim") == 0) {
        int64_t v = -1;
        int code = flags_int(&x->cli->flags, name, 1, &v), at = (int)json_int(json, "size", -1);
        if (code || v < 0 || at < 0) return code;
        return set_size(x, at, v, name);
    }
    Arg *a = &x->arg[x->n_args++];
    *a = (Arg){.json = json, .name = name};
    if (strcmp(role, "scalar") == 0) return read_scalar(x, a);
    if (!value) return NNRT_OK; /* perhaps the length of a text */
    a->given = true;
    return json_int(json, "data", -1) >= 0 ? read_text(x, a, value) : read_numbers(x, a, value);
}

static int read_args(Export *x)
{
    const Json *args = json_get(x->json, "args");
    int code = NNRT_OK;
    for (const Json *a = args ? args->child : NULL; a && !code; a = a->next)
        if (strcmp(json_text(a, "role", ""), "dim") == 0) code = read_arg(x, a);
    for (const Json *a = args ? args->child : NULL; a && !code; a = a->next)
        if (strcmp(json_text(a, "role", ""), "dim") != 0) code = read_arg(x, a);
    for (int i = 0; i < x->n_args && !code; i++)
        if (!x->arg[i].given) code = count_text(x, &x->arg[i]);
    for (int i = 0; i < x->e->n_sizes && !code; i++)
        if (x->sizes[i] < 0) code = rt_fail(RT_USAGE, "%s needs --%s", x->e->name, size_name(x, i));
    return code;
}

/* The numbers of an argument in the element type of the entry; the shape is checked once all sizes
 * are known. */
static int convert(Export *x, Arg *a, int i)
{
    int dtype = rt_dtype_of(x->m, json_text(a->json, "elem", "float"));
    int64_t n = 1, have = count_of(&a->t);
    for (int k = 0; k < dims_of(a); k++)
        n *= dims_value(x->m, x->entry, dim_at(a, k), x->sizes);
    if (n != have) return wrong_shape(x, a);
    a->data = rt_alloc((size_t)n * rt_dtype_bytes(dtype));
    if (!a->data) return NNRT_E_MEM;
    for (int64_t k = 0; k < n; k++) {
        double v = a->t.at[k];
        if (dtype != NNRT_F32 && dtype != NNRT_F64 &&
            !(v >= INT32_MIN && v <= INT32_MAX && v == (double)(int32_t)v))
            return rt_fail(NNRT_E_RANGE, "--%s: %.9g is no integer", a->name, v);
        switch (dtype) {
        case NNRT_F32: ((float *)a->data)[k] = (float)v; break;
        case NNRT_F64: ((double *)a->data)[k] = v; break;
        case NNRT_I32: ((int32_t *)a->data)[k] = (int32_t)v; break;
        case NNRT_I64: ((int64_t *)a->data)[k] = (int64_t)v; break;
        case NNRT_BOOL: ((uint8_t *)a->data)[k] = v != 0; break;
        default: ((uint8_t *)a->data)[k] = (uint8_t)(int)v;
        }
    }
    x->pointer[i] = a->data;
    return NNRT_OK;
}

/* ---- results
 * ------------------------------------------------------------------------------------------------------------------
 */

typedef struct Result {
    const Json *json;
    int dtype, rank;
    int64_t dim[8];
    void *data;
} Result;

static int make_result(Export *x, int i, Result *r)
{
    const Json *json = json_at(json_get(x->json, "results"), i), *dims = json_get(json, "dims");
    *r = (Result){.json = json,
                  .dtype = rt_dtype_of(x->m, json_text(json, "elem", "float")),
                  .rank = dims ? dims->n : 0};
    size_t bytes = rt_dtype_bytes(r->dtype);
    for (int k = 0; k < r->rank; k++) {
        r->dim[k] = dims_value(x->m, x->entry, json_at(dims, k), x->sizes);
        if (r->dim[k] < 0 || __builtin_mul_overflow(bytes, (size_t)r->dim[k], &bytes))
            return rt_fail(NNRT_E_WORK, "%s: the result is too large", x->e->name);
    }
    r->data = rt_alloc(bytes);
    x->pointer[x->n_args + i] = r->data;
    return r->data ? NNRT_OK : NNRT_E_MEM;
}

static void put_text(Export *x, const Result *r, FILE *f)
{
    int data = (int)json_int(r->json, "data", -1), field = (int)json_int(r->json, "field", -1);
    const Json *dims = json_get(
        json_at(json_get(json_at(json_get(x->m->manifest, "data"), data), "fields"), field),
        "dims");
    bool label = !dims || dims->n == 0;
    int64_t count = 1, row;
    for (int k = 0; k < r->rank; k++)
        count *= r->dim[k];
    row = label ? 1 : r->rank ? r->dim[r->rank - 1] : 1;
    for (int64_t at = 0; at < count; at += row) {
        text_decode(x->m, data, field, (const int32_t *)r->data + at, row, f);
        fputc('\n', f);
    }
}

static int wav_rate(const Export *x)
{
    const Json *blocks = json_get(x->m->manifest, "data");
    for (const Json *b = blocks ? blocks->child : NULL; b; b = b->next)
        for (const Json *f = json_get(b, "fields") ? json_get(b, "fields")->child : NULL; f;
             f = f->next) {
            Spec spec = {.reader = json_at(json_get(f, "readers"), 0)};
            if (spec.reader && strcmp(json_text(spec.reader, "kind", ""), "wav_dir") == 0)
                return (int)spec_int(&spec, "rate", 16000);
        }
    return 16000;
}

static bool plain_numbers(const char *path)
{
    static const char *const ends[] = {".csv", ".npy", ".json", ".png", ".wav"};
    size_t n = strlen(path);
    for (int i = 0; i < 5; i++)
        if (n > strlen(ends[i]) && strcmp(path + n - strlen(ends[i]), ends[i]) == 0) return true;
    return false;
}

static int put_result(Export *x, const Result *r, int i)
{
    Flag *out = flags_find(&x->cli->flags, "out");
    const char *path = out && i < out->n ? out->value[i] : "-";
    bool text = json_int(r->json, "data", -1) >= 0 && r->dtype == NNRT_I32 && !plain_numbers(path);
    if (strcmp(path, "-") == 0 && i > 0) putchar('\n');
    if (!text) return tensor_write(path, r->dtype, r->rank, r->dim, r->data, wav_rate(x));
    FILE *f = strcmp(path, "-") == 0 ? stdout : fopen(path, "wb");
    if (!f) return rt_fail(NNRT_E_IO, "%s: %s", path, strerror(errno));
    put_text(x, r, f);
    if (f == stdout ? fflush(f) : fclose(f))
        return rt_fail(NNRT_E_IO, "%s: %s", path, strerror(errno));
    return NNRT_OK;
}

int export_run(Cli *cli)
{
    Export *x = rt_alloc(sizeof *x);
    if (!x) return NNRT_E_MEM;
    *x = (Export){.cli = cli,
                  .m = cli->m,
                  .entry = cli->entry,
                  .e = cli->program->entry[cli->entry],
                  .json = rt_entry(cli->m, cli->entry)};
    Result results[NNRT_MAX_ARGS] = {0};
    int64_t seed = 0, threads = 0;
    for (int i = 0; i < NNRT_MAX_SIZES; i++)
        x->sizes[i] = -1;
    int code = flags_int(&cli->flags, "seed", INT64_MIN, &seed);
    if (!code) code = flags_int(&cli->flags, "threads", 0, &threads);
    if (!code) code = read_args(x);
    for (int i = 0; i < x->n_args && !code; i++)
        code = convert(x, &x->arg[i], i);
    for (int i = 0; i < x->e->n_results && !code; i++)
        code = make_result(x, i, &results[i]);
    if (!code) code = rt_threads(x->m, (int)threads);
    if (!code) code = rt_call(x->m, x->entry, (uint64_t)seed, x->sizes, x->pointer);
    for (int i = 0; i < x->e->n_results && !code; i++)
        code = put_result(x, &results[i], i);
    for (int i = 0; i < NNRT_MAX_ARGS; i++) {
        rt_free(x->arg[i].t.at);
        rt_free(x->arg[i].data);
        rt_free(x->arg[i].length);
        rt_free(results[i].data);
    }
    rt_free(x);
    return code;
}
