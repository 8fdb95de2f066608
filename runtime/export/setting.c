/* SPDX-License-Identifier: MIT
 * setting.c: flags about how arguments are read and results are written. One that has no effect is a mistake. */
#include "export/setting.h"

#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "model/manifest.h"

enum { COLUMNS, DECIMAL, SCALE, N_READING, HEADER = N_READING, RATE, OVER, N_SETTING_FLAGS };
static const struct {
    const char *name, *what, *help;
} settings[N_SETTING_FLAGS] = {
    [COLUMNS] = {"columns", "LIST", "columns of CSV files: 0,2,5..8 or names (x=LIST: of the argument x)"},
    [DECIMAL] = {"decimal", ",", "numbers of CSV files have a decimal comma"},
    [SCALE] = {"scale", "X", "what numbers of files are multiplied by, such as 1/255 (x=X: of the argument x)"},
    [HEADER] = {"header", "", "a line of names above the columns of a CSV result"},
    [RATE] = {"rate", "N", "samples a second of .wav results"},
    [OVER] = {"over", "NAME", "argument whose pictures lie under a class map in .png results"},
};

static void add_flag(Flags *f, int k)
{
    flags_add(f, settings[k].name, k == HEADER ? FLAG_SWITCH : FLAG_VALUE, settings[k].what, settings[k].help);
}

void setting_flags(Flags *f, bool numbers, bool texts, const nnrt_format *const *formats)
{
    for (int k = 0; k <= HEADER; k++)
        if (numbers || k == HEADER || (texts && k == COLUMNS)) add_flag(f, k);
    flags_add(f, "out", FLAG_VALUE, "FILE", "result: the end of the name is the format (again for further results)");
    for (; formats && *formats; formats++) {
        if ((*formats)->write && strcmp((*formats)->ending, ".wav") == 0) add_flag(f, RATE);
        if ((*formats)->write && strcmp((*formats)->ending, ".png") == 0) add_flag(f, OVER);
    }
}

/* NULL where the program has an option or an argument of this name. */
static const Flag *find_flag(const Export *x, int setting)
{
    const Flag *f = flags_find(&x->cli->flags, settings[setting].name);
    return f && f->help == settings[setting].help ? f : NULL;
}

/* The length of NAME= in front of a value, if NAME is an argument. */
static size_t name_length(const Export *x, const char *value)
{
    size_t n = strcspn(value, "=");
    for (const Json *a = json_list(x->json, "args"); a && value[n]; a = a->next) {
        const char *name = json_text(a, "name", "");
        if (strlen(name) == n && memcmp(name, value, n) == 0) return n + 1;
    }
    return 0;
}

/* The last value for this argument, or else for all. */
static const char *value_for(const Export *x, const Arg *a, int setting)
{
    const Flag *f = find_flag(x, setting);
    const char *all = NULL, *own = NULL;
    for (int i = 0; f && i < f->n; i++) {
        size_t n = name_length(x, f->value[i]);
        if (n == 0)
            all = f->value[i];
        else if (strlen(a->name) == n - 1 && memcmp(a->name, f->value[i], n - 1) == 0)
            own = f->value[i] + n;
    }
    return own ? own : all;
}

/* 255, 0.5 or 1/255 */
static bool read_scale(const char *text, double *out)
{
    char *end = NULL;
    double over = 1, v = number_read(text, &end);
    bool good = end != text;
    if (good && *end == '/') {
        const char *at = end + 1;
        over = number_read(at, &end);
        good = end != at;
    }
    *out = v / over;
    return good && !*end && *out - *out == 0;
}

