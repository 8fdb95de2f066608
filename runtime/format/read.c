/* SPDX-License-Identifier: MIT
 * read.c: arguments of exports from files. The contents tell the format; all sizes of a file are
 * checked against its length before memory is taken. */
#include "format/read.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/dtype.h"
#include "base/limit.h"
#include "base/shape.h"
#include "data/cells.h"
#include "data/file.h"
#include "data/parse_idx.h"
#include "data/parse_npy.h"
#include "data/zip.h"
#include "format/columns.h"

static int read_bytes(const char *path, const FileHeader *header, char **text, size_t *n)
{
    return strcmp(path, "-") == 0 ? file_read_input(header, text, n) : file_read_headed(path, header, text, n);
}

int tensor_bytes(const char *path, char **text, size_t *n)
{
    return read_bytes(path, NULL, text, n);
}

bool tensor_fits(const Wish *wish, const Tensor *t)
{
    int64_t n;
    return shape_count(t->rank, t->dim, &n) && (wish->most <= 0 || n <= wish->most) &&
           (!wish->serves || wish->serves(wish->context, t->rank, t->dim));
}

/* ---- arrays */

static bool is_npy(const char *text, size_t n)
{
    return n >= 6 && memcmp(text, "\x93NUMPY", 6) == 0;
}

static bool is_idx(const char *text, size_t n)
{
    return n >= 4 && text[0] == 0 && text[1] == 0;
}

static int check_fit(const Wish *wish, const Array *a, Tensor *t)
{
    *t = (Tensor){.rank = a->rank};
    memcpy(t->dim, a->dim, sizeof t->dim);
    return tensor_fits(wish, t) ? NNRT_OK : NNRT_E_SHAPE;
}

typedef struct Limit {
    const Wish *wish;
    Tensor *t;
    size_t *most; /* bytes of a file whose header does not tell how many they are */
} Limit;

/* Bytes that numbers may take in a text, and in other files with what else stands there; of those a plain file may be as long as it
 * is, since other arrays or what is cut off may stand in it. */
static size_t most_bytes(const char *path, const char *text, size_t n, int64_t numbers)
{
    enum { TEXT = 16 << 20, TEXT_NUMBER = 512, OTHER = 64 << 20, OTHER_NUMBER = 64 };
    struct stat st;
    bool other = zip_is(text, n) || (n >= 4 && (memcmp(text, "RIFF", 4) == 0 || memcmp(text, "\x89PNG", 4) == 0)) ||
                 (n >= 3 && memcmp(text, "\xFF\xD8\xFF", 3) == 0);
    size_t most, room = other ? OTHER : TEXT;
    if (numbers <= 0 || __builtin_mul_overflow((size_t)numbers, (size_t)(other ? OTHER_NUMBER : TEXT_NUMBER), &most) || most > SIZE_MAX / 2)
        return SIZE_MAX - 1;
    most += room;
    if (other && stat(path, &st) == 0 && S_ISREG(st.st_mode) && (size_t)st.st_size > most) most = (size_t)st.st_size;
    return most;
}

static int too_long(const char *name, const Wish *wish, size_t most)
{
    char text[LIMIT_TEXT];
    return rt_fail(NNRT_E_IO, "%s has more than %s, unpacked, but %lld number%s wanted", name, limit_text(text, most),
                   (long long)wish->most, wish->most == 1 ? " is" : "s are");
}

/* Of an array the header says how long the file is. */
static int length_of(const void *context, const char *path, const char *text, size_t n, size_t *whole)
{
    const Limit *limit = context;
    Array a;
    if (!is_npy(text, n) && !is_idx(text, n)) {
        *whole = *limit->most = most_bytes(path, text, n, limit->wish->most);
        return NNRT_OK;
    }
    int code = is_npy(text, n) ? npy_header(path, text, n, &a, whole) : idx_header(path, text, n, &a, whole);
    return code ? code : check_fit(limit->wish, &a, limit->t);
}

static int take_array(const char *path, const char *text, const Array *a, Tensor *t)
{
    int64_t count = a->n * a->each;
    size_t width = dtype_bytes(a->type);
    if (count < 1) return rt_fail(NNRT_E_IO, "%s: there are no numbers", path);
    *t = (Tensor){.rank = a->rank, .at = rt_alloc(sizeof(double) * (size_t)count)};
    memcpy(t->dim, a->dim, sizeof t->dim);
    for (int64_t i = 0; t->at && i < count; i++)
        t->at[i] = array_number(a->type, a->big, (const unsigned char *)text + a->start + (size_t)i * width);
    return t->at ? NNRT_OK : NNRT_E_MEM;
}

static int read_array(const char *path, char *text, size_t n, const Wish *wish, Tensor *t)
{
    Array a;
    int code = is_npy(text, n) ? npy_parse(path, text, n, &a) : idx_parse(path, text, n, &a);
    if (!code) code = check_fit(wish, &a, t);
    return code ? code : take_array(path, text, &a, t);
}

