/* SPDX-License-Identifier: MIT
 * languages.c: languages/train.tsv, test.tsv, novel.tsv: sentences of a small English and, behind a tab, of an invented language. Each
 * sentence is drawn once, as what is meant, and said twice; what the second language does otherwise is told in examples/translate.
 * No sentence of one file stands in another, and some pairs of adjective and noun, and of verb and object, only in novel.tsv. */
#include <stdlib.h>
#include <string.h>

#include "make.h"

enum { ALIVE = 1, THING = 2, BRIGHT = 4, RUNS = 8, PLACE = 16, TWIN = 32 }; /* TWIN: an English word for two things; the verb tells */

typedef struct Noun {
    const char *one, *many, *stem;
    char gender; /* 'a', 'i' or 'o': the vowel of its endings and of what agrees with it */
    int is;
} Noun;
static const Noun nouns[] = {{"miller", "millers", "mol", 'o', ALIVE},
                             {"sailor", "sailors", "narv", 'o', ALIVE},
                             {"teacher", "teachers", "dask", 'a', ALIVE},
                             {"queen", "queens", "rem", 'a', ALIVE},
                             {"child", "children", "pit", 'i', ALIVE},
                             {"girl", "girls", "fen", 'i', ALIVE},
                             {"fox", "foxes", "vulp", 'o', ALIVE},
                             {"dog", "dogs", "kan", 'i', ALIVE},
                             {"horse", "horses", "ekv", 'a', ALIVE},
                             {"cat", "cats", "mirr", 'a', ALIVE},
                             {"crane", "cranes", "grul", 'a', ALIVE | TWIN},
                             {"bat", "bats", "nokt", 'i', ALIVE | TWIN},
                             {"crane", "cranes", "levk", 'o', THING | TWIN},
                             {"bat", "bats", "stang", 'a', THING | TWIN},
                             {"lamp", "lamps", "lant", 'a', THING | BRIGHT},
                             {"candle", "candles", "kand", 'i', THING | BRIGHT},
                             {"window", "windows", "fost", 'o', THING | BRIGHT},
                             {"stone", "stones", "petr", 'o', THING},
                             {"clock", "clocks", "horl", 'a', THING | RUNS},
                             {"engine", "engines", "motr", 'o', THING | RUNS},
                             {"book", "books", "libr", 'i', THING},
                             {"letter", "letters", "brev", 'a', THING},
                             {"boat", "boats", "bark", 'o', THING},
                             {"apple", "apples", "pom", 'i', THING},
                             {"key", "keys", "klav", 'a', THING},
                             {"bridge", "bridges", "pont", 'i', THING | PLACE},
                             {"garden", "gardens", "hort", 'o', THING | PLACE},
                             {"house", "houses", "dom", 'a', THING | PLACE},
                             {"hill", "hills", "koll", 'i', THING | PLACE},
                             {"river", "rivers", "flum", 'o', THING | PLACE}};

typedef struct Adjective {
    const char *word, *stem, *other; /* other: of what is `differs` */
    int of, differs;
} Adjective;
static const Adjective adjectives[] = {{"old", "vetul", "gamor", ALIVE | THING, ALIVE},
                                       {"light", "penad", "lumin", ALIVE | THING, BRIGHT},
                                       {"small", "mik", "", ALIVE | THING, 0},
                                       {"big", "grad", "", ALIVE | THING, 0},
                                       {"green", "verd", "", ALIVE | THING, 0},
                                       {"quiet", "silv", "", ALIVE | THING, 0},
                                       {"new", "nov", "", ALIVE | THING, 0},
                                       {"cold", "frig", "", ALIVE | THING, 0},
                                       {"clever", "sagh", "", ALIVE, 0},
                                       {"young", "jun", "", ALIVE, 0},
                                       {"heavy", "grav", "", THING, 0},
                                       {"broken", "romp", "", THING, 0}};

