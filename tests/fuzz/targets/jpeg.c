/* links: nnrt_loaders */
/* wraps: file_read file_read_headed folder_list */
/* SPDX-License-Identifier: MIT
 * jpeg.c: any bytes as the JPEG files of a folder. */
#include "loader.h"

extern const nnrt_reader nnrt_reader_image_dir, nnrt_reader_jpeg;
static const Choice choices[] = {
    {"", 3, {2, 2, 3}, 0},
    {"", 3, {-1, -1, 1}, 0},
    {"", 3, {-1, -1, 4}, 0},
    {"{\"key\":\"gray\",\"bool\":true}", 3, {-1, -2, 1}, 0},
    {"{\"key\":\"raw\",\"bool\":true}", 2, {-1, -2, 0}, 256},
    {"{\"key\":\"raw\",\"bool\":true}", 3, {-1, -2, 3}, 256},
    {"{\"key\":\"resize\",\"ints\":[3,5]}", 3, {3, 5, 3}, 0},
    {"{\"key\":\"resize\",\"ints\":[1,1]},{\"key\":\"raw\",\"bool\":true}", 2, {1, 1, 0}, 4},
    {"{\"key\":\"labels\",\"bool\":true}", 0, {0}, 2},
    {"{\"key\":\"labels\",\"bool\":true},{\"key\":\"name\",\"string\":\"{label}_*\"}", 0, {0}, 2},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CHECK(!nnrt_reader_jpeg.open, "it brings jpeg.c along");
    return run_reader(&nnrt_reader_image_dir, choices, sizeof choices / sizeof *choices, data, size);
}
