/* SPDX-License-Identifier: MIT
 * own_words.h: messages without what libpng and libjpeg say, which is not the same in all their versions. */
#ifndef FUZZ_OWN_WORDS_H
#define FUZZ_OWN_WORDS_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static inline bool begins_with_one(const char *text, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strncmp(text, list[i], strlen(list[i])) == 0) return true;
    return false;
}

/* Of "x.png: invalid distance" what stands in front of the words of the library, and behind them. */
static inline const char *own_words(const char *text)
{
    static const char *const own[] = {"the ", "it ", "pixels ", "channels "};
    static const char jpeg[] = "damaged JPEG file: ";
    static char shown[4096];
    const char *words = strstr(text, ": "), *more = strstr(text, "; ");
    if (!words || begins_with_one(words + 2, own, sizeof own / sizeof *own)) return text;
    words += 2;
    if (strncmp(words, jpeg, sizeof jpeg - 1) == 0) words += sizeof jpeg - 1;
    snprintf(shown, sizeof shown, "%.*s(words of the library)%s", (int)(words - text), text, more ? more : "");
    return shown;
}

#endif
