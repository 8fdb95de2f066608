/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * gz.c: any bytes as a file that may be packed; with a header that says how long it should be, and without. */
#include "data/file.h"
#include "nnrt_types.h"
#include "memory_file.h"

static int length_of(const void *context, const char *path, const char *text, size_t n, size_t *whole)
{
    (void)context, (void)path;
    if (n < 2) return NNRT_E_IO;
    *whole = (size_t)(unsigned char)text[0] << 8 | (unsigned char)text[1];
    return NNRT_OK;
}

static size_t read_by(const char *path, const FileHeader *header)
{
    char *text = NULL;
    size_t n = 0, sum = 0;
    if (file_read_headed(path, header, &text, &n)) return 0;
    CHECK(text[n] == 0, "no 0 behind the text");
    for (size_t i = 0; i < n; i++)
        sum += (unsigned char)text[i];
    CHECK(n < 2 || !header || n <= ((size_t)(unsigned char)text[0] << 8 | (unsigned char)text[1]) + FILE_HEAD + 1, "%zu bytes", n);
    free(text);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) return 0;
    const char *path = memory_file(data + 1, size - 1);
    read_by(path, data[0] & 1 ? &(FileHeader){length_of, NULL} : NULL);
    return 0;
}
