/* links: nnrt_loaders */
/* wraps: file_read file_read_headed folder_list rt_remark stat */
/* SPDX-License-Identifier: MIT
 * npz.c: any bytes as an NPZ file. Checksums of members are made right before they are read, where the directory can be. */
#include <zlib.h>

#include "loader.h"

extern const nnrt_reader nnrt_reader_npz;

static const Choice choices[] = {
    {"", 0, {0}, 0},
    {"", 2, {-1, 2}, 0},
    {"{\"key\":\"array\",\"string\":\"x\"}", 1, {2}, 0},
    {"{\"key\":\"array\",\"string\":\"y\"}", 0, {0}, 7},
    {"{\"key\":\"window\",\"int\":2},{\"key\":\"stride\",\"int\":1}", 1, {2}, 0},
};

static uint32_t number(const uint8_t *at, int n)
{
    uint32_t v = 0;
    for (int i = n - 1; i >= 0; i--)
        v = v << 8 | at[i];
    return v;
}

/* Of stored members, whose bytes lie behind their local header. */
static void mend_checksums(uint8_t *zip, size_t n)
{
    for (size_t at = 0; at + 46 <= n; at++) {
        if (memcmp(zip + at, "PK\1\2", 4)) continue;
        size_t place = number(zip + at + 42, 4), bytes = number(zip + at + 20, 4);
        if (number(zip + at + 10, 2) || place > n || n - place < 30) continue;
        size_t from = place + 30 + number(zip + place + 26, 2) + number(zip + place + 28, 2);
        if (from > n || bytes > n - from) continue;
        uint32_t sum = (uint32_t)crc32(0, zip + from, (unsigned)bytes);
        for (int i = 0; i < 4; i++)
            zip[at + 16 + (size_t)i] = (uint8_t)(sum >> 8 * i);
    }
}

READER_WAYS(choices, FROM_PIPE)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) return 0;
    uint8_t *copy = malloc(size);
    memcpy(copy, data, size);
    mend_checksums(copy + 2, size - 2);
    run_reader(&nnrt_reader_npz, choices, N_CHOICES, copy, size);
    free(copy);
    return 0;
}