typedef struct Verb {
    const char *plain, *third, *past, *stem, *other; /* other: with an object, or else a subject, that is alive */
    int subject, object, gives;                      /* kinds of nouns; gives: to someone */
} Verb;
static const Verb verbs[] = {{"sleep", "sleeps", "slept", "dorm", "", ALIVE, 0, 0},
                             {"sing", "sings", "sang", "kant", "", ALIVE, 0, 0},
                             {"wait", "waits", "waited", "aten", "", ALIVE, 0, 0},
                             {"stand", "stands", "stood", "stak", "", THING, 0, 0},
                             {"run", "runs", "ran", "mov", "korr", ALIVE | RUNS, 0, 0},
                             {"see", "sees", "saw", "vid", "", ALIVE, ALIVE | THING, 0},
                             {"hear", "hears", "heard", "aud", "", ALIVE, ALIVE | THING, 0},
                             {"find", "finds", "found", "trov", "", ALIVE, ALIVE | THING, 0},
                             {"carry", "carries", "carried", "port", "", ALIVE, ALIVE | THING, 0},
                             {"know", "knows", "knew", "sav", "ken", ALIVE, ALIVE | THING, 0},
                             {"feed", "feeds", "fed", "nutr", "", ALIVE, ALIVE, 0},
                             {"follow", "follows", "followed", "sek", "", ALIVE, ALIVE, 0},
                             {"repair", "repairs", "repaired", "fiks", "", ALIVE, THING, 0},
                             {"hold", "holds", "held", "ten", "", ALIVE, THING, 0},
                             {"give", "gives", "gave", "don", "", ALIVE, THING, 1},
                             {"show", "shows", "showed", "mont", "", ALIVE, THING, 1},
                             {"send", "sends", "sent", "mand", "", ALIVE, THING, 1}};

typedef struct Word {
    const char *english, *stem;
    int agrees; /* with its noun; in the second language a number stands with the singular */
} Word;
enum { THE, A, THIS, EVERY, TWO, THREE, DETERMINERS };
static const Word determiners[DETERMINERS][2] = {{{"the", "", 0}, {"the", "", 0}}, /* one, many */
                                                 {{"a", "un", 0}, {"some", "pluv", 1}},   {{"this", "sel", 1}, {"these", "sel", 1}},
                                                 {{"every", "om", 1}, {"all", "tot", 1}}, {{"one", "", 0}, {"two", "du", 0}},
                                                 {{"one", "", 0}, {"three", "tre", 0}}};
/* English; in front of the sentence, one of three words for the same; elsewhere. */
static const char *const prepositions[][5] = {{"in", "ne", "nol", "ista", "ni"},
                                              {"near", "dolu", "bai", "orno", "du"},
                                              {"behind", "pos", "gan", "tragu", "po"},
                                              {"under", "suba", "rev", "imu", "su"}};
static const char *const whens[][5] = { /* by tense */
                                       {"today", "odi", "nuna", "jor", "od"},
                                       {"yesterday", "ieri", "pasa", "hest", "ir"},
                                       {"tomorrow", "mane", "vena", "krasta", "ma"}};
static const char *const endings[][2] = {{"e", "en"}, {"ud", "udun"}, {"am", "aman"}};              /* one, many */
enum { PRESENT, PAST, FUTURE };

#define COUNT(list) ((int)(sizeof(list) / sizeof *(list)))

/* What is meant. */
typedef struct Nominal {
    const Noun *noun;
    const Adjective *adjective; /* or NULL */
    int determiner, many;
} Nominal;
typedef struct Sentence {
    Nominal subject, object, receiver, place, seen;
    const Verb *verb, *that, *again; /* that: a clause about the subject, whose object is `seen`; again: and does so with the object */
    int tense, when, negated, asks, preposition, swapped; /* preposition: -1 without a place; swapped: "gives it to her" */
    int place_in_front, when_in_front;                    /* 0: not so, 1 to 3: which of the words */
} Sentence;

/* ---- drawing */

static Nominal draw_nominal(Random *r, int is, int verb_tells)
{
    Nominal n = {.determiner = THE};
    do
        n.noun = &nouns[random_below(r, COUNT(nouns))];
    while (!(n.noun->is & is) || (n.noun->is & TWIN && !verb_tells));
    while (random_below(r, 5) < 2 && !n.adjective) {
        const Adjective *a = &adjectives[random_below(r, COUNT(adjectives))];
        if (a->of & n.noun->is) n.adjective = a;
    }
    if (random_below(r, 2)) n.determiner = random_below(r, DETERMINERS);
    n.many = random_below(r, 3) == 0 || n.determiner >= TWO;
    return n;
}

static Nominal draw_object(Random *r, const Verb *v)
{
    return draw_nominal(r, v->object, v->object == ALIVE || v->object == THING);
}

static const Verb *draw_transitive(Random *r, const Noun *object) /* NULL: any object */
{
    const Verb *v;
    do
        v = &verbs[random_below(r, COUNT(verbs))];
    while (!v->object || v->gives || (object && !(v->object & object->is)));
    return v;
}

