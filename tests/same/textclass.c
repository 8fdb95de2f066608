/* SPDX-License-Identifier: MIT
 * textclass.c: loads what the command line has trained, encodes the same texts with the vocabulary of the checkpoint, and classifies them.
 * cli: ./textclass fit --steps 40 --threads 1 --validate none --log none
 * cli: printf 'the story is warm and funny\nthe ending is not clumsy\nan unheard word\n' >texts.txt
 * cli: ./textclass classify --words texts.txt --out p.npy --out classes.txt
 * cli: ./textclass test | awk 'NR == 1 { gsub(",", ""); print $7 }' >accuracy.txt */
#include "textclass.h"
#include "same.h"

enum { TEXTS = 3, MOST = 60 };
static const char *const texts[TEXTS] = {"the story is warm and funny", "the ending is not clumsy", "an unheard word"};

int main(void)
{
    textclass *m = textclass_new(1); /* other weights than those of the file */
    if (!m) return fprintf(stderr, "%s\n", textclass_error()), 1;
    SAME_TRY(textclass_load(m, "textclass.safetensors"), textclass_error());

    int32_t code[TEXTS][MOST], len[TEXTS], words[TEXTS * MOST] = {0}, class[TEXTS];
    int64_t longest = 0;
    for (int i = 0; i < TEXTS; i++) {
        int64_t n = textclass_text_codes(m, "reviews.words", texts[i], code[i], MOST);
        if (n < 0) return fprintf(stderr, "%s\n", textclass_error()), 1;
        len[i] = (int32_t)n;
        longest = n > longest ? n : longest;
    }
    for (int i = 0; i < TEXTS; i++)
        memcpy(words + i * longest, code[i], sizeof(int32_t) * (size_t)len[i]);
    nnrt_float p[TEXTS][2];
    SAME_TRY(textclass_classify(m, TEXTS, longest, words, len, p[0], class), textclass_error());
    same_npy("p.npy", p, sizeof p);

    char names[64] = "";
    for (int i = 0; i < TEXTS; i++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i ? "\n" : "", class[i] ? "pos" : "neg");
    same_text("classes.txt", names);

    textclass_test_report test;
    SAME_TRY(textclass_test(m, NULL, &test), textclass_error());
    char accuracy[32];
    snprintf(accuracy, sizeof accuracy, "%.5f", test.accuracy);
    same_text("accuracy.txt", accuracy);
    if (textclass_text_codes(m, "reviews.none", "x", code[0], MOST) >= 0) return fprintf(stderr, "a field that is not there\n"), 1;
    if (textclass_text_codes(m, "reviews.words", texts[0], code[0], 2) != 6) return fprintf(stderr, "count of a cut text\n"), 1;
    textclass_free(m);
    return 0;
}
