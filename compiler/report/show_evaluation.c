/* SPDX-License-Identifier: MIT
 * show_evaluation.c: an evaluation. */
#include "report/show_evaluation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/bitmap.h"
#include "report/cells.h"
#include "report/markup.h"

enum { MOST_CLASSES = 40, MOST_PAIRS = 30, MOST_LISTED = 200, MOST_WORST = 48 };

/* The name of class k of a report. */
static const char *class_name(Arena *arena, const Tree *evaluation, const char *report, int k)
{
    const Tree *t = tree_first(tree_get(evaluation, "labels"), report);
    for (int i = 0; t && i < k; i++)
        t = t->next;
    return t && t->kind == TREE_TEXT ? t->text : arena_print(arena, "%d", k);
}

static bool are_numbers(const Tree *list)
{
    if (!list || list->kind != TREE_LIST || list->n == 0) return false;
    for (const Tree *t = list->child; t; t = t->next)
        if (t->kind != TREE_NUMBER && t->kind != TREE_NULL) return false;
    return true;
}

static bool is_square(const Tree *report)
{
    if (!report || report->kind != TREE_LIST || report->n < 2) return false;
    for (const Tree *row = report->child; row; row = row->next)
        if (!are_numbers(row) || row->n != report->n) return false;
    return true;
}

static void put_scalars(Text *out, const Tree *evaluation)
{
    static const char *const heads[] = {"measure", "#value", NULL};
    cells_begin(out, heads);
    for (const Tree *t = evaluation->child; t; t = t->next) {
        if ((t->kind != TREE_NUMBER && t->kind != TREE_NULL) || strcmp(t->key, "examples") == 0) continue;
        cells_row(out);
        cells_text(out, t->key);
        if (t->kind == TREE_NUMBER)
            cells_value(out, t);
        else
            cells_text(out, "not finite");
    }
    cells_end(out);
}

/* ---- matrices */

typedef struct Matrix {
    int n;
    double *at, *row, *column; /* counts, and their sums */
} Matrix;

static Matrix read_matrix(Arena *arena, const Tree *report)
{
    Matrix m = {.n = report->n};
    int i = 0;
    m.at = ARENA_ARRAY(arena, double, m.n *m.n);
    m.row = ARENA_ARRAY(arena, double, m.n);
    m.column = ARENA_ARRAY(arena, double, m.n);
    for (const Tree *row = report->child; row; row = row->next, i++) {
        int j = 0;
        for (const Tree *t = row->child; t; t = t->next, j++) {
            m.at[i * m.n + j] = t->number;
            m.row[i] += t->number;
            m.column[j] += t->number;
        }
    }
    return m;
}

static void put_matrix(Text *out, const Tree *evaluation, const Tree *report, const Matrix *m)
{
    text_add(out, "<div class=\"wide\"><table class=\"matrix\">\n<tr><th>true \\ found</th>");
    for (int j = 0; j < m->n; j++) {
        text_add(out, "<th>");
        markup_text(out, class_name(out->arena, evaluation, report->key, j));
        text_add(out, "</th>");
    }
    for (int i = 0; i < m->n; i++) {
        text_add(out, "</tr>\n<tr><th>");
        markup_text(out, class_name(out->arena, evaluation, report->key, i));
        text_add(out, "</th>");
        for (int j = 0; j < m->n; j++) {
            double count = m->at[i * m->n + j], rate = m->row[i] > 0 ? count / m->row[i] : 0;
            text_add(out, "<td class=\"%s\" style=\"--r:%.3f\">%s", i == j ? "right" : "wrong", rate > 0 ? rate : 0,
                     markup_number(out->arena, count));
            if (count != 0) text_add(out, "<small>%.1f %%</small>", 100 * rate);
            text_add(out, "</td>");
        }
    }
    cells_end(out);
}

typedef struct Pair {
    int row, column;
    double count;
} Pair;

static int more(const void *a, const void *b)
{
    const Pair *x = a, *y = b;
    return x->count < y->count ? 1 : x->count > y->count ? -1 : x->row != y->row ? x->row - y->row : x->column - y->column;
}

/* Of many classes those that are most often taken for another. */
static void put_pairs(Text *out, const Tree *evaluation, const Tree *report, const Matrix *m)
{
    static const char *const heads[] = {"true", "found", "#examples", "#share %", NULL};
    Pair *pair = ARENA_ARRAY(out->arena, Pair, m->n * m->n);
    int n = 0;
    for (int i = 0; i < m->n; i++)
        for (int j = 0; j < m->n; j++)
            if (i != j && m->at[i * m->n + j] > 0) pair[n++] = (Pair){i, j, m->at[i * m->n + j]};
    qsort(pair, (size_t)n, sizeof *pair, more);
    cells_note(out, arena_print(out->arena, "%d classes: the pairs that are most often taken for each other.", m->n));
    cells_begin(out, heads);
    for (int i = 0; i < n && i < MOST_PAIRS; i++) {
        cells_row(out);
        cells_text(out, class_name(out->arena, evaluation, report->key, pair[i].row));
        cells_text(out, class_name(out->arena, evaluation, report->key, pair[i].column));
        cells_number(out, pair[i].count, 0);
        cells_number(out, 100 * pair[i].count / m->row[pair[i].row], 3);
    }
    cells_end(out);
}

/* ---- values of classes */

/* "recall" of "recall.per_class" */
static const char *short_name(Arena *arena, const char *name)
{
    const char *dot = strstr(name, ".per_class");
    return dot && !dot[10] ? arena_copy(arena, name, (size_t)(dot - name)) : name;
}

