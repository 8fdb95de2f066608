/* links: nnrt_loaders */
/* wraps: file_read file_read_headed file_find folder_list rt_remark stat */
/* SPDX-License-Identifier: MIT
 * bytes.c: any bytes as windows of bytes. */
#include "loader.h"

extern const nnrt_reader nnrt_reader_bytes;

static const Choice choices[] = {
    {"", 1, {3}, 256},  {"{\"key\":\"stride\",\"int\":2}", 1, {4}, 256}, {"{\"key\":\"stride\",\"int\":5}", 2, {1, 2}, 256},
    {"", 1, {-1}, 256}, {"{\"key\":\"stride\",\"int\":0}", 1, {2}, 256},
};
READER_TARGET(nnrt_reader_bytes, choices, UNHELD, FROM_PIPE)
