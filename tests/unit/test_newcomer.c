/* links: nnc_sema nnc_syntax nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_newcomer.c: slips of people who are new to the language, each in a program that is right but for one line.
 *
 * A file of tests/newcomer is a program, a line `====`, and mistakes:
 *     - the line that is replaced
 *     + what stands there instead (one or several lines)
 *     @ the line that the message names, if it is not the last of the new ones
 *     ! E0101 words | words      the code, then what one help line has to say; no words: none is needed
 *     ! E0101 x2 words           as many messages as this
 * Every mistake is refused at its line; few get more than one message, and most a help that is right. What a help can do by itself (its
 * edit) takes the message away. */
#include <criterion/criterion.h>

#include "sema_help.h"
#include "support/allow.h"

#define FOLDER NNC_SOURCE_DIR "/tests/newcomer/"
enum { MOST_SEVERAL = 3, LEAST_HELPED = 85, LEAST_MENDED = 70 /* percent */ };

typedef struct Mistake {
    const char *old, *at, *code, *words; /* old and the new lines end at their line breaks */
    Text changed;                        /* the lines that stand there instead */
    int n_messages;
} Mistake;

typedef struct Tally {
    int mistakes, several, helped, edited, mended; /* edited: with an edit; mended: it makes the program right */
} Tally;

static const char *next_line(const char *line)
{
    line += strcspn(line, "\n");
    return *line ? line + 1 : line;
}

/* The line of `text` that is `wanted` but for its indentation; NULL: there is none. */
static const char *find_line(const char *text, const char *wanted, uint32_t *number)
{
    size_t n = strcspn(wanted, "\n");
    *number = 1;
    for (; *text; text = next_line(text), ++*number) {
        const char *c = text + strspn(text, " ");
        if (strcspn(c, "\n") == n && memcmp(c, wanted, n) == 0) return text;
    }
    return NULL;
}

/* Reads the mistake at `text`; returns the text behind it. */
static const char *read_mistake(Arena *arena, const char *text, Mistake *m)
{
    *m = (Mistake){.changed = {.arena = arena}, .n_messages = 1};
    for (; *text; text = next_line(text)) {
        const char *rest = text + 2;
        int n = (int)strcspn(rest, "\n");
        if (*text == '-') m->old = arena_copy(arena, rest, (size_t)n);
        if (*text == '+') text_add(&m->changed, "%.*s\n", n, rest);
        if (*text == '@') m->at = arena_copy(arena, rest, (size_t)n);
        if (*text != '!') continue;
        m->code = arena_copy(arena, rest, 5);
        m->words = n > 6 ? arena_copy(arena, rest + 6, (size_t)n - 6) : "";
        int end = 0;
        if (sscanf(m->words, "x%d%n", &m->n_messages, &end) == 1) m->words += end + (m->words[end] == ' ');
        return next_line(text);
    }
    return text;
}

/* The program with the mistake; *line is where the message is wanted. */
static const char *apply(Arena *arena, const char *program, Mistake *m, uint32_t *line)
{
    Text out = {.arena = arena};
    const char *old = find_line(program, m->old, line);
    cr_assert(old, "the program has no line: %s", m->old);
    int indent = (int)strspn(old, " ");
    text_add(&out, "%.*s", (int)(old - program), program);
    for (const char *c = text_c(&m->changed); *c; c = next_line(c))
        text_add(&out, "%*s%.*s\n", indent, "", (int)strcspn(c, "\n"), c);
    text_add(&out, "%s", next_line(old));
    const char *changed = text_c(&out);
    if (m->at) cr_assert(find_line(changed, m->at, line), "the program has no line: %s", m->at);
    return changed;
}

/* As the command does it. */
static void check(Checked *c, const char *program)
{
    size_t n = strlen(program);
    memset(c, 0, sizeof *c);
    strings_init(&c->strings, &c->arena);
    c->sources.arena = c->diags.arena = c->shapes.arena = &c->arena;
    c->diags.sources = &c->sources;
    char *copy = arena_alloc(&c->arena, n + 2); /* two bytes of 0 behind it */
    memcpy(copy, program, n);
    uint32_t file = source_add(&c->sources, "prog.nn", copy, n, false);
    Ast *ast = parse_file(&c->arena, &c->strings, &c->diags, &c->sources, file);
    SemaOptions options = {.read_file = read_whole, .shapes = &c->shapes};
    sema_check(&c->arena, &c->strings, &c->sources, &c->diags, dims_new(&c->arena), ast, "prog", &options);
    allow_apply(&c->diags, LOOKED_FOR_SOME);
    diag_merge(&c->diags);
    Text out = {.arena = &c->arena};
    diag_render(&c->diags, &out, false);
    c->messages = text_c(&out);
}

static const Diag *first_error(const Checked *c)
{
    const Diag *first = NULL;
    for (uint32_t i = 0; i < c->diags.list.n; i++) {
        const Diag *d = c->diags.list.at[i];
        if (!d->warning && (!first || d->span.lo < first->span.lo)) first = d;
    }
    return first;
}

