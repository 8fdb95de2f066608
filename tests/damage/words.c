/* SPDX-License-Identifier: MIT
 * words.c: looking words up in words.def. */
#include "damage/words.h"

#include <string.h>

#include "support/vec.h"

static const struct Row {
    const char *words;
    bool language;
} rows[] = {
#define LANGUAGE(words) {words, true},
#define LIBRARY(words) {words, false},
#include "damage/words.def"
};
enum { N_ROWS = sizeof rows / sizeof *rows };

static bool holds(const char *words, const char *word)
{
    size_t n = strlen(word);
    for (const char *w = words; *w; w += strcspn(w, " "), w += *w == ' ')
        if (strcspn(w, " ") == n && memcmp(w, word, n) == 0) return true;
    return false;
}

bool word_of_language(const char *word)
{
    for (int i = 0; i < N_ROWS; i++)
        if (rows[i].language && holds(rows[i].words, word)) return true;
    return false;
}

const char **words_like(Arena *arena, const char *word, uint32_t *n)
{
    VEC(const char *) found = {0};
    for (int i = 0; i < N_ROWS; i++) {
        if (!holds(rows[i].words, word)) continue;
        for (const char *w = rows[i].words; *w; w += strcspn(w, " "), w += *w == ' ') {
            const char *other = arena_copy(arena, w, strcspn(w, " "));
            if (strcmp(other, word) != 0) vec_add(arena, &found, other);
        }
    }
    *n = found.n;
    return found.at;
}
