/* links: nnc_sema nnc_syntax nnc_core nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_checked.c: what the checker makes of right programs, to the letter. tests/checked/NAME.txt (blocks_help.h) hold programs and the
 * types of their names as --shapes lists them, then the whole program as --dump=core shows it; NAME.words.txt what each word means. */
#include "blocks_help.h"
#include "core/core.h"

#define FOLDER NNC_SOURCE_DIR "/tests/checked"
#define WORDS ".words.txt"

typedef struct Words {
    Sources *sources;
    Text out;
} Words;

static void add_place(Words *w, Span span)
{
    const SourceFile *file = source_get(w->sources, span.file);
    if (file->library)
        text_add(&w->out, "%s", file->name); /* its lines move */
    else
        text_add(&w->out, "%u:%u", source_line(file, span.lo), source_column(file, span.lo));
}

/* "3:9 x: 2:5 float[B]", once. */
static void add_word(void *user, const SemaMeaning *m)
{
    Words *w = user;
    size_t before = w->out.n;
    add_place(w, m->use);
    text_add(&w->out, " %s%s:", m->name, m->result ? "()" : "");
    if (m->definition.file) {
        text_add(&w->out, " ");
        add_place(w, m->definition);
    }
    if (m->text) text_add(&w->out, " %s", m->text);
    if (m->path) text_add(&w->out, " at %s", m->path);
    text_add(&w->out, "\n");
    const char *all = text_c(&w->out), *line = all + before, *first = strstr(all, line);
    while (first != all && first[-1] != '\n')
        first = strstr(first + 1, line);
    if (first != line) w->out.n = before;
}

/* The types of names and the program, or what each word means; messages in front. */
static const char *checked(Arena *arena, const char *program, size_t n, bool words)
{
    Strings strings;
    Sources sources = {.arena = arena};
    Diags diags = {.arena = arena, .sources = &sources};
    Text out = {.arena = arena}, shapes = {.arena = arena};
    Words w = {.sources = &sources, .out = {.arena = arena}};
    strings_init(&strings, arena);
    char *copy = arena_alloc(arena, n + 2);
    memcpy(copy, program, n);
    Ast *ast = parse_file(arena, &strings, &diags, &sources, source_add(&sources, "prog.nn", copy, n, false));
    SemaOptions options = {.read_file = read_whole, .list_shapes = !words, .shapes = &shapes, .meant = words ? add_word : NULL, .user = &w};
    CoreProgram *core = sema_check(arena, &strings, &sources, &diags, dims_new(arena), ast, "prog", &options);
    diag_render(&diags, &out, false);
    cr_expect_eq(diags.n_errors, 0, "%.*s%s", (int)n, program, text_c(&out));
    text_add(&out, "%s", text_c(words ? &w.out : &shapes));
    if (!words && !diags.n_errors) core_print(arena, core, &out);
    return text_c(&out);
}

static const char *core_of(Arena *arena, const char *program, size_t n)
{
    return checked(arena, program, n, false);
}

static const char *words_of(Arena *arena, const char *program, size_t n)
{
    return checked(arena, program, n, true);
}

static int ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), k = strlen(end);
    return n > k && !strcmp(name + n - k, end);
}

static int is_words(const struct dirent *e)
{
    return ends_with(e->d_name, WORDS);
}

static int is_core(const struct dirent *e)
{
    return ends_with(e->d_name, ".txt") && !is_words(e);
}

Test(checked, programs)
{
    check_folder_of_blocks(FOLDER, is_core, core_of);
}

Test(checked, meanings)
{
    check_folder_of_blocks(FOLDER, is_words, words_of);
}
