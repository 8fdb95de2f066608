/* links: nnc_damage nnc_sema nnc_core nnc_syntax nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_damaged.c: what is said of thousands of programs that are slightly wrong, and what is made of those that are still right.
 *
 * Programs of the examples, the library, the documents and other tests are damaged in one place each (tests/damage). A line of
 * tests/damaged/NAME.txt says where and how, and what came of it:
 *     ==== examples/vae/vae.nn
 *     12:30 n_in -> n_out: E0304 14:9 1a2b3c4d
 *     31:20 0.5 -> 1.5: core 0f1e2d3c
 * The codes and places of messages that the program has not without the damage (`+ 3` where there are more of them, `- 2` of
 * those that are gone), a hash of the text of all; of a right program a hash of its dump, of the shapes and of what editors ask
 * for. `NNC_UPDATE=1 tests/test_damaged` writes them. `NNC_SHOW="examples/vae/vae.nn 12:30 n_in" tests/test_damaged` prints these
 * programs and all that is made of them, to be compared between two compilers. */
#include "blocks_help.h"
#include "core/core.h"
#include "damage/damage.h"
#include "library_help.h"
#include "support/allow.h"

#include <glob.h>
#include <sys/stat.h>

#define FOLDER NNC_SOURCE_DIR "/tests/damaged/"
enum { MOST_PLACES = 4, MOST_TOLD = 8, LIMITS_OVER = 50, SMALL = 64 << 10 /* bytes of its dump */ };

typedef struct Program {
    const char *called, *name; /* as the source of programs has it; the only one */
    const char *path, *text;   /* path: as messages have it */
} Program;

typedef VEC(Program) Programs;
typedef void AddPrograms(Arena *, Programs *, const char *, const char *);

/* ---- one program ----------------------------------------------------------------------------- */

/* Files of the examples that others import; their names are those below the source folder. */
static const char *read_import(void *user, const char *path, size_t *n, Arena *arena, const char **refused)
{
    struct stat is;
    const char *whole = arena_print(arena, "%s/%s", NNC_SOURCE_DIR, path);
    return stat(whole, &is) == 0 && S_ISREG(is.st_mode) ? read_whole(user, whole, n, arena, refused) : NULL;
}

typedef struct Meanings {
    Text text;
    const Sources *sources;
} Meanings;

/* Of what the library defines not where: it may grow. */
static void note_meaning(void *user, const SemaMeaning *m)
{
    Meanings *all = user;
    Span at = m->definition;
    bool own = at.file && !source_get(all->sources, at.file)->library;
    text_add(&all->text, "%u:%u %s %u %s %s %d\n", m->use.lo, m->use.hi, m->name, own ? at.lo : 0, m->text ? m->text : "",
             m->path ? m->path : "", m->result);
}

/* Of a right program, all that is made of it. */
static const char *made_of(Checked *c, const Meanings *meanings)
{
    Text out = {.arena = &c->arena};
    core_print(&c->arena, c->program, &out);
    text_add(&out, "%s", text_c(&c->shapes));
    text_bytes(&out, meanings->text.at, meanings->text.n);
    return text_c(&out);
}

typedef struct Outcome {
    Checked c;
    bool unread;      /* there is a syntax error */
    const char *made; /* NULL: it is refused */
} Outcome;            /* of one program after another */

static void check_program(const Library *l, const char *path, const char *text, Outcome *o)
{
    o->made = NULL;
    const Ast *ast = parse_with(l, &o->c, path, text);
    o->unread = o->c.diags.n_errors > 0;
    if (o->unread) return;
    Meanings meanings = {.text = {.arena = &o->c.arena}, .sources = &o->c.sources};
    SemaOptions options = {.read_file = read_import,
                           .list_shapes = true,
                           .shapes = &o->c.shapes,
                           .meant = note_meaning,
                           .user = &meanings,
                           .limits_over = LIMITS_OVER};
    check_tree(l, &o->c, ast, options);
    allow_apply(&o->c.diags, LOOKED_FOR_ALL_BUT_GRADIENTS);
    diag_merge(&o->c.diags);
    render_messages(&o->c);
    if (o->c.diags.n_errors) return;
    const char *wrong = core_verify(o->c.program, &o->c.arena);
    cr_expect(!wrong, "%s: the core program: %s\n%s", path, wrong, text);
    o->made = made_of(&o->c, &meanings);
}

/* ---- what is recorded of it -------------------------------------------------------------------- */

static const char *place_of(Arena *arena, const Sources *sources, Span span)
{
    if (!span.file) return "-";
    const SourceFile *f = source_get(sources, span.file);
    const char *where = arena_print(arena, "%u:%u", source_line(f, span.lo), source_column(f, span.lo));
    return f->library ? arena_print(arena, "%s:%s", f->name, where) : where;
}

