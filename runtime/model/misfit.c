/* SPDX-License-Identifier: MIT
 * misfit.c: lists of weights that do not fit: the first ones in a message, or with --list-weights all, a line each. */
#include "model/misfit.h"

#include <stdarg.h>

#include "base/shape.h"

enum { SHOWN = 12 }; /* tensors that a message names */

typedef struct List {
    char *text;
    size_t room; /* with some for the end */
    const char *between;
    int n;
} List;

enum { END = 32 };

static void add(List *l, const char *text)
{
    if (l->n++ < SHOWN) rt_append(l->text, l->room - END, "%s%s", l->n > 1 ? l->between : "", text);
}

static void end_list(const List *l)
{
    if (l->n > SHOWN) rt_append(l->text, l->room, "%sand %d more", l->between, l->n - SHOWN);
}

void misfits_add(Misfits *p, const char *format, ...)
{
    char text[700];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    List list = {p->text, sizeof p->text, "; ", p->n};
    if (p->m->lists_weights)
        rt_remark(p->m, "%s: %s", p->file->path, text);
    else
        add(&list, text);
    p->n++;
}

/* What the file has and the program does not take; how many. */
static int list_rest(const Misfits *p, const bool *used, char *out, size_t n)
{
    List list = {out, n, ", ", 0};
    out[0] = 0;
    for (size_t i = 0; i < p->file->n_tensors; i++) {
        const Stored *t = &p->file->tensor[i];
        char shape[200], text[700];
        if (used[i]) continue;
        snprintf(text, sizeof text, "%s %s", t->name, shape_text(t->rank, t->dim, shape, sizeof shape));
        if (p->m->lists_weights) rt_remark(p->m, "%s: not taken from the file: %s", p->file->path, text);
        add(&list, text);
    }
    end_list(&list);
    return list.n;
}

/* All that follows the path: what does not fit, what `before` says of the rest of the file, and the rest. */
static void tell(Misfits *p, const bool *used, const char *before, char *out, size_t n)
{
    char rest[900];
    int more = list_rest(p, used, rest, sizeof rest);
    out[0] = 0;
    if (p->m->lists_weights) {
        rt_append(out, n, "%d tensors of the program do not fit, %d of the file are not taken (listed above)", p->n, more);
        return;
    }
    end_list(&(List){p->text, sizeof p->text, "; ", p->n});
    rt_append(out, n, "%s%s%s", p->text, more ? before : "", more ? rest : "");
    if (p->m->tells && (p->n > SHOWN || more > SHOWN)) rt_append(out, n, " (--list-weights names all)");
}

int misfits_fail(Misfits *p, const bool *used, bool none_fits)
{
    char text[3000];
    tell(p, used, none_fits ? ". The file has " : ". Not taken from the file: ", text, sizeof text);
    return rt_fail(NNRT_E_SHAPE, "%s: %s%s", p->file->path, none_fits ? "no tensor of this file fits: " : "", text);
}

void misfits_remark(Misfits *p, const bool *used)
{
    char text[3000];
    tell(p, used, ". Not taken from the file: ", text, sizeof text);
    rt_remark(p->m, "%s: not taken: %s", p->file->path, text);
}
