/* SPDX-License-Identifier: MIT
 * export.c: an export function as a command: its flags, its arguments in order, the call, its
 * results. */
#include "export/export.h"

#include <string.h>

#include "base/dtype.h"
#include "base/plain.h"
#include "base/shape.h"
#include "export/know.h"
#include "export/names.h"
#include "export/out.h"
#include "export/setting.h"
#include "export/size.h"
#include "export/text.h"
#include "export/value.h"
#include "format/table.h"
#include "model/call.h"
#include "model/dims.h"
#include "model/explain.h"
#include "model/manifest.h"
#include "model/show.h"

/* Results are on standard output. */
static void show_line(void *user, const char *text)
{
    (void)user;
    rt_put_shown(stderr, text);
    fputc('\n', stderr);
}

/* ---- flags */

static const char *what_of(const Json *a, const char **help)
{
    const char *role = json_text(a, "role", "");
    if (strcmp(role, "dim") == 0) return *help = "a size", "N";
    if (strcmp(role, "tensor") != 0) return *help = "a number", "N";
    if (json_int(a, "data", -1) >= 0) return *help = "a text or a file of texts", "TEXT";
    return *help = "a file (CSV NPY NPZ IDX PNG WAV, -), data like d.test.x:0..8, or 1,2;3,4", "VALUE";
}

static bool has_numbers(const Json *entry)
{
    for (const Json *a = json_list(entry, "args"); a; a = a->next)
        if (json_is(a, "role", "tensor") && json_int(a, "data", -1) < 0) return true;
    return false;
}

/* Names, or a text for each example: a table has a column of them. */
static bool has_texts(Cli *cli, const Json *entry)
{
    const Export x = {.m = cli->m};
    for (const Json *a = json_list(entry, "args"); a; a = a->next)
        if (json_is(a, "role", "tensor") && json_int(a, "data", -1) >= 0 && (json_get(a, "dims")->n > 1 || export_is_named(&x, a)))
            return true;
    return false;
}

void export_flags(Cli *cli)
{
    const Json *e = rt_entry(cli->m, cli->entry);
    Flags *f = &cli->flags;
    for (const Json *a = json_list(e, "args"); a; a = a->next) {
        const char *help, *what = what_of(a, &help);
        flag_otherwise_json(flags_add(f, json_text(a, "name", "?"), FLAG_TEXT, what, help), json_get(a, "default"));
    }
    setting_flags(f, has_numbers(e), has_texts(cli, e), cli->formats);
    cli_load_flags(f, "checkpoint");
    flags_add_threads(f, 0);
    flag_otherwise(flags_add(f, "seed", FLAG_VALUE, "N", "random numbers"), "0");
}

void export_notes(const Cli *cli)
{
    if (!has_numbers(rt_entry(cli->m, cli->entry))) return;
    puts("\nNumbers in CSV, NPY and IDX files are taken as they are stored. What a data block\n"
         "computes (such as / 255) is done for d.x only; --scale 1/255 does it for files. Pictures\n"
         "give 0..1, sounds -1..1.");
}

/* The only argument of an entry that has numbers, with an axis for several: it takes any number of files. */
static const char *takes_many(const Export *x)
{
    const Json *args = json_get(x->json, "args"), *a = json_first(args), *dims = json_get(a, "dims");
    bool many = args && args->n == 1 && json_is(a, "role", "tensor") && json_int(a, "data", -1) < 0 && dims && dims->n > 0;
    const char *name = json_text(a, "name", "");
    return many && !flags_has(&x->cli->flags, name) ? name : NULL;
}

/* Words without -- are the arguments that have no flag, in order; the lengths of texts are counted. */
static int take_words(Export *x)
{
    Flags *f = &x->cli->flags;
    const Json *args = json_get(x->json, "args"), *a = json_first(args);
    const char *many = takes_many(x);
    int code = NNRT_OK;
    for (int i = 0; i < f->n_words && !code; i++) {
        while (a && !many && (flags_has(f, json_text(a, "name", "")) || export_is_counted(x, a)))
            a = a->next;
        if (!a) return rt_fail(RT_USAGE, "%s: %s has no argument left for it", f->word[i], x->e->name);
        code = flag_give(flags_find(f, json_text(a, "name", "")), f->word[i], NULL);
        if (!many) a = a->next;
    }
    return code;
}

