/* SPDX-License-Identifier: MIT
 * tensorfile.c: reading arrays for exports. All sizes of a file are checked against its length
 * before memory is taken. */
#include "tensorfile.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Only in programs whose data blocks need them (weak: NULL otherwise). */
int file_read(const char *path, char **text, size_t *n) __attribute__((weak));
int png_load(const char *path, bool gray, bool raw, double **pixels, int64_t *height,
             int64_t *width, int64_t *channels) __attribute__((weak));

static int read_stream(FILE *f, const char *path, char **text, size_t *n)
{
    size_t room = 1 << 16, used = 0;
    char *out = malloc(room + 1);
    while (out) {
        used += fread(out + used, 1, room - used, f);
        if (used < room) break;
        char *bigger = realloc(out, (room *= 2) + 1);
        if (!bigger) free(out);
        out = bigger;
    }
    if (!out) return rt_fail(NNRT_E_MEM, "%s: out of memory", path);
    if (ferror(f)) {
        free(out);
        return rt_fail(NNRT_E_IO, "%s: %s", path, strerror(errno));
    }
    out[used] = 0;
    *text = out;
    *n = used;
    return NNRT_OK;
}

int tensor_bytes(const char *path, char **text, size_t *n)
{
    if (strcmp(path, "-") == 0) return read_stream(stdin, "standard input", text, n);
    if (file_read) return file_read(path, text, n);
    FILE *f = fopen(path, "rb");
    if (!f) return rt_fail(NNRT_E_IO, "%s: %s", path, strerror(errno));
    int code = read_stream(f, path, text, n);
    fclose(f);
    return code;
}

static int take(Tensor *t, const char *path, int64_t most)
{
    int64_t count = 1;
    for (int i = 0; i < t->rank; i++)
        if (t->dim[i] < 1 || __builtin_mul_overflow(count, t->dim[i], &count) || count > most)
            return rt_fail(NNRT_E_IO,
                           "%s: the file does not hold the numbers that its header names", path);
    t->at = rt_alloc(sizeof(double) * (size_t)count);
    return t->at ? NNRT_OK : NNRT_E_MEM;
}

static int64_t count_of(const Tensor *t)
{
    int64_t n = 1;
    for (int i = 0; i < t->rank; i++)
        n *= t->dim[i];
    return n;
}

/* ---- NPY
 * --------------------------------------------------------------------------------------------------
 */

typedef struct Number { /* how numbers are stored */
    char kind;          /* u i f b */
    int width;
    bool big;
} Number;

static double half_value(uint64_t bits)
{
    int exponent = (int)(bits >> 10 & 31);
    double mantissa = (double)(bits & 1023), sign = bits >> 15 ? -1 : 1;
    if (exponent == 31) return mantissa != 0 ? __builtin_nan("") : sign * __builtin_inf();
    double v = exponent ? 1 + mantissa / 1024 : mantissa / 512;
    for (int e = exponent ? exponent : 0; e < 15; e++)
        v /= 2;
    for (int e = 15; e < exponent; e++)
        v *= 2;
    return sign * v;
}

static double number_at(const unsigned char *b, Number n)
{
    uint64_t bits = 0;
    for (int i = 0; i < n.width; i++)
        bits |= (uint64_t)b[n.big ? n.width - 1 - i : i] << (8 * i);
    if (n.kind == 'f' && n.width == 8) {
        double v;
        memcpy(&v, &bits, sizeof v);
        return v;
    }
    if (n.kind == 'f' && n.width == 4) {
        uint32_t low = (uint32_t)bits;
        float v;
        memcpy(&v, &low, sizeof v);
        return v;
    }
    if (n.kind == 'f') return half_value(bits);
    if (n.kind == 'i') return (double)((int64_t)(bits << (64 - 8 * n.width)) >> (64 - 8 * n.width));
    return (double)bits;
}

static int spread_numbers(Tensor *t, const char *path, const unsigned char *at, size_t bytes,
                          Number n)
{
    int code = take(t, path, (int64_t)(bytes / (size_t)n.width));
    for (int64_t i = 0, count = code ? 0 : count_of(t); i < count; i++)
        t->at[i] = number_at(at + i * n.width, n);
    return code;
}

/* What follows 'key': in the header; the header is copied and ends in 0. */
static const char *npy_key(const char *header, const char *key)
{
    const char *at = strstr(header, key);
    return at ? at + strlen(key) + strspn(at + strlen(key), ": ") : "";
}

