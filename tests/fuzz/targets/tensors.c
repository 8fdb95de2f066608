/* links: nnrt_loaders */
/* wraps: file_read file_read_headed folder_list */
/* SPDX-License-Identifier: MIT
 * tensors.c: any bytes as a safetensors file with data. The first byte says how long the header is, whose length is put in front. */
#include "loader.h"
#include "memory_file.h"

extern const nnrt_reader nnrt_reader_safetensors;

static const char *const choices[] = {"", "{\"key\":\"array\",\"string\":\"x\"}",
                                      "{\"key\":\"array\",\"string\":\"x\"},{\"key\":\"window\",\"int\":2},{\"key\":\"stride\",\"int\":1}"};
enum { N_CHOICES = sizeof choices / sizeof *choices };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const nnrt_program program = {.abi = NNRT_ABI, .name = "fuzz", .manifest = "{}"};
    char text[400];
    if (size < 3) return 0;
    char *file = calloc(1, size + 8);
    file[0] = (char)data[0], file[1] = (char)(data[1] & 7);
    memcpy(file + 8, data + 3, size - 3);
    snprintf(text, sizeof text, "{\"kind\":\"safetensors\",\"args\":[%s]}", choices[data[2] % N_CHOICES]);
    nnrt *m = rt_new(&program);
    Json *reader = json_parse(text, strlen(text), NULL);
    CHECK(m && reader, "%s", text);
    Spec spec = {.m = m, .reader = reader, .rank = data[2] & 64 ? 2 : 1, .dim = {-1, -1}, .name = "f"};
    snprintf(spec.path, sizeof spec.path, "%s", memory_file(file, size + 5));
    nnrt_source source = {0};
    if (!nnrt_reader_safetensors.open(&spec, &source)) {
        read_examples(&source);
        source.close(&source);
    }
    json_free(reader);
    nnrt_free(m);
    free(file);
    return 0;
}
