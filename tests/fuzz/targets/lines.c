/* links: nnrt_loaders */
/* wraps: file_read file_read_headed folder_list rt_remark stat */
/* SPDX-License-Identifier: MIT
 * lines.c: any bytes as lines of text, in every code. */
#include "loader.h"

extern const nnrt_reader nnrt_reader_lines;

static const Choice choices[] = {
    {"{\"key\":\"bytes\",\"bool\":true}", 1, {-1}, 256},
    {"{\"key\":\"bytes\",\"bool\":true},{\"key\":\"end\",\"bool\":true},{\"key\":\"max\",\"int\":3}", 1, {-1}, 256},
    {"{\"key\":\"words\",\"bool\":true}", 1, {-1}, 5},
    {"{\"key\":\"words\",\"bool\":true},{\"key\":\"end\",\"bool\":true}", 1, {6}, 50},
    {"{\"key\":\"chars\",\"bool\":true}", 1, {-1}, 9},
    {"{\"key\":\"chars\",\"bool\":true},{\"key\":\"max\",\"int\":4}", 1, {-1}, 100},
    {"{\"key\":\"numbers\",\"bool\":true}", 1, {-1}, 4},
    {"{\"key\":\"numbers\",\"bool\":true}", 1, {3}, 2000000000},
    {"{\"key\":\"labels\",\"bool\":true}", 0, {0}, 3},
    {"{\"key\":\"labels\",\"strings\":[\"a\",\"b\"]}", 0, {0}, 2},
    {"", 1, {-1}, 0},
};
READER_TARGET(nnrt_reader_lines, choices, FROM_PIPE)
