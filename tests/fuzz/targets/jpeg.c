/* links: nnrt_loaders */
/* wraps: file_read file_read_headed file_read_within folder_list rt_remark stat */
/* SPDX-License-Identifier: MIT
 * jpeg.c: any bytes as the JPEG files of a folder. */
#define PRECISION LIBRARY
#include "image_choices.h"

extern const nnrt_reader nnrt_reader_image_dir, nnrt_reader_jpeg;

READER_WAYS(choices, UNHELD)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CHECK(!nnrt_reader_jpeg.open, "it brings jpeg.c along");
    return run_reader(&nnrt_reader_image_dir, choices, N_CHOICES, data, size);
}
