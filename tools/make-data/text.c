/* SPDX-License-Identifier: MIT
 * text.c: text.txt (sentences of a small grammar), reviews/film.neg and .pos (one review per line), dates.tsv (long date, ISO date). */
#include <math.h>
#include <string.h>

#include "make.h"

static const char *pick(Random *r, const char *const *words, int n)
{
    return words[random_below(r, n)];
}
#define PICK(r, list) pick(r, list, (int)(sizeof list / sizeof *list))

static const char *const articles[] = {"the", "a", "this", "every", "one"};
static const char *const adjectives[] = {"old", "small", "quiet", "bright", "heavy", "green", "clever", "slow", "golden", "cold"};
static const char *const nouns[] = {"river", "miller", "garden", "lantern", "sailor", "mountain",
                                    "clock", "fox",    "letter", "bridge",  "baker",  "harbour"};
static const char *const verbs[] = {"sees", "follows", "carries", "forgets", "paints", "hears", "finds", "keeps", "leaves", "remembers"};
static const char *const places[] = {"in the morning", "near the sea",  "under the trees",
                                     "before winter",  "at the market", "behind the hill"};

static void noun_phrase(FILE *f, Random *r)
{
    fprintf(f, "%s ", PICK(r, articles));
    if (random_below(r, 2)) fprintf(f, "%s ", PICK(r, adjectives));
    fprintf(f, "%s", PICK(r, nouns));
}

static void make_plain_text(const char *dir)
{
    Random r = random_new(21);
    FILE *f = open_file(dir, "text.txt", "w");
    while (ftell(f) < 400000) {
        int sentences = 2 + random_below(&r, 4);
        for (int i = 0; i < sentences; i++) {
            noun_phrase(f, &r);
            fprintf(f, " %s ", PICK(&r, verbs));
            noun_phrase(f, &r);
            if (random_below(&r, 3) == 0) fprintf(f, " %s", PICK(&r, places));
            fprintf(f, random_below(&r, 6) ? ". " : "? ");
        }
        fprintf(f, "\n");
    }
    close_file(f, "text.txt");
}

static void make_reviews(const char *dir, int n)
{
    static const char *const subjects[] = {"the film",  "this story", "the plot",         "the cast",
                                           "the music", "the ending", "her second novel", "the camera work"};
    static const char *const good[] = {"wonderful", "moving", "brilliant", "funny", "elegant",
                                       "gripping",  "warm",   "a delight", "fresh", "superb"};
    static const char *const bad[] = {"dull", "clumsy", "boring", "a mess", "pointless", "noisy", "stale", "painful", "lifeless", "awful"};
    static const char *const fill[] = {"from start to finish", "in every scene", "for two hours", "even for fans",
                                       "and nothing else",     "to my surprise", "as expected"};
    Random r = random_new(22);
    FILE *file[2] = {open_file(dir, "reviews/film.neg", "w"), open_file(dir, "reviews/film.pos", "w")};
    for (int i = 0; i < n; i++) {
        int positive = random_below(&r, 2), clauses = 1 + random_below(&r, 3);
        FILE *f = file[positive];
        for (int c = 0; c < clauses; c++) {
            int wrong = random_below(&r, 50) == 0, negated = random_below(&r, 4) == 0;
            int word = (positive ^ wrong) ^ negated;
            const char *say = word ? PICK(&r, good) : PICK(&r, bad), *subject = PICK(&r, subjects);
            const char *link = !c ? "" : random_below(&r, 2) ? " and " : ", ";
            fprintf(f, "%s%s is %s%s", link, subject, negated ? "not " : "", say);
            if (random_below(&r, 2)) fprintf(f, " %s", PICK(&r, fill));
        }
        fprintf(f, "\n");
    }
    close_file(file[0], "film.neg");
    close_file(file[1], "film.pos");
}

void make_text(const char *dir, int n_reviews)
{
    make_plain_text(dir);
    make_reviews(dir, n_reviews);
}

void make_dates(const char *dir, int n)
{
    static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                         "July",    "August",   "September", "October", "November", "December"};
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    Random r = random_new(23);
    FILE *f = open_file(dir, "dates.tsv", "w");
    for (int i = 0; i < n; i++) {
        int year = 1900 + random_below(&r, 200), month = random_below(&r, 12), day = 1 + random_below(&r, days[month]);
        switch (random_below(&r, 4)) {
        case 0: fprintf(f, "%d %s %d", day, months[month], year); break;
        case 1: fprintf(f, "%s %d, %d", months[month], day, year); break;
        case 2: fprintf(f, "%d %.3s %d", day, months[month], year); break;
        default: fprintf(f, "%d/%d/%d", day, month + 1, year);
        }
        fprintf(f, "\t%04d-%02d-%02d\n", year, month + 1, day);
    }
    close_file(f, "dates.tsv");
}
