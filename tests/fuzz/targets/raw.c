/* links: nnrt_loaders */
/* wraps: file_read file_read_headed file_find folder_list rt_remark stat */
/* SPDX-License-Identifier: MIT
 * raw.c: any bytes as binary records. */
#include "loader.h"

extern const nnrt_reader nnrt_reader_raw;

static const Choice choices[] = {
    {"", 1, {3}, 0},
    {"{\"key\":\"dtype\",\"string\":\"f32\"},{\"key\":\"endian\",\"string\":\"big\"}", 2, {2, 2}, 0},
    {"{\"key\":\"dtype\",\"string\":\"i64\"},{\"key\":\"offset\",\"int\":3}", 0, {0}, 0},
    {"{\"key\":\"dtype\",\"string\":\"f16\"},{\"key\":\"stride\",\"int\":1}", 1, {2}, 0},
    {"{\"key\":\"shape\",\"ints\":[2,3]},{\"key\":\"offset\",\"int\":4},{\"key\":\"stride\",\"int\":9}", 2, {2, 3}, 0},
    {"{\"key\":\"dtype\",\"string\":\"bf16\"}", 1, {-1}, 0},
    {"{\"key\":\"offset\",\"int\":9223372036854775000}", 1, {3}, 0},
    {"{\"key\":\"dtype\",\"string\":\"u16\"},{\"key\":\"endian\",\"string\":\"big\"}", 1, {2}, 0},
    {"{\"key\":\"dtype\",\"string\":\"f64\"}", 0, {0}, 0},
    {"{\"key\":\"dtype\",\"string\":\"i8\"},{\"key\":\"stride\",\"int\":4}", 1, {4}, 0},
    {"{\"key\":\"dtype\",\"string\":\"i32\"},{\"key\":\"offset\",\"int\":8}", 2, {2, 1}, 0},
    {"{\"key\":\"dtype\",\"string\":\"u64\"},{\"key\":\"endian\",\"string\":\"big\"}", 0, {0}, 0},
};
READER_TARGET(nnrt_reader_raw, choices, UNHELD, FROM_PIPE)
