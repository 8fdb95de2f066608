/* SPDX-License-Identifier: MIT
 * unit.c: files: their declarations by name, imports, the embedded library (language.md#constants-options-imports). */
#include "sema/base/unit.h"

#include <string.h>

#include "syntax/lost.h"
#include "syntax/parse.h"

/* ---- declarations by name -------------------------------------------------------------------- */

/* The slot of an interned name: its own, or the free one where it would stand. */
static uint32_t *slot_of(const Unit *unit, const char *name)
{
    uint64_t at = ((uint64_t)(uintptr_t)name * 0x9e3779b97f4a7c15u) >> 32;
    while (unit->slot[at & unit->mask] && unit->globals.at[unit->slot[at & unit->mask] - 1]->decl->name != name)
        at++;
    return &unit->slot[at & unit->mask];
}

static void add_global(Sema *s, Unit *unit, Global *global)
{
    vec_add(s->arena, &unit->globals, global);
    uint32_t n = unit->globals.n, first = n;
    if (2 * n > unit->mask) { /* half of the slots stay free */
        unit->mask = unit->mask ? 2 * unit->mask + 1 : 63;
        unit->slot = ARENA_ARRAY(s->arena, uint32_t, unit->mask + 1);
        first = 1;
    }
    for (uint32_t i = first; i <= n; i++)
        *slot_of(unit, unit->globals.at[i - 1]->decl->name) = i;
}

Global *unit_find(const Unit *unit, const char *name)
{
    uint32_t at = unit && unit->slot ? *slot_of(unit, name) : 0;
    return at ? unit->globals.at[at - 1] : NULL;
}

bool unit_has_lost(Sema *s, const Unit *unit, const char *name)
{
    bool lost = s->partial && unit && lost_has(s->sources, unit->ast, name);
    s->n_silent += lost;
    return lost;
}

/* ---- loading --------------------------------------------------------------------------------- */

extern const unsigned char stdlib_prelude[], stdlib_sequence[], stdlib_sound[], stdlib_vision[], stdlib_volume[];
extern const size_t stdlib_prelude_size, stdlib_sequence_size, stdlib_sound_size, stdlib_vision_size, stdlib_volume_size;

static const struct {
    LibraryFile name;
    const unsigned char *text;
    const size_t *size;
} library_files[] = {
    {{"std/prelude.nn", NULL}, stdlib_prelude, &stdlib_prelude_size},  {{"std/sequence.nn", "seq"}, stdlib_sequence, &stdlib_sequence_size},
    {{"std/sound.nn", "sound"}, stdlib_sound, &stdlib_sound_size},     {{"std/vision.nn", "vision"}, stdlib_vision, &stdlib_vision_size},
    {{"std/volume.nn", "volume"}, stdlib_volume, &stdlib_volume_size},
};
enum { N_LIBRARY = sizeof library_files / sizeof library_files[0] };

/* Does a line of this text begin with a declaration of the name? */
static bool declares(const char *text, size_t n, const char *name)
{
    static const char *const words[] = {"fn ", "layer ", "metric "};
    size_t length = strlen(name);
    for (const char *line = text; line && line < text + n; line = memchr(line, '\n', (size_t)(text + n - line)), line += line != NULL)
        for (int k = 0; k < 3; k++) {
            const char *at = line + strlen(words[k]);
            if ((size_t)(text + n - line) <= strlen(words[k]) + length || memcmp(line, words[k], strlen(words[k])) != 0) continue;
            if (memcmp(at, name, length) == 0 && strchr("[( {", at[length])) return true;
        }
    return false;
}

const LibraryFile *library_with(const char *name)
{
    for (int i = 0; i < N_LIBRARY; i++)
        if (library_files[i].name.as && declares((const char *)library_files[i].text, *library_files[i].size, name))
            return &library_files[i].name;
    return NULL;
}

const LibraryFile *library_called(const char *as)
{
    for (int i = 0; i < N_LIBRARY; i++)
        if (library_files[i].name.as && !strcmp(as, library_files[i].name.as)) return &library_files[i].name;
    return NULL;
}

static const char *embedded(const char *path, size_t *n)
{
    for (int i = 0; i < N_LIBRARY; i++)
        if (!strcmp(path, library_files[i].name.path)) {
            *n = *library_files[i].size;
            return (const char *)library_files[i].text;
        }
    return NULL;
}

static const Ast *parse_text(Arena *arena, Strings *strings, Diags *diags, Sources *sources, const char *path, const char *text, size_t n,
                             bool library)
{
    char *copy = arena_alloc(arena, n + 2);
    memcpy(copy, text, n);
    return parse_file(arena, strings, diags, sources, source_add(sources, path, copy, n, library));
}

