/* SPDX-License-Identifier: MIT
 * suggest.c: what a misspelt or foreign name may stand for. */
#include "sema/base/suggest.h"

#include <string.h>

#include "support/foreign.h"
#include "support/str.h"

/* Is `part` the first or the last of the words of `name`: steps of total_steps, cosine of cosine_decay? */
static bool is_part(const char *name, const char *part)
{
    size_t n = strlen(name), k = strlen(part);
    if (k < 3 || n < k + 2) return false;
    return (memcmp(name, part, k) == 0 && name[k] == '_') || (strcmp(name + n - k, part) == 0 && name[n - k - 1] == '_');
}

/* How far they are apart; 99: too far for a guess. */
static int apart(const char *name, const char *candidate)
{
    enum { AS_PART = 3, FAR = 99 };
    size_t n = strlen(name);
    if (foreign_same_letters(name, candidate)) return 0;
    int d = str_distance(name, candidate);
    if (n > 1 && d <= (n > 5 ? 2 : 1)) return d;
    return is_part(name, candidate) ? AS_PART : FAR;
}

void suggest_consider(const char *name, const char *candidate, const char **best, int *distance)
{
    int d = candidate ? apart(name, candidate) : 99;
    if (d >= *distance) return;
    *best = candidate;
    *distance = d;
}

const char *suggest_among(const char *name, const char *const *names, uint32_t n)
{
    const char *best = NULL;
    int distance = 99;
    for (uint32_t i = 0; i < n; i++)
        suggest_consider(name, names[i], &best, &distance);
    return best;
}

const char *suggest_argument(Sema *s, const char *name, const char *const *names, uint32_t n)
{
    const Foreign *foreign = foreign_find(FOREIGN_ARGUMENT, name);
    const char *close = suggest_among(name, names, n);
    for (const char *word = foreign && foreign->here ? foreign->here : ""; *word;) {
        size_t length = strcspn(word, " ");
        for (uint32_t i = 0; i < n; i++)
            if (strlen(names[i]) == length && memcmp(names[i], word, length) == 0)
                return arena_print(s->arena, "here it is called `%s`", names[i]);
        word += length + (word[length] == ' ');
    }
    if (foreign && foreign->help) return foreign->help;
    return close ? arena_print(s->arena, "did you mean `%s`?", close) : NULL;
}

const char *suggest_list(Sema *s, const char *const *names, uint32_t n)
{
    Text text = {.arena = s->arena};
    for (uint32_t i = 0; i < n; i++)
        text_add(&text, "%s%s", i ? ", " : "", names[i]);
    return n ? text_c(&text) : "none";
}
