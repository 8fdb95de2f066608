/* SPDX-License-Identifier: MIT
 * prim.c: the table of primitives, and their calls. */
#include "sema/prim/prim.h"

#include <string.h>

#include "sema/prim/argument.h"

typedef struct Row {
    const char *name;
    PrimFn *fn;
    CoreOp op;
    int axes;
    const PrimParam *params; /* end with one without a name; none: the function reads its arguments itself */
} Row;

#define PARAM(name, kind, optional, otherwise) {#name, kind, optional, otherwise},
#define ANY(name) PARAM(name, TAKES_ANY, false, 0)
#define MAYBE(name) PARAM(name, TAKES_ANY, true, 0)
#define TENSOR(name) PARAM(name, TAKES_TENSOR, false, 0)
#define SIZE(name) PARAM(name, TAKES_SIZE, false, 0)
#define SIZE_OR(name, n) PARAM(name, TAKES_SIZE, true, n)
#define INT(name) PARAM(name, TAKES_INT, false, 0)
#define INT_OR(name, n) PARAM(name, TAKES_INT, true, n)
#define SWITCH(name) PARAM(name, TAKES_BOOL, true, 0)
#define NONE

static const Row rows[] = {
#define FUNCTION(name, ...) {#name, prim_elementwise, CORE_##name, 0, (const PrimParam[]){ANY(x){0}}},
#include "support/functions.def"
#define PRIM(name, function, op, axes, params) {#name, prim_##function, CORE_##op, axes, (const PrimParam[]){params{0}}},
#include "sema/prim/primitives.def"
};
static const char *const row_names[] = {
#define FUNCTION(name, ...) #name,
#include "support/functions.def"
#define PRIM(name, ...) #name,
#include "sema/prim/primitives.def"
};
enum { N_ROWS = sizeof rows / sizeof *rows };

static const Row *find_row(const char *name)
{
    for (int i = 0; i < N_ROWS; i++)
        if (strcmp(rows[i].name, name) == 0) return &rows[i];
    return NULL;
}

bool prim_find(const char *name)
{
    return find_row(name) != NULL;
}

const char *const *prim_names(uint32_t *n)
{
    *n = N_ROWS;
    return row_names;
}

const char *prim_parameter(const char *name, uint32_t i)
{
    const Row *row = find_row(name);
    for (uint32_t k = 0; row && row->params[k].name; k++)
        if (k == i) return row->params[k].name;
    return NULL;
}

/* Elementwise operations stretch `_` axes; to others they are plain. */
static bool keeps_stretch(CoreOp op)
{
    return core_properties((uint16_t)op) != 0;
}

Value prim_call(Sema *s, const PrimCall *given)
{
    const Row *row = find_row(given->name);
    if (!row) BUG("no primitive `%s`", given->name);
    if (arg_any_error(given)) return value_error();
    PrimCall call = *given;
    call.op = row->op;
    call.axes = row->axes;
    if (!keeps_stretch(row->op)) {
        call.args = ARENA_ARRAY(s->arena, PrimArg, call.n + 1);
        for (uint32_t i = 0; i < call.n; i++) {
            call.args[i] = given->args[i];
            call.args[i].value = value_plain(s, &given->args[i].value);
        }
    }
    if (row->params->name && !prim_read(s, &call, row->params)) return value_error();
    return row->fn(s, &call);
}
