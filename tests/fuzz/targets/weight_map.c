/* links: nnrt_loaders */
/* wraps: rt_remark */
/* SPDX-License-Identifier: MIT
 * weight_map.c: any text as rules of names and axes, for a checkpoint of PyTorch that a program loads. A refused file changes nothing.
 * The first byte: whether the file may lack tensors, and whether its layout is that of PyTorch. */
#include "line_program.h"
#include "memory_file.h"
#include "remark.h"
#include "model/weights_load.h"

#define HEADER \
    "{\"fc.weight\":{\"dtype\":\"F16\",\"shape\":[1,1],\"data_offsets\":[0,2]},\"fc.bias\":{\"dtype\":\"BF16\",\"shape\":[2]," \
    "\"data_offsets\":[2,6]},\"w\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[6,14]}}"

enum { PARTIAL = 1, TORCH = 2 };

static void choose_layout(int way, int mode, uint8_t *input)
{
    (void)mode;
    input[0] = (uint8_t)way;
}

static void name_layout(int way, int mode)
{
    (void)mode;
    give("%s%s", way & PARTIAL ? "some tensors" : "all tensors", way & TORCH ? ", of PyTorch" : "");
}

const Ways ways = {1, 4, 1, choose_layout, name_layout};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) return 0;
    static const unsigned char numbers[14] = {0, 0x3E, 0, 0x40, 0x40, 0xC0, 0, 0, 0, 0, 0, 0, 0xD0, 0x3F}; /* 1.5, 2 and -3, 0.25 */
    char file[8 + sizeof HEADER - 1 + sizeof numbers] = {(char)(sizeof HEADER - 1), (char)((sizeof HEADER - 1) >> 8)};
    memcpy(file + 8, HEADER, sizeof HEADER - 1);
    memcpy(file + 8 + sizeof HEADER - 1, numbers, sizeof numbers);
    const char *path = memory_file(file, sizeof file);
    char *rules = calloc(1, size);
    memcpy(rules, data + 1, size - 1);
    size_t n = strlen(rules);
    nnrt *m = nnrt_new(&line_program, 0);
    CHECK(m, "no program");
    char *before = malloc(line_program.model_bytes);
    memcpy(before, m->model, line_program.model_bytes);
    bool named = n > 4 && strcmp(rules + n - 4, ".map") == 0; /* a file, which is not here */
    int code = named ? NNRT_OK : weights_load_mapped(m, path, data[0] & PARTIAL, rules, data[0] & TORCH ? "torch" : NULL);
    if (code) {
        give("error %d: %s", code, nnrt_error_text());
        CHECK(memcmp(before, m->model, line_program.model_bytes) == 0, "a refused file changed the model");
    } else {
        const float *model = (const float *)m->model;
        give_numbers((double[]){(double)model[16], (double)model[32]}, 2, EXACT); /* w and b */
    }
    free(before);
    free(rules);
    nnrt_free(m);
    return 0;
}
