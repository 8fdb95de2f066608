/* SPDX-License-Identifier: MIT
 * sound.c: tones/<class>, WAV files (eight kinds of one-second signals with noise); spoken/, two to four "digits" in a recording and what
 * was said; notes.txt and notes_test.txt (melodies of a small grammar). */
#include <math.h>
#include <string.h>

#include "make.h"

enum { RATE = 16000, SAMPLES = 16000 };
static const double turn = 6.283185307179586;

static void put_le(FILE *f, uint32_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        putc((int)(v >> (8 * i) & 255), f);
}

static void write_wav(const char *dir, const char *name, const double *x, int n, uint32_t rate)
{
    FILE *f = open_file(dir, name, "wb");
    fwrite("RIFF", 1, 4, f), put_le(f, (uint32_t)(36 + 2 * n), 4), fwrite("WAVEfmt ", 1, 8, f);
    put_le(f, 16, 4), put_le(f, 1, 2), put_le(f, 1, 2), put_le(f, rate, 4), put_le(f, 2 * rate, 4), put_le(f, 2, 2), put_le(f, 16, 2);
    fwrite("data", 1, 4, f), put_le(f, (uint32_t)(2 * n), 4);
    for (int i = 0; i < n; i++) {
        double v = x[i] < -1 ? -1 : x[i] > 1 ? 1 : x[i];
        put_le(f, (uint32_t)(int32_t)lrint(32767 * v), 2);
    }
    close_file(f, name);
}

static const char *const classes[] = {"chirp_down", "chirp_up", "click", "pulse", "steady", "tremolo", "two_tone", "vibrato"};

/* Frequency of class k at time t (seconds), and loudness. */
static double pitch(int k, double base, double t)
{
    switch (k) {
    case 0: return base * (1.6 - t);
    case 1: return base * (0.6 + t);
    case 6: return t < 0.5 ? base : 1.5 * base;
    case 7: return base * (1 + 0.06 * sin(turn * 6 * t));
    default: return base;
    }
}

static double loudness(int k, double t)
{
    switch (k) {
    case 2: return fmod(t, 0.25) < 0.02 ? 1 : 0;
    case 3: return fmod(t, 0.25) < 0.12 ? 1 : 0;
    case 5: return 0.5 + 0.5 * sin(turn * 8 * t);
    default: return 1;
    }
}

void make_tones(const char *dir, int per_class)
{
    Random r = random_new(41);
    static double x[SAMPLES];
    for (int k = 0; k < 8; k++) {
        for (int i = 0; i < per_class; i++) {
            double base = random_uniform(&r, 300, 900), gain = random_uniform(&r, 0.2, 0.7), noise = random_uniform(&r, 0.01, 0.1);
            double start = random_uniform(&r, 0, 0.15), phase = 0;
            int n = SAMPLES - random_below(&r, 3000);
            for (int s = 0; s < n; s++) {
                double t = (double)s / RATE - start;
                phase += turn * pitch(k, base, t < 0 ? 0 : t) / RATE;
                double tone = t < 0 ? 0 : gain * loudness(k, t) * (sin(phase) + 0.3 * sin(2 * phase));
                x[s] = tone + noise * random_normal(&r);
            }
            char name[64];
            snprintf(name, sizeof name, "tones/%s/%03d.wav", classes[k], i);
            write_wav(dir, name, x, n, RATE);
        }
    }
}

/* A digit from 0 to 5 is two of three pitches, one after the other, longer or shorter, higher or lower. said.txt has each digit plus 1. */
void make_spoken(const char *dir, int n)
{
    enum { SLOW = 8000, LONGEST = 20000 };
    static const double pitches[6][2] = {{400, 700}, {400, 1100}, {700, 400}, {700, 1100}, {1100, 400}, {1100, 700}};
    static double x[LONGEST];
    Random r = random_new(45);
    FILE *said = open_file(dir, "spoken/said.txt", "w");
    for (int i = 0; i < n; i++) {
        int digits = 2 + random_below(&r, 3), at = 400 + random_below(&r, 1200);
        double voice = random_uniform(&r, 0.9, 1.1), noise = random_uniform(&r, 0.02, 0.1), phase = 0;
        for (int s = 0; s < LONGEST; s++)
            x[s] = noise * random_normal(&r);
        for (int k = 0; k < digits; k++) {
            int digit = random_below(&r, 6), length = 1800 + random_below(&r, 1600);
            double gain = random_uniform(&r, 0.2, 0.6);
            for (int s = 0; s < length && at + s < LONGEST; s++) {
                phase += turn * voice * pitches[digit][2 * s >= length] / SLOW;
                x[at + s] += gain * sin(turn / 2 * s / length) * (sin(phase) + 0.4 * sin(2 * phase));
            }
            at += length + 200 + random_below(&r, 900);
            fprintf(said, "%s%d", k ? " " : "", digit + 1);
        }
        fprintf(said, "\n");
        char name[64];
        snprintf(name, sizeof name, "spoken/sounds/%04d.wav", i);
        write_wav(dir, name, x, at < LONGEST ? at : LONGEST, SLOW);
    }
    close_file(said, "spoken/said.txt");
}

/* A melody: 4 to 8 bars of 4 beats of 2 tokens; each beat is a note of the bar's chord (or a rest), then a hold or the note
 * again; chords follow a cycle. Its entropy is 0.97 nats per token (perplexity 2.63; examples/music/grammar.c computes it). */
static void write_notes(const char *dir, const char *name, int n, uint64_t part)
{
    static const int chords[4][3] = {{60, 64, 67}, {65, 69, 72}, {67, 71, 74}, {57, 60, 64}};
    static const int next[4][2] = {{1, 3}, {2, 0}, {0, 0}, {1, 2}};
    Random r = random_part(42, part);
    FILE *f = open_file(dir, name, "w");
    for (int i = 0; i < n; i++) {
        int bars = 4 + random_below(&r, 5), chord = 0;
        for (int bar = 0; bar < bars; bar++) {
            if (bar == bars - 1) chord = 0; /* home */
            for (int beat = 0; beat < 4; beat++) {
                int note = chords[chord][random_below(&r, 3)], kind = random_below(&r, 4);
                fprintf(f, "%s%d", bar || beat ? " " : "", beat == 0 || kind ? note : 2);
                fprintf(f, kind == 1 ? " %d" : " 1", note);
            }
            chord = next[chord][random_below(&r, 2)];
        }
        fprintf(f, "\n");
    }
    close_file(f, name);
}

void make_notes(const char *dir, int n)
{
    write_notes(dir, "notes.txt", n, 0);
    write_notes(dir, "notes_test.txt", n / 10, 1);
}
