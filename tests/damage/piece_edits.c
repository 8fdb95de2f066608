/* SPDX-License-Identifier: MIT
 * piece_edits.c: other numbers, texts, words and operators. */
#include "damage/piece_edits.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "damage/list_edits.h"
#include "damage/statement_edits.h"
#include "damage/words.h"
#include "support/str.h"

static Edit edit_piece(const Draw *d, uint32_t i, const char *text)
{
    return edit_of(d, i, i, text);
}

/* The pattern with the text where it has `$`. */
static const char *put_into(const Draw *d, const char *pattern, const char *text)
{
    Text out = {.arena = d->arena};
    for (; *pattern; pattern++)
        text_bytes(&out, *pattern == '$' ? text : pattern, *pattern == '$' ? strlen(text) : 1);
    return text_c(&out);
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* By text, so that no locale has a say. */
static const char *near_number(Draw *d, const char *is)
{
    static const char *const reals[] = {"1$", "($ + 1)", "-$", "2 * $", "$ / 2", "10 * $", "$ / 10"};
    bool real = strpbrk(is, ".eE") != NULL;
    unsigned long long n = strtoull(is, NULL, 10), whole[] = {n + 1, n - 1, n + 1, n - 1, n, 2 * n, 10 * n};
    uint32_t k = draw_below(d, 7);
    if (real) return put_into(d, reals[k], is);
    if (k == 4 || whole[k] + 1 == 0) return put_into(d, "-$", n ? is : "1");
    return arena_print(d->arena, "%llu", whole[k]);
}

Edit edit_number(Draw *d, uint32_t i)
{
    static const char *const others[] = {"0", "-1", "1", "2", "0.5", "1.0", "7", "1e9", "3000000000", "true"};
    uint32_t k = draw_below(d, d->mild ? 5 : 8);
    if (k < 5) return edit_piece(d, i, near_number(d, piece_text(d->arena, d->p, i)));
    return edit_piece(d, i, k == 5 ? draw_name(d) : DRAW_FROM(d, others));
}

/* ---- texts ----------------------------------------------------------------------------------- */

/* Of "b c -> b", say: a letter is another one, left out, or doubled; a word is left out. */
Edit edit_text(Draw *d, uint32_t i)
{
    static const char letters[] = "aA1 .,+-";
    char *is = piece_text(d->arena, d->p, i);
    uint32_t n = (uint32_t)strlen(is);
    if (n < 3) return edit_piece(d, i, "\"a\"");
    uint32_t at = 1 + draw_below(d, n - 2), last = at;
    bool word = draw_below(d, 2);
    switch (draw_below(d, 5)) {
    case 0: is[at] = is[1 + draw_below(d, n - 2)]; break;
    case 1: is[at] = letters[draw_below(d, sizeof letters - 1)]; break;
    case 2: return edit_piece(d, i, arena_print(d->arena, "%.*s%s", (int)at + 1, is, is + at));
    default:
        while (word && at > 1 && isalnum((unsigned char)is[at - 1]))
            at--;
        while (word && last < n - 2 && isalnum((unsigned char)is[last + 1]))
            last++;
        return edit_piece(d, i, arena_print(d->arena, "%.*s%s", (int)at, is, is + last + 1));
    }
    return edit_piece(d, i, is);
}

/* ---- words ----------------------------------------------------------------------------------- */

static Edit misspell(Draw *d, uint32_t i)
{
    char *is = piece_text(d->arena, d->p, i);
    uint32_t n = (uint32_t)strlen(is), at = draw_below(d, n);
    if (draw_below(d, 2)) return edit_piece(d, i, arena_print(d->arena, "%.*s%s", (int)at, is, is + at + (n > 1)));
    is[at] = (char)('a' + draw_below(d, 26));
    return edit_piece(d, i, is);
}

static Edit from_row(Draw *d, uint32_t i)
{
    uint32_t n = 0;
    const char **others = words_like(d->arena, piece_text(d->arena, d->p, i), &n);
    return n ? edit_piece(d, i, others[draw_below(d, n)]) : (Edit){0};
}

/* What can be made of a value, where `$` is. The first N_MILD leave its type. */
static Edit wrapped(Draw *d, uint32_t i)
{
    static const char *const wraps[] = {"-$",
                                        "($ + 1)",
                                        "($ - 1)",
                                        "$ * 0.5",
                                        "2 * $",
                                        "10 * $",
                                        "$ / 10",
                                        "1 / $",
                                        "$ ** 2",
                                        "($ * 0)",
                                        "($ + $)",
                                        "($ - $)",
                                        "abs($)",
                                        "relu($)",
                                        "sigmoid($)",
                                        "exp($)",
                                        "log($)",
                                        "softmax($)",
                                        "log_softmax($)",
                                        "stop_gradient($)",
                                        "clip($, 0, 1)",
                                        "maximum($, 0)",
                                        "not $",
                                        "flip($, axis=-1)",
                                        "flip($, axis=1)",
                                        "cumsum($, axis=1)",
                                        "roll($, 1, axis=1)",
                                        "($ + mean($, axis=1, keep=true))",
                                        "$[0]",
                                        "$[-1]",
                                        "$[:, _]",
                                        "$[0:2]",
                                        "float($)",
                                        "int($)",
                                        "bool($)",
                                        "[$]",
                                        "$ > 0",
                                        "$ // 2",
                                        "$()",
                                        "$.x",
                                        "sum($)",
                                        "mean($, axis=-1)",
                                        "transpose($)",
                                        "$[..., 0]",
                                        "argmax($)"};
    enum { N_MILD = 28 };
    const char *is = piece_text(d->arena, d->p, i), *wrap = wraps[draw_below(d, d->mild ? N_MILD : sizeof wraps / sizeof *wraps)];
    return edit_piece(d, i, put_into(d, wrap, is));
}

/* ex.x -> ex, net.encode -> encode */
static Edit without_dot(Draw *d, uint32_t i)
{
    if (piece_is(d->p, i + 1, ".") && i + 2 < d->p->list.n) return edit_of(d, i, i + 1, "");
    return i && piece_is(d->p, i - 1, ".") ? edit_of(d, i - 1, i, "") : (Edit){0};
}

/* From `requires` to what follows its conditions. */
static Edit without_condition(const Draw *d, uint32_t i)
{
    uint32_t last = i;
    while (last + 1 < d->p->list.n && !piece_is(d->p, last + 1, "{"))
        last++;
    return edit_of(d, i, last, "");
}

Edit edit_word(Draw *d, uint32_t i)
{
    if (piece_is(d->p, i, "requires")) return without_condition(d, i);
    if (word_of_language(piece_text(d->arena, d->p, i))) return d->mild && draw_below(d, 3) ? edit_statement(d, i) : from_row(d, i);
    if (d->mild && draw_below(d, 3)) return draw_below(d, 2) ? edit_piece(d, i, draw_name(d)) : wrapped(d, i);
    switch (draw_below(d, 8)) {
    case 0:
    case 1: return edit_piece(d, i, draw_name(d));
    case 2: return d->mild ? from_row(d, i) : misspell(d, i);
    case 3: return without_dot(d, i);
    case 4:
    case 5: return wrapped(d, i);
    default: return from_row(d, i);
    }
}

/* ---- signs ----------------------------------------------------------------------------------- */

/* Is this `:` an axis that is taken whole? */
static bool is_whole_axis(const Pieces *p, uint32_t i)
{
    return i && (piece_is(p, i - 1, "[") || piece_is(p, i - 1, ",")) && (piece_is(p, i + 1, "]") || piece_is(p, i + 1, ","));
}

Edit edit_sign(Draw *d, uint32_t i)
{
    static const char *const signs[][12] = {{"+", "-", "*", "/", "//", "%", "**", "@", "<", "=="},
                                            {"==", "!=", "<", "<=", ">", ">="},
                                            {"=", ":=", "=="},
                                            {"..", "-"},
                                            {"_", "0", "1", ":", "..."}};
    static const char *const axes[] = {"0", "-1", "1:", ":-1", ":3", "_", "...", "::2", "0:1", "1"};
    if (piece_is(d->p, i, "(") || piece_is(d->p, i, "[")) return edit_list(d, i);
    if (piece_is(d->p, i, ":") && is_whole_axis(d->p, i)) return edit_piece(d, i, DRAW_FROM(d, axes));
    if (piece_is(d->p, i, "-") && draw_below(d, 2)) return edit_piece(d, i, "");
    for (size_t k = 0; k < sizeof signs / sizeof *signs; k++) {
        uint32_t n = 0, found = UINT32_MAX;
        for (; n < 12 && signs[k][n]; n++)
            if (piece_is(d->p, i, signs[k][n])) found = n;
        if (found == UINT32_MAX) continue;
        uint32_t other = draw_below(d, n - 1);
        return edit_piece(d, i, signs[k][other + (other >= found)]);
    }
    return (Edit){0};
}
