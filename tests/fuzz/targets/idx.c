/* links: nnrt_loaders */
/* wraps: file_read file_read_headed file_find folder_list rt_remark stat */
/* SPDX-License-Identifier: MIT
 * idx.c: any bytes as an IDX file. */
#include "loader.h"

extern const nnrt_reader nnrt_reader_idx;

static const Choice choices[] = {
    {"", 0, {0}, 0}, {"", 0, {0}, 10}, {"", 1, {3}, 0}, {"", 2, {-1, 2}, 0}, {"", 3, {2, 2, -1}, 0}, {"", 3, {2, 2, 1}, 0},
};
READER_TARGET(nnrt_reader_idx, choices, UNHELD, FROM_PIPE)
