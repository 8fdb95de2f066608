/* links: nnrt_loaders */
/* wraps: file_read file_read_headed file_read_within folder_list rt_remark stat */
/* SPDX-License-Identifier: MIT
 * png.c: any bytes as the PNG files of a folder. Checksums of chunks are made right before they are read. */
#include <zlib.h>

#include "image_choices.h"

extern const nnrt_reader nnrt_reader_image_dir;

static uint32_t big_endian(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Chunks follow the 8 bytes of the signature: length, type, data, checksum. */
static void mend_checksums(uint8_t *png, size_t n)
{
    for (size_t at = 8; n - at >= 12 && at < n;) {
        size_t length = big_endian(png + at);
        if (length > n - at - 12) return;
        uint32_t sum = (uint32_t)crc32(0, png + at + 4, (unsigned)length + 4);
        for (int i = 0; i < 4; i++)
            png[at + 8 + length + (size_t)i] = (uint8_t)(sum >> (24 - 8 * i));
        at += length + 12;
    }
}

READER_WAYS(choices, UNHELD)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) return 0;
    uint8_t *copy = malloc(size);
    memcpy(copy, data, size);
    if (size > 10) mend_checksums(copy + 2, size - 2);
    run_reader(&nnrt_reader_image_dir, choices, N_CHOICES, copy, size);
    free(copy);
    return 0;
}
