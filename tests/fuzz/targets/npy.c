/* links: nnrt_loaders */
/* wraps: file_read file_read_headed file_find folder_list rt_remark stat */
/* SPDX-License-Identifier: MIT
 * npy.c: any bytes as an NPY file. */
#include "loader.h"

extern const nnrt_reader nnrt_reader_npy;

static const Choice choices[] = {
    {"", 0, {0}, 0},
    {"", 1, {3}, 0},
    {"", 2, {-1, 2}, 0},
    {"", 3, {2, 2, -1}, 7},
    {"{\"key\":\"window\",\"int\":2},{\"key\":\"stride\",\"int\":1}", 1, {2}, 0},
    {"{\"key\":\"window\",\"int\":3}", 2, {3, 2}, 0},
    {"{\"key\":\"window\",\"int\":4611686018427387904},{\"key\":\"stride\",\"int\":4611686018427387904}", 1, {-1}, 0},
};
READER_TARGET(nnrt_reader_npy, choices, UNHELD, FROM_PIPE)