static int read_npy(const char *path, const char *text, size_t size, Tensor *t)
{
    const unsigned char *b = (const unsigned char *)text;
    size_t head = size > 12 && b[6] == 1 ? 10u : 12u, length = 0;
    if (size < 12) return rt_fail(NNRT_E_IO, "%s: damaged NPY file", path);
    for (size_t i = head - 1; i >= 8; i--)
        length = length << 8 | b[i];
    if (length > size - head || length > 65536)
        return rt_fail(NNRT_E_IO, "%s: damaged NPY file", path);
    char *header = rt_alloc(length + 1);
    if (!header) return NNRT_E_MEM;
    memcpy(header, text + head, length);
    const char *descr = npy_key(header, "'descr'"), *shape = npy_key(header, "'shape'");
    Number n = {.big = descr[0] && descr[1] == '>'};
    if (descr[0] == '\'' && descr[1] && strchr("<>|=", descr[1]) && descr[2] &&
        strchr("uifb", descr[2]) && strchr("1248", descr[3]) && descr[3] && descr[4] == '\'')
        n.kind = descr[2], n.width = descr[3] - '0';
    bool good = n.kind && !(n.kind == 'f' && n.width == 1) &&
                strncmp(npy_key(header, "'fortran_order'"), "False", 5) == 0 && *shape == '(';
    for (const char *at = shape + 1; good && *at && *at != ')';) {
        char *end = NULL;
        t->dim[t->rank] = strtoll(at, &end, 10);
        good = end != at && t->rank < 7;
        t->rank++;
        at = end + strspn(end, ", ");
    }
    rt_free(header);
    if (!good) return rt_fail(NNRT_E_IO, "%s: only NPY files of numbers in C order are read", path);
    return spread_numbers(t, path, b + head + length, size - head - length, n);
}

static int read_idx(const char *path, const char *text, size_t size, Tensor *t)
{
    const unsigned char *b = (const unsigned char *)text;
    static const Number kinds[] = {{'u', 1, true}, {'i', 1, true}, {0, 0, true},  {'i', 2, true},
                                   {'i', 4, true}, {'f', 4, true}, {'f', 8, true}};
    int rank = b[3];
    if (b[2] < 8 || b[2] > 14 || !kinds[b[2] - 8].kind || rank < 1 || rank > 7 ||
        size < 4 + 4 * (size_t)rank)
        return rt_fail(NNRT_E_IO, "%s: damaged IDX file", path);
    t->rank = rank;
    for (int i = 0; i < rank; i++) {
        const unsigned char *d = b + 4 + 4 * i;
        t->dim[i] = (int64_t)d[0] << 24 | d[1] << 16 | d[2] << 8 | d[3];
    }
    size_t head = 4 + 4 * (size_t)rank;
    return spread_numbers(t, path, b + head, size - head, kinds[b[2] - 8]);
}

/* ---- WAV: mono, -1..1
 * ------------------------------------------------------------------------------------------ */

static int read_wav(const char *path, const char *text, size_t size, Tensor *t)
{
    const unsigned char *b = (const unsigned char *)text, *data = NULL, *format = NULL;
    size_t bytes = 0;
    const Number word = {'u', 2, false}, length4 = {'u', 4, false};
    for (size_t at = 12; at + 8 <= size;) {
        size_t n = (size_t)number_at(b + at + 4, length4);
        if (n > size - at - 8) n = size - at - 8;
        if (memcmp(b + at, "fmt ", 4) == 0 && n >= 16) format = b + at + 8;
        if (memcmp(b + at, "data", 4) == 0) data = b + at + 8, bytes = n;
        at += 8 + n + (n & 1);
    }
    int kind = format ? (int)number_at(format, word) : 0,
        channels = format ? (int)number_at(format + 2, word) : 0,
        width = format ? (int)number_at(format + 14, word) / 8 : 0;
    if (!data || (kind != 1 && kind != 3) || channels < 1 ||
        (kind == 1 ? width != 1 && width != 2 && width != 4 : width != 4))
        return rt_fail(NNRT_E_IO, "%s: only WAV files of 8, 16 or 32 bits are read", path);
    Number n = {kind == 3 ? 'f' : width == 1 ? 'u' : 'i', width, false};
    t->rank = 1;
    t->is_sound = true;
    t->dim[0] = (int64_t)(bytes / (size_t)(channels * width));
    int code = take(t, path, (int64_t)bytes);
    for (int64_t i = 0; !code && i < t->dim[0]; i++) {
        double sum = 0;
        for (int c = 0; c < channels; c++) {
            double v = number_at(data + (i * channels + c) * width, n);
            sum += kind == 3    ? v
                   : width == 1 ? (v - 128) / 128
                   : width == 2 ? v / 32768
                                : v / 2147483648.0;
        }
        t->at[i] = sum / channels;
    }
    return code;
}

