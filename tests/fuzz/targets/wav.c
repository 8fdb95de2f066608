/* links: nnrt_loaders */
/* wraps: file_read file_read_headed file_read_within folder_list rt_remark stat */
/* SPDX-License-Identifier: MIT
 * wav.c: any bytes as the WAV files of a folder. */
#include "loader.h"

extern const nnrt_reader nnrt_reader_wav_dir;

static const Choice choices[] = {
    {"", 1, {4}, 0},
    {"", 1, {100}, 0},
    {"{\"key\":\"rate\",\"int\":8000}", 1, {4}, 0},
    {"{\"key\":\"rate\",\"int\":8000},{\"key\":\"resample\",\"bool\":true}", 1, {40}, 0},
    {"", 1, {-1}, 0},
    {"{\"key\":\"labels\",\"bool\":true}", 0, {0}, 2},
};
READER_TARGET(nnrt_reader_wav_dir, choices, UNHELD)
