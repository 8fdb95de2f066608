/* SPDX-License-Identifier: MIT
 * charlm.c: a prompt and a sample as texts.
 * cli: printf 'the old miller sees the quiet river' >prompt.txt
 * cli: set -- --prompt prompt.txt --n 80 --temperature 0.7 --seed 5
 * cli: ./charlm generate --load weights.safetensors "$@" --out sample.txt */
#include "charlm.h"
#include "same.h"

int main(void)
{
    charlm *m = charlm_new(1);
    SAME_TRY(!m || charlm_load(m, "weights.safetensors"), charlm_error());
    size_t n = 0;
    char *text = same_read("prompt.txt", &n);
    int32_t prompt[64], sample[80];
    int64_t codes = charlm_text_codes(m, "text.seq", text, prompt, 64);
    if (codes != (int64_t)n) SAME_FAIL("%lld codes of %zu bytes: %s", (long long)codes, n, charlm_error());
    SAME_TRY(charlm_generate(m, 5, codes, prompt, 80, (nnrt_float)0.7, sample), charlm_error());
    free(text);

    text = same_read("sample.txt", &n);
    for (size_t i = 0; i < 80; i++)
        if (n < 80 || (unsigned char)text[i] != sample[i]) SAME_FAIL("sample.txt differs at byte %zu", i);
    free(text);
    charlm_free(m);
    return 0;
}