typedef VEC(const char *) Places;

/* "E0304 14:9" of every message, in their order. */
static Places places_of(Arena *arena, const Checked *c)
{
    Places places = {0};
    uint32_t n = 0;
    Diag *const *shown = diag_shown(&c->diags, &n);
    for (uint32_t i = 0; i < n; i++)
        vec_add(arena, &places, arena_print(arena, "%s %s", shown[i]->code, place_of(arena, &c->sources, shown[i]->span)));
    return places;
}

static bool among(const Places *places, const char *place)
{
    for (uint32_t i = 0; i < places->n; i++)
        if (strcmp(places->at[i], place) == 0) return true;
    return false;
}

static uint32_t short_hash(const char *text)
{
    uint64_t hash = str_hash(text, strlen(text));
    return (uint32_t)(hash ^ hash >> 32);
}

/* before: of the program without the damage. */
static const char *recorded_of(Arena *arena, const Outcome *o, const Places *before)
{
    Places now = places_of(arena, &o->c);
    Text out = {.arena = arena};
    uint32_t more = 0, gone = 0;
    for (uint32_t i = 0; i < now.n; i++)
        if (!among(before, now.at[i]) && more++ < MOST_PLACES) text_add(&out, "%s ", now.at[i]);
    for (uint32_t i = 0; i < before->n; i++)
        gone += !among(&now, before->at[i]);
    if (more > MOST_PLACES) text_add(&out, "+ %u ", more - MOST_PLACES);
    if (gone) text_add(&out, "- %u ", gone);
    if (now.n) text_add(&out, "%08x", short_hash(o->c.messages));
    if (o->made) text_add(&out, "%score %08x", now.n ? " " : "", short_hash(o->made));
    return text_c(&out);
}

/* ---- all damages of a program -------------------------------------------------------------------- */

/* Programs that are recorded in one file. */
typedef struct Group {
    const char *record, *pattern;
    AddPrograms *add;
    int told, told_eighths, more_eighths; /* damages of a line: at most, on average in eighths, and further ones */
} Group;

typedef struct Run {
    const Library *library;
    Arena *arena;    /* of what is recorded */
    const char *old; /* the record */
    Text out;        /* the new one */
    Outcome *o;      /* its memory is used again and again */
    const Group *group;
    int n, told;
} Run;

/* A program that is being damaged. */
typedef struct Subject {
    const Program *program;
    Pieces pieces;
    Places before;    /* its messages */
    const char *part; /* what is recorded of it */
    int halves;       /* it has 1 / 2^halves of the damages of small ones */
} Subject;

static const char *line_text(Arena *arena, const char *text, uint32_t at)
{
    while (at && text[at - 1] != '\n')
        at--;
    return arena_copy(arena, text + at, strcspn(text + at, "\n"));
}

/* What is recorded behind this beginning of a line; NULL: there is no such line. */
static const char *recorded_behind(Arena *arena, const char *part, const char *beginning)
{
    size_t n = strlen(beginning);
    for (const char *line = part; line && *line && strncmp(line, TITLE, strlen(TITLE)) != 0;
         line = strchr(line, '\n'), line += line != NULL)
        if (strncmp(line, beginning, n) == 0) return arena_copy(arena, line + n, strcspn(line + n, "\n"));
    return NULL;
}

static void show(const Run *r, const Subject *s, const Damage *d, const char *line)
{
    const char *wanted = getenv("NNC_SHOW"), *is = arena_print(r->arena, "%s %s", s->program->name, line);
    if (!wanted || strncmp(wanted, is, strlen(wanted)) != 0) return;
    fprintf(stderr, "==== %s\n%s----\n%s%s", is, d->text, r->o->c.messages, r->o->made ? r->o->made : "");
}

/* "12:30 n_in -> n_out: " of the damage of this number of a line; NULL: there is none that can be read. What came of it is in r->o. */
static const char *try_damage(Run *r, const Subject *s, uint32_t line, int number, Damage *d)
{
    if (!damage_make(r->arena, &s->pieces, s->program->name, line, (uint32_t)number, number >= r->group->told, d)) return NULL;
    uint32_t column = 1;
    for (uint32_t at = d->at; at && s->program->text[at - 1] != '\n'; at--)
        column++;
    const char *damage = arena_print(r->arena, "%u:%u %s: ", line, column, d->what);
    check_program(r->library, s->program->path, d->text, r->o);
    return r->o->unread ? NULL : damage;
}

