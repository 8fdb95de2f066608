/* SPDX-License-Identifier: MIT
 * translate.c: two lines of different length in one call.
 * cli: printf 'the old queen sleeps\ndo two dogs see it\n' >lines.txt
 * cli: set -- --load weights.safetensors --src lines.txt
 * cli: ./translate translate "$@" --n 9 --beam 3 --alpha 0.6 --out said.npy */
#include "translate.h"
#include "same.h"

enum { LONGEST = 5, WORDS = 9, BEAM = 3 };
static const char *const lines[2] = {"the old queen sleeps", "do two dogs see it"};

int main(void)
{
    translate *m = translate_new(1);
    SAME_TRY(!m || translate_load(m, "weights.safetensors"), translate_error());
    int32_t src[2][LONGEST] = {{0}}, len[2], said[2][WORDS];
    for (int i = 0; i < 2; i++) {
        int64_t n = translate_text_codes(m, "pairs.src", lines[i], src[i], LONGEST);
        if (n != 4 + i) SAME_FAIL("%s", translate_error());
        len[i] = (int32_t)n;
    }
    SAME_TRY(translate_translate(m, 2, LONGEST, src[0], len, WORDS, BEAM, 0.6f, said[0]), translate_error());
    int32_t *shown = same_npy("said.npy", sizeof said);
    same_bytes("said.npy", said, shown, sizeof said);
    free(shown);
    translate_free(m);
    return 0;
}