/* More often in front than not, but each of the three words less often. */
static int draw_front(Random *r)
{
    return random_below(r, 5) < 3 ? 1 + random_below(r, 3) : 0;
}

static Sentence draw_sentence(Random *r)
{
    Sentence s = {.verb = &verbs[random_below(r, COUNT(verbs))], .tense = random_below(r, 3), .preposition = -1};
    s.subject = draw_nominal(r, s.verb->subject, s.verb->subject == ALIVE || s.verb->subject == THING);
    if (s.verb->object) s.object = draw_object(r, s.verb);
    if (s.verb->gives) s.receiver = draw_nominal(r, ALIVE, 0);
    s.swapped = random_below(r, 2);
    if (s.subject.noun->is & ALIVE && random_below(r, 7) == 0) {
        s.that = draw_transitive(r, NULL);
        s.seen = draw_object(r, s.that);
    }
    s.negated = random_below(r, 6) == 0;
    s.asks = random_below(r, 6) == 0;
    s.when = random_below(r, 5) == 0;
    if (s.verb->object && !s.verb->gives && !s.negated && !s.asks && random_below(r, 5) == 0) s.again = draw_transitive(r, s.object.noun);
    if (!s.again && !s.that && random_below(r, 4) == 0) {
        s.place = draw_nominal(r, PLACE, 1);
        s.preposition = random_below(r, COUNT(prepositions));
    }
    s.place_in_front = draw_front(r);
    s.when_in_front = draw_front(r);
    return s;
}

static int is_new_pair(const Nominal *n, const Verb *v)
{
    int noun = n->noun ? (int)(n->noun - nouns) : 0;
    if (n->noun && n->adjective && ((int)(n->adjective - adjectives) * 3 + noun * 5) % 8 == 0) return 1;
    return n->noun && v && ((int)(v - verbs) * 2 + noun * 3) % 8 == 0;
}

static int has_new_pair(const Sentence *s)
{
    return is_new_pair(&s->subject, NULL) || is_new_pair(&s->object, s->verb) || is_new_pair(&s->receiver, NULL) ||
           is_new_pair(&s->place, NULL) || is_new_pair(&s->seen, s->that);
}

/* ---- saying it */

typedef struct Text {
    char at[512];
    size_t n;
} Text;

static void say(Text *t, const char *word)
{
    if (*word) t->n += (size_t)snprintf(t->at + t->n, sizeof t->at - t->n, t->n ? " %s" : "%s", word);
}

static void join(Text *t, const char *ending) /* to the last word */
{
    t->n += (size_t)snprintf(t->at + t->n, sizeof t->at - t->n, "%s", ending);
}

static void english_nominal(Text *t, const Nominal *n)
{
    const char *noun = n->many ? n->noun->many : n->noun->one, *next = n->adjective ? n->adjective->word : noun;
    say(t, determiners[n->determiner][n->many].english);
    if (n->determiner == A && !n->many && strchr("aeiou", *next)) join(t, "n");
    if (n->adjective) say(t, n->adjective->word);
    say(t, noun);
}

/* The verb without an auxiliary of its own. */
static void english_verb(Text *t, const Verb *v, int tense, int many, int bare)
{
    say(t, bare || tense == FUTURE || (tense == PRESENT && many) ? v->plain : tense == PAST ? v->past : v->third);
}

static void english_sentence(Text *t, const Sentence *s)
{
    int many = s->subject.many, bare = s->asks || s->negated || s->tense == FUTURE;
    const char *helps = s->tense == FUTURE ? "will" : s->tense == PAST ? "did" : many ? "do" : "does";
    if (s->asks) say(t, helps);
    english_nominal(t, &s->subject);
    if (s->that) {
        say(t, "that");
        english_verb(t, s->that, s->tense == PAST ? PAST : PRESENT, many, 0);
        english_nominal(t, &s->seen);
    }
    if (!s->asks && bare) say(t, helps);
    if (s->negated) say(t, "not");
    english_verb(t, s->verb, s->tense, many, bare);
    if (s->verb->gives && !s->swapped) english_nominal(t, &s->receiver);
    if (s->verb->object) english_nominal(t, &s->object);
    if (s->verb->gives && s->swapped) {
        say(t, "to");
        english_nominal(t, &s->receiver);
    }
    if (s->again) {
        say(t, "and");
        english_verb(t, s->again, s->tense, many, bare);
        say(t, s->object.many ? "them" : "it");
    }
    if (s->preposition >= 0) {
        say(t, prepositions[s->preposition][0]);
        english_nominal(t, &s->place);
    }
    if (s->when) say(t, whens[s->tense][0]);
    join(t, s->asks ? " ?" : " .");
}