/* ---- CSV of numbers
 * ------------------------------------------------------------------------------------------------
 */

static bool is_separator(char c)
{
    return c == ',' || c == ';' || c == '\t' || c == ' ';
}

/* One cell at *at, which moves behind it and its separator. */
static bool next_cell(char **at, double *v, char **start)
{
    while (**at == ' ' || **at == '\t')
        ++*at;
    bool quoted = **at == '"';
    if (quoted) ++*at;
    char *end = NULL;
    *start = *at;
    *v = strtod(*at, &end);
    bool good = end != *at;
    if (good) {
        if (quoted && *end == '"') end++;
        while (*end == ' ')
            end++;
        good = !*end || is_separator(*end) || end[-1] == ' ' || *end == '\r';
        *at = end;
        if (is_separator(**at)) ++*at;
    }
    return good;
}

static int csv_row(const char *path, int line, char *text, double **values, size_t *used,
                   size_t *room, int64_t *columns)
{
    char *at = text, *start = NULL;
    int64_t n = 0;
    while (*at && *at != '\r') {
        double v;
        if (!next_cell(&at, &v, &start))
            return rt_fail(NNRT_E_IO, "%s:%d:%lld: \"%.20s\" is no number", path, line,
                           (long long)n + 1, start);
        if (*used == *room) {
            double *bigger = rt_grow(*values, sizeof(double) * *room, sizeof(double) * 2 * *room);
            if (!bigger) return NNRT_E_MEM;
            *values = bigger;
            *room *= 2;
        }
        (*values)[(*used)++] = v;
        n++;
    }
    if (*columns && n != *columns)
        return rt_fail(NNRT_E_IO, "%s:%d: this row has %lld cells, but the first has %lld", path,
                       line, (long long)n, (long long)*columns);
    *columns = n;
    return NNRT_OK;
}

static int read_csv(const char *path, char *text, Tensor *t)
{
    size_t used = 0, room = 1024;
    int64_t columns = 0, rows = 0;
    double *values = rt_alloc(sizeof(double) * room);
    int code = values ? NNRT_OK : NNRT_E_MEM, number = 0;
    for (char *line = text, *next; line && *line && !code; line = next) {
        next = strchr(line, '\n');
        if (next) *next++ = 0;
        number++;
        if (line[strspn(line, " \t\r")] == 0) continue;
        code = csv_row(path, number, line, &values, &used, &room, &columns);
        if (code == NNRT_E_IO && number == 1 && next) { /* names of columns */
            code = NNRT_OK;
            used = 0;
            columns = 0;
            continue;
        }
        rows++;
    }
    if (!code && rows == 0) code = rt_fail(NNRT_E_IO, "%s: there are no numbers", path);
    if (code) {
        rt_free(values);
        return code;
    }
    *t = (Tensor){.rank = 2, .dim = {rows, columns}, .at = values};
    return NNRT_OK;
}

static int read_png(const char *path, Tensor *t)
{
    if (!png_load)
        return rt_fail(NNRT_E_IO,
                       "%s: this program reads no PNG files (its data blocks name no image_dir)",
                       path);
    double *pixels = NULL;
    t->rank = 3;
    int code = png_load(path, false, false, &pixels, &t->dim[0], &t->dim[1], &t->dim[2]);
    if (code) return code;
    code = take(t, path, INT64_MAX);
    if (!code) memcpy(t->at, pixels, sizeof(double) * (size_t)count_of(t));
    free(pixels);
    return code;
}

int tensor_read(const char *path, Tensor *t)
{
    char *text = NULL;
    size_t n = 0;
    *t = (Tensor){0};
    int code = tensor_bytes(path, &text, &n);
    if (code) return code;
    if (n >= 6 && memcmp(text, "\x93NUMPY", 6) == 0)
        code = read_npy(path, text, n, t);
    else if (n >= 4 && memcmp(text, "\x89PNG", 4) == 0)
        code = read_png(path, t);
    else if (n >= 12 && memcmp(text, "RIFF", 4) == 0)
        code = read_wav(path, text, n, t);
    else if (n >= 4 && text[0] == 0 && text[1] == 0)
        code = read_idx(path, text, n, t);
    else
        code = read_csv(path, text, t);
    free(text);
    return code;
}
