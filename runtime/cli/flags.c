/* SPDX-License-Identifier: MIT
 * flags.c: `--name value`, `--name=value`, switches and `--no-name`, from one table that also gives
 * the help text. */
#include "cli/flags.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/closest.h"
#include "base/number.h"
#include "model/gang.h"

Flag *flags_add(Flags *flags, const char *name, FlagKind kind, const char *what, const char *help)
{
    Flag *f = flags_find(flags, name);
    if (f) return f;
    if (flags->n == FLAG_MOST) return &flags->at[FLAG_MOST - 1];
    f = &flags->at[flags->n++];
    *f = (Flag){.name = name, .what = what, .help = help, .kind = kind};
    return f;
}

void flag_otherwise(Flag *flag, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(flag->otherwise, sizeof flag->otherwise, format, values);
    va_end(values);
}

static char folded(char c)
{
    return c == '-' ? '_' : c;
}

static bool same_name(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!a[i] || folded(a[i]) != folded(b[i])) return false;
    return a[n] == 0;
}

static Flag *find(Flags *flags, const char *name, size_t n)
{
    for (int i = 0; i < flags->n; i++)
        if (same_name(flags->at[i].name, name, n)) return &flags->at[i];
    return NULL;
}

Flag *flags_find(Flags *flags, const char *name)
{
    return find(flags, name, strlen(name));
}

const char *flags_value(Flags *flags, const char *name)
{
    Flag *f = flags_find(flags, name);
    return f && f->n ? f->value[f->n - 1] : NULL;
}

bool flags_has(Flags *flags, const char *name)
{
    return flags_value(flags, name) != NULL;
}

static int unknown_flag(const Flags *flags, const char *word, size_t n)
{
    const char *names[FLAG_MOST];
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)(n < 60 ? n : 60), word);
    for (int i = 0; i < flags->n; i++)
        names[i] = flags->at[i].name;
    const char *close = closest_name(name, names, flags->n);
    return rt_fail(RT_USAGE, "there is no flag --%s here%s%s%s", name, close ? "; did you mean --" : "", close ? close : "",
                   close ? "?" : " (help lists them)");
}

/* ---- parsing */

static int add_value(Flag *f, const char *value)
{
    if (!*value && f->kind != FLAG_TEXT)
        return rt_fail(RT_USAGE, "--%s needs a value (%s), not an empty one", f->name, f->kind == FLAG_SWITCH ? "true or false" : f->what);
    if (!rt_more(&f->value, f->n, sizeof *f->value)) return rt_no_memory();
    f->value[f->n++] = value;
    return NNRT_OK;
}

int flag_give(Flag *flag, const char *value, const char *from)
{
    flag->from = from;
    return add_value(flag, value);
}

static bool is_flag(const char *word)
{
    return word[0] == '-' && word[1] == '-' && word[2];
}

/* The flag that the word --name names alone; NULL: none, --name=value or --no-name. */
static Flag *whole_flag(Flags *flags, const char *word)
{
    return is_flag(word) && !strchr(word, '=') ? flags_find(flags, word + 2) : NULL;
}

/* Is the next word, or NULL, the value of this flag? */
static bool takes(const Flag *f, const char *next)
{
    if (!next) return false;
    if (f->kind == FLAG_SWITCH) return strcmp(next, "true") == 0 || strcmp(next, "false") == 0;
    return f->kind != FLAG_OPTIONAL || next[0] != '-' || next[1] != '-';
}

bool flags_take(Flags *flags, char **argv, int n)
{
    int i = 0;
    while (i < n && strcmp(argv[i], "--")) {
        const Flag *f = whole_flag(flags, argv[i]);
        i += f && takes(f, argv[i + 1]) ? 2 : 1;
    }
    return i > n;
}

/* The flag that a word names: --name, --name=value, or --no-name: *off. */
static int named_flag(Flags *flags, const char *word, Flag **flag, bool *off)
{
    size_t n = strcspn(word += 2, "=");
    *flag = find(flags, word, n);
    *off = !*flag && !word[n] && strncmp(word, "no-", 3) == 0 && (*flag = find(flags, word + 3, n - 3));
    return *flag && (!*off || (*flag)->kind == FLAG_SWITCH) ? NNRT_OK : unknown_flag(flags, word, n);
}

int flags_known(Flags *flags, int argc, char **argv)
{
    Flag *f;
    bool off;
    int code = NNRT_OK;
    for (int i = 0; i < argc && !code && strcmp(argv[i], "--"); i++)
        if (is_flag(argv[i]) && !flags_take(flags, argv, i)) code = named_flag(flags, argv[i], &f, &off);
    return code;
}

