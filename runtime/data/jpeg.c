/* SPDX-License-Identifier: MIT
 * jpeg.c: JPEG pictures in memory to numbers, through libjpeg-turbo with limits. What the library only warns of, damaged or
 * missing data, is an error here. */
#include "data/jpeg.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#include "base/base.h"
#include "data/reader.h"

enum {
    MOST_SIDE = 16384,
    MOST_SCANS = 200,       /* of a progressive picture: each goes over all of it */
    MOST_BLOCKS_A_BYTE = 8, /* a block of 8 x 8 takes a bit at least */
};

typedef struct Jpeg { /* what is released after a jump */
    struct jpeg_decompress_struct d;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf out;
    int code;
    char text[JMSG_LENGTH_MAX];
    Pixels pixels;
} Jpeg;

static void note(j_common_ptr d)
{
    Jpeg *j = d->client_data;
    d->err->format_message(d, j->text);
    j->code = d->err->msg_code == JERR_OUT_OF_MEMORY ? NNRT_E_MEM : NNRT_E_IO;
}

static void on_error(j_common_ptr d)
{
    note(d);
    longjmp(((Jpeg *)d->client_data)->out, 1);
}

/* Warnings have levels below 0; the others trace what is done. */
static void on_message(j_common_ptr d, int level)
{
    if (level < 0) on_error(d);
}

static void on_output(j_common_ptr d)
{
    (void)d;
}

static void on_progress(j_common_ptr d)
{
    Jpeg *j = d->client_data;
    if (j->d.input_scan_number <= MOST_SCANS) return;
    j->code = NNRT_E_IO;
    snprintf(j->text, sizeof j->text, "there are more than %d scans", MOST_SCANS);
    longjmp(j->out, 1);
}

static int refuse(const char *path, const char *what)
{
    return rt_fail(NNRT_E_IO, "%s: %s", path, what);
}

/* Channels of the result; colours are decoded as such even where grey is wanted, so that it is the grey of PNG files. */
static int check_size(Jpeg *j, const char *path, size_t size, const PixelWish *wish)
{
    struct jpeg_decompress_struct *d = &j->d;
    uint64_t blocks = ((uint64_t)d->image_width + 7) / 8 * (((uint64_t)d->image_height + 7) / 8);
    if (d->jpeg_color_space == JCS_CMYK || d->jpeg_color_space == JCS_YCCK || d->num_components > 3)
        return refuse(path, "it has the four inks of print (CMYK); save it with red, green and blue");
    if (d->num_components != 1 && d->num_components != 3) return refuse(path, "it has neither one channel nor three");
    if (d->data_precision != 8) return refuse(path, "channels of other than 8 bits are not read");
    if (d->image_width > MOST_SIDE || d->image_height > MOST_SIDE) return refuse(path, "it is wider or higher than 16384");
    if (blocks / MOST_BLOCKS_A_BYTE > size) return refuse(path, "the file is too short for its width and height");
    bool grey = d->num_components == 1 || (wish->channels > 0 && wish->channels < 3 && (wish->gray || wish->raw));
    bool alpha = wish->channels == 2 || wish->channels == 4;
    j->pixels = (Pixels){.height = d->image_height, .width = d->image_width, .bits = 8};
    j->pixels.channels = (grey && wish->channels < 3 ? 1 : 3) + alpha;
    d->out_color_space = d->num_components == 1 && wish->channels < 3 ? JCS_GRAYSCALE : JCS_RGB;
    int64_t extent[] = {j->pixels.height, j->pixels.width, j->pixels.channels};
    return wish->accept ? wish->accept(wish->context, path, extent) : NNRT_OK;
}

/* The weights that libpng takes for grey; what is behind the point is cut off, as there. */
static unsigned char grey_of(const JSAMPLE *rgb)
{
    return (unsigned char)((6968 * rgb[0] + 23434 * rgb[1] + 2366 * rgb[2]) >> 15);
}

/* A line of the library, in as many channels as are wanted. False: it has colours where stored numbers are wanted. */
static bool take_line(const Jpeg *j, const PixelWish *wish, const JSAMPLE *line, unsigned char *to)
{
    int from = j->d.output_components, channels = (int)j->pixels.channels, colours = channels >= 3 ? 3 : 1;
    for (int64_t x = 0; x < j->pixels.width; x++, line += from, to += channels) {
        if (colours == 1 && from == 3 && wish->raw && (line[0] != line[1] || line[0] != line[2])) return false;
        if (colours == 1)
            to[0] = from == 3 ? wish->raw ? line[0] : grey_of(line) : line[0];
        else
            memcpy(to, line, 3);
        if (channels > colours) to[colours] = 255;
    }
    return true;
}

static int read_lines(Jpeg *j, const char *path, const PixelWish *wish)
{
    struct jpeg_decompress_struct *d = &j->d;
    jpeg_start_decompress(d);
    size_t step = (size_t)(j->pixels.width * j->pixels.channels);
    JSAMPARRAY line = d->mem->alloc_sarray((j_common_ptr)d, JPOOL_IMAGE, d->output_width * (JDIMENSION)d->output_components, 1);
    j->pixels.at = malloc(step * (size_t)j->pixels.height + 1);
    if (!j->pixels.at) return rt_no_memory_for(path);
    while (d->output_scanline < d->output_height) {
        unsigned char *to = j->pixels.at + d->output_scanline * step;
        if (jpeg_read_scanlines(d, line, 1) != 1) return refuse(path, "the file ends too early");
        if (!take_line(j, wish, line[0], to))
            return rt_fail(NNRT_E_RANGE, "%s has colours where one stored number per pixel is wanted", path);
    }
    jpeg_finish_decompress(d);
    return NNRT_OK;
}

static int read_jpeg(Jpeg *j, const char *path, const char *text, size_t size, const PixelWish *wish)
{
    if (setjmp(j->out))
        return j->code == NNRT_E_MEM ? rt_no_memory_for(path) : rt_fail(j->code, "%s: damaged JPEG file: %s", path, j->text);
    jpeg_create_decompress(&j->d);
    j->d.client_data = j;
    j->progress.progress_monitor = on_progress;
    j->d.progress = &j->progress;
    jpeg_mem_src(&j->d, (const unsigned char *)text, size);
    jpeg_read_header(&j->d, TRUE);
    int code = check_size(j, path, size, wish);
    return code ? code : read_lines(j, path, wish);
}

int jpeg_pixels(const char *path, const char *text, size_t size, const PixelWish *wish, Pixels *out)
{
    Jpeg j = {0};
    j.d.err = jpeg_std_error(&j.errors);
    j.d.client_data = &j;
    j.errors.error_exit = on_error;
    j.errors.emit_message = on_message;
    j.errors.output_message = on_output;
    int code = read_jpeg(&j, path, text, size, wish);
    jpeg_destroy_decompress(&j.d);
    if (code) free(j.pixels.at);
    *out = code ? (Pixels){0} : j.pixels;
    return code;
}

/* In the list of a program's readers it brings this file along; no field is read by it. */
const nnrt_reader nnrt_reader_jpeg = {"jpeg", NULL};