const Ast *const *sema_library(Arena *arena, Strings *strings, Diags *diags, Sources *sources, uint32_t *n)
{
    const Ast **list = ARENA_ARRAY(arena, const Ast *, N_LIBRARY);
    for (*n = 0; *n < N_LIBRARY; ++*n)
        list[*n] = parse_text(arena, strings, diags, sources, library_files[*n].name.path, (const char *)library_files[*n].text,
                              *library_files[*n].size, true);
    return list;
}

/* The tree of a file of the library that the caller has parsed, or NULL. */
static const Ast *parsed_before(Sema *s, const char *path)
{
    const SemaOptions *o = s->options;
    for (uint32_t i = 0; o && i < o->n_library; i++)
        if (strcmp(source_get(s->sources, o->library[i]->file)->name, path) == 0) return o->library[i];
    return NULL;
}

static const char *folder_of(Sema *s, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? arena_copy(s->arena, path, (size_t)(slash - path + 1)) : "";
}

/* NULL: there is no such file, or `refused` says why it is not read. */
static const char *read_import(Sema *s, const char *path, const Unit *from, size_t *n, const char **found, const char **refused)
{
    const SemaOptions *o = s->options;
    *found = path;
    if (o && o->read_file && !from->library) {
        *found = path[0] == '/' ? path : arena_print(s->arena, "%s%s", folder_of(s, from->path), path);
        const char *text = o->read_file(o->user, *found, n, s->arena, refused);
        if (text || *refused) return text;
        for (uint32_t i = 0; i < o->n_include_dirs; i++) {
            *found = arena_print(s->arena, "%s/%s", o->include_dirs[i], path);
            text = o->read_file(o->user, *found, n, s->arena, refused);
            if (text || *refused) return text;
        }
    }
    *found = path;
    return NULL;
}

Unit *unit_of_ast(Sema *s, const Ast *ast, const char *path, bool library)
{
    Unit *unit = ARENA_NEW(s->arena, Unit);
    *unit = (Unit){.file = ast->file, .ast = ast, .library = library, .path = path};
    unit->loading = true;
    vec_add(s->arena, &s->units, unit);
    for (const Decl *d = ast->decls; d; d = d->next) {
        Global *old = unit_find(unit, d->name);
        if (old) {
            Diag *e = diag_error(s->diags, "E0120", d->name_span, "`%s` is declared twice", d->name);
            diag_trail(e, old->decl->name_span, "first here");
            diag_help(e, "give one of them another name");
            continue;
        }
        if (d->name == s->word_training) {
            diag_error(s->diags, "E0107", d->name_span, "`training` belongs to the language and cannot be declared");
            continue;
        }
        Global *g = ARENA_NEW(s->arena, Global);
        *g = (Global){.decl = d, .unit = unit, .bad = d->broken};
        add_global(s, unit, g);
    }
    for (uint32_t i = 0; i < unit->globals.n; i++) {
        Global *g = unit->globals.at[i];
        if (g->decl->kind == DECL_IMPORT) g->imported = unit_load(s, g->decl->path, g->decl->span, unit);
        g->index = i;
    }
    unit->loading = false;
    return unit;
}

Unit *unit_load(Sema *s, const char *path, Span at, const Unit *from)
{
    size_t n = 0;
    const char *found = path, *refused = NULL;
    const char *text = from ? read_import(s, path, from, &n, &found, &refused) : NULL;
    if (refused) {
        diag_error(s->diags, "E0112", at, "\"%s\" cannot be imported: %s", path, refused);
        return NULL;
    }
    bool library = false;
    if (!text) {
        text = embedded(path, &n);
        library = text != NULL;
        found = path;
    }
    if (!text) {
        Diag *d = diag_error(s->diags, "E0112", at, "there is no file \"%s\"", path);
        diag_note(d, "looked beside this file, in the folders of -I, and in the library (std/vision.nn)");
        const char *name = strrchr(path, '/'), *full;
        size_t length = strlen(path);
        if (length < 3 || strcmp(path + length - 3, ".nn") != 0)
            diag_help(d, "write the whole name of the file: \"%s.nn\"", path);
        else if (embedded(full = arena_print(s->arena, "std/%s", name ? name + 1 : path), &n))
            diag_help(d, "that of the library is \"%s\"", full);
        return NULL;
    }
    for (uint32_t i = 0; i < s->units.n; i++) {
        if (strcmp(s->units.at[i]->path, found) != 0) continue;
        if (!s->units.at[i]->loading) return s->units.at[i];
        diag_error(s->diags, "E0112", at, "\"%s\" imports itself, perhaps through another file", path);
        return NULL;
    }
    if (s->units.n > 200) {
        diag_error(s->diags, "E0605", at, "more than 200 files");
        return NULL;
    }
    const Ast *ast = library ? parsed_before(s, found) : NULL;
    if (!ast) ast = parse_text(s->arena, s->strings, s->diags, s->sources, found, text, n, library);
    return unit_of_ast(s, ast, found, library);
}
