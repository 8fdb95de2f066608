/* links: nnc_lib m */
/* SPDX-License-Identifier: MIT
 * test_explain.c: the snippets of the pages of `nnc explain` do what the pages say, in the programs of tests/explain/contexts. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nnc.h"
#include "support/arena.h"
#include "support/str.h"

typedef struct Page {
    const char *code, *wrong, *right;
    bool met;
} Page;

static Page pages[] = {
#define EXPLAIN(code, title, meaning, wrong, right) {#code, wrong, right, false},
#include "support/explain.def"
#undef EXPLAIN
};
enum { N_PAGES = sizeof pages / sizeof *pages };

static Arena arena;
static int failures;

static Page *find_page(const char *code)
{
    for (int i = 0; i < N_PAGES; i++)
        if (strcmp(pages[i].code, code) == 0) return &pages[i];
    return NULL;
}

static char *read_contexts(void)
{
    FILE *f = fopen(NNC_SOURCE_DIR "/tests/explain/contexts", "rb");
    cr_assert(f, "no contexts");
    char *text = arena_alloc(&arena, 1 << 17);
    size_t n = fread(text, 1, (1 << 17) - 1, f);
    fclose(f);
    cr_assert(n < (1 << 17) - 1, "the contexts do not fit");
    return text;
}

/* The context with @@ and {A|B} replaced. */
static const char *fill(const char *context, const char *end, const char *snippet, bool wrong)
{
    Text t = {.arena = &arena};
    int side = 0; /* 1: in A, 2: in B */
    for (const char *p = context; p < end; p++) {
        const char *close = *p == '{' ? strpbrk(p + 1, "\n}") : NULL, *bar = NULL;
        if (side == 0 && close && *close == '}') {
            bar = strchr(p, '|');
            if (bar && bar < close) {
                side = 1;
                continue;
            }
        }
        if (side && *p == '|') {
            side = 2;
            continue;
        }
        if (side == 2 && *p == '}') {
            side = 0;
            continue;
        }
        if (side && (side == 1) != wrong) continue;
        if (p[0] == '@' && p[1] == '@')
            text_add(&t, "%s", snippet), p++;
        else
            text_bytes(&t, p, 1);
    }
    return text_c(&t);
}

static void collect(void *user, NncStream stream, const char *text, size_t n)
{
    (void)stream;
    text_bytes(user, text, n);
}

/* What the compiler says about a program, up to the stage that finds the last errors. */
static const char *messages(const char *program)
{
    char path[] = "/tmp/nnc-explain-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, program, strlen(program)) == (ssize_t)strlen(program));
    close(fd);
    Text out = {.arena = &arena};
    NncOptions o = {.mode = NNC_OBJECT, .input = path, .output = "/dev/null", .stop_after = "transform", .write = collect, .user = &out};
    nnc_compile(&o);
    unlink(path);
    return text_c(&out);
}

static void complain(const Page *page, const char *what, const char *program, const char *said)
{
    failures++;
    fprintf(stderr, "%s: %s\n%s---\n%s\n", page->code, what, program, said);
}

static void check_page(Page *page, const char *context, const char *end)
{
    page->met = true;
    const char *wrong = fill(context, end, page->wrong, true);
    const char *said = messages(wrong);
    bool warning = page->code[0] == 'W';
    const char *mark = arena_print(&arena, "%s %s", warning ? "warning" : "error", page->code);
    if (!strstr(said, mark)) complain(page, "the first snippet does not give it", wrong, said);
    const char *right = fill(context, end, page->right, false);
    said = messages(right);
    if (strstr(said, mark) || strstr(said, ": error E")) complain(page, "the second snippet is not right", right, said);
}

Test(explain, snippets, .timeout = 300)
{
    const char *text = read_contexts();
    for (const char *at = text; *at;) {
        const char *line = at, *end = strchr(at, '\n');
        at = end + 1;
        bool program = strncmp(line, "== ", 3) == 0;
        if (!program && strncmp(line, "-- ", 3) != 0) continue;
        const char *stop = strstr(at, "\n== ");
        stop = stop ? stop + 1 : at + strlen(at);
        for (const char *c = line + 3; c < end;) {
            size_t n = strcspn(c, " \n");
            Page *page = find_page(arena_copy(&arena, c, n));
            cr_expect(page, "no page %.5s", c);
            if (page && program) check_page(page, at, stop);
            if (page) page->met = true;
            c += n + 1;
        }
    }
    for (int i = 0; i < N_PAGES; i++)
        cr_expect(pages[i].met, "%s has no context", pages[i].code);
    cr_expect_eq(failures, 0);
    arena_free(&arena);
}
