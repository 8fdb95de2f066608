/* SPDX-License-Identifier: MIT
 * pass.c: the table of passes and the pipeline. */
#include "transform/pass.h"

#include <string.h>

typedef struct PassRow {
    const char *name;
    Graph *(*run)(Pass *p, const Graph *g);
} PassRow;

static const PassRow passes[] = {
#define PASS(name, function, text) {#name, function},
#include "transform/passes.def"
#undef PASS
};
enum { N_PASSES = sizeof passes / sizeof passes[0] };

static const PassRow *find(const char *name)
{
    for (int i = 0; i < N_PASSES; i++)
        if (!strcmp(passes[i].name, name)) return &passes[i];
    return NULL;
}

bool pass_find(const char *name)
{
    return find(name) != NULL;
}

static Graph *run(Pass *p, const PassRow *row, const Graph *g)
{
    Graph *out = row->run(p, g);
    const char *wrong = graph_verify(out, p->scratch);
    if (wrong) BUG("pass %s on %s: %s", row->name, g->name, wrong);
    return out;
}

Graph *pass_run(Pass *p, const char *name, const Graph *g)
{
    const PassRow *row = find(name);
    if (!row) BUG("no pass %s", name);
    return run(p, row, g);
}

Graph *pass_pipeline(Pass *p, const Graph *g, void (*after)(void *user, const char *pass, const Graph *g), void *user)
{
    Graph *out = NULL;
    for (int i = 0; i < N_PASSES; i++) {
        out = run(p, &passes[i], out ? out : g);
        if (after) after(user, passes[i].name, out);
    }
    return out;
}
