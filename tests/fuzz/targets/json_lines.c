/* links: nnrt_loaders */
/* wraps: file_read file_read_headed folder_list input_open */
/* SPDX-License-Identifier: MIT
 * json_lines.c: any bytes as a file of JSON lines. */
#include "loader.h"

#include "data/input.h"

extern const nnrt_reader nnrt_reader_json_lines;

int __wrap_input_open(const Spec *spec, Input **out);
int __wrap_input_open(const Spec *spec, Input **out)
{
    (void)spec;
    return input_of((const char *)file_bytes, file_size, out);
}

#define KEY "{\"key\":\"key\",\"string\":\"x\"}"

static const Choice choices[] = {
    {KEY, 0, {0}, 0},
    {KEY, 1, {-1}, 0},
    {KEY, 2, {2, -2}, 7},
    {KEY ",{\"key\":\"labels\",\"bool\":true}", 0, {0}, 3},
    {KEY ",{\"key\":\"words\",\"bool\":true}", 1, {-1}, 9},
    {"{\"key\":\"key\",\"string\":\"x.y\"},{\"key\":\"bytes\",\"bool\":true}", 1, {-1}, 256},
};
READER_TARGET(nnrt_reader_json_lines, choices)
