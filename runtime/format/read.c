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

static bool is_wav(const char *text, size_t n)
{
    return n >= 12 && memcmp(text, "RIFF", 4) == 0;
}

/* A file is one sound, whatever the batch. */
static int64_t most_numbers(const Wish *wish, const char *text, size_t n)
{
    return is_wav(text, n) && wish->samples > 0 ? wish->samples : wish->most;
}

static int too_long(const char *name, int64_t numbers, size_t most)
{
    char text[LIMIT_TEXT];
    return rt_fail(NNRT_E_IO, "%s has more than %s, unpacked, but %lld number%s wanted", name, limit_text(text, most), (long long)numbers,
                   numbers == 1 ? " is" : "s are");
}

/* Of an array the header says how long the file is. */
static int length_of(const void *context, const char *path, const char *text, size_t n, size_t *whole)
{
    const Limit *limit = context;
    Array a;
    if (!is_npy(text, n) && !is_idx(text, n)) {
        *whole = *limit->most = most_bytes(path, text, n, most_numbers(limit->wish, text, n));
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

typedef struct Table { /* its rows become numbers one by one */
    CellReader cells;
    const Wish *wish;
    int *column; /* NULL: all */
    int64_t columns, rows, room;
    double *at;
    int code; /* of the first wrong cell, which is told if the rows themselves are right */
    char *error;
} Table;

static int cell_of(const Table *c, int64_t k)
{
    return c->column ? c->column[k] : (int)k;
}

/* A row of texts without any number, above others, names the columns. */
static bool is_header(const Table *c)
{
    double v;
    bool named = false;
    for (int64_t k = 0; k < c->columns; k++) {
        const char *cell = cells_at(&c->cells, cell_of(c, k));
        if (cell_number(cell, c->wish->decimal, &v) != CELL_TEXT) return false;
        named |= cell[0] != 0;
    }
    return named;
}

static int wrong_cell(const Table *c, int i, CellKind kind)
{
    const CellReader *r = &c->cells;
    const char *cell = cells_at(r, i);
    if (!*cell) return rt_fail(NNRT_E_IO, "%s:%d:%d: the cell is empty", r->path, r->row_line, cells_place(r, i));
    return rt_fail(NNRT_E_IO, "%s:%d:%d: \"%.60s\" is %s%s", r->path, r->row_line, cells_place(r, i), cell,
                   kind == CELL_HUGE ? "too large a number" : "no number",
                   c->wish->decimal != ',' && cell_has_comma(cell) ? " (--decimal , reads a comma for the point)" : "");
}

static bool room_for_row(Table *c)
{
    if ((c->rows + 1) * c->columns <= c->room) return true;
    int64_t room = c->room ? 2 * c->room : c->columns;
    double *bigger = realloc(c->at, sizeof *bigger * (size_t)room);
    if (!bigger) return false;
    c->at = bigger, c->room = room;
    return true;
}

static int take_row(Table *c)
{
    if (!room_for_row(c)) return rt_no_memory_for(c->cells.path);
    double *to = c->at + c->rows * c->columns;
    for (int64_t k = 0; k < c->columns; k++) {
        CellKind kind = cell_number(cells_at(&c->cells, cell_of(c, k)), c->wish->decimal, &to[k]);
        if (kind != CELL_NUMBER) return wrong_cell(c, cell_of(c, k), kind);
    }
    c->rows++;
    return NNRT_OK;
}

static int keep_error(Table *c, int code)
{
    if (!code || code == NNRT_E_MEM) return code;
    c->code = code;
    c->error = strdup(nnrt_error_text());
    return c->error ? NNRT_OK : rt_no_memory();
}

static int take_first(Table *c, bool *header)
{
    const Wish *wish = c->wish;
    c->columns = c->cells.n;
    int code = wish->columns ? columns_find_in(c->cells.path, &c->cells, wish->columns, &c->column, &c->columns) : NNRT_OK;
    *header = !code && is_header(c);
    return keep_error(c, code ? code : take_row(c));
}

static void forget_error(Table *c)
{
    free(c->error);
    c->code = NNRT_OK, c->error = NULL;
}

static int take_rows(Table *c)
{
    bool header = false, found = true;
    int code = NNRT_OK;
    for (int64_t i = 0; !code && found; i++) {
        code = cells_next(&c->cells, &found);
        if (code || !found) return code ? code : i ? NNRT_OK : rt_fail(NNRT_E_IO, "%s: there are no numbers", c->cells.path);
        code = cells_full(&c->cells);
        if (!code && i == 0) code = take_first(c, &header);
        if (!code && i == 1 && header) forget_error(c);
        if (!code && i > 0 && !c->code) code = keep_error(c, take_row(c));
    }
    return code;
}

static int read_csv(const char *path, char *text, size_t size, const Wish *wish, Tensor *t)
{
    if (memchr(text, 0, size)) return rt_fail(NNRT_E_IO, "%s is no file of a known format (CSV, NPY, NPZ, IDX, PNG, WAV)", path);
    Table c = {.wish = wish};
    cells_begin(&c.cells, path, CELLS_GUESS, true);
    cells_feed(&c.cells, text, size, true);
    int code = take_rows(&c);
    if (!code && c.code) code = rt_fail(c.code, "%s", c.error);
    cells_end(&c.cells);
    free(c.column), free(c.error);
    if (code) return free(c.at), code;
    *t = (Tensor){.rank = 2, .dim = {c.rows, c.columns}, .is_table = true, .at = c.at};
    return NNRT_OK;
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
        code = too_long(name, most_numbers(wish, text, n), most);
    else if (is_npy(text, n) || is_idx(text, n))
        code = read_array(name, text, n, wish, t);
    else if (zip_is(text, n))
        code = read_npz(name, text, n, wish, t);
    else if (n >= 4 && (memcmp(text, "\x89PNG", 4) == 0 || memcmp(text, "\xFF\xD8\xFF", 3) == 0))
        code = read_by(formats, ".png", name, text, n, wish, t);
    else if (is_wav(text, n))
        code = read_by(formats, ".wav", name, text, n, wish, t);
    else
        code = read_csv(name, text, n, wish, t);
    free(text);
    return code;
}
