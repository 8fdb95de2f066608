/* SPDX-License-Identifier: MIT
 * wav_dir.c: WAV files of a folder and its subfolders, mixed to mono, -1..1; held as numbers, or read when they are asked for
 * (hold.h). */
#include <stdlib.h>

#include "data/file.h"
#include "data/folder.h"
#include "data/hold.h"
#include "data/left_out.h"
#include "data/pieces.h"
#include "data/resample.h"
#include "data/share.h"
#include "data/text_source.h"
#include "data/wave.h"

typedef struct Sounds {
    nnrt *m;
    Spec spec;
    char **path;
    float **wave; /* of each file; NULL: it is read when it is asked for */
    int64_t each;
    int n;
    size_t held;
} Sounds;

static int wrong_rate(const Spec *spec, const char *path, uint32_t rate)
{
    return rt_fail(NNRT_E_IO, "%s has %u samples a second, but rate is %lld%s", path, rate, (long long)spec_int(spec, "rate", 0),
                   rate ? " (resample=true turns them into so many)" : "");
}

/* At the rate of the field, the first n samples or as many as there are. */
static int at_rate(const char *path, const Wave *w, uint32_t rate, int64_t n, float *out)
{
    int64_t there = 0, needed = 0;
    int code = resample_length(path, w->n, w->rate, rate, &there);
    if (n > there) n = there;
    if (!code) code = resample_needs(path, n, w->rate, rate, &needed);
    if (code) return code;
    if (needed > w->n) needed = w->n;
    double *in = malloc(sizeof(double) * (size_t)(needed + 1)), *to = malloc(sizeof(double) * (size_t)(n + 1));
    if (!in || !to) code = rt_no_memory_for(path);
    for (int64_t i = 0; i < needed && !code; i++)
        in[i] = wave_value(w, i);
    if (!code) code = resample(path, in, needed, w->rate, rate, to, n);
    for (int64_t i = 0; i < n && !code; i++)
        out[i] = (float)to[i];
    free(in), free(to);
    return code;
}

/* Cut or filled with zeros to `each` samples; out NULL: is it one that can be taken? */
static int wav_read(const Spec *spec, const char *path, int64_t each, float *out)
{
    char *text = NULL;
    size_t size = 0;
    Wave w;
    int64_t rate = spec_int(spec, "rate", 0);
    int code = file_read_within(path, &text, &size);
    if (code) return code;
    code = wav_parse(path, text, size, &w);
    bool other = !code && rate > 0 && w.rate != rate, turn = other && w.rate > 0 && spec_bool(spec, "resample", false);
    if (turn && out)
        code = at_rate(path, &w, (uint32_t)rate, each, out);
    else if (other && !turn)
        code = wrong_rate(spec, path, w.rate);
    for (int64_t i = 0; out && !code && !turn && i < each && i < w.n; i++)
        out[i] = (float)wave_value(&w, i);
    free(text);
    return code;
}

static int64_t wav_count(nnrt_source *s, int64_t i)
{
    (void)i;
    return ((Sounds *)s->state)->each;
}

static int wav_load(const Sounds *w, int64_t i, float **out)
{
    *out = calloc((size_t)w->each, sizeof(float));
    int code = *out ? wav_read(&w->spec, w->path[i], w->each, *out) : rt_no_memory_for(w->path[i]);
    if (code) free(*out), *out = NULL;
    return code;
}

static int wav_row(nnrt_source *s, int64_t i, Numbers *row)
{
    const Sounds *w = s->state;
    float *own = NULL;
    int code = w->wave[i] ? NNRT_OK : wav_load(w, i, &own);
    *row = (Numbers){.at = own ? own : w->wave[i], .type = NNRT_F32, .own = own};
    return code;
}

static int take_sound(void *state, int i, size_t *bytes)
{
    const Sounds *w = state;
    *bytes = sizeof(float) * (size_t)w->each;
    return wav_load(w, i, &w->wave[i]);
}

static void drop_sound(void *state, int i)
{
    const Sounds *w = state;
    free(w->wave[i]);
    w->wave[i] = NULL;
}

static int look_at_sound(void *state, int i)
{
    const Sounds *w = state;
    return wav_read(&w->spec, w->path[i], w->each, NULL);
}

static void wav_close(nnrt_source *s)
{
    Sounds *w = s->state;
    for (int i = 0; w->wave && i < w->n; i++)
        free(w->wave[i]);
    share_give_back(w->m, w->held);
    rt_free_texts(w->path, w->n);
    free(w->wave);
    free(w);
}

static const Kinds sounds = {"sounds", "WAV", {"wav"}, {"mp3", "flac", "ogg", "oga", "opus", "m4a", "aac", "aif", "aiff", "wma", "au"}};

static int wav_open(const Spec *spec, nnrt_source *out)
{
    static const FileKind kind = {take_sound, drop_sound, look_at_sound};
    Sounds *w = calloc(1, sizeof *w);
    if (!w) return rt_no_memory();
    w->m = spec->m;
    w->spec = *spec;
    const char *glob = spec_string(spec, "glob", "*.wav");
    int code = folder_list(spec->path, glob, &w->path, &w->n);
    if (code || !text_wanted(spec)) code = left_out_tell(spec, &sounds, glob, code);
    *out = (nnrt_source){
        .n = w->n, .state = w, .count = wav_count, .row = wav_row, .close = wav_close, .file = w->path, .below = folder_below(spec->path)};
    if (!code && text_wanted(spec)) {
        code = text_classes(spec, w->path, w->n, out);
        free(w);
        return code;
    }
    w->each = spec_count(spec);
    if (!code && w->each < 1) code = rt_fail(NNRT_E_IO, "%s: wav_dir needs a fixed length", spec->name);
    w->wave = calloc((size_t)w->n + 1, sizeof *w->wave);
    if (!code && !w->wave) code = rt_no_memory();
    if (!code) code = hold_files(w->m, &kind, w, w->path, w->n, &w->held);
    out->made = w->n > 0 && w->wave && !w->wave[w->n - 1];
    if (code) wav_close(out);
    return code;
}

const nnrt_reader nnrt_reader_wav_dir = {"wav_dir", wav_open};
