/* SPDX-License-Identifier: MIT
 * translate.c: two lines of different length in one call.
 * cli: printf '27 January 2026\nMay 3, 1999\n' >dates.txt
 * cli: set -- --load weights.safetensors --src dates.txt
 * cli: ./translate translate "$@" --n 12 --out iso.npy */
#include "translate.h"
#include "same.h"

enum { LONGEST = 15, STEPS = 12 };
static const char *const dates[2] = {"27 January 2026", "May 3, 1999"};

int main(void)
{
    translate *m = translate_new(1);
    SAME_TRY(!m || translate_load(m, "weights.safetensors"), translate_error());
    int32_t src[2][LONGEST] = {{0}}, len[2], iso[2][STEPS];
    for (int i = 0; i < 2; i++) {
        int64_t n = translate_text_codes(m, "pairs.src", dates[i], src[i], LONGEST);
        if (n != (int64_t)strlen(dates[i])) SAME_FAIL("%s", translate_error());
        len[i] = (int32_t)n;
    }
    SAME_TRY(translate_translate(m, 2, LONGEST, src[0], len, STEPS, iso[0]), translate_error());
    int32_t *shown = same_npy("iso.npy", sizeof iso);
    same_bytes("iso.npy", iso, shown, sizeof iso);
    free(shown);
    translate_free(m);
    return 0;
}