/* Does one of the helps hold all of the words? */
static bool helps(Arena *arena, const Diag *d, const char *words)
{
    for (const char *w = words; *w;) {
        const char *end = strstr(w, " | ");
        const char *word = arena_copy(arena, w, end ? (size_t)(end - w) : strlen(w));
        bool found = false;
        for (uint32_t i = 0; i < d->parts.n; i++)
            found |= d->parts.at[i].kind == DIAG_HELP && strstr(d->parts.at[i].text, word);
        if (!found) return false;
        w = end ? end + 3 : w + strlen(w);
    }
    return true;
}

/* The program with what the help would have. */
static const char *edited(Arena *arena, const char *program, const DiagPart *help)
{
    return arena_print(arena, "%.*s%s%s", (int)help->span.lo, program, help->edit, program + help->span.hi);
}

static void try_edit(const char *name, Arena *arena, const char *program, const Checked *c, const Diag *d, Tally *tally)
{
    const DiagPart *help = NULL;
    for (uint32_t i = 0; i < d->parts.n && !help; i++)
        if (d->parts.at[i].edit) help = &d->parts.at[i];
    if (!help) return;
    Checked after;
    const char *better = edited(arena, program, help);
    check(&after, better);
    const Diag *still = first_error(&after);
    bool same = still && still->span.lo == d->span.lo && !strcmp(still->code, d->code) && !strcmp(still->text, d->text);
    cr_expect(!same, "%s: the help changes nothing:\n%sbecomes, with `%s`:\n%s", name, c->messages, help->edit, after.messages);
    tally->edited++;
    tally->mended += !still;
    if (still) cr_log_info("%s: %sstill wrong with `%s`:\n%s", name, c->messages, help->edit, after.messages);
    arena_free(&after.arena);
}

static void try_mistake(const char *name, const char *program, Mistake *m, Tally *tally)
{
    Checked c;
    Arena arena = {0};
    uint32_t line;
    const char *changed = apply(&arena, program, m, &line);
    check(&c, changed);
    const Diag *d = first_error(&c);
    const char *what = text_c(&m->changed);
    tally->mistakes++;
    cr_expect(d, "%s: this is accepted:\n%s%s", name, what, c.messages);
    if (d) {
        cr_expect_eq(diag_line(&c, d), line, "%s: the message is wanted on line %u:\n%s%s", name, line, what, c.messages);
        cr_expect_str_eq(d->code, m->code, "%s: not %s:\n%s%s", name, m->code, what, c.messages);
        cr_expect_eq((int)c.diags.list.n, m->n_messages, "%s: not %d messages:\n%s%s", name, m->n_messages, what, c.messages);
        bool helped = helps(&arena, d, m->words);
        cr_expect(helped, "%s: no help says \"%s\":\n%s%s", name, m->words, what, c.messages);
        tally->several += c.diags.list.n > 1;
        tally->helped += helped && *m->words;
        try_edit(name, &arena, changed, &c, d, tally);
    }
    arena_free(&c.arena);
    arena_free(&arena);
}

static void try_file(const char *name, Tally *tally)
{
    Arena arena = {0};
    Checked c;
    size_t n = 0;
    const char *text = read_whole(NULL, arena_print(&arena, FOLDER "%s", name), &n, &arena, NULL);
    cr_assert(text, "cannot read %s", name);
    const char *list = strstr(text, "====\n"), *program = list ? arena_copy(&arena, text, (size_t)(list - text)) : NULL;
    cr_assert(program, "%s: no list of mistakes", name);
    check(&c, program);
    cr_expect_eq(c.diags.list.n, 0, "%s: the program itself is not right:\n%s", name, c.messages);
    arena_free(&c.arena);
    for (list = next_line(list); *list;) {
        Mistake m;
        list = read_mistake(&arena, list, &m);
        if (m.old) try_mistake(name, program, &m, tally);
    }
    arena_free(&arena);
}

static int is_list(const struct dirent *e)
{
    size_t n = strlen(e->d_name);
    return n > 4 && strcmp(e->d_name + n - 4, ".txt") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

Test(newcomer, mistakes)
{
    struct dirent **list;
    Tally tally = {0};
    int n = scandir(FOLDER, &list, is_list, by_name);
    cr_assert(n > 0);
    for (int i = 0; i < n; i++) {
        try_file(list[i]->d_name, &tally);
        free(list[i]);
    }
    free(list);
    cr_log_info("%d mistakes: %d with several messages, %d with a help that is right; %d edits, %d of which make it right", tally.mistakes,
                tally.several, tally.helped, tally.edited, tally.mended);
    cr_expect(tally.mistakes >= 200, "%d mistakes", tally.mistakes);
    cr_expect(tally.several <= MOST_SEVERAL, "%d mistakes give several messages", tally.several);
    cr_expect(tally.edited >= 60 && tally.mended * 100 >= tally.edited * LEAST_MENDED, "%d edits, %d of which make it right", tally.edited,
              tally.mended);
    cr_expect(tally.helped * 100 >= tally.mistakes * LEAST_HELPED, "%d of %d mistakes get a help", tally.helped, tally.mistakes);
}
