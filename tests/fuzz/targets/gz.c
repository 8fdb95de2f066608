/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * gz.c: any bytes as a file that may be packed; with a header that says how long it should be, and without. */
#include "base/base.h"
#include "data/file.h"
#include "memory_file.h"

static int length_of(const void *context, const char *path, const char *text, size_t n, size_t *whole)
{
    (void)context;
    if (n < 2) return rt_fail(NNRT_E_IO, "%s has no length", path);
    *whole = (size_t)(unsigned char)text[0] << 8 | (unsigned char)text[1];
    return NNRT_OK;
}

static size_t read_by(const char *path, const FileHeader *header)
{
    char *text = NULL;
    size_t n = 0, sum = 0;
    int code = file_read_headed(path, header, &text, &n);
    if (code) return give("error %d: %s", code, nnrt_error_text()), 0;
    give("%zu bytes: ", n);
    give_bytes(text, n);
    CHECK(text[n] == 0, "no 0 behind the text");
    for (size_t i = 0; i < n; i++)
        sum += (unsigned char)text[i];
    CHECK(n < 2 || !header || n <= ((size_t)(unsigned char)text[0] << 8 | (unsigned char)text[1]) + FILE_HEAD + 1, "%zu bytes", n);
    free(text);
    return sum;
}

static void choose_header(int way, int mode, uint8_t *input)
{
    (void)mode;
    input[0] = (uint8_t)way;
}

static void name_header(int way, int mode)
{
    (void)mode;
    give(way ? "the first two bytes say how long the file is" : "all of it");
}

const Ways ways = {1, 2, 1, choose_header, name_header};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) return 0;
    const char *path = memory_file(data + 1, size - 1);
    read_by(path, data[0] & 1 ? &(FileHeader){length_of, NULL} : NULL);
    return 0;
}