static int is_many(const Nominal *n) /* a number says enough */
{
    return n->many && n->determiner < TWO;
}

/* The vowel of the gender, `r` for many, and the ending of a case. */
static void agree(Text *t, const Nominal *n, const char *ending)
{
    char vowel[2] = {n->noun->gender, 0};
    join(t, vowel);
    if (is_many(n)) join(t, "r");
    join(t, ending);
}

static void other_nominal(Text *t, const Nominal *n, const char *ending)
{
    const Word *determiner = &determiners[n->determiner][n->many];
    say(t, determiner->stem);
    if (determiner->agrees) agree(t, n, "");
    say(t, n->noun->stem);
    agree(t, n, ending);
    if (!n->adjective) return;
    say(t, n->adjective->differs & n->noun->is ? n->adjective->other : n->adjective->stem);
    agree(t, n, "");
}

static void other_verb(Text *t, const Verb *v, const Noun *tells, int tense, int many)
{
    say(t, *v->other && tells->is & ALIVE ? v->other : v->stem);
    join(t, endings[tense][many]);
}

static void other_place(Text *t, const Sentence *s, int form)
{
    if (s->preposition < 0) return;
    other_nominal(t, &s->place, "s");
    say(t, prepositions[s->preposition][form]);
}

static void other_sentence(Text *t, const Sentence *s)
{
    int many = is_many(&s->subject);
    if (s->when && s->when_in_front) {
        say(t, "en");
        say(t, whens[s->tense][s->when_in_front]);
    }
    if (s->place_in_front) other_place(t, s, s->place_in_front);
    if (s->that) {
        other_nominal(t, &s->seen, "n");
        say(t, *s->that->other && s->seen.noun->is & ALIVE ? s->that->other : s->that->stem);
        join(t, "ant");
        agree(t, &s->subject, "");
    }
    other_nominal(t, &s->subject, "");
    if (s->verb->gives) other_nominal(t, &s->receiver, "s");
    if (s->verb->object) other_nominal(t, &s->object, "n");
    if (!s->place_in_front) other_place(t, s, 4);
    if (s->when && !s->when_in_front) say(t, whens[s->tense][4]);
    if (s->negated) say(t, "nu");
    other_verb(t, s->verb, s->verb->object ? s->object.noun : s->subject.noun, s->tense, many);
    if (s->again) {
        say(t, "te l");
        agree(t, &s->object, "n");
        other_verb(t, s->again, s->object.noun, s->tense, many);
    }
    if (s->asks) say(t, "ka");
}

/* ---- files */

static int is_known(char **known, size_t room, const char *sentence) /* if not, it is from now on */
{
    uint64_t hash = 14695981039346656037u;
    for (const char *c = sentence; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    size_t at = hash % room;
    for (; known[at]; at = (at + 1) % room)
        if (strcmp(known[at], sentence) == 0) return 1;
    known[at] = strdup(sentence);
    if (!known[at]) exit(5);
    return 0;
}

void make_languages(const char *dir, int n_train, int n_test)
{
    static const char *const names[] = {"languages/test.tsv", "languages/novel.tsv", "languages/train.tsv"};
    const int wanted[] = {n_test, n_test, n_train};
    size_t room = 2 * (size_t)(n_train + 2 * n_test);
    char **known = calloc(room, sizeof *known);
    if (!known) exit(5);
    Random r = random_new(31000000);
    for (int part = 0; part < 3; part++) {
        FILE *f = open_file(dir, names[part], "w");
        for (int n = 0; n < wanted[part];) {
            Sentence s = draw_sentence(&r);
            Text english = {.n = 0}, other = {.n = 0};
            english_sentence(&english, &s);
            if (has_new_pair(&s) != (part == 1) || is_known(known, room, english.at)) continue;
            other_sentence(&other, &s);
            fprintf(f, "%s\t%s\n", english.at, other.at);
            n++;
        }
        close_file(f, names[part]);
    }
    for (size_t i = 0; i < room; i++)
        free(known[i]);
    free(known);
}
