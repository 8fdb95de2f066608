/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * test_runtime_flags.c: flags of a command line as tables of what is taken and what is refused. */
#include "runtime_help.h"

#include <math.h>

#include "base/closest.h"
#include "cli/flags.h"
#include "rows.h"

Test(flags, closest_names)
{
    static const char *const names[] = {"epochs", "seed", "log_every", "learning_rate"};
    static const struct {
        const char *word, *name;
    } words[] = {
        {"epoch", "epochs"},
        {"epochs", "epochs"},
        {"epohcs", "epochs"}, /* two letters that changed places are one mistake */
        {"eopchz", "epochs"},
        {"pochs", "epochs"},
        {"xepochs", "epochs"},
        {"axochs", "epochs"}, /* 6 letters: three mistakes */
        {"axychs", "epochs"},
        {"axyzhs", NULL},
        {"abcdefs", NULL},
        {"sede", "seed"},
        {"sed", "seed"},
        {"se", NULL},
        {"eesd", "seed"},
        {"axed", "seed"},
        {"axyd", NULL},
        {"log-every", "log_every"},
        {"LOG_EVERY", NULL},
        {"lerning-rte", "learning_rate"},
        {"laerningrtae", "learning_rate"},
        {"", NULL},
        {"x", NULL}, /* another letter is another name */
    };
    for (size_t i = 0; i < N_ROWS(words); i++) {
        const char *found = closest_name(words[i].word, names, 4);
        cr_expect(found == words[i].name || (found && words[i].name && strcmp(found, words[i].name) == 0), "%s: %s", words[i].word,
                  found ? found : "none");
    }
    static const char forty[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmn", longer[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmno";
    const char *const own[] = {forty, longer};
    cr_expect_eq(closest_name(forty, own, 1), forty);
    cr_expect_null(closest_name(longer, own + 1, 1), "names are short");
    cr_expect_null(closest_name(forty, own + 1, 1));
}

typedef struct Line {
    const char *words; /* between blanks; _ is an empty one */
    const char *n, *name, *fast, *resume; /* last values; NULL: none */
    const char *first, *error;
} Line;

static const Line lines[] = {
    {"", NULL, NULL, NULL, NULL, NULL, NULL},
    {"--n 3", "3", NULL, NULL, NULL, NULL, NULL},
    {"--n=3 --n 4", "4", NULL, NULL, NULL, NULL, NULL},
    {"--n -3", "-3", NULL, NULL, NULL, NULL, NULL},
    {"--n", NULL, NULL, NULL, NULL, NULL, "--n needs a value (N)"},
    {"--n=", NULL, NULL, NULL, NULL, NULL, "--n needs a value (N), not an empty one"},
    {"--n _", NULL, NULL, NULL, NULL, NULL, "--n needs a value (N), not an empty one"},
    {"--file-name=", NULL, "", NULL, NULL, NULL, NULL},
    {"--file_name a=b", NULL, "a=b", NULL, NULL, NULL, NULL},
    {"--file_name=a=b", NULL, "a=b", NULL, NULL, NULL, NULL},
    {"--fast", NULL, NULL, "true", NULL, NULL, NULL},
    {"--fast false x", NULL, NULL, "false", NULL, "x", NULL},
    {"--fast x", NULL, NULL, "true", NULL, "x", NULL},
    {"--no-fast", NULL, NULL, "false", NULL, NULL, NULL},
    {"--no-n", NULL, NULL, NULL, NULL, NULL, "there is no flag --no-n here"},
    {"--no-n 3", NULL, NULL, NULL, NULL, NULL, "there is no flag --no-n here"},
    {"--no-fast=true", NULL, NULL, NULL, NULL, NULL, "there is no flag --no-fast here; did you mean --fast?"},
    {"--fast=", NULL, NULL, NULL, NULL, NULL, "--fast needs a value (true or false), not an empty one"},
    {"--resume", NULL, NULL, NULL, "auto", NULL, NULL},
    {"--resume --n 1", "1", NULL, NULL, "auto", NULL, NULL},
    {"--resume file", NULL, NULL, NULL, "file", NULL, NULL},
    {"--resume -", NULL, NULL, NULL, "-", NULL, NULL},
    {"--resum", NULL, NULL, NULL, NULL, NULL, "there is no flag --resum here; did you mean --resume?"},
    {"--zzzzzzz=1", NULL, NULL, NULL, NULL, NULL, "there is no flag --zzzzzzz here (help lists them)"},
    {"a b", NULL, NULL, NULL, NULL, "a", NULL},
    {"-1 -.5 -", NULL, NULL, NULL, NULL, "-1", NULL},
    {"-n", NULL, NULL, NULL, NULL, NULL, "-n: flags begin with two dashes"},
    {"1 2 3 4 5 6 7 8 9 a b c d e f g", NULL, NULL, NULL, NULL, "1", NULL},
    {"--n 1 --n 1 --n 1 --n 1 --n 1 --n 1 --n 1 --n 1 --n 1 --n 1 --n 1 --n 1 --n 1 --n 1 --n 1 --n 2", "2", NULL, NULL, NULL, NULL, NULL},
};

static void add_flags(Flags *f)
{
    flags_add(f, "n", FLAG_VALUE, "N", "a number");
    flags_add(f, "file_name", FLAG_TEXT, "FILE", NULL);
    flags_add(f, "fast", FLAG_SWITCH, "", "hurry");
    flags_add(f, "resume", FLAG_OPTIONAL, "FILE", "go on");
}

static void expect_value(Flags *f, const Line *line, const char *name, const char *want)
{
    const char *got = flags_value(f, name);
    cr_expect(got == want || (got && want && strcmp(got, want) == 0), "%s: --%s is %s", line->words, name, got ? got : "not given");
    cr_expect_eq(flags_has(f, name), want != NULL);
}

Test(flags, lines)
{
    static Flags f;
    for (size_t i = 0; i < N_ROWS(lines); i++) {
        const Line *line = &lines[i];
        char copy[200], *argv[64];
        int argc = 0;
        strcpy(copy, line->words);
        for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
            argv[argc++] = strcmp(word, "_") ? word : "";
        flags_free(&f);
        add_flags(&f);
        int code = flags_parse(&f, argc, argv);
        cr_expect_eq(code, line->error ? RT_USAGE : NNRT_OK, "%s", line->words);
        if (line->error) cr_expect(strstr(nnrt_error_text(), line->error), "%s: %s", line->words, nnrt_error_text());
        expect_value(&f, line, "n", line->n);
        expect_value(&f, line, "file-name", line->name);
        expect_value(&f, line, "fast", line->fast);
        expect_value(&f, line, "resume", line->resume);
        cr_expect(line->first ? f.n_words && strcmp(f.word[0], line->first) == 0 : !f.n_words, "%s", line->words);
    }
}

typedef struct Value {
    const char *text;
    int64_t whole; /* from -5 to 10 */
    double number;
    int truth; /* -1: neither */
    const char *error; /* of the whole number */
} Value;

static const Value values[] = {
    {"7", 7, 7, -1, NULL},
    {"-5", -5, -5, -1, NULL},
    {"10", 10, 10, -1, NULL},
    {"11", 99, 11, -1, "--n is 11, but must be at most 10"},
    {"-6", 99, -6, -1, "--n is -6, but must be at least -5"},
    {"1.5", 99, 1.5, -1, "--n needs an integer, not \"1.5\""},
    {"99999999999999999999", 99, 1e20, -1, "--n 99999999999999999999: this integer is too large"},
    {"x", 99, NAN, -1, "--n needs an integer, not \"x\""},
    {"nan", 99, NAN, -1, "--n needs an integer, not \"nan\""},
    {"inf", 99, INFINITY, -1, "--n needs an integer, not \"inf\""},
    {"1", 1, 1, 1, NULL},
    {"0", 0, 0, 0, NULL},
    {"yes", 99, NAN, 1, "--n needs an integer"},
    {"on", 99, NAN, 1, "--n needs an integer"},
    {"true", 99, NAN, 1, "--n needs an integer"},
    {"no", 99, NAN, 0, "--n needs an integer"},
    {"off", 99, NAN, 0, "--n needs an integer"},
    {"false", 99, NAN, 0, "--n needs an integer"},
};

Test(flags, values)
{
    static Flags f;
    char said[200];
    for (size_t i = 0; i < N_ROWS(values); i++) {
        const Value *v = &values[i];
        int64_t whole = 99;
        double number = 99;
        bool truth = v->truth != 1, before = truth;
        flags_free(&f);
        add_flags(&f);
        cr_expect(flags_int(&f, "n", 0, 1, &whole) == 0 && whole == 99 && flags_bool(&f, "n", &truth) == 0 && truth == before);
        cr_expect(flags_number(&f, "n", &number) == 0 && number == 99);
        cr_assert_eq(flags_parse(&f, 2, (char *[]){"--n", (char *)(uintptr_t)v->text}), 0);
        cr_expect_eq(flags_int(&f, "n", -5, 10, &whole), v->error ? RT_USAGE : 0, "%s", v->text);
        if (v->error) cr_expect(strstr(nnrt_error_text(), v->error), "%s", nnrt_error_text());
        cr_expect_eq(whole, v->whole, "%s", v->text);
        bool is = flags_number(&f, "n", &number) == 0;
        cr_expect_eq(is, v->number == v->number, "%s", v->text);
        if (is) cr_expect_eq(number, v->number, "%s", v->text);
        snprintf(said, sizeof said, "--n needs a number, not \"%s\"", v->text);
        if (!is) cr_expect_str_eq(nnrt_error_text(), said);
        is = flags_bool(&f, "n", &truth) == 0;
        cr_expect_eq(is, v->truth >= 0, "%s", v->text);
        if (is) cr_expect_eq(truth, v->truth, "%s", v->text);
    }
}

/* Is the last word the value of a flag? */
Test(flags, words_that_flags_take)
{
    static const struct {
        const char *words;
        bool taken;
    } rows[] = {{"x", false},
                {"--n x", true},
                {"--n=1 x", false},
                {"--n 1 x", false},
                {"--fast x", false},
                {"--fast true", true},
                {"--no-fast x", false},
                {"--resume x", true},
                {"--resume --n x", true},
                {"--resume=a x", false},
                {"--other x", false},
                {"--n --fast x", false},
                {"--n --n x", false},
                {"--file-name x", true},
                {"a --n x", true},
                {"--fast true x", false}};
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        static Flags f;
        char copy[200], *argv[64];
        int argc = 0;
        strcpy(copy, rows[i].words);
        for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
            argv[argc++] = word;
        flags_free(&f);
        add_flags(&f);
        cr_expect_eq(flags_take(&f, argv, argc - 1), rows[i].taken, "%s", rows[i].words);
    }
}

Test(flags, help)
{
    static Flags f;
    char text[400] = "";
    add_flags(&f);
    cr_expect_eq(flags_add(&f, "n", FLAG_SWITCH, "M", "again"), &f.at[0]);
    FILE *out = fmemopen(text, sizeof text, "w");
    flags_help(&f, out);
    fclose(out);
    cr_expect_str_eq(text, "  --n N                      a number\n  --file_name FILE           \n  --fast                     hurry\n"
                           "  --resume FILE              go on\n");
}
