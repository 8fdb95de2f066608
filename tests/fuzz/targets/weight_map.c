/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * weight_map.c: any text as rules of names and axes, for a checkpoint of PyTorch that a program loads. A refused file changes nothing. */
#include "line_program.h"
#include "memory_file.h"
#include "model/weights_load.h"

#define HEADER \
    "{\"fc.weight\":{\"dtype\":\"F16\",\"shape\":[1,1],\"data_offsets\":[0,2]},\"fc.bias\":{\"dtype\":\"BF16\",\"shape\":[2]," \
    "\"data_offsets\":[2,6]},\"w\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[6,14]}}"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char file[8 + sizeof HEADER - 1 + 14] = {(char)(sizeof HEADER - 1), (char)((sizeof HEADER - 1) >> 8)};
    memcpy(file + 8, HEADER, sizeof HEADER - 1);
    const char *path = memory_file(file, sizeof file);
    char *rules = calloc(1, size + 1);
    memcpy(rules, data, size);
    size_t n = strlen(rules);
    nnrt *m = nnrt_new(&line_program, 0);
    CHECK(m, "no program");
    char *before = malloc(line_program.model_bytes);
    memcpy(before, m->model, line_program.model_bytes);
    bool named = n > 4 && strcmp(rules + n - 4, ".map") == 0; /* a file, which is not here */
    if (!named && weights_load_mapped(m, path, size & 1, rules, size & 2 ? "torch" : NULL))
        CHECK(memcmp(before, m->model, line_program.model_bytes) == 0, "a refused file changed the model");
    free(before);
    free(rules);
    nnrt_free(m);
    return 0;
}
