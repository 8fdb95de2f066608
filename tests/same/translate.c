/* SPDX-License-Identifier: MIT
 * translate.c: loads what the command line has trained, and translates two lines of different length in one call.
 * cli: ./translate fit --epochs 2 --threads 1 --validate none --log none
 * cli: printf '27 January 2026\nMay 3, 1999\n' >dates.txt
 * cli: ./translate translate --src dates.txt --n 12 --out iso.npy
 * cli: printf '27 January 2026' >one.txt
 * cli: ./translate align --src one.txt --n 10 --out map.npy
 * cli: ./translate test | awk '{ gsub(",", ""); print $7 }' >loss.txt */
#include "translate.h"
#include "same.h"

enum { LONGEST = 15, STEPS = 12, ROWS = 10 };
static const char *const dates[2] = {"27 January 2026", "May 3, 1999"};

int main(void)
{
    translate *m = translate_new(1);
    if (!m) return fprintf(stderr, "%s\n", translate_error()), 1;
    SAME_TRY(translate_load(m, "translate.safetensors"), translate_error());

    int32_t src[2][LONGEST] = {{0}}, len[2], iso[2][STEPS];
    for (int i = 0; i < 2; i++) {
        int64_t n = translate_text_codes(m, "pairs.src", dates[i], src[i], LONGEST);
        if (n != (int64_t)strlen(dates[i])) return fprintf(stderr, "%s\n", translate_error()), 1;
        len[i] = (int32_t)n;
    }
    SAME_TRY(translate_translate(m, 2, LONGEST, src[0], len, STEPS, iso[0]), translate_error());
    same_npy("iso.npy", iso, sizeof iso);

    nnrt_float map[ROWS][LONGEST];
    SAME_TRY(translate_align(m, LONGEST, src[0], ROWS, map[0]), translate_error());
    same_npy("map.npy", map, sizeof map);

    translate_test_report test;
    SAME_TRY(translate_test(m, NULL, &test), translate_error());
    char loss[32];
    snprintf(loss, sizeof loss, "%.5g", test.loss);
    same_text("loss.txt", loss);
    translate_free(m);
    return 0;
}
