/* SPDX-License-Identifier: MIT
 * read.c: what a command line means. Flags and the command stand in any order; what a flag means does not depend on the command. */
#include "base/amount.h"
#include "command/command.h"

#include <string.h>
#include <unistd.h>

typedef struct Reader {
    Command *c;
    Arena *arena;
    int argc, at;
    char **argv;
} Reader;

int command_find_verb(const char *word)
{
    for (int i = 0; i < N_VERBS; i++)
        if (strcmp(command_verbs[i].name, word) == 0) return i;
    return -1;
}

static bool ends_in(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n > m && strcmp(text + n - m, end) == 0;
}

/* ---- did you mean */

static void consider(const char *word, const char *name, const char **best, int *least)
{
    int d = str_distance(word, name);
    if (d >= *least) return;
    *best = name;
    *least = d;
}

/* Up to two letters are wrong, up to one in a short word. */
static int far_from(const char *word)
{
    return strlen(word) > 4 ? 3 : 2;
}

static const char *meant(Reader *r, const char *best)
{
    return best ? arena_print(r->arena, "; did you mean %s?", best) : "";
}

static const char *letters(const char *spelling)
{
    return spelling + strspn(spelling, "-");
}

static const char *unknown_flag(Reader *r, const char *word, size_t n)
{
    const char *name = arena_copy(r->arena, word, n), *best = NULL;
    int least = far_from(letters(name));
    for (const FlagRow *f = command_flags; f->group || f->spelling; f++)
        if (f->spelling && strlen(letters(f->spelling)) > 1) consider(letters(name), letters(f->spelling), &best, &least);
    for (const FlagRow *f = command_flags; best && (f->group || f->spelling); f++)
        if (f->spelling && strcmp(letters(f->spelling), best) == 0) best = f->spelling;
    return arena_print(r->arena, "there is no flag %s%s", name, meant(r, best));
}

static const char *unknown_command(Reader *r, const char *word)
{
    const char *best = NULL, *program = arena_print(r->arena, "%s.nn", word);
    int least = far_from(word);
    for (int i = 0; i < N_VERBS; i++)
        consider(word, command_verbs[i].name, &best, &least);
    if (access(program, F_OK) == 0) best = program;
    return arena_print(r->arena, "there is no command and no file %s%s", word, meant(r, best));
}

/* ---- flags */

static const char *add(Reader *r, WordList *list, const char *value)
{
    if (list->n == COMMAND_MOST) return arena_print(r->arena, "too many arguments: %s", value);
    list->at[list->n++] = value;
    return NULL;
}

static const char *choose(Reader *r, const FlagRow *f, const char *value, int *out)
{
    const char *c = f->word;
    for (int i = 0; *c; i++) {
        size_t n = strcspn(c, "|");
        if (strlen(value) == n && memcmp(c, value, n) == 0) return *out = i, NULL;
        c += n + (c[n] == '|');
    }
    return arena_print(r->arena, "%s is `%s`, but must be one of %s", f->spelling, value, f->word);
}

static const char *bytes(Reader *r, const FlagRow *f, const char *value, long long *out)
{
    double number;
    if (amount_read(value, &number) && number >= 1) return *out = (long long)number, NULL;
    return arena_print(r->arena, "%s is `%s`, but must be " AMOUNT_EXPECTED, f->spelling, value);
}

static const char *store(Reader *r, const FlagRow *f, const char *value)
{
    void *place = (char *)r->c + f->at;
    if (r->c->n_used < sizeof r->c->used / sizeof *r->c->used) r->c->used[r->c->n_used++] = (unsigned)(f - command_flags);
    switch (f->kind) {
    case FLAG_SETS: *(int *)place = f->value; return NULL;
    case FLAG_TEXT: *(const char **)place = value; return NULL;
    case FLAG_CHOICE: return choose(r, f, value, place);
    case FLAG_BYTES: return bytes(r, f, value, place);
    case FLAG_LIST: return add(r, place, value);
    case FLAG_LIBRARY: return add(r, place, arena_print(r->arena, "-l%s", value));
    }
    return NULL;
}

