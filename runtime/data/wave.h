/* SPDX-License-Identifier: MIT
 * wave.h: sounds in files. */
#ifndef NNRT_DATA_WAVE_H
#define NNRT_DATA_WAVE_H

#include <stddef.h>
#include <stdint.h>

typedef struct Wave {
    const unsigned char *at; /* in the file */
    int64_t n;               /* samples */
    int format, channels, bits;
    uint32_t rate;
} Wave;

/* At least one sample; an error if the file ends before its samples do. */
int wav_parse(const char *path, const char *text, size_t size, Wave *out);
double wave_value(const Wave *w, int64_t i); /* sample i, mean of the channels, -1..1 */

#endif
