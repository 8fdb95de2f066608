/* SPDX-License-Identifier: MIT
 * describe.c: tokens of the grammar in the user's words. Sets of tokens that begin an expression, a
 * type, a statement or a declaration are told as one thing. */
#include "syntax/describe.h"

#include <stdbool.h>
#include <string.h>

#include "support/str.h"

static const char *const expression_starts[] = {
    "name", "number", "string literal", "true", "false", "_", "'('", "'['", "element type", "grad", "not", "'-'", NULL,
};
static const char *const type_starts[] = {"element type", "dim", "string", "ints", "fn", "layer", "'('", NULL};
static const char *const statement_starts[] = {
    "name", "_", "return", "if", "for", "scan", "emit", "expect", "minimize", "report", "assert", "print", NULL,
};
static const char *const member_starts[] = {"name", "param", "state", "layer", "fn", "if", "for", "minimize", "maximize", NULL};
static const char *const declaration_starts[] = {
    "import", "const", "option", "data",   "layer",  "metric",   "model",    "optimizer",
    "fn",     "train", "eval",   "export", "extern", "minimize", "maximize", NULL,
};
static const char *const size_starts[] = {"name", "number", "'('", "'*'", "_", "'?'", NULL};
static const char *const operators[] = {
    "and", "or",  "..",  "==",  "!=", "<=", ">=",  "'<'", "'>'", "'+'", "'-'",
    "'*'", "'/'", "'%'", "'@'", "//", "**", "'('", "'['", "'.'", "if",  NULL,
};

static bool in_list(const char *const *list, const char *name)
{
    for (; *list; list++)
        if (strcmp(*list, name) == 0) return true;
    return false;
}

static bool in_array(const char *const *list, int n, const char *name)
{
    for (int i = 0; i < n; i++)
        if (strcmp(list[i], name) == 0) return true;
    return false;
}

static bool covers(const char *const *expected, int n, const char *const *set)
{
    for (; *set; set++)
        if (!in_array(expected, n, *set)) return false;
    return true;
}

const char *describe_token(Arena *arena, const char *class, const char *word)
{
    if (strcmp(class, "end of line") == 0) return strcmp(word, ";") == 0 ? "`;`" : class;
    if (strcmp(class, "end of file") == 0) return class;
    if (strcmp(class, "name") == 0) return *word ? arena_print(arena, "name `%s`", word) : "name";
    if (strcmp(class, "number") == 0) return *word ? arena_print(arena, "number %s", word) : "number";
    if (strcmp(class, "string literal") == 0) return "text";
    if (*word) return arena_print(arena, "`%s`", word);
    if (class[0] == '\'') return arena_print(arena, "`%c`", class[1]);
    return strcmp(class, "element type") == 0 ? class : arena_print(arena, "`%s`", class);
}

static const char *describe_class(Arena *arena, const char *class)
{
    if (strcmp(class, "name") == 0) return "a name";
    if (strcmp(class, "number") == 0) return "a number";
    if (strcmp(class, "string literal") == 0) return "a text in double quotes";
    if (strcmp(class, "end of line") == 0) return "the end of the line";
    if (strcmp(class, "end of file") == 0) return "the end of the file";
    return describe_token(arena, class, "");
}

/* The first set that `expected` covers is told by its name. */
static const struct {
    const char *const *set, *name;
} sets[] = {
    {expression_starts, "an expression"},  {type_starts, "a type"}, {statement_starts, "a statement"}, {member_starts, "a member"},
    {declaration_starts, "a declaration"}, {size_starts, "a size"},
};

const char *describe_expected(Arena *arena, const char *const *expected, int n)
{
    enum { MOST = 5 };
    const char *told[MOST + 1];
    int n_told = 0;
    const char *const *set = NULL;
    for (size_t i = 0; i < sizeof sets / sizeof *sets && !set; i++) {
        if (!covers(expected, n, sets[i].set)) continue;
        set = sets[i].set;
        told[n_told++] = sets[i].name;
    }
    bool after_value = !set && in_array(expected, n, "'+'") && in_array(expected, n, "'-'");
    for (int i = 0; i < n; i++) {
        if ((set && in_list(set, expected[i])) || (after_value && in_list(operators, expected[i]))) continue;
        if (n_told == MOST) return NULL;
        told[n_told++] = describe_class(arena, expected[i]);
    }
    if (after_value && n_told < MOST) told[n_told++] = "an operator";
    Text t = {.arena = arena};
    for (int i = 0; i < n_told; i++)
        text_add(&t, "%s%s", i == 0 ? "" : i == n_told - 1 ? " or " : ", ", told[i]);
    return n_told ? text_c(&t) : NULL;
}
