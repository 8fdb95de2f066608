/* links: nnc_core nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_optimizers.c: every row of optimizers.def has its line and its formula in docs/language.md, and a call that is compared. */
#include "core/optimizers.h"
#include "support/str.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static Arena arena;

static const char *read_file(const char *path)
{
    char *text = arena_alloc(&arena, 1 << 20);
    FILE *f = fopen(path, "rb");
    cr_assert(f, "cannot read %s", path);
    size_t n = fread(text, 1, (1 << 20) - 1, f);
    fclose(f);
    cr_assert(n < (1 << 20) - 1, "%s does not fit", path);
    return text;
}

/* As a person writes it: 1e-8, not 1e-08. */
static const char *number(double x)
{
    char *text = arena_alloc(&arena, 40);
    snprintf(text, 40, "%g", x);
    char *zero = strstr(text, "e-0");
    if (zero) memmove(zero + 2, zero + 3, strlen(zero + 3) + 1);
    return text;
}

/* | `rmsprop` | `lr=0.001`, `rho=0.9`, ..., `centered=false` | 1 to 3 | */
static const char *line_of(const Optimizer *row)
{
    Text t = {.arena = &arena};
    int n_slots = row->n_slots;
    text_add(&t, "\n| `%s` |", row->name);
    for (const OptimizerArg *arg = row->arg; arg->name; arg++) {
        n_slots += arg->has_slot;
        if (!strcmp(arg->name, "decay") || !strncmp(arg->name, "clip", 4)) continue; /* of every row */
        const char *value = arg->range == RANGE_switch ? "false" : number(arg->value);
        text_add(&t, "%s `%s=%s`", arg == row->arg ? "" : ",", arg->name, value);
    }
    text_add(&t, " | %d", row->n_slots);
    if (n_slots > row->n_slots) text_add(&t, " %s %d", n_slots == row->n_slots + 1 ? "or" : "to", n_slots);
    text_add(&t, " |\n");
    return text_c(&t);
}

Test(optimizers, have_documents_and_references)
{
    const char *document = read_file(NNC_SOURCE_DIR "/docs/language.md");
    const char *reference = read_file(NNC_SOURCE_DIR "/tests/optimizers/formulas.h");
    for (const Optimizer *row = optimizers; row->name; row++) {
        const char *line = line_of(row);
        cr_expect(strstr(document, line), "docs/language.md: no line%s", line);
        cr_expect(strstr(document, arena_print(&arena, "\n%-9s ", row->name)), "docs/language.md: no formula of %s", row->name);
        cr_expect(strstr(reference, arena_print(&arena, "\"%s()\"", row->name)), "tests/optimizers/formulas.h lacks %s()", row->name);
    }
}
