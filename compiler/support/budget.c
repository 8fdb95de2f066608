/* SPDX-License-Identifier: MIT
 * budget.c: the count of bytes, and the message at its end. */
#include "support/budget.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "support/temporary.h"

enum { MOST_TEXT = 600 };
static const size_t most = (size_t)BUDGET_MB << 20;
static atomic_size_t taken;
static char file[MOST_TEXT], treated[MOST_TEXT];
static struct {
    BudgetPlace *print; /* NULL: no place but the file */
    const void *sources;
    uint32_t file, offset;
} now;
static const char *stage_now = "parse";

/* A copy without what a terminal would obey. */
static void keep(char *to, const char *text)
{
    snprintf(to, MOST_TEXT, "%s", text);
    for (char *c = to; *c; c++)
        if ((unsigned char)*c < 32 || *c == 127) *c = '?';
}

void budget_begin(const char *input)
{
    keep(file, input);
    budget_stage("parse");
}

void budget_stage(const char *stage)
{
    stage_now = stage;
    now.print = NULL;
    keep(treated, "the program");
}

void budget_at(BudgetPlace *print, const void *sources, uint32_t at_file, uint32_t offset)
{
    now.print = print;
    now.sources = sources;
    now.file = at_file;
    now.offset = offset;
}

void budget_entry(const char *kind, const char *name)
{
    char text[MOST_TEXT];
    snprintf(text, sizeof text, "%s `%s`", kind, name);
    keep(treated, text);
}

static _Noreturn void end_process(const char *text, int status)
{
    temporary_remove_all();
    if (write(STDERR_FILENO, text, strlen(text)) < 0) _exit(status);
    _exit(status);
}

_Noreturn void budget_no_memory(void)
{
    end_process("nnc: out of memory\n", 5);
}

void budget_take(size_t bytes)
{
    if (bytes <= most && atomic_fetch_add(&taken, bytes) + bytes <= most) return;
    char place[MOST_TEXT], at[MOST_TEXT], text[3 * MOST_TEXT];
    if (now.print) now.print(now.sources, now.file, now.offset, place, sizeof place);
    keep(at, now.print ? place : file);
    snprintf(text, sizeof text,
             "%s: error E0605: %s is too large: it takes the compiler more than %d MB (stage %s)\n"
             "   help: a `for` is unrolled; a `scan` is not\n",
             at, treated, BUDGET_MB, stage_now);
    end_process(text, 1);
}

void budget_give_back(size_t bytes)
{
    atomic_fetch_sub(&taken, bytes);
}
