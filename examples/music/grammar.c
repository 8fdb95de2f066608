/* SPDX-License-Identifier: MIT
 * grammar.c: the grammar that make-data draws melodies from, as a judge of melodies in a file (one per line, numbers).
 * Prints the share of bars that obey it, and for the melodies that obey throughout how surprising the grammar itself
 * finds them: its entropy, which no model can be below on average.
 *
 * A melody has 4 to 8 bars (each number equally likely) of 4 beats of 2 tokens, then the end. Every bar has a chord. The
 * first and the last have chord 0, between them the next chord is one of the two in `next`. A beat is drawn from 4 kinds:
 * a rest and a hold (in the first beat of a bar: as the last two kinds), a note twice, or (two kinds) a note and a hold;
 * a note is one of the three of the chord. Which chord is meant is not written, so sums go over all of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHORDS = 4, BAR = 8, LEAST = 4, MOST = 8, TOKENS = 512, HOLD = 1, REST = 2 };

static const int chord_note[CHORDS][3] = {{60, 64, 67}, {65, 69, 72}, {67, 71, 74}, {57, 60, 64}};
static const int next[CHORDS][2] = {{1, 3}, {2, 0}, {0, 0}, {1, 2}};

static int in_chord(int note, int chord)
{
    for (int i = 0; i < 3; i++)
        if (chord_note[chord][i] == note) return 1;
    return 0;
}

/* Probability of the tokens of one bar, its chord given. */
static double bar_given(const int *bar, int chord)
{
    double p = 1;
    for (int beat = 0; beat < BAR / 2; beat++) {
        int a = bar[2 * beat], b = bar[2 * beat + 1];
        if (a == REST)
            p *= beat > 0 && b == HOLD ? 0.25 : 0;
        else if (!in_chord(a, chord))
            p = 0;
        else if (b == HOLD)
            p *= (beat == 0 ? 0.75 : 0.5) / 3;
        else
            p *= b == a ? 0.25 / 3 : 0;
    }
    return p;
}

/* Probability of each chord of the next bar. */
static void advance(double *p)
{
    double q[CHORDS] = {0};
    for (int c = 0; c < CHORDS; c++)
        for (int k = 0; k < 2; k++)
            q[next[c][k]] += p[c] / 2;
    memcpy(p, q, sizeof q);
}

typedef struct Score {
    long melodies, bars, good_bars, perfect, tokens;
    double nats; /* of the perfect ones */
} Score;

/* A bar that no chord explains is counted as bad; after it, any chord may be. */
static void judge(const int *token, int n, Score *s)
{
    int whole = n / BAR, bars = n % BAR || n == 0 ? whole + 1 : whole, good = 0;
    double p[CHORDS] = {1, 0, 0, 0}, nats = log(MOST - LEAST + 1);
    for (int bar = 0; bar < whole; bar++) {
        int last = bar == bars - 1, fits = bar < MOST && !(last && bars < LEAST);
        double sum = 0;
        if (last) p[0] = 1, p[1] = p[2] = p[3] = 0; /* home */
        for (int c = 0; c < CHORDS; c++)
            sum += p[c] *= bar_given(token + bar * BAR, c);
        fits = fits && sum > 0;
        good += fits;
        nats -= fits ? log(sum) : 0;
        for (int c = 0; c < CHORDS; c++)
            p[c] = fits ? p[c] / sum : 1.0 / CHORDS;
        advance(p);
    }
    s->melodies++;
    s->bars += bars;
    s->good_bars += good;
    if (good < bars) return;
    s->perfect++;
    s->tokens += n + 1; /* the end is a token, too */
    s->nats += nats;
}

/* The numbers of a line up to the first 0; -1 if it holds something else or too much. */
static int read_tokens(char *line, int *token)
{
    int n = 0;
    for (char *at = line, *stop = NULL;; at = stop) {
        long v = strtol(at, &stop, 10);
        if (stop == at) return at[strspn(at, " \r\n")] ? -1 : n;
        if (v == 0) return n;
        if (n == TOKENS) return -1;
        token[n++] = (int)v;
    }
}

int main(int argc, char **argv)
{
    FILE *f = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (!f) {
        fprintf(stderr, "usage: grammar FILE (melodies, one per line)\n");
        return 2;
    }
    static char line[8 * TOKENS];
    static int token[TOKENS];
    Score s = {0};
    for (int at = 1; fgets(line, sizeof line, f); at++) {
        int n = read_tokens(line, token);
        if (n < 0) {
            fprintf(stderr, "%s:%d: not a melody of at most %d numbers\n", argv[1], at, TOKENS);
            return 1;
        }
        judge(token, n, &s);
    }
    fclose(f);
    if (s.melodies == 0) {
        fprintf(stderr, "%s: no melodies\n", argv[1]);
        return 1;
    }
    printf("melodies %ld, bars %ld, obeying %.4f\n", s.melodies, s.bars, (double)s.good_bars / (double)s.bars);
    if (s.perfect)
        printf("faultless %ld: nats %.4f per token, perplexity %.4f\n", s.perfect, s.nats / (double)s.tokens,
               exp(s.nats / (double)s.tokens));
    return 0;
}