/* A flag by its whole name, or by the beginning of one name only; NULL: none. */
static const FlagRow *find_long(const char *name, size_t n, bool one_dash)
{
    const FlagRow *found = NULL;
    int many = 0;
    for (const FlagRow *f = command_flags; f->group || f->spelling; f++) {
        if (!f->spelling || strlen(letters(f->spelling)) < 2 || (one_dash && f->spelling[1] == '-')) continue;
        if (strncmp(letters(f->spelling), name, n) != 0) continue;
        if (!letters(f->spelling)[n]) return f;
        found = f;
        many++;
    }
    return many == 1 && !one_dash ? found : NULL;
}

static const FlagRow *find_letter(char letter)
{
    for (const FlagRow *f = command_flags; f->group || f->spelling; f++)
        if (f->spelling && f->spelling[1] == letter && !f->spelling[2]) return f;
    return NULL;
}

static const char *value_of(Reader *r, const FlagRow *f, const char *attached, const char **value)
{
    if (attached)
        *value = attached;
    else if (r->at + 1 < r->argc)
        *value = r->argv[++r->at];
    else
        return arena_print(r->arena, "%s needs a value: %s", f->spelling, f->word);
    return NULL;
}

/* --name, --name=value, --name value; -march=value. */
static const char *read_long(Reader *r, const FlagRow *f, const char *equal)
{
    const char *value = NULL, *wrong = NULL;
    if (f->kind == FLAG_SETS && equal) return arena_print(r->arena, "%s takes no value", f->spelling);
    if (f->kind != FLAG_SETS) wrong = value_of(r, f, equal ? equal + 1 : NULL, &value);
    return wrong ? wrong : store(r, f, value);
}

/* -c, -cS, -oFILE, -o FILE. */
static const char *read_letters(Reader *r, const char *word)
{
    for (const char *c = word + 1; *c; c++) {
        const FlagRow *f = *c == 'h' && !c[1] ? find_long("help", 4, false) : find_letter(*c);
        const char *value = NULL, *wrong = NULL;
        if (!f)
            return c == word + 1 ? unknown_flag(r, word, strcspn(word, "="))
                                 : arena_print(r->arena, "there is no flag -%c in %s", *c, word);
        if (f->kind != FLAG_SETS) wrong = value_of(r, f, c[1] ? c + 1 : NULL, &value);
        if (!wrong) wrong = store(r, f, value);
        if (wrong || f->kind != FLAG_SETS) return wrong;
    }
    return NULL;
}

static const char *read_argument(Reader *r, bool *only_words)
{
    const char *word = r->argv[r->at];
    if (*only_words || word[0] != '-' || !word[1]) {
        r->c->n_free += !*only_words;
        return add(r, &r->c->words, word);
    }
    if (strcmp(word, "--") == 0) return *only_words = true, NULL;
    size_t n = strcspn(word, "=");
    bool one_dash = word[1] != '-';
    const FlagRow *f = find_long(letters(word), n - (one_dash ? 1 : 2), one_dash);
    if (f) return read_long(r, f, word[n] ? word + n : NULL);
    return one_dash ? read_letters(r, word) : unknown_flag(r, word, n);
}

/* ---- the command, and what it takes */

/* The first word that is one; it is no argument. */
static void find_command(Command *c)
{
    c->verb = VERB_build;
    for (unsigned i = 0; i < c->n_free; i++) {
        int verb = command_find_verb(c->words.at[i]);
        if (verb < 0) continue;
        c->verb = verb;
        memmove(&c->words.at[i], &c->words.at[i + 1], (c->words.n - i - 1) * sizeof *c->words.at);
        c->words.n--;
        c->n_free--;
        return;
    }
}

static const char *check_flags(Reader *r)
{
    for (unsigned i = 0; i < r->c->n_used; i++) {
        const FlagRow *f = &command_flags[r->c->used[i]];
        if (f->verbs >> r->c->verb & 1) continue;
        int has = 0;
        while (!(f->verbs >> has & 1))
            has++;
        return arena_print(r->arena, "%s has no flag %s; %s has it", command_verbs[r->c->verb].name, f->spelling, command_verbs[has].name);
    }
    return NULL;
}

static const char *needs_words(Reader *r)
{
    const Verb *verb = &command_verbs[r->c->verb];
    return arena_print(r->arena, "%s needs %s, as in: %.*s", verb->name, verb->arguments, (int)strcspn(verb->example, ">\n"),
                       verb->example);
}

