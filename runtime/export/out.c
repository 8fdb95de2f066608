/* SPDX-License-Identifier: MIT
 * out.c: results of exports to files by the end of their name, or to standard output. */
#include "export/out.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dtype.h"
#include "base/memory.h"
#include "base/shape.h"
#include "base/store.h"
#include "export/decode.h"
#include "export/names.h"
#include "export/setting.h"
#include "format/table.h"
#include "model/manifest.h"

static bool is_text(const Result *r)
{
    return json_int(r->json, "data", -1) >= 0 && r->dtype == NNRT_I32;
}

static const char *out_path(Export *x, int i)
{
    Flag *out = flags_find(&x->cli->flags, "out");
    return out && i < out->n ? out->value[i] : "-";
}

/* ---- texts along the axes of a chart: those of an argument or result of the same extent */

static char **arg_tokens(Export *x, const Arg *a, const char *size, int64_t n)
{
    const Json *last = export_rank(a) ? export_dim(a, export_rank(a) - 1) : NULL;
    if (!a->is_text || !a->data || !last || last->kind != JSON_STRING || strcmp(last->text, size)) return NULL;
    return export_tokens(x, (int)json_int(a->json, "data", -1), (int)json_int(a->json, "field", -1), a->data, n);
}

static char **result_tokens(Export *x, const Result *r, const char *size, int64_t n)
{
    const Json *dims = json_get(r->json, "dims"), *last = dims && dims->n ? json_at(dims, dims->n - 1) : NULL;
    if (!is_text(r) || !last || last->kind != JSON_STRING || strcmp(last->text, size)) return NULL;
    return export_tokens(x, (int)json_int(r->json, "data", -1), (int)json_int(r->json, "field", -1), r->data, n);
}

static char **axis_tokens(Export *x, const Json *dim, int64_t n)
{
    char **text = NULL;
    if (!dim || dim->kind != JSON_STRING) return NULL;
    for (int i = 0; i < x->n_args && !text; i++)
        text = arg_tokens(x, &x->arg[i], dim->text, n);
    for (int i = 0; i < x->e->n_results && !text; i++)
        text = result_tokens(x, &x->result[i], dim->text, n);
    return text;
}

/* Of floats `as d.field` the classes along the last axis. */
static int name_classes(Export *x, const Result *r, Output *o)
{
    int64_t n = r->rank ? r->dim[r->rank - 1] : 0;
    if (json_int(r->json, "data", -1) < 0 || is_text(r) || n == 0) return NNRT_OK;
    int32_t *code = rt_alloc(sizeof *code * (size_t)n);
    for (int64_t i = 0; code && i < n; i++)
        code[i] = (int32_t)i;
    if (code) o->label[r->rank - 1] = export_tokens(x, (int)json_int(r->json, "data", -1), (int)json_int(r->json, "field", -1), code, n);
    rt_free(code);
    return o->label[r->rank - 1] ? NNRT_OK : rt_no_memory();
}

static void free_tokens(Output *o)
{
    for (int k = 0; k < o->rank; k++) {
        for (int64_t i = 0; o->label[k] && i < o->dim[k]; i++)
            free(o->label[k][i]);
        rt_free(o->label[k]);
    }
}

/* ---- formats */

static const nnrt_format *writer_of(const Export *x, const char *path)
{
    for (const nnrt_format *const *f = x->cli->formats; f && *f; f++)
        if ((*f)->write && format_ends_in(path, (*f)->ending)) return *f;
    return NULL;
}

static bool is_table(const char *path)
{
    return format_ends_in(path, ".csv") || format_ends_in(path, ".npy") || format_ends_in(path, ".json") || format_ends_in(path, ".txt");
}

/* A name without an end is a table or a text. */
static bool has_ending(const char *path)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    return dot && (!slash || dot > slash + 1) && dot > path && dot[1];
}

static int check_endings(const Export *x, const Flag *out)
{
    for (int i = 0; out && i < out->n; i++) {
        const char *path = out->value[i];
        char more[128] = "";
        if (!has_ending(path) || is_table(path) || writer_of(x, path)) continue;
        for (const nnrt_format *const *f = x->cli->formats; f && *f; f++)
            if ((*f)->write) rt_append(more, sizeof more, " %s", (*f)->ending);
        return rt_fail(RT_USAGE, "--out %s: results of this program are written as .csv .npy .json .txt%s", path, more);
    }
    return NNRT_OK;
}

/* Can a line of names stand above this result? */
static bool has_columns(Export *x, const char *path, bool text)
{
    if (writer_of(x, path) || format_ends_in(path, ".npy") || format_ends_in(path, ".json")) return false;
    if (strcmp(path, "-") == 0 && x->cli->json) return false;
    return !text || format_ends_in(path, ".csv");
}

int export_check_outs(Export *x)
{
    Flag *out = flags_find(&x->cli->flags, "out");
    bool header = false, sound = false, map = false;
    if (out && out->n > x->e->n_results)
        return rt_fail(RT_USAGE, "%s has %d result%s, but --out is given %d times", x->e->name, x->e->n_results,
                       x->e->n_results == 1 ? "" : "s", out->n);
    for (int i = 0; i < x->e->n_results; i++) {
        const Json *json = json_at(json_get(x->json, "results"), i);
        const char *path = out_path(x, i);
        bool whole = !dtype_is_float(rt_dtype_of(x->m, json_text(json, "elem", "float")));
        header |= has_columns(x, path, whole && json_int(json, "data", -1) >= 0);
        sound |= format_ends_in(path, ".wav");
        map |= whole && format_ends_in(path, ".png");
    }
    int code = check_endings(x, out);
    return code ? code : setting_check_results(x, header, sound, map);
}

