/* links: nnrt_loaders */
/* wraps: file_read file_read_headed folder_list rt_remark stat */
/* SPDX-License-Identifier: MIT
 * tensors.c: any bytes as a safetensors file with data. The first byte says how long the header is, whose length is put in front. */
#include "loader.h"
#include "memory_file.h"

extern const nnrt_reader nnrt_reader_safetensors;

static const char *const choices[] = {"", "{\"key\":\"array\",\"string\":\"x\"}",
                                      "{\"key\":\"array\",\"string\":\"x\"},{\"key\":\"window\",\"int\":2},{\"key\":\"stride\",\"int\":1}"};
enum { N_CHOICES = sizeof choices / sizeof *choices, TABLE = 64 };

/* The byte that chooses stands between those of the header's length and the header. */
static void choose_tensor(int way, int mode, uint8_t *input)
{
    (void)mode;
    input[2] = (uint8_t)(way < N_CHOICES ? way : TABLE + (way + N_CHOICES - TABLE % N_CHOICES) % N_CHOICES);
}

static void name_tensor(int way, int mode)
{
    (void)mode;
    give("float[%s] %s", way < N_CHOICES ? "-1" : "-1, -1", choices[way % N_CHOICES]);
}

const Ways ways = {0, 2 * N_CHOICES, 1, choose_tensor, name_tensor};

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
    Spec spec = {.m = m, .reader = reader, .rank = data[2] & TABLE ? 2 : 1, .dim = {-1, -1}, .name = "f"};
    snprintf(spec.path, sizeof spec.path, "%s", memory_file(file, size + 5));
    nnrt_source source = {0};
    int code = nnrt_reader_safetensors.open(&spec, &source);
    if (code) {
        give("error %d: %s", code, nnrt_error_text());
    } else {
        read_examples(&source, spec.rank, EXACT);
        source.close(&source);
    }
    json_free(reader);
    nnrt_free(m);
    free(file);
    return 0;
}