/* -c, -S, --shared, --python and -static: one thing is made at a time; -S and -c are the same one. */
static const char *check_mode(Reader *r)
{
    Command *c = r->c;
    const FlagRow *first = NULL;
    for (unsigned i = 0; i < c->n_used; i++) {
        const FlagRow *f = &command_flags[c->used[i]];
        if (f->at != offsetof(Command, o.mode)) continue;
        if (first && first->value != f->value)
            return arena_print(r->arena, "%s or %s: one thing is made at a time", first->spelling, f->spelling);
        first = f;
    }
    if (c->o.assembly && first && first->value != NNC_OBJECT)
        return arena_print(r->arena, "-S is for objects, not with %s", first->spelling);
    if (c->o.assembly) c->o.mode = NNC_OBJECT;
    bool web = c->verb == VERB_build && c->o.target && strncmp(c->o.target, "wasm32", 6) == 0;
    if (web && c->o.mode == NNC_PROGRAM) c->o.mode = NNC_MODULE;
    if (c->o.small && c->o.mode != NNC_OBJECT && c->o.mode != NNC_MODULE) return "-Os is for objects and modules: nnc -c -Os";
    if (c->o.mpi && c->o.is_static) return "-static and --dist=mpi: Open MPI is a shared library";
    if (c->o.mode == NNC_PROGRAM || !(c->o.is_static || c->o.lean || c->o.mpi)) return NULL;
    return arena_print(r->arena, "%s is for programs, not for objects or shared libraries",
                       c->o.is_static ? "-static"
                       : c->o.lean    ? "--lean"
                                      : "--dist=mpi");
}

static const char *take_topic(Reader *r)
{
    Command *c = r->c;
    const Verb *verb = &command_verbs[c->verb];
    if (c->words.n > (verb->arguments[0] != 0))
        return arena_print(r->arena, "%s: `%s` is one word too many", verb->name, c->words.at[c->words.n - 1]);
    c->topic = c->words.n ? c->words.at[0] : c->explain;
    return !c->topic && verb->arguments[0] && verb->arguments[0] != '[' ? needs_words(r) : NULL;
}

static const char *take_inputs(Reader *r)
{
    Command *c = r->c;
    const char *wrong = NULL;
    unsigned n = c->verb == VERB_quantize ? c->n_free : c->words.n;
    for (unsigned i = 0; i < n && !wrong; i++) {
        const char *word = c->words.at[i];
        if (i < c->n_free && command_find_verb(word) >= 0)
            wrong = arena_print(r->arena, "one command at a time: %s and %s", command_verbs[c->verb].name, word);
        else if (strcmp(word, "-") != 0 && !strpbrk(word, "./") && access(word, F_OK) != 0)
            wrong = unknown_command(r, word);
        else if (ends_in(word, ".o") || ends_in(word, ".a") || ends_in(word, ".so"))
            wrong = add(r, &c->inputs, word);
        else if (strcmp(word, "-") == 0 && c->verb != VERB_check && c->verb != VERB_fmt)
            wrong = arena_print(r->arena, "%s reads no standard input; check and fmt do", command_verbs[c->verb].name);
        else if (c->o.input)
            wrong = arena_print(r->arena, "one program at a time; this is the second: %s", word);
        else
            c->o.input = word;
    }
    return wrong || c->o.input ? wrong : "no program given";
}

const char *command_read(Command *c, Arena *arena, int argc, char **argv)
{
    Reader r = {c, arena, argc, 1, argv};
    const char *wrong = NULL;
    for (bool only_words = false; r.at < argc && !wrong; r.at++)
        wrong = read_argument(&r, &only_words);
    if (wrong) return wrong;
    find_command(c);
    wrong = check_flags(&r);
    if (c->verb == VERB_build && c->explain) c->verb = VERB_explain;
    if (c->version) c->verb = VERB_version, c->words.n = 0;
    if (wrong || c->help) return wrong;
    if (c->verb == VERB_plot || c->verb == VERB_report) return c->words.n ? NULL : needs_words(&r);
    if (c->verb >= VERB_explain) return take_topic(&r);
    if (c->o.only_compare && c->o.output) return "--check writes nothing: it has no -o";
    if ((wrong = check_mode(&r))) return wrong;
    c->o.defines = c->defines.at, c->o.n_defines = c->defines.n;
    c->o.include_dirs = c->dirs.at, c->o.n_include_dirs = c->dirs.n;
    wrong = take_inputs(&r);
    c->o.link_inputs = c->inputs.at, c->o.n_link_inputs = c->inputs.n;
    return wrong;
}
