/* links: nnc_sema nnc_syntax nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_golden.c: the programs of tests/diag: every line with a comment `# error: E0304 words` or `#
 * warning: W0510 words` gets that message, and no other line gets one. */
#include <criterion/criterion.h>

#include "sema_help.h"

typedef struct Wanted {
    char code[16], words[200];
    uint32_t line;
    bool warning, met;
} Wanted;

static int read_wanted(const char *text, Wanted *wanted, int max)
{
    int n = 0;
    uint32_t line = 1;
    for (const char *p = text; *p && n < max; line++) {
        const char *end = strchr(p, '\n');
        if (!end) end = p + strlen(p);
        for (int kind = 0; kind < 2; kind++) {
            const char *mark = kind ? "# warning: " : "# error: ";
            const char *at = strstr(p, mark);
            if (!at || at >= end) continue;
            at += strlen(mark);
            Wanted *w = &wanted[n++];
            *w = (Wanted){.line = line, .warning = kind};
            size_t code = strcspn(at, " \n");
            snprintf(w->code, sizeof w->code, "%.*s", (int)code, at);
            if (at + code < end) snprintf(w->words, sizeof w->words, "%.*s", (int)(end - at - (long)code - 1), at + code + 1);
        }
        p = *end ? end + 1 : end;
    }
    return n;
}

static int check_file(const char *path)
{
    Checked c;
    Arena arena = {0};
    size_t n = 0;
    const char *text = read_whole(NULL, path, &n, &arena, NULL);
    cr_assert(text, "cannot read %s", path);
    Wanted wanted[64];
    int n_wanted = read_wanted(text, wanted, 64), bad = 0;
    check_text(&c, path, text, n, NULL, 0);
    for (uint32_t i = 0; i < c.diags.list.n; i++) {
        const Diag *d = c.diags.list.at[i];
        bool found = false;
        for (int k = 0; k < n_wanted && !found; k++) {
            Wanted *w = &wanted[k];
            if (w->met || strcmp(w->code, d->code) != 0 || w->line != diag_line(&c, d) || !strstr(diag_words(&c, d), w->words)) continue;
            w->met = found = true;
        }
        if (found) continue;
        bad++;
        cr_log_error("%s: not expected:\n%s", path, c.messages);
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
