/* links: nnrt_loaders */
/* wraps: rt_remark */
/* SPDX-License-Identifier: MIT
 * resume.c: any bytes as what a checkpoint says about its run. What is taken is written as a text that is taken in
 * the same way. The bits of the first byte are flags that are given beside --resume. */
#include "line_program.h"
#include "memory_file.h"
#include "remark.h"
#include "base/checksum.h"
#include "model/safetensors.h"
#include "run/resume.h"

/* A checkpoint of no tensors that tells of this run. */
static const char *file_of(const char *run)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    uint64_t length = 0;
    fwrite(&length, sizeof length, 1, f);
    fputs(NNC_HEADER "00000000\",\"run\":", f);
    json_write_string(f, run);
    fputs("}}", f);
    fclose(f);
    length = n - 8;
    for (int i = 0; i < 8; i++)
        text[i] = (char)(length >> 8 * i);
    char sum[NNC_CRC_DIGITS + 1];
    snprintf(sum, sizeof sum, "%08x", rt_crc32c(0, text + 8, length));
    memcpy(text + 8 + NNC_CRC_AT, sum, NNC_CRC_DIGITS);
    const char *path = memory_file(text, n);
    free(text);
    return path;
}

static int resume(const char *run, int given, char **again)
{
    Settings *s = calloc(1, sizeof *s);
    nnrt *m = nnrt_new(&line_program, 0);
    CHECK(m && !settings_from_head(m, 0, s), "no program");
    for (int i = 0; i < N_SETTINGS; i++)
        s->given[i] = given >> i & 1;
    snprintf(s->resume, sizeof s->resume, "%s", file_of(run));
    int code = resume_settings(m, s);
    if (!code) code = settings_check("fit", s);
    if (code) give("error %d: %s", code, nnrt_error_text());
    *again = code ? NULL : resume_text(m, s, s->decides);
    CHECK(code || *again, "no text");
    nnrt_free(m);
    free(s);
    return code;
}

/* Nothing is given beside --resume, all that can be, and some: no two settings are given in the same ways. */
static const uint16_t given_of_way[] = {0, 0xFFFF, 0x5555, 0x6666, 0x7878, 0x7F80};

static void choose_given(int way, int mode, uint8_t *input)
{
    (void)mode;
    input[0] = (uint8_t)given_of_way[way], input[1] = (uint8_t)(given_of_way[way] >> 8);
}

static void name_given(int way, int mode)
{
    (void)mode;
    give("given beside --resume: the settings");
    for (int i = 0; i < N_SETTINGS; i++)
        if (given_of_way[way] >> i & 1) give(" %d", i);
}

const Ways ways = {2, sizeof given_of_way / sizeof *given_of_way, 1, choose_given, name_given};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) return 0;
    char *run = strndup((const char *)data + 2, size - 2), *once = NULL, *twice = NULL;
    int code = resume(run, data[0] | data[1] << 8, &once);
    if (!code) {
        give("%s", once);
        code = resume(once, 0, &twice);
        CHECK(!code, "%s is not taken: %s", once, nnrt_error_text());
        CHECK(strcmp(once, twice) == 0, "taken:\n%s\nand again:\n%s", once, twice);
    }
    free(run), free(once), free(twice);
    return 0;
}
