/* SPDX-License-Identifier: MIT
 * wav_dir.c: WAV files of a folder and its subfolders, mixed to mono, -1..1. */
#include <stdlib.h>

#include "data/file.h"
#include "data/folder.h"
#include "data/left_out.h"
#include "data/pieces.h"
#include "data/resample.h"
#include "data/text_source.h"
#include "data/wave.h"

typedef struct Sounds {
    char **path;
    float **wave;
    int64_t each;
    int n;
} Sounds;

static int wrong_rate(const Spec *spec, const char *path, uint32_t rate)
{
    return rt_fail(NNRT_E_IO, "%s has %u samples a second, but rate is %lld (resample=true turns them into so many)", path, rate,
                   (long long)spec_int(spec, "rate", 0));
}

/* At the rate of the field, the first n samples or as many as there are. */
static int at_rate(const char *path, const Wave *w, uint32_t rate, int64_t n, float *out)
{
    int64_t there = 0;
    int code = resample_length(path, w->n, w->rate, rate, &there);
    if (code) return code;
    if (n > there) n = there;
    double *in = malloc(sizeof(double) * (size_t)w->n), *to = malloc(sizeof(double) * (size_t)(n + 1));
    if (!in || !to) code = rt_no_memory_for(path);
    for (int64_t i = 0; i < w->n && !code; i++)
        in[i] = wave_value(w, i);
    if (!code) code = resample(path, in, w->n, w->rate, rate, to, n);
    for (int64_t i = 0; i < n && !code; i++)
        out[i] = (float)to[i];
    free(in), free(to);
    return code;
}

/* Cut or filled with zeros to `each` samples. */
static int wav_read(const Spec *spec, const char *path, int64_t each, float *out)
{
    char *text = NULL;
    size_t size = 0;
    Wave w;
    int64_t rate = spec_int(spec, "rate", 0);
    int code = file_read(path, &text, &size);
    if (code) return code;
    code = wav_parse(path, text, size, &w);
    bool other = !code && rate > 0 && w.rate != rate, turn = other && w.rate > 0 && spec_bool(spec, "resample", false);
    if (turn)
        code = at_rate(path, &w, (uint32_t)rate, each, out);
    else if (other)
        code = wrong_rate(spec, path, w.rate);
    for (int64_t i = 0; !code && !turn && i < each && i < w.n; i++)
        out[i] = (float)wave_value(&w, i);
    free(text);
    return code;
}

static int64_t wav_count(nnrt_source *s, int64_t i)
{
    (void)i;
    return ((Sounds *)s->state)->each;
}

static int wav_get(nnrt_source *s, int64_t i, double *out)
{
    Sounds *w = s->state;
    for (int64_t k = 0; k < w->each; k++)
        out[k] = w->wave[i][k];
    return NNRT_OK;
}

static void wav_close(nnrt_source *s)
{
    Sounds *w = s->state;
    for (int i = 0; w->wave && i < w->n; i++)
        free(w->wave[i]);
    rt_free_texts(w->path, w->n);
    free(w->wave);
    free(w);
}

typedef struct Rest { /* of the files, behind one that is wrong */
    const Spec *spec;
    const Sounds *sounds;
} Rest;

static int try_sound(void *context, int i)
{
    const Rest *rest = context;
    float *wave = calloc((size_t)rest->sounds->each, sizeof(float));
    int code = wave ? wav_read(rest->spec, rest->sounds->path[i], rest->sounds->each, wave) : rt_no_memory();
    free(wave);
    return code;
}

static const Kinds sounds = {"sounds", "WAV", {"wav"}, {"mp3", "flac", "ogg", "oga", "opus", "m4a", "aac", "aif", "aiff", "wma", "au"}};

static int wav_open(const Spec *spec, nnrt_source *out)
{
    Sounds *w = calloc(1, sizeof *w);
    if (!w) return rt_no_memory();
    const char *glob = spec_string(spec, "glob", "*.wav");
    int code = folder_list(spec->path, glob, &w->path, &w->n);
    if (code || !text_wanted(spec)) code = left_out_tell(spec, &sounds, glob, code);
    *out = (nnrt_source){
        .n = w->n, .state = w, .count = wav_count, .get = wav_get, .close = wav_close, .file = w->path, .below = folder_below(spec->path)};
    if (!code && text_wanted(spec)) {
        code = text_classes(spec, w->path, w->n, out);
        free(w);
        return code;
    }
    w->each = spec_count(spec);
    if (!code && w->each < 1) code = rt_fail(NNRT_E_IO, "%s: wav_dir needs a fixed length", spec->name);
    w->wave = calloc((size_t)w->n + 1, sizeof *w->wave);
    if (!code && !w->wave) code = rt_no_memory();
    for (int i = 0; i < w->n && !code; i++) {
        w->wave[i] = calloc((size_t)w->each, sizeof(float));
        code = w->wave[i] ? wav_read(spec, w->path[i], w->each, w->wave[i]) : rt_no_memory();
        if (code) code = folder_wrong(code, w->path, w->n, i, try_sound, &(Rest){spec, w});
    }
    if (code) wav_close(out);
    return code;
}

const nnrt_reader nnrt_reader_wav_dir = {"wav_dir", wav_open};