/* Of several arrays the one that is called as the argument. */
static int read_npz(const char *path, const char *text, size_t n, const Wish *wish, Tensor *t)
{
    char *array = NULL;
    size_t size = 0;
    size_t most = SIZE_MAX;
    Limit limit = {wish, t, &most};
    NpzWish npz = {NULL, wish->name, {length_of, &limit}};
    int code = npz_array(path, text, n, &npz, &array, &size);
    if (!code) code = read_array(path, array, size, wish, t);
    free(array);
    return code;
}

/* ---- CSV of numbers */

/* A row of texts without any number, above others, names the columns. */
static bool is_header(const CellTable *c, const int *column, int64_t n, char decimal)
{
    double v;
    bool named = false;
    for (int64_t i = 0; i < n; i++) {
        const char *cell = c->cell[column[i]];
        if (cell_number(cell, decimal, &v) != CELL_TEXT) return false;
        named |= cell[0] != 0;
    }
    return named && c->n_rows > 1;
}

static int wrong_cell(const char *path, const CellRow *row, int place, const char *cell, CellKind kind, char decimal)
{
    if (!*cell) return rt_fail(NNRT_E_IO, "%s:%d:%d: the cell is empty", path, row->line, place);
    return rt_fail(NNRT_E_IO, "%s:%d:%d: \"%.60s\" is %s%s", path, row->line, place, cell,
                   kind == CELL_HUGE ? "too large a number" : "no number",
                   decimal != ',' && cell_has_comma(cell) ? " (--decimal , reads a comma for the point)" : "");
}

static int take_cells(const char *path, const CellTable *c, const int *column, int64_t columns, const Wish *wish, Tensor *t)
{
    int64_t first = is_header(c, column, columns, wish->decimal), rows = c->n_rows - first;
    *t = (Tensor){.rank = 2, .dim = {rows, columns}, .is_table = true, .at = rt_alloc(sizeof(double) * (size_t)(rows * columns))};
    if (!t->at) return NNRT_E_MEM;
    for (int64_t i = first; i < c->n_rows; i++) {
        const CellRow *row = &c->row[i];
        for (int64_t k = 0; k < columns; k++) {
            int64_t at = row->first + column[k];
            CellKind kind = cell_number(c->cell[at], wish->decimal, &t->at[(i - first) * columns + k]);
            if (kind != CELL_NUMBER) return wrong_cell(path, row, c->place[at], c->cell[at], kind, wish->decimal);
        }
    }
    return NNRT_OK;
}

static int read_csv(const char *path, char *text, size_t size, const Wish *wish, Tensor *t)
{
    if (memchr(text, 0, size)) return rt_fail(NNRT_E_IO, "%s is no file of a known format (CSV, NPY, NPZ, IDX, PNG, WAV)", path);
    CellTable c;
    int *column = NULL;
    int64_t n = 0;
    int code = cell_table(path, text, size, CELLS_GUESS, true, &c);
    if (!code && c.n_rows == 0) code = rt_fail(NNRT_E_IO, "%s: there are no numbers", path);
    if (!code) code = columns_find(path, &c, wish->columns, &column, &n);
    if (!code) code = take_cells(path, &c, column, n, wish, t);
    cell_table_free(&c);
    free(column);
    if (code) {
        rt_free(t->at);
        *t = (Tensor){0};
    }
    return code;
}

static int read_by(const nnrt_format *const *formats, const char *ending, const char *path, const char *text, size_t n, const Wish *wish,
                   Tensor *t)
{
    for (; formats && *formats; formats++)
        if ((*formats)->read && strcmp((*formats)->ending, ending) == 0) return (*formats)->read(path, text, n, wish, t);
    return rt_fail(NNRT_E_IO, "%s: this program has no argument that a %s file can give", path, ending);
}

int tensor_read(const nnrt_format *const *formats, const char *path, const Wish *wish, Tensor *t)
{
    char *text = NULL;
    size_t n = 0, most = SIZE_MAX;
    *t = (Tensor){0};
    int code = read_bytes(path, &(FileHeader){length_of, &(Limit){wish, t, &most}}, &text, &n);
    if (code) return code;
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    if (n == 0)
        code = rt_fail(NNRT_E_IO, "%s is empty", name);
    else if (n > most)
        code = too_long(name, wish, most);
    else if (is_npy(text, n) || is_idx(text, n))
        code = read_array(name, text, n, wish, t);
    else if (zip_is(text, n))
        code = read_npz(name, text, n, wish, t);
    else if (n >= 4 && (memcmp(text, "\x89PNG", 4) == 0 || memcmp(text, "\xFF\xD8\xFF", 3) == 0))
        code = read_by(formats, ".png", name, text, n, wish, t);
    else if (n >= 12 && memcmp(text, "RIFF", 4) == 0)
        code = read_by(formats, ".wav", name, text, n, wish, t);
    else
        code = read_csv(name, text, n, wish, t);
    free(text);
    return code;
}