static void compare(Run *r, const Subject *s, const Damage *d, const char *damage, const char *is, const char *short_is, const char *was)
{
    r->n++;
    show(r, s, d, arena_print(r->arena, "%s%s", damage, is));
    bool same = getenv("NNC_UPDATE") || (was && strcmp(was, short_is) == 0);
    if (same || r->told++ >= MOST_TOLD) return;
    cr_expect(same, "%s %s\nis   %s\nwas  %s\nthe line is now\n%s\nand this is said (all that is made of it: NNC_SHOW=\"%s %.*s\"):\n%s",
              s->program->name, damage, is, was ? was : "not recorded", line_text(r->arena, d->text, d->at), s->program->name,
              (int)strlen(damage) - 2, damage, r->o->c.messages);
}

/* Some damages of a line, with a line of the record for each. */
static void try_told(Run *r, const Subject *s, uint32_t line, int n)
{
    Places seen = {0};
    for (int k = 0; k < n; k++) {
        Damage d;
        const char *damage = try_damage(r, s, line, k, &d);
        if (!damage || among(&seen, damage)) continue;
        vec_add(r->arena, &seen, damage);
        const char *is = recorded_of(r->arena, r->o, &s->before);
        text_add(&r->out, "%s%s\n", damage, is);
        compare(r, s, &d, damage, is, is, recorded_behind(r->arena, s->part, damage));
    }
}

/* Further ones, with three digits for each. */
static void try_more(Run *r, const Subject *s, uint32_t line, int n)
{
    const char *beginning = arena_print(r->arena, "%u more:", line), *was = recorded_behind(r->arena, s->part, beginning);
    Text digits = {.arena = r->arena};
    bool any = false;
    for (int k = 0; k < n; k++) {
        Damage d;
        const char *damage = try_damage(r, s, line, r->group->told + k, &d), *is = damage ? recorded_of(r->arena, r->o, &s->before) : "";
        const char *short_is = damage ? arena_print(r->arena, "%03x", short_hash(is) & 0xfff) : "-";
        size_t begin = was ? strspn(was, " ") : 0, length = was ? strcspn(was + begin, " ") : 0;
        text_add(&digits, " %s", short_is);
        any |= damage != NULL;
        if (damage) compare(r, s, &d, damage, is, short_is, was ? arena_copy(r->arena, was + begin, length) : NULL);
        was = was ? was + begin + length : NULL;
    }
    if (any) text_add(&r->out, "%s%s\n", beginning, text_c(&digits));
}

/* How many of a line, on average so many eighths. */
static int share(const Subject *s, const char *line, int eighths)
{
    uint32_t spread = short_hash(line) % 64;
    return (int)((uint32_t)(8 * eighths >> s->halves) + spread) / 64;
}

static void try_program(Run *r, const Program *p)
{
    Arena arena = {0}, *kept = r->arena;
    check_program(r->library, p->path, p->text, r->o);
    if (!r->o->unread) {
        r->arena = &arena;
        Subject s = {.program = p, .pieces = pieces_of(&arena, p->text), .before = places_of(&arena, &r->o->c)};
        const char *title = arena_print(&arena, TITLE "%s\n", p->name);
        s.part = strstr(r->old, title);
        s.part = s.part ? s.part + strlen(title) : "";
        for (size_t n = r->o->made ? strlen(r->o->made) : 0; n > SMALL; n /= 2)
            s.halves++;
        text_add(&r->out, "%s", title);
        for (uint32_t i = 0, line = 0; i < s.pieces.list.n; i++) {
            if (s.pieces.list.at[i].line == line) continue;
            line = s.pieces.list.at[i].line;
            const char *text = line_text(&arena, p->text, s.pieces.list.at[i].lo);
            try_told(r, &s, line, share(&s, text, r->group->told_eighths));
            try_more(r, &s, line, share(&s, text, r->group->more_eighths));
        }
        r->arena = kept;
    }
    arena_free(&arena);
}

/* ---- where programs come from ------------------------------------------------------------------ */

static const char *read_text(Arena *arena, const char *path)
{
    size_t n = 0;
    const char *text = read_whole(NULL, path, &n, arena, NULL);
    cr_assert(text, "%s cannot be read", path);
    return text;
}

/* Of several of one name the later ones are called "name (2)". */
static void add_program(Arena *arena, Programs *programs, const char *name, const char *path, const char *text, size_t n)
{
    int same = 1;
    for (uint32_t i = 0; i < programs->n; i++)
        same += strcmp(programs->at[i].called, name) == 0;
    Program p = {name, same > 1 ? arena_print(arena, "%s (%d)", name, same) : name, path, arena_copy(arena, text, n)};
    vec_add(arena, programs, p);
}

