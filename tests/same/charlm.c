/* SPDX-License-Identifier: MIT
 * charlm.c: trains as the command line did, then scores and samples. The weights of both runs must agree bit for bit: so do the scores.
 * cli: ./charlm fit --steps 20 --threads 1 --validate none --log none
 * cli: printf 'the old miller sees the quiet river' >prompt.txt
 * cli: ./charlm score --toks prompt.txt --out score.npy
 * cli: ./charlm generate --prompt prompt.txt --n 80 --temperature 0.7 --seed 5 --out sample.txt
 * cli: ./charlm valid | awk '{ gsub(",", ""); print $7 }' >loss.txt */
#include "charlm.h"
#include "same.h"

int main(void)
{
    charlm *m = charlm_new(0);
    if (!m) return fprintf(stderr, "%s\n", charlm_error()), 1;
    nnrt_run run = {.steps = 20, .threads = 1, .save = "from_c.safetensors", .log = "none"};
    charlm_fit_report trained;
    SAME_TRY(charlm_fit(m, &run, &trained), charlm_error());

    size_t n = 0;
    unsigned char *text = same_read("prompt.txt", &n);
    int32_t *prompt = malloc(sizeof *prompt * n), sample[80];
    nnrt_float *score = malloc(sizeof *score * n * 256);
    for (size_t i = 0; i < n; i++)
        prompt[i] = text[i];
    SAME_TRY(charlm_score(m, (int64_t)n, prompt, score), charlm_error());
    same_npy("score.npy", score, sizeof *score * n * 256);

    SAME_TRY(charlm_generate(m, 5, (int64_t)n, prompt, 80, (nnrt_float)0.7, sample), charlm_error());
    size_t drawn = 0;
    unsigned char *printed = same_read("sample.txt", &drawn);
    for (size_t i = 0; i < 80; i++)
        if (drawn < 80 || printed[i] != sample[i]) return fprintf(stderr, "sample.txt differs at byte %zu\n", i), 1;

    charlm_valid_report valid;
    SAME_TRY(charlm_valid(m, NULL, &valid), charlm_error());
    char loss[32];
    snprintf(loss, sizeof loss, "%.5g", valid.loss);
    same_text("loss.txt", loss);
    free(text), free(printed), free(prompt), free(score);
    charlm_free(m);
    return 0;
}
