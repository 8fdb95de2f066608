/* links: nnrt_loaders */
/* wraps: file_read file_read_headed folder_list */
/* SPDX-License-Identifier: MIT
 * argument.c: any bytes as the file of an argument of an export: CSV, NPY, NPZ, IDX, PNG or WAV by its contents. The
 * first byte says what the argument can take. */
#include "base/shape.h"
#include "format/read.h"
#include "loader.h"

extern const nnrt_format nnrt_format_png_in, nnrt_format_wav;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const nnrt_format *const formats[] = {&nnrt_format_png_in, &nnrt_format_wav, NULL};
    if (size < 1) return 0;
    Wish wish = {.channels = data[0] & 3, .raw = data[0] & 4, .most = data[0] & 8 ? 12 : 1 << 16};
    Tensor t;
    file_bytes = data + 1, file_size = size - 1;
    if (tensor_read(formats, "x", &wish, &t)) return 0;
    int64_t n = shape_size(t.rank, t.dim);
    CHECK(n >= 1, "%lld numbers", (long long)n);
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += t.at[i];
    CHECK(sum == sum || sum != sum, "no sum");
    rt_free(t.at);
    return 0;
}