static void name_block(Arena *arena, Programs *programs, const char *file, const char *title, const char *text, size_t n)
{
    const char *name = arena_print(arena, "%s, %.*s", strrchr(file, '/') + 1, (int)strcspn(title, "\n"), title);
    add_program(arena, programs, name, "prog.nn", text, n);
}

static void add_file(Arena *arena, Programs *programs, const char *name, const char *text)
{
    add_program(arena, programs, name, name, text, strlen(text));
}

/* `==== title`, a program, `----` and what is said of it. */
static void add_blocks(Arena *arena, Programs *programs, const char *name, const char *text)
{
    for (const char *block = next_line(text, TITLE), *end; *block; block = end) {
        const char *title = block + strlen(TITLE), *program = strchr(block, '\n') + 1, *rule = next_line(program, RULE);
        end = next_line(program, TITLE);
        if (rule > end) rule = end;
        name_block(arena, programs, name, title, program, (size_t)(rule - program));
    }
}

/* The blocks of a document, named after their first lines. */
static void add_fences(Arena *arena, Programs *programs, const char *name, const char *text)
{
    for (const char *open = next_line(text, "```"), *close; *open; open = next_line(strchr(close, '\n'), "```")) {
        const char *inside = strchr(open, '\n') + 1;
        close = next_line(inside, "```");
        bool program = strncmp(open, "```nn\n", 6) == 0 || strncmp(open, "```\n", 4) == 0;
        if (program) name_block(arena, programs, name, inside, inside, (size_t)(close - inside));
        if (!*close) break;
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static Programs programs_of(Arena *arena, const char *pattern, AddPrograms *add)
{
    Programs programs = {0};
    glob_t files;
    const char *root = NNC_SOURCE_DIR "/";
    cr_assert(glob(arena_print(arena, "%s%s", root, pattern), GLOB_BRACE | GLOB_NOSORT, NULL, &files) == 0, "%s: no file", pattern);
    qsort(files.gl_pathv, files.gl_pathc, sizeof *files.gl_pathv, by_text);
    for (size_t i = 0; i < files.gl_pathc; i++)
        add(arena, &programs, arena_print(arena, "%s", files.gl_pathv[i] + strlen(root)), read_text(arena, files.gl_pathv[i]));
    globfree(&files);
    return programs;
}

/* Lines of the record that nothing gives any more. */
static void compare_all(const Run *r)
{
    const char *is = r->out.at, *was = r->old;
    for (size_t n; *is && *was; is += n, was += n) {
        n = strcspn(is, "\n") + 1;
        if (strncmp(is, was, n) != 0) break;
    }
    cr_expect(!*is && !*was, "%s: this is\n%.*s\nand is recorded as\n%.*s", r->group->record, (int)strcspn(is, "\n"), is,
              (int)strcspn(was, "\n"), was);
}

static void damage_all(const Group *group)
{
    Library library = {0};
    Arena arena = {0};
    Outcome outcome = {0};
    const char *path = arena_print(&arena, FOLDER "%s.txt", group->record);
    bool update = getenv("NNC_UPDATE") != NULL;
    Run run = {.library = &library, .arena = &arena, .out = {.arena = &arena}, .group = group, .o = &outcome};
    run.old = update ? "" : read_text(&arena, path);
    read_library(&library);
    Programs programs = programs_of(&arena, group->pattern, group->add);
    for (uint32_t i = 0; i < programs.n; i++)
        try_program(&run, &programs.at[i]);
    write_back(path, text_c(&run.out));
    if (!update && !run.told) compare_all(&run);
    cr_expect(run.told <= MOST_TOLD, "%s: %d further ones differ", group->record, run.told - MOST_TOLD);
    cr_log_info("%s: %u programs, %d damages", group->record, programs.n, run.n);
    arena_free(&arena);
    arena_free(&outcome.c.arena);
    arena_free(&library.arena);
}

Test(damaged, examples)
{
    damage_all(&(Group){"examples", "examples/*/*.nn", add_file, 4, 10, 0});
}

Test(damaged, library)
{
    damage_all(&(Group){"library", "stdlib/{sequence,sound,vision}.nn", add_file, 4, 4, 0});
}

Test(damaged, recorded)
{
    damage_all(&(Group){"recorded", "tests/recorded/{prim,programs}.txt", add_blocks, 4, 16, 48});
}

Test(damaged, messages)
{
    damage_all(&(Group){"messages", "tests/messages/*.txt", add_blocks, 4, 2, 20});
}

Test(damaged, diag)
{
    damage_all(&(Group){"diag", "tests/diag/*.nn", add_file, 4, 2, 18});
}

Test(damaged, language)
{
    damage_all(&(Group){"language", "docs/language.md", add_fences, 4, 6, 16});
}
