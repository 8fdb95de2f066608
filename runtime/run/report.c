/* SPDX-License-Identifier: MIT
 * report.c: reported values as text: one line of scalars, tables for the rest, JSON. */
#include "run/report.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "base/plain.h"
#include "model/manifest.h"
#include "model/vocab.h"

int values_new(const nnrt *m, int entry, Values *v)
{
    v->at = rt_alloc(sizeof(double) * (size_t)(m->program->entry[entry]->n_report_values + 1));
    return v->at ? NNRT_OK : NNRT_E_MEM;
}

int report_take(nnrt *m, int entry, bool clear, Values *v)
{
    int code = m->program->core->report(m->program, m->program->entry[entry], m->area[entry], v->at, &v->examples, clear);
    return code ? rt_fail(code, "%s: the report failed (%d)", m->program->entry[entry]->name, code) : NNRT_OK;
}

const Json *report_at(const nnrt *m, int entry, int i)
{
    return json_at(json_get(rt_entry(m, entry), "reports"), i);
}

int report_offset(const nnrt *m, int entry, int i)
{
    int at = 0;
    for (int k = 0; k < i; k++)
        at += m->program->entry[entry]->report_count[k];
    return at;
}

bool report_is_scalar(const Json *report)
{
    const Json *dims = json_get(report, "dims");
    return !dims || dims->n == 0;
}

int report_find(const nnrt *m, int entry, const char *name)
{
    for (int i = 0; i < m->program->entry[entry]->n_reports; i++)
        if (json_is(report_at(m, entry, i), "name", name)) return i;
    return -1;
}

Better report_better(const nnrt *m, int entry, int i)
{
    const char *word = json_text(report_at(m, entry, i), "better", "");
    return strcmp(word, "lower") == 0 ? BETTER_LOWER : strcmp(word, "higher") == 0 ? BETTER_HIGHER : BETTER_UNKNOWN;
}

int report_first_scalar(const nnrt *m, int entry)
{
    for (int i = 0; i < m->program->entry[entry]->n_reports; i++)
        if (report_is_scalar(report_at(m, entry, i))) return i;
    return -1;
}

static void put_number(FILE *f, double v)
{
    double size = fabs(v);
    if (v != v)
        fputs("nan", f); /* which has no sign */
    else if (v == floor(v) && size < 1e9)
        number_print(f, "%.0f", v);
    else if (size >= 1e-3 && size < 1e5)
        number_print(f, "%.*f", size < 1 ? 5 : size < 100 ? 4 : 2, v);
    else
        number_print(f, "%.4g", v);
}

void report_scalar(FILE *f, const nnrt *m, int entry, int i, const double *values)
{
    fprintf(f, "%s ", json_text(report_at(m, entry, i), "name", "?"));
    put_number(f, values[report_offset(m, entry, i)]);
}

void report_scalars(FILE *f, const nnrt *m, int entry, const double *values)
{
    bool first = true;
    for (int i = 0; i < m->program->entry[entry]->n_reports; i++) {
        if (!report_is_scalar(report_at(m, entry, i))) continue;
        if (!first) fputs(", ", f);
        report_scalar(f, m, entry, i, values);
        first = false;
    }
}

/* ---- tables */

enum { MOST_NAME = 20 };

/* The name of class k, shortened. */
static const char *class_name(nnrt *m, const Json *report, int64_t k, char out[MOST_NAME + 1])
{
    const Vocab *v = rt_vocab(m, (int)json_int(report, "data", -1), (int)json_int(report, "field", -1));
    if (v && k < v->n) {
        rt_plain(out, MOST_NAME + 1, v->word[k]);
    } else {
        snprintf(out, MOST_NAME + 1, "%lld", (long long)k);
    }
    return out;
}

static const char *cell_text(double v, char out[32])
{
    FILE *f = fmemopen(out, 32, "w");
    if (!f) return "?";
    put_number(f, v);
    fclose(f);
    return out;
}

