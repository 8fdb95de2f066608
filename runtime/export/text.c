/* SPDX-License-Identifier: MIT
 * text.c: arguments `as d.field`: texts in the codes of a field. */
#include "export/text.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "data/cells.h"
#include "data/text.h"
#include "export/know.h"
#include "export/setting.h"
#include "export/size.h"
#include "format/columns.h"
#include "format/read.h"
#include "model/dims.h"
#include "model/manifest.h"

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

Spec export_text_spec(const Export *x, const Json *json, const char *name)
{
    Spec spec;
    spec_of_field(x->m, (int)json_int(json, "data", -1), (int)json_int(json, "field", -1), &spec);
    snprintf(spec.path, sizeof spec.path, "--%s", name);
    return spec;
}

static bool is_bytes_file(const Spec *spec)
{
    return json_is(spec->reader, "kind", "bytes");
}

static int encode_one(Export *x, const Spec *spec, char *text, size_t n, int32_t **code, int64_t *count)
{
    if (!is_bytes_file(spec)) return text_encode(x->m, spec, text, n, code, count);
    *code = malloc(sizeof(int32_t) * (n + 1));
    if (!*code) return rt_no_memory();
    for (size_t i = 0; i < n; i++)
        (*code)[i] = (unsigned char)text[i];
    *count = (int64_t)n;
    return NNRT_OK;
}

/* place: where it stands, for an error, which is made again with it; NULL: nobody needs to know. */
static int add_text(Export *x, const Spec *spec, char *text, size_t n, const char *place, Lines *out)
{
    if (!rt_more(&out->code, out->n, sizeof *out->code) || !rt_more(&out->length, out->n, sizeof *out->length)) return rt_no_memory();
    int code = encode_one(x, spec, text, n, &out->code[out->n], &out->length[out->n]);
    if (code && place) {
        Spec at = *spec;
        snprintf(at.path, sizeof at.path, "%s", place);
        code = encode_one(x, &at, text, n, &out->code[out->n], &out->length[out->n]);
    }
    out->n += !code;
    return code;
}

static int add_lines(Export *x, const Arg *a, const Spec *spec, char *text, size_t n, Lines *out)
{
    int64_t number = 1;
    for (char *line = text, *end = text + n; line < end; number++) {
        char *stop = memchr(line, '\n', (size_t)(end - line)), *next = stop ? stop + 1 : end;
        if (!stop) stop = end;
        if (stop > line && stop[-1] == '\r') stop--;
        *stop = 0;
        char place[80];
        snprintf(place, sizeof place, "--%.40s, line %lld", a->name, (long long)number);
        int code = add_text(x, spec, line, (size_t)(stop - line), place, out);
        if (code) return code;
        line = next;
    }
    return NNRT_OK;
}

/* A cell of each row of a CSV file: the only one, or that of --columns. */
static int add_cells(Export *x, const Arg *a, const Spec *spec, const char *path, CellTable *c, Lines *out)
{
    const char *list = setting_columns(x, a);
    int *column = NULL;
    int64_t n = 0;
    int code = c->n_rows ? columns_find(path, c, list, &column, &n) : NNRT_OK;
    if (!code && c->n_rows && n != 1)
        code = rt_fail(RT_USAGE, "%s has %lld columns; --columns says which one is the text", path, (long long)n);
    for (int64_t i = list && columns_by_name(list); i < c->n_rows && !code; i++) {
        char *cell = c->cell[c->row[i].first + column[0]];
        char place[RT_PATH];
        snprintf(place, sizeof place, "%.4000s:%d", path, c->row[i].line);
        code = add_text(x, spec, cell, strlen(cell), place, out);
    }
    free(column);
    return code;
}

static int add_table(Export *x, const Arg *a, const Spec *spec, const char *path, char *text, size_t n, Lines *out)
{
    CellTable c = {0};
    int code = cell_table(path, text, n, cells_separator(text, n) == CELLS_BLANKS ? ',' : CELLS_GUESS, true, &c);
    if (!code) code = add_cells(x, a, spec, path, &c, out);
    cell_table_free(&c);
    if (code) rt_error_prefix("--%s: ", a->name);
    return code;
}

static int empty_text(const Arg *a)
{
    return rt_fail(NNRT_E_SHAPE, "--%s: the text is empty, but must have at least one token", a->name);
}

/* Padded with 0 to the longest; a declared length is kept, longer texts are cut. */
static int pad_lines(Export *x, Arg *a, const Lines *l)
{
    int rank = export_rank(a);
    int64_t longest = 1;
    for (int64_t i = 0; i < l->n; i++)
        longest = l->length[i] > longest ? l->length[i] : longest;
    const Json *last = export_dim(a, rank - 1);
    int64_t declared = dims_value(x->m, x->entry, last, x->sizes);
    int64_t width = declared >= 0 ? declared : longest;
    if (rank == 1 && l->length[0] == 0) return empty_text(a);
    if (rank == 1 && declared > l->length[0])
        return rt_fail(NNRT_E_SHAPE, "--%s has %lld tokens but needs at least %lld", a->name, (long long)l->length[0], (long long)declared);
    a->t = (Tensor){.rank = rank, .at = rt_alloc(sizeof(double) * (size_t)(l->n * width))};
    if (!a->t.at) return NNRT_E_MEM;
    a->t.dim[0] = rank == 1 ? width : l->n;
    if (rank == 2) a->t.dim[1] = width;
    for (int64_t i = 0; i < l->n; i++) {
        int64_t skip = rank == 1 && l->length[i] > width ? l->length[i] - width : 0; /* of a prompt the end counts */
        for (int64_t k = 0; k < width && skip + k < l->length[i]; k++)
            a->t.at[i * width + k] = l->code[i][skip + k];
    }
    return export_match(x, a);
}