static int parse_flag(Flags *flags, int argc, char **argv, int *i)
{
    const char *equal = strchr(argv[*i], '='), *next = *i + 1 < argc ? argv[*i + 1] : NULL;
    Flag *f;
    bool off;
    int code = named_flag(flags, argv[*i], &f, &off);
    if (code) return code;
    if (off) return add_value(f, "false");
    if (equal) return add_value(f, equal + 1);
    if (takes(f, next)) return add_value(f, argv[++*i]);
    if (f->kind == FLAG_SWITCH) return add_value(f, "true");
    if (f->kind == FLAG_OPTIONAL) return add_value(f, "auto");
    return rt_fail(RT_USAGE, "--%s needs a value (%s)", f->name, f->what);
}

static int add_word(Flags *flags, const char *word)
{
    if (!rt_more(&flags->word, flags->n_words, sizeof *flags->word)) return rt_no_memory();
    flags->word[flags->n_words++] = word;
    return NNRT_OK;
}

int flags_parse(Flags *flags, int argc, char **argv)
{
    bool words = false;
    for (int i = 0; i < argc; i++) {
        int code = NNRT_OK;
        if (!words && strcmp(argv[i], "--") == 0)
            words = true;
        else if (words)
            code = add_word(flags, argv[i]);
        else if (is_flag(argv[i]))
            code = parse_flag(flags, argc, argv, &i);
        else if (strcmp(argv[i], "-h") == 0)
            code = add_value(flags_add(flags, "help", FLAG_SWITCH, "", "this text"), "true");
        else if (argv[i][0] == '-' && argv[i][1] && !strchr("0123456789.", argv[i][1]))
            code = rt_fail(RT_USAGE, "%s: flags begin with two dashes", argv[i]);
        else
            code = add_word(flags, argv[i]);
        if (code) return code;
    }
    return NNRT_OK;
}

void flags_free(Flags *flags)
{
    for (int i = 0; i < flags->n; i++)
        free(flags->at[i].value);
    free(flags->word);
    flags->n = flags->n_words = 0;
    flags->word = NULL;
}

int flags_int(Flags *flags, const char *name, int64_t least, int64_t most, int64_t *out)
{
    const char *text = flags_value(flags, name);
    char *end = NULL;
    if (!text) return NNRT_OK;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    if (!*text || *end) return rt_fail(RT_USAGE, "--%s needs an integer, not \"%s\"", name, text);
    if (errno == ERANGE) return rt_fail(RT_USAGE, "--%s %s: this integer is too large", name, text);
    if (v < least) return rt_fail(RT_USAGE, "--%s is %lld, but must be at least %lld", name, v, (long long)least);
    if (v > most) return rt_fail(RT_USAGE, "--%s is %lld, but must be at most %lld", name, v, (long long)most);
    *out = v;
    return NNRT_OK;
}

void flags_add_threads(Flags *flags, int otherwise)
{
    flag_otherwise(flags_add(flags, "threads", FLAG_VALUE, "N", "at most N; 0: one per processor"), "%d", otherwise);
}

int flags_threads(Flags *flags, int *out)
{
    int64_t v = *out;
    int code = flags_int(flags, "threads", 0, RT_MOST_THREADS, &v);
    if (!code) *out = (int)v;
    return code;
}

void threads_note(const char *program, int threads)
{
    int most = pool_default_threads();
    if (threads > most)
        fprintf(stderr, "%s: %d threads share the %d processor%s that this process may use\n", program, threads, most,
                most == 1 ? "" : "s");
}

bool parse_number(const char *text, double *out)
{
    char *end = NULL;
    *out = number_read(text, &end);
    return *text && !*end;
}

int flags_number(Flags *flags, const char *name, double *out)
{
    const char *text = flags_value(flags, name);
    if (!text || (parse_number(text, out) && !isnan(*out))) return NNRT_OK;
    return rt_fail(RT_USAGE, "--%s needs a number, not \"%s\"", name, text);
}

int flags_bool(Flags *flags, const char *name, bool *out)
{
    static const char *const yes[] = {"true", "yes", "on", "1"}, *const no[] = {"false", "no", "off", "0"};
    const char *text = flags_value(flags, name);
    if (!text) return NNRT_OK;
    for (int i = 0; i < 4; i++) {
        if (strcmp(text, yes[i]) == 0) return *out = true, NNRT_OK;
        if (strcmp(text, no[i]) == 0) return *out = false, NNRT_OK;
    }
    return rt_fail(RT_USAGE, "--%s is true or false, not \"%s\"", name, text);
}

void flags_help(const Flags *flags, FILE *f)
{
    for (int i = 0; i < flags->n; i++) {
        const Flag *flag = &flags->at[i];
        char left[80];
        if (flag->hidden) continue;
        snprintf(left, sizeof left, "--%s%s%s", flag->name, flag->what && *flag->what ? " " : "", flag->what ? flag->what : "");
        const char *help = flag->help ? flag->help : "";
        fprintf(f, "  %-26s %s", left, help);
        fprintf(f, *flag->otherwise ? "%s[%s]\n" : "\n", *help ? " " : "", flag->otherwise);
    }
}