/* Of a table: where its columns have names, or where one is asked for. */
static bool wants_header(const Export *x, const Output *o)
{
    return (o->rank >= 2 && o->label[o->rank - 1]) || setting_header(x);
}

static int put_texts(Export *x, const Result *r, bool terminal, FILE *f)
{
    int code = NNRT_OK;
    for (int64_t i = 0, n = export_rows(x, r); i < n && !code; i++) {
        code = export_put_row(x, r, i, terminal, f);
        fputc('\n', f);
    }
    return code;
}

/* In CSV: a cell for each class, or one for a text. */
static int put_cells(Export *x, const Result *r, FILE *f)
{
    int64_t rows = export_rows(x, r), n = shape_size(r->rank, r->dim) / rows, cells = export_is_named(x, r->json) ? n : 1;
    if (setting_header(x)) table_header(f, &(Output){.rank = 2, .dim = {1, cells}}, x->e->name);
    for (int64_t i = 0; i < rows * cells; i++) {
        char *text = export_text(x, r, i * (n / cells), n / cells);
        if (!text) return NNRT_E_MEM;
        table_cell(f, text);
        free(text);
        fputc((i + 1) % cells ? ',' : '\n', f);
    }
    return NNRT_OK;
}

static int put_string(Export *x, const Result *r, int64_t at, int64_t n, FILE *f)
{
    char *text = export_text(x, r, at, n);
    if (!text) return NNRT_E_MEM;
    json_write_string(f, text);
    free(text);
    return NNRT_OK;
}

/* Arrays down to the strings: classes, or texts along the last axis. */
static int put_strings(Export *x, const Result *r, int axis, int64_t at, FILE *f)
{
    int64_t each = shape_size(r->rank - axis, r->dim + axis);
    if (axis >= r->rank - !export_is_named(x, r->json)) return put_string(x, r, at, each, f);
    int code = NNRT_OK;
    fputc('[', f);
    for (int64_t i = 0; i < r->dim[axis] && !code; i++) {
        if (i) fputc(',', f);
        code = put_strings(x, r, axis + 1, at + i * (each / r->dim[axis]), f);
    }
    fputc(']', f);
    return code;
}

static int put_json(Export *x, const Result *r, const Output *o, FILE *f)
{
    if (is_text(r)) return put_strings(x, r, 0, 0, f);
    table_json(f, o);
    return NNRT_OK;
}

static int put_all(Export *x, const Result *r, Output *o, FILE *f)
{
    const nnrt_format *format = writer_of(x, o->path);
    if (format) {
        for (int k = 0; k < o->rank; k++)
            if (!o->label[k]) o->label[k] = axis_tokens(x, json_at(json_get(r->json, "dims"), k), o->dim[k]);
        return format->write(f, o);
    }
    bool csv = format_ends_in(o->path, ".csv");
    if (format_ends_in(o->path, ".npy")) {
        table_npy(f, o);
    } else if (format_ends_in(o->path, ".json")) {
        int code = put_json(x, r, o, f);
        fputc('\n', f);
        return code;
    } else if (is_text(r)) {
        return csv ? put_cells(x, r, f) : put_texts(x, r, o->terminal, f);
    } else {
        if (wants_header(x, o)) table_header(f, o, x->e->name);
        table_csv(f, o);
    }
    return NNRT_OK;
}

static int find_under(Export *x, const Tensor **t)
{
    const char *name = setting_over(x);
    if (!name) return NNRT_OK;
    for (int i = 0; i < x->n_args; i++)
        if (strcmp(x->arg[i].name, name) == 0) return *t = &x->arg[i].t, NNRT_OK;
    return rt_fail(RT_USAGE, "--over %s: %s has no such argument", name, x->e->name);
}

static int save(const char *path, const char *bytes, size_t n)
{
    if (strcmp(path, "-")) {
        int code = store_file(path, "cannot write", bytes, n);
        if (code) rt_error_prefix("--out ");
        return code;
    }
    /* What was printed before comes first. */
    int bad = fflush(stdout) ? errno : store_write(STDOUT_FILENO, bytes, n);
    return bad ? rt_fail_system(bad, "standard output") : NNRT_OK;
}

static int make_output(Export *x, int i, Output *o)
{
    const Result *r = &x->result[i];
    int64_t rate = export_rate(x);
    int code = setting_rate(x, &rate);
    *o = (Output){.path = out_path(x, i),
                  .dtype = r->dtype,
                  .rank = r->rank,
                  .data = r->data,
                  .bound = json_int(r->json, "bound", 0),
                  .rate = rate ? (int)rate : 16000};
    memcpy(o->dim, r->dim, sizeof o->dim);
    if (!code) code = name_classes(x, r, o);
    return code ? code : find_under(x, &o->under);
}

/* A file is written only once all of it is known. */
int export_put(Export *x, int i, bool *shown)
{
    Output o;
    Memory out = {0};
    int code = make_output(x, i, &o);
    if (!code && !memory_open(&out)) code = memory_close(&out);
    FILE *f = out.f;
    bool here = !code && strcmp(o.path, "-") == 0;
    o.terminal = here && isatty(STDOUT_FILENO);
    if (f && here && x->cli->json) {
        if (*shown)
            fputc(',', f);
        else
            fprintf(f, "{\"entry\":\"%s\",\"results\":[", x->e->name);
        code = put_json(x, &x->result[i], &o, f);
    } else if (f) {
        if (here && *shown) fputc('\n', f);
        code = put_all(x, &x->result[i], &o, f);
    }
    if (f && memory_close(&out)) code = NNRT_E_MEM;
    *shown |= here;
    free_tokens(&o);
    if (!code) code = save(o.path, out.text, out.n);
    free(out.text);
    return code;
}