/* ---- arguments */

static int read_scalar(Export *x, Arg *a)
{
    const char *value = flags_value(&x->cli->flags, a->name);
    double v = json_number(a->json, "default", 0);
    if (!value && !json_get(a->json, "default")) return rt_fail(RT_USAGE, "%s needs --%s", x->e->name, a->name);
    bool truth = v != 0;
    int code;
    if (json_is(a->json, "elem", "bool")) {
        code = flags_bool(&x->cli->flags, a->name, &truth);
        v = truth;
    } else if (value && json_int(a->json, "data", -1) >= 0 && (export_is_named(x, a->json) || !parse_number(value, &v))) {
        code = export_name_code(x, a, value, &v);
    } else {
        code = flags_number(&x->cli->flags, a->name, &v);
        if (!code && v - v != 0) code = export_not_finite(x, a, value);
    }
    a->t = (Tensor){.rank = 0, .at = rt_alloc(sizeof(double))};
    if (!a->t.at) return NNRT_E_MEM;
    a->t.at[0] = v;
    a->given = true;
    a->from = value ? FROM_NUMBERS : 0;
    return code;
}

/* `as d.field`: a text, unless it is an array or examples of the data. */
static bool is_coded(const Export *x, const Arg *a, const char *value)
{
    return json_int(a->json, "data", -1) >= 0 && !format_ends_in(value, ".npy") && (export_is_file(value) || !export_names_block(x, value));
}

static int read_arg(Export *x, const Json *json)
{
    const char *role = json_text(json, "role", ""), *name = json_text(json, "name", "?");
    const char *value = flags_value(&x->cli->flags, name);
    if (strcmp(role, "dim") == 0) {
        int64_t v = -1;
        int code = flags_int(&x->cli->flags, name, 1, INT64_MAX, &v), at = (int)json_int(json, "size", -1);
        if (code || v < 0 || at < 0) return code;
        return export_set_size(x, at, v, name);
    }
    Arg *a = &x->arg[x->n_args++];
    *a = (Arg){.json = json, .name = name};
    if (strcmp(role, "scalar") == 0) return read_scalar(x, a);
    if (!value) return NNRT_OK; /* perhaps the length of a text */
    a->given = true;
    a->from = is_coded(x, a, value) ? FROM_TEXT : 0;
    const Flag *flag = flags_find(&x->cli->flags, name);
    if (!a->from) return export_read_numbers(x, a, flag);
    return export_is_named(x, json) ? export_read_names(x, a, flag) : export_read_text(x, a, flag);
}

/* A dim that neither a flag nor a file gives. */
static int default_size(Export *x, const Json *json)
{
    int at = (int)json_int(json, "size", -1);
    int64_t otherwise = json_int(json, "default", -1);
    if (!json_is(json, "role", "dim") || at < 0 || x->sizes[at] >= 0 || otherwise < 0) return NNRT_OK;
    return export_set_size(x, at, otherwise, json_text(json, "name", "?"));
}

static int read_args(Export *x)
{
    const Json *args = json_get(x->json, "args");
    int code = NNRT_OK;
    for (const Json *a = json_first(args); a && !code; a = a->next)
        if (json_is(a, "role", "dim")) code = read_arg(x, a);
    for (const Json *a = json_first(args); a && !code; a = a->next)
        if (!json_is(a, "role", "dim")) code = read_arg(x, a);
    for (int i = 0; i < x->n_args && !code; i++)
        if (!x->arg[i].given) code = export_count_text(x, &x->arg[i]);
    for (const Json *a = json_first(args); a && !code; a = a->next)
        code = default_size(x, a);
    for (int i = 0; i < x->e->n_sizes && !code; i++)
        if (x->sizes[i] < 0) code = rt_fail(RT_USAGE, "%s needs --%s", x->e->name, export_size_name(x, i));
    return code;
}

