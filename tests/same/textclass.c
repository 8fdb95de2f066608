/* SPDX-License-Identifier: MIT
 * textclass.c: texts in the vocabulary of the checkpoint, class names.
 * cli: echo 'the story is warm and funny' >texts.txt
 * cli: echo 'the ending is not clumsy' >>texts.txt
 * cli: echo 'an unheard word' >>texts.txt
 * cli: set -- --load weights.safetensors --words texts.txt
 * cli: ./textclass classify "$@" --out p.npy --out classes.txt */
#include "textclass.h"
#include "same.h"

enum { TEXTS = 3, MOST = 60 };
static const char *const texts[TEXTS] = {"the story is warm and funny", "the ending is not clumsy", "an unheard word"};

int main(void)
{
    textclass *m = textclass_new(1);
    SAME_TRY(!m || textclass_load(m, "weights.safetensors"), textclass_error());
    int32_t code[TEXTS][MOST], len[TEXTS], words[TEXTS * MOST] = {0}, class[TEXTS];
    int64_t longest = 0;
    for (int i = 0; i < TEXTS; i++) {
        int64_t n = textclass_text_codes(m, "reviews.words", texts[i], code[i], MOST);
        if (n < 0) SAME_FAIL("%s", textclass_error());
        len[i] = (int32_t)n;
        longest = n > longest ? n : longest;
    }
    for (int i = 0; i < TEXTS; i++)
        memcpy(words + i * longest, code[i], sizeof(int32_t) * (size_t)len[i]);
    nnrt_float p[TEXTS][2];
    SAME_TRY(textclass_classify(m, TEXTS, longest, words, len, p[0], class), textclass_error());
    nnrt_float *shown = same_npy("p.npy", sizeof p);
    same_bytes("p.npy", p, shown, sizeof p);
    free(shown);

    char names[64] = "";
    for (int i = 0; i < TEXTS; i++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i ? "\n" : "", class[i] ? "pos" : "neg");
    same_text("classes.txt", names);
    if (textclass_text_codes(m, "reviews.none", "x", code[0], MOST) >= 0) SAME_FAIL("a field that is not there");
    if (textclass_text_codes(m, "reviews.words", texts[0], code[0], 2) != 6) SAME_FAIL("count of a cut text");
    textclass_free(m);
    return 0;
}