static const Tree *element(const Tree *list, int k)
{
    const Tree *t = list->child;
    for (; t && k > 0; k--)
        t = t->next;
    return t;
}

/* A row for each class: how many examples it has and how often it was found, if there is a matrix of counts, then all lists of so many
 * numbers. */
static void put_classes(Text *out, const Tree *evaluation, const Tree *matrix, const Matrix *m, int n)
{
    enum { MOST_COLUMNS = 24 };
    const Tree *column[MOST_COLUMNS];
    const char *heads[MOST_COLUMNS + 6] = {"class"};
    int n_columns = 0, at = 1;
    for (const Tree *t = evaluation->child; t && n_columns < MOST_COLUMNS; t = t->next)
        if (are_numbers(t) && t->n == n) column[n_columns++] = t;
    if (!n_columns && !matrix) return;
    bool derived = matrix && !n_columns;
    if (matrix) heads[at++] = "#examples", heads[at++] = "#found";
    if (derived) heads[at++] = "#recall", heads[at++] = "#precision";
    for (int k = 0; k < n_columns; k++)
        heads[at++] = arena_print(out->arena, "#%s", short_name(out->arena, column[k]->key));
    const char *names = matrix ? matrix->key : column[0]->key;
    cells_heading(out, 3, "Classes");
    cells_begin(out, heads);
    for (int i = 0; i < n && i < MOST_LISTED; i++) {
        cells_row(out);
        cells_text(out, class_name(out->arena, evaluation, names, i));
        if (matrix) cells_number(out, m->row[i], 0), cells_number(out, m->column[i], 0);
        if (derived) cells_number(out, m->at[i * n + i] / m->row[i], 5), cells_number(out, m->at[i * n + i] / m->column[i], 5);
        for (int k = 0; k < n_columns; k++)
            cells_value(out, element(column[k], i));
    }
    cells_end(out);
    if (n > MOST_LISTED) cells_note(out, arena_print(out->arena, "The first %d of %d classes.", MOST_LISTED, n));
}

static void put_tables(Text *out, const Tree *evaluation)
{
    const Tree *list = NULL;
    bool any = false;
    for (const Tree *t = evaluation->child; t; t = t->next) {
        if (!list && are_numbers(t)) list = t;
        if (!is_square(t)) continue;
        Matrix m = read_matrix(out->arena, t);
        cells_heading(out, 3, t->key);
        if (m.n <= MOST_CLASSES)
            put_matrix(out, evaluation, t, &m);
        else
            put_pairs(out, evaluation, t, &m);
        if (!any) put_classes(out, evaluation, t, &m, m.n);
        any = true;
    }
    if (!any && list) put_classes(out, evaluation, NULL, NULL, list->n);
}

/* ---- the worst examples */

static void put_field(Text *out, const Tree *field, size_t most)
{
    if (tree_get(field, "picture")) {
        if (out->n < most) bitmap_put(out, field, field->key);
        return;
    }
    text_add(out, "<div>");
    markup_text(out, field->key);
    text_add(out, " <b>");
    if (field->kind == TREE_LIST)
        for (const Tree *t = field->child; t; t = t->next)
            text_add(out, "%s%s", t == field->child ? "" : ", ", markup_short(out->arena, t->number, 4));
    else
        markup_text(out, field->text ? field->text : "");
    text_add(out, "</b></div>");
}

static void put_example(Text *out, const Tree *example, const char *by, size_t most)
{
    const Tree *right = tree_get(example, "true"), *found = tree_get(example, "found");
    text_add(out, "<div class=\"card\">");
    for (const Tree *f = tree_first(example, "fields"); f; f = f->next)
        if (tree_get(f, "picture")) put_field(out, f, most);
    text_add(out, "<div>");
    markup_text(out, by);
    text_add(out, " <b>%s</b></div>", markup_short(out->arena, tree_number(example, "value", NAN), 5));
    if (right && found && right->text && found->text) {
        text_add(out, "<div>true <b>");
        markup_text(out, right->text);
        text_add(out, "</b>, found <b>");
        markup_text(out, found->text);
        text_add(out, "</b></div>");
    }
    for (const Tree *f = tree_first(example, "fields"); f; f = f->next)
        if (!tree_get(f, "picture")) put_field(out, f, most);
    text_add(out, "<small>");
    markup_text(out, tree_text(example, "place", ""));
    text_add(out, "</small></div>\n");
}

static void put_worst(Text *out, const Tree *worst, size_t most)
{
    const char *by = tree_text(worst, "by", "");
    int n = 0;
    if (!tree_first(worst, "examples")) return;
    cells_heading(out, 3, arena_print(out->arena, "Worst examples, by %s", by));
    text_add(out, "<div class=\"cards\">\n");
    for (const Tree *e = tree_first(worst, "examples"); e && n < MOST_WORST; e = e->next, n++)
        put_example(out, e, by, most);
    text_add(out, "</div>\n");
    if (out->n >= most) cells_note(out, "Pictures are left out where the page would have become too large.");
}

void show_evaluation(Text *out, const Found *evaluation, size_t most)
{
    const Tree *t = evaluation->tree;
    cells_heading(out, 2,
                  arena_print(out->arena, "Evaluation: %s on %s, %s examples", tree_text(t, "entry", ""), tree_text(t, "part", ""),
                              markup_short(out->arena, tree_number(t, "examples", NAN), 15)));
    put_scalars(out, t);
    put_tables(out, t);
    put_worst(out, tree_get(t, "worst"), most);
}
