/* SPDX-License-Identifier: MIT
 * damage.c: what is changed of a line. */
#include "damage/damage.h"

#include <string.h>

#include "damage/piece_edits.h"
#include "damage/statement_edits.h"
#include "damage/words.h"
#include "support/str.h"

enum { MOST_SHOWN = 28, MOST_TRIES = 6, NEAR = 40 };

/* The same for a line wherever it stands; of lines that are alike each has its own. */
static uint64_t seed_of(const Pieces *p, const char *name, const char *line, uint32_t number)
{
    size_t n = strcspn(line, "\n");
    uint32_t before = 0;
    for (const char *l = p->text; l < line; l += strcspn(l, "\n") + 1)
        before += strcspn(l, "\n") == n && memcmp(l, line, n) == 0;
    return str_hash(name, strlen(name)) * 31 + str_hash(line, n) + ((uint64_t)before << 32) + number;
}

const char *draw_name(Draw *d)
{
    bool near = draw_below(d, 4) > 0;
    for (int i = 0; i < 2 * MOST_TRIES; i++) {
        uint32_t k = near ? d->at + draw_below(d, 2 * NEAR) - NEAR : draw_below(d, d->p->list.n);
        if (k >= d->p->list.n || d->p->list.at[k].kind != PIECE_WORD) continue;
        const char *name = piece_text(d->arena, d->p, k);
        if (!word_of_language(name)) return name;
    }
    return "x";
}

static Edit edit_at(Draw *d, uint32_t i)
{
    static Edit (*const edits[])(Draw *, uint32_t) = {edit_word, edit_number, edit_text, edit_sign};
    d->at = i;
    return draw_below(d, 8) ? edits[d->p->list.at[i].kind](d, i) : edit_statement(d, i);
}

static uint32_t line_breaks(const char *text, size_t n)
{
    uint32_t breaks = 0;
    for (size_t i = 0; i < n; i++)
        breaks += text[i] == '\n';
    return breaks;
}

/* On one line, its middle left out where it is long. */
const char *draw_shown(Arena *arena, const char *text, size_t n)
{
    Text out = {.arena = arena};
    for (size_t i = 0; i < n; i++)
        if (text[i] != '\n' && !(text[i] == ' ' && (i + 1 == n || text[i + 1] == ' '))) text_add(&out, "%c", text[i]);
    if (out.n <= MOST_SHOWN) return out.n ? text_c(&out) : "nothing";
    return arena_print(arena, "%.*s...%s", MOST_SHOWN - 10, out.at, out.at + out.n - 7);
}

static void apply(Arena *arena, const Pieces *p, Edit e, Damage *out)
{
    Text text = {.arena = arena};
    uint32_t was = line_breaks(p->text + e.lo, e.hi - e.lo), is = line_breaks(e.text, strlen(e.text));
    text_bytes(&text, p->text, e.lo);
    text_add(&text, "%s", e.text);
    for (; is < was; is++)
        text_add(&text, "\n");
    text_add(&text, "%s", p->text + e.hi);
    out->text = text_c(&text);
    out->at = e.lo;
    out->what = e.said;
    if (!e.said)
        out->what =
            arena_print(arena, "%s -> %s", draw_shown(arena, p->text + e.lo, e.hi - e.lo), draw_shown(arena, e.text, strlen(e.text)));
}

bool damage_make(Arena *arena, const Pieces *p, const char *name, uint32_t line, uint32_t number, bool mild, Damage *out)
{
    uint32_t first = pieces_from_line(p, line), behind = pieces_from_line(p, line + 1);
    if (first == behind) return false;
    const char *text = p->text + p->list.at[first].lo;
    while (text > p->text && text[-1] != '\n')
        text--;
    Draw d = {.arena = arena, .p = p, .state = seed_of(p, name, text, number), .mild = mild};
    for (int i = 0; i < MOST_TRIES; i++) {
        Edit e = edit_at(&d, first + draw_below(&d, behind - first));
        size_t n = e.hi - e.lo;
        if (!e.text || (strlen(e.text) == n && memcmp(e.text, p->text + e.lo, n) == 0)) continue;
        apply(arena, p, e, out);
        return true;
    }
    return false;
}