/* A value is standard input, a file that is there, or the text itself. What looks like the name of
 * a file is taken for one, so that a misspelt name is no text. */
static bool looks_like_path(const char *value)
{
    const char *dot = strrchr(value, '.');
    if (strpbrk(value, " \n")) return false;
    return strchr(value, '/') || (dot && dot > value && strlen(dot) >= 3 && strlen(dot) <= 5 &&
                                  dot[1 + strspn(dot + 1, "abcdefghijklmnopqrstuvwxyz0123456789")] == 0);
}

/* A byte order mark in front of a file is no part of its text. */
static void drop_mark(char *text, size_t *n)
{
    size_t mark = utf8_mark(text, *n);
    if (mark) memmove(text, text + mark, (*n -= mark) + 1);
}

int export_text_bytes(const Arg *a, const Spec *spec, const char *value, char **text, size_t *n)
{
    if (export_is_file(value)) {
        int code = tensor_bytes(value, text, n);
        if (code) rt_error_prefix("--%s: ", a->name);
        if (!code && !is_bytes_file(spec)) drop_mark(*text, n);
        return code;
    }
    if (looks_like_path(value)) return export_no_file(a, value, "a file or a text");
    *text = strdup(value);
    *n = strlen(value);
    return *text ? NNRT_OK : rt_no_memory();
}

/* The values one after another, each on a line of its own. */
static int join_values(const Arg *a, const Spec *spec, const Flag *flag, char **text, size_t *n)
{
    int code = export_text_bytes(a, spec, flag->value[0], text, n);
    for (int i = 1; i < flag->n && !code; i++) {
        char *more = NULL, *all = NULL;
        size_t k = 0;
        code = export_text_bytes(a, spec, flag->value[i], &more, &k);
        if (!code && !(all = malloc(*n + k + 2))) code = rt_no_memory();
        if (!code) {
            memcpy(all, *text, *n);
            if (*n && all[*n - 1] != '\n') all[(*n)++] = '\n';
            memcpy(all + *n, more, k);
            all[ *n += k] = 0;
            free(*text);
            *text = all;
        }
        free(more);
    }
    return code;
}

/* All values as one text, without the ends of lines behind it. */
static int read_whole(Export *x, const Arg *a, const Spec *spec, const Flag *flag, Lines *out)
{
    char *text = NULL;
    size_t n = 0;
    int code = join_values(a, spec, flag, &text, &n);
    if (!code && n == 0) code = empty_text(a);
    while (!code && n && !is_bytes_file(spec) && (text[n - 1] == '\n' || text[n - 1] == '\r'))
        text[--n] = 0;
    if (!code) code = add_text(x, spec, text, n, NULL, out);
    free(text);
    return code;
}

/* Each line of a value as one, or of a file that ends in .csv each row. */
static int read_each(Export *x, Arg *a, const Spec *spec, const char *value, Lines *out)
{
    char *text = NULL;
    size_t n = 0;
    bool table = export_is_file(value) && !is_bytes_file(spec) && export_is_table(value);
    int code = export_text_bytes(a, spec, value, &text, &n);
    if (!code) code = table ? add_table(x, a, spec, value, text, n, out) : add_lines(x, a, spec, text, n, out);
    if (table) a->from = FROM_CELLS;
    free(text);
    return code;
}

int export_read_text(Export *x, Arg *a, const Flag *flag)
{
    Spec spec = export_text_spec(x, a->json, a->name);
    bool whole = export_rank(a) == 1;
    Lines l = {0};
    int code = export_know(x, spec.data, spec.field);
    if (!code && whole) code = read_whole(x, a, &spec, flag, &l);
    for (int i = 0; i < flag->n && !code && !whole; i++)
        code = read_each(x, a, &spec, flag->value[i], &l);
    if (!code && l.n == 0) code = rt_fail(NNRT_E_IO, "--%s: there is no line of text", a->name);
    if (!code) code = pad_lines(x, a, &l);
    if (!code) a->is_text = true, a->length = l.length, l.length = NULL;
    lines_free(&l);
    return code;
}

/* Has the argument the name of the field that counts this text? */
static bool counts(const Export *x, const char *name, const Json *text)
{
    for (const Json *f = json_list(rt_block(x->m, (int)json_int(text, "data", -1)), "fields"); f; f = f->next)
        if (json_is(f, "name", name) && json_int(f, "length_of", -1) == json_int(text, "field", -2)) return true;
    return false;
}

bool export_is_counted(const Export *x, const Json *arg)
{
    for (const Json *a = json_list(x->json, "args"); a; a = a->next)
        if (a != arg && counts(x, json_text(arg, "name", ""), a)) return true;
    return false;
}

/* int[B] with the name of the field that counts a text: filled in. */
static Arg *text_counted_by(Export *x, const Arg *a)
{
    for (int i = 0; i < x->n_args; i++)
        if (x->arg[i].is_text && counts(x, a->name, x->arg[i].json)) return &x->arg[i];
    return NULL;
}

int export_count_text(Export *x, Arg *a)
{
    Arg *t = text_counted_by(x, a);
    if (!t) return rt_fail(RT_USAGE, "%s needs --%s", x->e->name, a->name);
    int64_t n = export_rank(a) == 0 || export_rank(t) == 1 ? 1 : t->t.dim[0], width = t->t.dim[t->t.rank - 1];
    a->t = (Tensor){.rank = export_rank(a), .dim = {n}, .at = rt_alloc(sizeof(double) * (size_t)n)};
    if (!a->t.at) return NNRT_E_MEM;
    for (int64_t i = 0; i < n; i++)
        a->t.at[i] = (double)(t->length[i] < width ? t->length[i] : width);
    a->given = true;
    return export_match(x, a);
}
