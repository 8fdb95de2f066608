/* links: nnrt_loaders */
/* wraps: file_read file_read_headed folder_list rt_remark stat input_open */
/* SPDX-License-Identifier: MIT
 * json_lines.c: any bytes as a file of JSON lines. */
#include "piecewise.h"

extern const nnrt_reader nnrt_reader_json_lines;

#define KEY "{\"key\":\"key\",\"string\":\"x\"}"

static const Choice choices[] = {
    {KEY, 0, {0}, 0},
    {KEY, 1, {-1}, 0},
    {KEY, 2, {2, -1}, 7},
    {KEY ",{\"key\":\"labels\",\"bool\":true}", 0, {0}, 3},
    {KEY ",{\"key\":\"words\",\"bool\":true}", 1, {-1}, 9},
    {"{\"key\":\"key\",\"string\":\"x.y\"},{\"key\":\"bytes\",\"bool\":true}", 1, {-1}, 256},
    {KEY ",{\"key\":\"labels\",\"strings\":[\"a\",\"b\"]}", 0, {0}, 2},
    {KEY ",{\"key\":\"chars\",\"bool\":true},{\"key\":\"max\",\"int\":3}", 1, {3}, 0},
    {"{\"key\":\"key\",\"string\":\"y\"}", 2, {-1, -1}, 0},
};
READER_TARGET(nnrt_reader_json_lines, choices, FROM_PIPE, WITH_NEXT)