/* The numbers of an argument in the element type of the entry; the shape is checked again now that all sizes are known. */
static int convert(Export *x, Arg *a, int i)
{
    int dtype = rt_dtype_of(x->m, json_text(a->json, "elem", "float"));
    int64_t n = shape_size(a->t.rank, a->t.dim);
    char wrong[96], number[40];
    if (!export_fits(x, a)) return export_wrong_shape(x, a);
    a->data = rt_alloc((size_t)n * dtype_bytes(dtype));
    if (!a->data) return NNRT_E_MEM;
    for (int64_t k = 0; k < n; k++)
        if (!dtype_store(dtype, a->data, k, a->t.at[k]))
            return rt_fail(NNRT_E_RANGE, "--%s: %s is %s", a->name, json_format_number(a->t.at[k], number, sizeof number),
                           dtype_wrong(dtype, a->t.at[k], wrong, sizeof wrong));
    x->pointer[i] = a->data;
    return NNRT_OK;
}

/* ---- the call */

/* Results that are written as texts or class names need them. */
static int know_results(Export *x)
{
    int code = NNRT_OK;
    for (const Json *r = json_list(x->json, "results"); r && !code; r = r->next)
        if (json_int(r, "data", -1) >= 0) code = export_know(x, (int)json_int(r, "data", 0), (int)json_int(r, "field", 0));
    return code;
}

static int make_result(Export *x, int i)
{
    Result *r = &x->result[i];
    const Json *json = json_at(json_get(x->json, "results"), i), *dims = json_get(json, "dims");
    *r = (Result){.json = json, .dtype = rt_dtype_of(x->m, json_text(json, "elem", "float")), .rank = dims ? dims->n : 0};
    size_t bytes = dtype_bytes(r->dtype);
    for (int k = 0; k < r->rank; k++) {
        r->dim[k] = dims_value(x->m, x->entry, json_at(dims, k), x->sizes);
        if (r->dim[k] < 0 || __builtin_mul_overflow(bytes, (size_t)r->dim[k], &bytes)) return rt_too_large(x->m, x->entry, x->sizes);
        if (r->dim[k] == 0) return rt_fail(NNRT_E_SHAPE, "%s: with these sizes a result has no elements", x->e->name);
    }
    r->data = rt_alloc(bytes);
    x->pointer[x->n_args + i] = r->data;
    return r->data ? NNRT_OK : NNRT_E_MEM;
}

static int call(Export *x)
{
    Flags *f = &x->cli->flags;
    int64_t seed = 0;
    int threads = 0;
    int code = flags_int(f, "seed", INT64_MIN, INT64_MAX, &seed);
    if (!code) code = flags_threads(f, &threads);
    if (!code) code = take_words(x);
    if (!code) code = export_check_outs(x);
    if (!code) code = setting_check(x);
    x->m->keeps_vocabs = true; /* with --load or without: nothing is numbered anew for weights */
    if (!code) code = read_args(x);
    if (!code) code = setting_check_effects(x);
    if (!code) code = know_results(x);
    for (int i = 0; i < x->n_args && !code; i++)
        code = convert(x, &x->arg[i], i);
    for (int i = 0; i < x->e->n_results && !code; i++)
        code = make_result(x, i);
    if (!code) threads_note(x->cli->program->name, threads);
    if (!code) code = rt_threads(x->m, threads);
    const Show show = {.level = SHOW_ALL, .line = show_line};
    x->m->show = x->cli->json || flags_has(&x->cli->flags, "quiet") ? NULL : &show;
    if (!code) code = rt_call(x->m, x->entry, (uint64_t)seed, x->sizes, x->pointer);
    x->m->show = NULL;
    return code;
}

int export_run(Cli *cli)
{
    Export *x = rt_alloc(sizeof *x);
    if (!x) return NNRT_E_MEM;
    *x = (Export){.cli = cli, .m = cli->m, .entry = cli->entry, .e = cli->program->entry[cli->entry], .json = rt_entry(cli->m, cli->entry)};
    for (int i = 0; i < NNRT_MAX_SIZES; i++)
        x->sizes[i] = -1;
    int code = call(x);
    bool shown = false;
    for (int i = 0; i < x->e->n_results && !code; i++)
        code = export_put(x, i, &shown);
    if (shown && cli->json && !code) puts("]}");
    for (int i = 0; i < NNRT_MAX_ARGS; i++) {
        rt_free(x->arg[i].t.at);
        rt_free(x->arg[i].data);
        rt_free(x->arg[i].length);
        rt_free(x->result[i].data);
    }
    rt_free(x);
    return code;
}