int setting_check(Export *x)
{
    double v;
    for (int k = 0; k < N_READING; k++) {
        const Flag *f = find_flag(x, k);
        for (int i = 0; f && i < f->n; i++) {
            const char *value = f->value[i] + name_length(x, f->value[i]);
            if (k != COLUMNS && strchr(value, '='))
                return rt_fail(RT_USAGE, "--%s %s: %s has no such argument", f->name, value, x->e->name);
            if (k == DECIMAL && strcmp(value, ",") && strcmp(value, "."))
                return rt_fail(RT_USAGE, "--decimal is , or ., not \"%s\"", value);
            if (k == SCALE && !read_scale(value, &v))
                return rt_fail(RT_USAGE, "--scale needs a number like 255, 0.5 or 1/255, not \"%s\"", value);
        }
    }
    return NNRT_OK;
}

/* ---- flags without effect */

/* What an argument was given as, where a setting does nothing about it. */
static const char *given_as(const Arg *a, int setting)
{
    return setting != SCALE && (a->from & FROM_FILE) ? "no CSV file"
           : a->from & FROM_DATA                     ? "taken from a data block, which says what its numbers are"
           : a->from & (FROM_TEXT | FROM_CELLS)      ? "a text"
                                                     : "given as numbers, which stay what they are";
}

/* Value i of a setting is about the argument in front of its `=`, or about all. */
static int check_effect(const Export *x, const Flag *f, int setting, const char *value)
{
    static const int effects[N_READING] = {[COLUMNS] = FROM_TABLE | FROM_CELLS, [DECIMAL] = FROM_TABLE, [SCALE] = FROM_TABLE | FROM_FILE};
    size_t n = name_length(x, value);
    char why[400] = "";
    for (int i = 0; i < x->n_args; i++) {
        const Arg *a = &x->arg[i];
        if (!a->from || (n && (strlen(a->name) != n - 1 || memcmp(a->name, value, n - 1)))) continue;
        if (a->from & effects[setting]) return NNRT_OK;
        rt_append(why, sizeof why, "%s%s is %s", *why ? ", " : "", a->name, given_as(a, setting));
    }
    return rt_fail(RT_USAGE, "--%s %s has no effect: %s", f->name, value, *why ? why : "no argument is a file");
}

int setting_check_effects(const Export *x)
{
    int code = NNRT_OK;
    for (int k = 0; k < N_READING; k++) {
        const Flag *f = find_flag(x, k);
        for (int i = 0; f && i < f->n && !code; i++)
            code = check_effect(x, f, k, f->value[i]);
    }
    return code;
}

int setting_check_results(const Export *x, bool header, bool sound, bool map)
{
    if (setting_header(x) && !header) return rt_fail(RT_USAGE, "--header has no effect: no result is written as a table in CSV");
    if (find_flag(x, RATE) && find_flag(x, RATE)->n && !sound)
        return rt_fail(RT_USAGE, "--rate has no effect: no result is written as .wav");
    if (setting_over(x) && !map) return rt_fail(RT_USAGE, "--over has no effect: no result is a class map that is written as .png");
    return NNRT_OK;
}

/* ---- values */

const char *setting_columns(const Export *x, const Arg *a)
{
    return value_for(x, a, COLUMNS);
}

char setting_decimal(const Export *x, const Arg *a)
{
    const char *value = value_for(x, a, DECIMAL);
    return value ? *value : '.';
}

double setting_scale(const Export *x, const Arg *a)
{
    const char *value = value_for(x, a, SCALE);
    double v = 1;
    if (value) read_scale(value, &v);
    return v;
}

bool setting_header(const Export *x)
{
    bool on = false;
    if (find_flag(x, HEADER)) flags_bool(&x->cli->flags, settings[HEADER].name, &on);
    return on;
}

int setting_rate(const Export *x, int64_t *rate)
{
    int code = find_flag(x, RATE) ? flags_int(&x->cli->flags, settings[RATE].name, 1, 1 << 24, rate) : NNRT_OK;
    return !code && *rate > 1 << 22 ? rt_fail(RT_USAGE, "--rate %lld is too large", (long long)*rate) : code;
}

const char *setting_over(const Export *x)
{
    const Flag *f = find_flag(x, OVER);
    return f && f->n ? f->value[f->n - 1] : NULL;
}
