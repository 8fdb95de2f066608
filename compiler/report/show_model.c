/* SPDX-License-Identifier: MIT
 * show_model.c: what a model costs, and where its time goes. */
#include "report/show_model.h"

#include <math.h>
#include <stdlib.h>

#include "report/cells.h"
#include "report/markup.h"

enum { MOST_ROWS = 300, MOST_KERNELS = 40 };

static void put_facts(Text *out, const Tree *t, const char *const *names, const char *const *called)
{
    text_add(out, "<p>");
    for (; *names; names++, called++) {
        double v = tree_number(t, *names, NAN);
        if (isfinite(v)) text_add(out, "%s <b>%s</b> &nbsp; ", *called, markup_short(out->arena, v, 15));
    }
    text_add(out, "</p>\n");
}

static void put_values(Text *out, const Tree *row, const char *const *names)
{
    cells_row(out);
    for (; *names; names++)
        cells_value(out, tree_get(row, *names));
}

static void put_rows(Text *out, const Tree *first, const char *const *heads, const char *const *names)
{
    int n = 0;
    cells_begin(out, heads);
    for (const Tree *t = first; t && n < MOST_ROWS; t = t->next, n++)
        put_values(out, t, names);
    cells_end(out);
    if (n == MOST_ROWS) cells_note(out, "Further rows are left out.");
}

void show_summary(Text *out, const Found *summary)
{
    static const char *const facts[] = {"parameters", "model_bytes", "batch", "flops", NULL};
    static const char *const called[] = {"parameters", "bytes of the model", "batch", "FLOPs"};
    static const char *const layer_heads[] = {"layer", "type", "result", "#parameters", "#FLOPs", "#bytes", "entry", NULL};
    static const char *const layer_names[] = {"path", "type", "out", "params", "flops", "bytes", "entry", NULL};
    static const char *const memory_heads[] = {"call", "kind", "#batch", "#model, bytes", "#kept, bytes", "#work, bytes", NULL};
    static const char *const memory_names[] = {"entry", "kind", "batch", "model", "area", "work", NULL};
    cells_heading(out, 2, arena_print(out->arena, "Model: %s", tree_text(summary->tree, "program", summary->path)));
    put_facts(out, summary->tree, facts, called);
    put_rows(out, tree_first(summary->tree, "layers"), layer_heads, layer_names);
    cells_heading(out, 3, "Memory of calls");
    put_rows(out, tree_first(summary->tree, "memory"), memory_heads, memory_names);
}

/* ---- a profile */

static int longer(const void *a, const void *b)
{
    double x = tree_number(*(const Tree *const *)a, "seconds", 0), y = tree_number(*(const Tree *const *)b, "seconds", 0);
    return x < y ? 1 : x > y ? -1 : 0;
}

static void put_kernel(Text *out, const Tree *k, double all)
{
    double seconds = tree_number(k, "seconds", 0);
    cells_row(out);
    cells_number(out, 1e3 * seconds, 4);
    text_add(out, "<td class=\"bar\" style=\"--r:%.4f\">%.1f %%</td>", all > 0 ? seconds / all : 0, all > 0 ? 100 * seconds / all : 0);
    cells_value(out, tree_get(k, "runs"));
    cells_number(out, seconds > 0 ? tree_number(k, "operations", NAN) / seconds / 1e9 : NAN, 3);
    cells_number(out, seconds > 0 ? tree_number(k, "bytes", NAN) / seconds / 1e9 : NAN, 3);
    cells_number(out, 100 * tree_number(k, "waiting", NAN), 3);
    cells_value(out, tree_get(k, "line"));
    cells_value(out, tree_get(k, "layer"));
    cells_value(out, tree_get(k, "kind"));
    cells_value(out, tree_get(k, "name"));
}

void show_profile(Text *out, const Found *profile)
{
    static const char *const heads[] = {"#ms of a call", "#share", "#runs", "#Gop/s", "#GB/s", "#waiting %",
                                        "#line",         "layer",  "kind",  "kernel", NULL};
    static const char *const facts[] = {"threads", "calls", "seconds", "peak", NULL};
    static const char *const called[] = {"threads", "calls", "seconds of a call", "operations per second at most"};
    const Tree *kernels = tree_get(profile->tree, "kernels");
    int n = 0;
    double all = 0;
    const Tree **list = ARENA_ARRAY(out->arena, const Tree *, kernels->n + 1);
    for (const Tree *k = kernels->child; k; k = k->next) {
        list[n++] = k;
        all += tree_number(k, "seconds", 0);
    }
    qsort(list, (size_t)n, sizeof *list, longer);
    cells_heading(out, 2, arena_print(out->arena, "Profile: %s", tree_text(profile->tree, "entry", profile->path)));
    put_facts(out, profile->tree, facts, called);
    cells_begin(out, heads);
    for (int i = 0; i < n && i < MOST_KERNELS; i++)
        put_kernel(out, list[i], all);
    cells_end(out);
    if (n > MOST_KERNELS) cells_note(out, arena_print(out->arena, "The %d longest of %d kernels.", MOST_KERNELS, n));
}