static void put_matrix(FILE *f, nnrt *m, const Json *r, const double *v, int64_t rows, int64_t columns)
{
    char name[MOST_NAME + 1], cell[32];
    int head = 0, width = 1;
    for (int64_t i = 0; i < rows; i++) {
        int n = (int)strlen(class_name(m, r, i, name));
        head = n > head ? n : head;
    }
    for (int64_t i = 0; i < rows * columns; i++) {
        int n = (int)strlen(cell_text(v[i], cell));
        width = n > width ? n : width;
    }
    for (int64_t j = 0; j < columns; j++) {
        int n = (int)strlen(class_name(m, r, j, name));
        width = n > width ? n : width;
    }
    fprintf(f, "  %*s", head, "");
    for (int64_t j = 0; j < columns; j++)
        fprintf(f, "  %*s", width, class_name(m, r, j, name));
    fputc('\n', f);
    for (int64_t i = 0; i < rows; i++) {
        fprintf(f, "  %*s", head, class_name(m, r, i, name));
        for (int64_t j = 0; j < columns; j++)
            fprintf(f, "  %*s", width, cell_text(v[i * columns + j], cell));
        fputc('\n', f);
    }
}

static void put_list(FILE *f, nnrt *m, const Json *r, const double *v, int64_t n)
{
    char name[MOST_NAME + 1], cell[32];
    int head = 0;
    for (int64_t i = 0; i < n; i++) {
        int k = (int)strlen(class_name(m, r, i, name));
        head = k > head ? k : head;
    }
    for (int64_t i = 0; i < n; i++)
        fprintf(f, "  %*s  %s\n", head, class_name(m, r, i, name), cell_text(v[i], cell));
}

static void put_values(FILE *f, const double *v, int64_t n)
{
    char cell[32];
    for (int64_t i = 0; i < n; i++)
        fprintf(f, "%s%s", i ? i % 10 ? " " : "\n  " : "  ", cell_text(v[i], cell));
    fputc('\n', f);
}

void report_tables(FILE *f, nnrt *m, int entry, const double *values)
{
    for (int i = 0; i < m->program->entry[entry]->n_reports; i++) {
        const Json *r = report_at(m, entry, i), *dims = json_get(r, "dims");
        if (report_is_scalar(r)) continue;
        const double *v = values + report_offset(m, entry, i);
        int64_t n = m->program->entry[entry]->report_count[i];
        if (dims->n == 2 && dims->child->is_integer && dims->child->integer > 0) {
            fprintf(f, "%s (rows: true class, columns: found)\n", json_text(r, "name", "?"));
            put_matrix(f, m, r, v, dims->child->integer, n / dims->child->integer);
        } else {
            fprintf(f, "%s\n", json_text(r, "name", "?"));
            if (dims->n == 1)
                put_list(f, m, r, v, n);
            else
                put_values(f, v, n);
        }
    }
}

/* ---- JSON */

static void json_nested(FILE *f, const Json *dim, const double *v, int64_t n)
{
    int64_t rows = dim ? dim->integer : 1;
    if (!dim) {
        json_write_number(f, v[0]);
        return;
    }
    fputc('[', f);
    for (int64_t i = 0; i < rows; i++) {
        if (i) fputc(',', f);
        json_nested(f, dim->next, v + i * (n / rows), n / rows);
    }
    fputc(']', f);
}

void report_json(FILE *f, const nnrt *m, int entry, const double *values, bool tensors)
{
    for (int i = 0; i < m->program->entry[entry]->n_reports; i++) {
        const Json *r = report_at(m, entry, i);
        if (!tensors && !report_is_scalar(r)) continue;
        json_put(f, ",", json_text(r, "name", "?"));
        fputc(':', f);
        json_nested(f, json_list(r, "dims"), values + report_offset(m, entry, i), m->program->entry[entry]->report_count[i]);
    }
}
