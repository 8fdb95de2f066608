/* links: nnc_sema nnc_syntax nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_golden.c: the programs of tests/diag: every line with a comment `# error: E0304 words` or `#
 * warning: W0510 words` gets that message, and no other line gets one. Words behind ` | ` are those of its notes and
 * helps. */
#include <criterion/criterion.h>

#include "sema_help.h"

typedef struct Wanted {
    char code[16], words[600];
    uint32_t line;
    bool warning, met;
} Wanted;

/* The next mark in a line; NULL if there is none. */
static const char *next_mark(const char *at, const char *end, bool *warning)
{
    for (; at < end; at++) {
        *warning = !strncmp(at, "# warning: ", 11);
        if (*warning || !strncmp(at, "# error: ", 9)) return at;
    }
    return NULL;
}

static int read_wanted(const char *text, Wanted *wanted, int max)
{
    int n = 0;
    uint32_t line = 1;
    for (const char *p = text; *p; line++) {
        const char *end = p + strcspn(p, "\n");
        bool warning, further = false;
        const char *at = next_mark(p, end, &warning);
        while (at) {
            const char *after = next_mark(at + 1, end, &further);
            cr_assert(n < max);
            Wanted *w = &wanted[n++];
            *w = (Wanted){.line = line, .warning = warning};
            sscanf(at, "# %*s %15s", w->code);
            const char *words = strstr(at, w->code) + strlen(w->code) + 1, *stop = after ? after - 2 : end;
            snprintf(w->words, sizeof w->words, "%.*s", stop > words ? (int)(stop - words) : 0, words);
            at = after;
            warning = further;
        }
        p = *end ? end + 1 : end;
    }
    return n;
}

/* Does the text hold each of the pieces between ` | `? */
static bool holds(const char *text, const char *pieces)
{
    char piece[600];
    for (const char *p = pieces; p;) {
        const char *end = strstr(p, " | ");
        snprintf(piece, sizeof piece, "%.*s", end ? (int)(end - p) : (int)strlen(p), p);
        if (!strstr(text, piece)) return false;
        p = end ? end + 3 : NULL;
    }
    return true;
}

static int check_file(const char *path)
{
    Checked c;
    Arena arena = {0};
    size_t n = 0;
    const char *text = read_whole(NULL, path, &n, &arena, NULL);
    cr_assert(text, "cannot read %s", path);
    Wanted wanted[100];
    int n_wanted = read_wanted(text, wanted, 100), bad = 0;
    check_text(&c, path, text, n, NULL, 0);
    for (uint32_t i = 0; i < c.diags.list.n; i++) {
        const Diag *d = c.diags.list.at[i];
        bool found = false;
        for (int k = 0; k < n_wanted && !found; k++) {
            Wanted *w = &wanted[k];
            if (w->met || strcmp(w->code, d->code) != 0 || w->line != diag_line(&c, d) || !holds(diag_words(&c, d), w->words)) continue;
            w->met = found = true;
        }
        if (found) continue;
        bad++;
        cr_log_error("%s:%u: not expected: %s %s\n%s", path, diag_line(&c, d), d->code, diag_words(&c, d), c.messages);
        break;
    }
    for (int k = 0; k < n_wanted; k++) {
        if (wanted[k].met) continue;
        bad++;
        cr_log_error("%s:%u: no %s with \"%s\"\n%s", path, wanted[k].line, wanted[k].code, wanted[k].words, c.messages);
    }
    arena_free(&c.arena);
    arena_free(&arena);
    return bad;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

Test(golden, messages)
{
    struct dirent **list;
    int n = scandir(NNC_SOURCE_DIR "/tests/diag", &list, NULL, by_name), bad = 0, seen = 0;
    cr_assert(n > 0);
    for (int i = 0; i < n; i++) {
        size_t length = strlen(list[i]->d_name);
        if (length > 3 && !strcmp(list[i]->d_name + length - 3, ".nn")) {
            char path[1024];
            snprintf(path, sizeof path, "%s/tests/diag/%s", NNC_SOURCE_DIR, list[i]->d_name);
            bad += check_file(path);
            seen++;
        }
        free(list[i]);
    }
    free(list);
    cr_assert(seen > 20);
    cr_assert_eq(bad, 0, "%d files or lines are wrong", bad);
}
