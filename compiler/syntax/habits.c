/* SPDX-License-Identifier: MIT
 * habits.c: what people write who know another language, and slips of the hand, where the grammar notices them. */
#include "syntax/habits.h"

#include <ctype.h>

#include "support/foreign.h"
#include "support/str.h"
#include "syntax/describe.h"

/* ---- short patterns -------------------------------------------------------------------------- */

/* One of the words in a list with spaces between them; NULL: any. */
static bool among(const char *list, const char *word)
{
    if (!list) return true;
    size_t n = strlen(word);
    for (const char *c = list; *c && n;) {
        size_t length = strcspn(c, " ");
        if (length == n && memcmp(c, word, n) == 0) return true;
        c += length + (c[length] == ' ');
    }
    return false;
}

/* In texts and helps $0 is the token in error, $1 the one before it, $2 the one before that, $l the line up to it, $r its rest. */
typedef struct Rule {
    const char *found, *before, *before2; /* words; found "\n": the end of the line or block */
    const char *expected;                 /* a token that could stand here */
    const char *text, *help;
} Rule;

static const Rule rules[] = {
    {":", NULL, "layer model optimizer", "'='", "`=` binds a name", "write `$2 $1 =$r`"},
    {":", NULL, "const", "'='", "a const has no type", "write `const $1 = ...`"},
    {"=", NULL, "param state option", "':'", "`$1` has no type", "write `$2 $1: float = ...`, or with sizes `$2 $1: float[4] = ...`"},
    {"->", NULL, NULL, "'+'", "there is no `->` in an expression", "a member stands behind a dot, a layer is called by its name: $1(x)"},
    {")", "float int bool", "(", "'('", "types convert by a call", "write `$1(...)`"},
    {"name", ")", NULL, "'{'", "blocks stand in braces", "write `{ $0$r }`"},
    {"scan", ".", NULL, NULL, "a scan is a statement", "write `scan x in xs along 1 with h = h0 { }`"},
    {"@", NULL, NULL, "param", "there are no decorators", "leave the line out"},
    {"@", NULL, NULL, "import", "there are no decorators", "leave the line out"},
    {"float int bool", "( ,", NULL, "name", "a type stands behind its name", "write `x: $0[B, 4]`"},
    {"name", "const", "( ,", "':'", "arguments do not change", "leave `const` out"},
    {"void int float double", "export", NULL, "fn", "what is exported is a `fn`",
     "write `export fn predict[B](x: float[B, 4]) -> float[B, 3] { }`"},
    {"string literal", "extern export", NULL, "fn", "no language is named here", "leave the text out: what is exported is called from C"},
    {"string literal", "as", NULL, "name", "`as` names a field, without quotes", "write `as d.y`"},
    {":=", NULL, "const option model param layer", "'='", "`:=` writes a state", "a value is given by `=`: `$2 $1 =$r`"},
    {"=", NULL, "data", "'{'", "a data block has no `=`", "write `data $1 { ... }`"},
    {"(", NULL, "model", "'='", "`=` is missing behind `model $1`",
     "write `model net = $1(...)`, with the name of a layer behind `=`; a layer is declared by `layer $1(...) { }`"},
    {"=", "model", NULL, "name", "this model has no name", "write `model net =$r`"},
    {"=", "optimizer", NULL, "name", "this optimizer has no name", "write `optimizer slow =$r`"},
    {"=", "const", NULL, "name", "this const has no name", "write `const n =$r`"},
    {"=", "layer", NULL, "name", "this layer has no name", "write `layer fc =$r`"},
    {"=", "data option", NULL, "name", "`$1` is a word of the language", "give it another name: `const x = ...`"},
    {",", NULL, "(", "in", "an example has one name", "write `ex in d.train`; its fields are ex.x, ex.y"},
    {")", NULL, "(", "in", "the example has no name", "write `ex in $1.train`, with the part that is meant"},
    {":", NULL, "(", "in", "the example is named by `in`", "write `$1 in` and the part of the data that is meant: $1 in d.train"},
    {".", NULL, "(", "in", "the example has a name", "write `ex in $1.train`, with the part that is meant"},
    {"{", "data", NULL, "name", "this data block has no name", "write `data d { ... }`"},
    {"[", "data", NULL, "name", "this data block has no name", "write `data d[$r`"},
    {"{", "layer", NULL, "name", "this layer has no name", "write `layer Net { ... }`"},
    {"(", "layer", NULL, "name", "this layer has no name", "write `layer Net($r`"},
    {"{", "metric", NULL, "name", "this metric has no name", "write `metric share { ... }`"},
    {"( [", "metric", NULL, "name", "this metric has no name", "write `metric share$0$r`"},
    {"( [", "fn", NULL, "name", "this function has no name", "write `fn f$0$r`"},
    {":", "option", NULL, "name", "this option has no name", "write `option lr:$r`"},
    {":", "param state", NULL, "name", "this $1 has no name", "write `$1 w:$r`"},
    {"{", "train", NULL, "name", "this block has no name", "write `train fit(ex in d.train) { ... }`"},
    {"[", "train", NULL, "name", "this block has no name", "write `train fit[$r`"},
    {"{", "eval", NULL, "name", "this block has no name", "write `eval test(ex in d.test) { ... }`"},
    {"[", "eval", NULL, "name", "this block has no name", "write `eval test[$r`"},
    {"(", "train", NULL, "name", "this block has no name", "write `train fit($r`"},
    {"(", "eval", NULL, "name", "this block has no name", "write `eval test($r`"},
    {"using", ",", NULL, NULL, "a comma too many", "no comma stands in front of `using`"},
    {"using", NULL, NULL, "over", "`over` is missing", "say what is trained: `$l over net using$r`"},
    {"with by via", NULL, NULL, "over", "`over` is missing",
     "say what is trained, and the optimizer behind `using`: `$l over net using$r`"},
    {"\n", NULL, NULL, "over", "`over` is missing",
     "say what is trained, and the optimizer: `minimize loss over net using adam(lr=0.001)`"},
    {"\n", NULL, NULL, "using", "an optimizer is missing", "write `$l using adam(lr=0.001)`"},
    {"with by via", NULL, NULL, "using", "the optimizer stands behind `using`", "write `$l using$r`"},
    {"{", NULL, NULL, "with", "`with` is missing", "say what is carried from turn to turn: `with h = zeros(B, n) {`"},
    {"axis dim over on", NULL, NULL, "along", "the axis of a scan stands behind `along`", "write `along 1`"},
    {"(", "for", NULL, "name", "a loop has no parentheses",
     "a loop of the compiler is `for i in 0..n { }`, one of the program `scan x in xs along 1 with h = h0 { }`"},
    {"for", "(", NULL, "name", "the head has no `for`", "write `ex in d.train`"},
    {"for", NULL, NULL, "']'", "lists are not made by a loop", "layers in a loop are members: `for i in 0..n { layer block[i] = ... }`"},
    {"for", NULL, NULL, "')'", "lists are not made by a loop", "layers in a loop are members: `for i in 0..n { layer block[i] = ... }`"},
    {".", NULL, "(", "':'", "a layer has no class above it", "write `layer Net(n_in: int) { }`, or `layer Net { }` without arguments"},
    {"grad", ".", NULL, NULL, "derivatives have no prefix",
     "`minimize loss over net using adam()` trains; grad(loss, wrt=x) is a derivative as a value"},
    {"dim", NULL, NULL, "'?'", "`dim` is a word of the language", "give the size another name: float[B, d]"},
    {"{", "return", NULL, NULL, "there are no dictionaries", "results are listed: `return a, b`"},
    {"{", "report", NULL, NULL, "there are no dictionaries", "reported values are listed: `report loss, name = value`"},
    {"...", "[", NULL, "'*'", "any number of axes has a name", "write `fn f[*S](x: float[*S, 4])`"},
    {"<", NULL, "fn", "'['", "sizes are named in square brackets", "write `fn $1[B](...)`"},
    {",", NULL, NULL, "requires", "several results stand in brackets", "write `-> (float[B, 2], float[B, 2])`"},
    {"[", "->", NULL, "element type", "several results stand in brackets", "write `-> (float[B, 2], float[B, 2])`"},
    {") {", NULL, "as", "'.'", "`as` names a field of a data block", "write `as d.$1`, or `as $1.x` with the name of a field of `$1`"},
    {"/", NULL, NULL, "//", "sizes are divided by `//`", "write `//` for `/`"},
    {"+", "+", NULL, NULL, "there is no `++`", "to join tensors write concat([a, b], axis=-1), to count x = x + 1"},
    {") ] ,", "%", NULL, NULL, "`%` is the remainder of a division", "a share is written 0.1"},
    {"\n", NULL, "emit", "'='", "what is emitted has a name", "write `emit ys = $1`; behind the loop `ys` has all of them"},
    {"[", "]", NULL, "as", "all sizes stand in one bracket", "write float[n, m]"},
    {"\n", NULL, "import", "as", "an import has a name", "write `import \"file.nn\" as name`"},
    {"def function func fun", "export", NULL, "fn", "what is exported is a `fn`", "write `export fn$r`"},
    {"name", "export", NULL, "fn", "what is exported is a `fn`", "write `export fn $0`"},
    {"-", "[ ,", NULL, "'?'", "a size is not negative", "a size that varies has a name: fn f[B](x: float[B, 4])"},
    {"]", ",", NULL, NULL, "a comma too many", "leave out the comma in front of `]`"},
    {"name", "lambda", NULL, NULL, "there is no `lambda`", "write a `fn` and give its name"},
    {"name", "new", NULL, NULL, "there is no `new`", "leave it out: `$0(...)`"},
    {"name", "await async", NULL, NULL, "there is no `$1`", "leave it out"},
    {"=", NULL, NULL, "':'", "`$1` has no type", "write `$1: float = ...`, or with sizes `$1: float[4] = ...`"},
    {",", NULL, NULL, "end of line", "a comma cannot stand here",
     "fields, members and statements stand on lines of their own, without commas"},
    {"string literal", "f r b u", NULL, NULL, "a text has no letter in front",
     "a text is put together with +: dir + \"/file\"; a value is shown by print(\"loss\", loss)"},
};

/* The line of the token before it, without the blanks around. */
static const char *line_before(const Place *x)
{
    uint32_t lo = x->before_at.lo, hi = x->before_at.hi;
    while (lo > 0 && x->text[lo - 1] != '\n')
        lo--;
    while (lo < hi && (x->text[lo] == ' ' || x->text[lo] == '\t'))
        lo++;
    return arena_copy(x->p->arena, x->text + lo, hi - lo);
}

static const char *expand(const Place *x, const char *text)
{
    Text out = {.arena = x->p->arena};
    Span behind = place_rest_of_line(x, x->at.hi);
    const char *rest = arena_copy(x->p->arena, x->text + behind.lo, behind.hi - behind.lo);
    for (; *text; text++) {
        if (*text != '$')
            text_bytes(&out, text, 1);
        else
            text_add(&out, "%s",
                     *++text == '0' ? x->word
                     : *text == '1' ? x->before
                     : *text == '2' ? x->before2
                     : *text == 'l' ? line_before(x)
                                    : rest);
    }
    return text_c(&out);
}

static bool rule_fits(const Place *x, const Rule *r)
{
    bool line_ends = is(x->found, "end of line") || is(x->word, "}") || is(x->found, "end of file");
    bool found = is(r->found, "\n")                                       ? line_ends
                 : is(r->found, "name") || is(r->found, "string literal") ? is(x->found, r->found)
                                                                          : among(r->found, x->word);
    return found && among(r->before, x->before) && among(r->before2, x->before2) && (!r->expected || expects(x, r->expected));
}

/* softmax(x, dim=1): `dim` is a word of the language */
static bool habit_of_dim(const Place *x)
{
    const char *rest = x->text + x->at.hi;
    if (!is(x->word, "dim") || *rest != '=' || rest[1] == '=') return false;
    Diag *d = diag_error(x->p->diags, "E0206", x->at, "there is no argument `dim`");
    diag_help(d, "here it is called `axis`");
    diag_edit(d, x->at, "axis");
    return true;
}

/* 0,01 */
static bool habit_of_decimal_comma(const Place *x)
{
    if (!is(x->word, ",") || expects(x, "','") || !isdigit((unsigned char)*x->before) || !isdigit((unsigned char)x->text[x->at.hi]))
        return false;
    int n = 0;
    while (isdigit((unsigned char)x->text[x->at.hi + n]))
        n++;
    Diag *d = diag_error(x->p->diags, "E0203", x->at, "a number has a point");
    diag_help(d, "write %s.%.*s", x->before, n, x->text + x->at.hi);
    diag_edit(d, x->at, ".");
    return true;
}

/* What could stand in the place of the word in error. */
static void edit_of_rule(Diag *d, const Rule *rule, const char *word, Span at)
{
    static const struct {
        const char *text, *word, *edit;
    } edits[] = {
        {"`=` binds a name", ":", " ="},
        {"this model has no name", "=", "net ="},
        {"this optimizer has no name", "=", "slow ="},
        {"`over` is missing", "using", "over net using"},
        {"the optimizer stands behind `using`", "with", "using"},
    };
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++)
        if (is(edits[i].text, rule->text) && is(edits[i].word, word)) diag_edit(d, at, "%s", edits[i].edit);
}

bool habit_of_rule(const Place *x)
{
    if (habit_of_decimal_comma(x)) return true;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (!rule_fits(x, &rules[i])) continue;
        Span at = is(rules[i].found, "\n") || (is(rules[i].found, "name") && !rules[i].expected) ? x->before_at : x->at;
        Diag *d = diag_error(x->p->diags, "E0206", at, "%s", expand(x, rules[i].text));
        diag_help(d, "%s", expand(x, rules[i].help));
        edit_of_rule(d, &rules[i], x->word, at);
        x->p->ast->nameless |= rules[i].expected && is(rules[i].expected, "name") && strstr(rules[i].text, "has no name");
        return true;
    }
    return habit_of_dim(x);
}

/* std::exp, and a result behind a colon */
static bool habit_of_colon(const Place *x)
{
    if (!is(x->word, ":")) return false;
    if (x->text[x->at.hi] == ':') {
        diag_help(diag_error(x->p->diags, "E0206", x->at, "there is no `::`"), "names of the library have no prefix: exp, relu, Dense");
        return true;
    }
    if (!expects(x, "->")) return false;
    const char *rest = x->text + x->at.hi;
    while (*rest == ' ')
        rest++;
    if (*rest == '\n' || *rest == '\r' || *rest == '#' || !*rest) return false;
    diag_help(diag_error(x->p->diags, "E0206", x->at, "the result stands behind `->`"), "write `-> float[B, 4] {`");
    return true;
}

/* ---- types ----------------------------------------------------------------------------------- */

static const char *next_word(const Place *x, uint32_t at, const char **rest)
{
    while (x->text[at] == ' ')
        at++;
    uint32_t end = at;
    while (isalnum((unsigned char)x->text[end]) || x->text[end] == '_')
        end++;
    *rest = x->text + end;
    return arena_copy(x->p->arena, x->text + at, end - at);
}

/* `int n` where `n: int` is meant: `type` at `at` is in front of `name`. */
static bool type_in_front(const Place *x, Span at, const char *type, const char *name, const char *rest)
{
    const Lexer *lx = x->p->lexer;
    char bracket = 0;
    bool top = lx->depth == 0, argument = place_bracket(x, &bracket) != NULL, sized = *rest == '[';
    Span sizes = sized ? place_rest_of_line(x, (uint32_t)(rest - x->text)) : (Span){0};
    const char *close = sized ? strchr(rest, ']') : NULL;
    const char *shape = close && close < x->text + sizes.hi ? arena_copy(x->p->arena, rest, (size_t)(close - rest) + 1) : "";
    Diag *d = diag_error(x->p->diags, "E0206", at, "a type stands behind its name");
    rest += strspn(rest, " ");
    if (top && *rest == '(' && is(name, "main"))
        diag_help(d, "leave it out: what a program does are its train, eval and export fn, and `main` is made from them");
    else if (top && *rest == '(')
        diag_help(
            d, "a function is written `fn %s[B](x: float[B, 4]) -> float[B, 4] { }`; what a program does are its train, eval and export fn",
            name);
    else if (*rest == '(' && !argument)
        diag_help(d, "a function is written `fn %s[B](x: float[B, 4]) -> float[B, 4] { }`", name);
    else if (top)
        diag_help(d, "write `const %s = ...` for a value of the compiler, `option %s: %s = ...` for a flag", name, name,
                  is(type, "const") ? "float" : type);
    else if (argument || sized)
        diag_help(d, "write `%s: %s%s`", name, type, shape);
    else
        diag_help(d, "write `%s = ...`", name);
    return true;
}

static bool is_type_class(const Place *x)
{
    return is(x->found, "element type") || is(x->found, "dim") || is(x->found, "string") || is(x->found, "ints");
}

/* `const int n = 3`, `const n: int` at the top level */
static bool typed_const(const Place *x)
{
    const char *rest;
    if (!is(x->word, "const") && !is(x->before, "const")) return false;
    uint32_t at = is(x->word, "const") ? x->at.hi : x->before_at.hi;
    const char *type = next_word(x, at, &rest), *name = next_word(x, (uint32_t)(rest - x->text), &rest);
    if (!*name || (!foreign_find(FOREIGN_TYPE, type) && !strstr("int float bool", type))) return false;
    return type_in_front(x, is(x->word, "const") ? x->at : x->before_at, "float", name, rest);
}

bool habit_of_type(const Place *x)
{
    const char *rest, *name = next_word(x, x->at.hi, &rest);
    if (habit_of_colon(x)) return true;
    if (x->p->lexer->depth == 0 && typed_const(x)) return true;
    bool place_of_name = expects(x, "name") && !expects(x, "number");
    place_of_name |= expects(x, "end of line") && place_line(x, x->before_at) < place_line(x, x->at); /* a line of its own */
    if (is_type_class(x) && *name && (place_of_name || expects(x, "return") || expects(x, "import") || expects(x, "'}'")))
        return type_in_front(x, x->at, x->word, name, rest);
    const Foreign *before = x->starts && is(x->found, "name") ? foreign_find(FOREIGN_TYPE, x->before) : NULL;
    if (before) {
        next_word(x, x->at.lo, &rest);
        return type_in_front(x, x->before_at, x->before, x->word, rest);
    }
    if (!expects(x, "element type") || !expects(x, "ints") || !is(x->found, "name")) return false;
    const Foreign *foreign = foreign_find(FOREIGN_TYPE, x->word);
    Diag *d = diag_error(x->p->diags, "E0206", x->at, "there is no type `%s`", x->word);
    static const char *const types[] = {"float", "int", "bool", "string", "dim", "ints", "layer", "fn"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (!foreign_same_letters(types[i], x->word) && str_distance(types[i], x->word) > 1) continue;
        diag_help(d, "write %s", types[i]);
        diag_edit(d, x->at, "%s", types[i]);
        return true;
    }
    diag_help(d, "%s",
              foreign && foreign->help[0] ? foreign->help
                                          : "types are float[B, 4], int<10>[B], bool[B]; of settings int, float, bool, string, ints");
    return true;
}

/* ---- words ----------------------------------------------------------------------------------- */

/* The reserved word that is meant by the first word of a line, or NULL. */
static const char *meant_word(const char *word)
{
    static const char *const words[] = {"return",   "if",     "for",   "scan",  "emit",  "expect",
                                        "minimize", "report", "param", "state", "layer", "fn"};
    const Foreign *foreign = foreign_find(FOREIGN_WORD, word);
    size_t n = strlen(word);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (n > 2 && !is(words[i], word) && str_distance(words[i], word) <= (n > 5 ? 2 : 1)) return words[i];
    return foreign ? foreign->here : NULL;
}

bool habit_of_misspelling(const Place *x)
{
    bool name = is(x->found, "name") || is(x->found, "number") || is(x->found, "string literal");
    const char *word = name && x->starts && x->p->lexer->depth > 0 ? meant_word(x->before) : NULL;
    if (!word) return false;
    Diag *d = diag_error(x->p->diags, "E0201", x->before_at, "unknown word `%s`", x->before);
    diag_help(d, "did you mean `%s`?", word);
    diag_edit(d, x->before_at, "%s", word);
    return true;
}

/* Is it a word of the language, not a sign or a class of tokens? */
static bool is_keyword(const char *token)
{
    for (const char *c = token; *c; c++)
        if (!islower((unsigned char)*c)) return false;
    return !is(token, "name") && !is(token, "number");
}

/* `over net usign adam()`, `ex on d.train`: a name that is nearly one of the words that could stand there. */
bool habit_of_near_word(const Place *x)
{
    size_t length = strlen(x->word);
    const char *best = NULL;
    int distance = length > 4 ? 3 : 2;
    if (!is(x->found, "name") || length < 2 || (length == 2 && x->n > 4)) return false;
    for (int i = 0; i < x->n; i++) {
        int d = is_keyword(x->expected[i]) ? str_distance(x->word, x->expected[i]) : distance;
        if (d < distance) best = x->expected[i], distance = d;
    }
    if (!best) return false;
    Diag *d = diag_error(x->p->diags, "E0201", x->at, "unexpected name `%s`", x->word);
    diag_help(d, "did you mean `%s`?", best);
    diag_edit(d, x->at, "%s", best);
    return true;
}

/* Does the token begin with a capital letter, as the names of layers do? */
static bool is_layer_name(const char *word)
{
    return isupper((unsigned char)*word);
}

/* What stands behind the token, from its first letter on. */
static const char *behind(const Place *x)
{
    const char *rest = x->text + x->at.hi;
    while (*rest == ' ')
        rest++;
    return rest;
}

/* `scan x in xs along 1 h = h0 {`, `Dense out = Dense(4, 2)`, `param out = Dense(4, 2)`: a word is absent, or another. */
bool habit_of_missing_word(const Place *x)
{
    const char *rest = behind(x);
    bool binds = is(x->found, "name") && *rest == '=' && rest[1] != '=';
    if (binds && expects(x, "with")) {
        diag_help(diag_error(x->p->diags, "E0206", x->at, "`with` is missing"), "%s", expand(x, "write `with $0$r`"));
        return true;
    }
    if (binds && x->starts && x->p->lexer->depth > 0 && is_layer_name(x->before)) {
        diag_help(diag_error(x->p->diags, "E0206", x->before_at, "no type stands in front of the name of a layer"), "%s",
                  expand(x, "write `layer $0$r`"));
        return true;
    }
    if (is(x->word, "=") && (is(x->before2, "param") || is(x->before2, "state")) && is_layer_name(rest)) {
        diag_help(diag_error(x->p->diags, "E0206", x->at, "a %s is a tensor", x->before2), "%s", expand(x, "write `layer $1 =$r`"));
        return true;
    }
    const char *close = strchr(rest, ')');
    bool binds_all = close && (size_t)(close - rest) < strcspn(rest, "\n") && close[1 + strspn(close + 1, " ")] == '=';
    if (!is(x->word, "(") || expects(x, "number") ||
        !(is(x->before, ",") ? expects(x, "name") : binds_all && place_line(x, x->before_at) < place_line(x, x->at)))
        return false;
    diag_help(diag_error(x->p->diags, "E0206", x->at, "names on the left stand without brackets"), "write a, b, c = f(x)");
    return true;
}

/* import torch, from torch import nn */
bool habit_of_import(const Place *x)
{
    bool import = is(x->before, "import") && expects(x, "string literal") && is(x->found, "name"), from = false;
    const char *rest, *name = x->word;
    if (!import && (is(x->word, "from") || (is(x->before, "from") && x->starts))) {
        name = next_word(x, is(x->word, "from") ? x->at.hi : x->at.lo, &rest);
        from = x->p->lexer->depth == 0;
    }
    if (!import && !from) return false;
    Diag *d = diag_error(x->p->diags, "E0206", is(x->before, "from") ? x->before_at : x->at,
                         from ? "there is no `from`" : "an import names a file, in double quotes");
    uint32_t behind = from ? (uint32_t)(rest - x->text) + (*rest == '.' ? 1 : 8) : 0; /* std.vision, std import vision */
    const char *module = from && is(name, "std") ? next_word(x, behind, &rest) : name;
    if (is(module, "vision") || is(module, "sequence") || is(module, "volume"))
        diag_help(d, "write import \"std/%s.nn\" as %s", module, module),
            diag_edit(d, place_statement(x), "import \"std/%s.nn\" as %s", module, module);
    else if (foreign_find(FOREIGN_PREFIX, name))
        diag_help(d, "leave the line out: the library is there without an import, and without a prefix"),
            diag_edit(d, place_statement(x), "%s", "");
    else
        diag_help(d, "write import \"%s.nn\" as %s", name, name), diag_edit(d, place_statement(x), "import \"%s.nn\" as %s", name, name);
    return true;
}

/* ---- brackets and commas --------------------------------------------------------------------- */

static uint32_t indentation(const Place *x, uint32_t at)
{
    uint32_t n = 0;
    while (at > 0 && x->text[at - 1] != '\n')
        at--;
    while (x->text[at + n] == ' ' || x->text[at + n] == '\t')
        n++;
    return n;
}

static bool begins_statement(const char *word)
{
    return among("return if for scan emit expect minimize report param state layer fn import const option data metric model "
                 "optimizer train eval export extern",
                 word);
}

/* A line below that stands no deeper than the one with the bracket, or begins with a word of the language. */
bool habit_of_missing_close(const Place *x)
{
    char bracket = 0;
    const Span *open = place_bracket(x, &bracket);
    if (!open || place_line(x, *open) >= place_line(x, x->at) || !*x->word || is(x->word, ")") || is(x->word, "]")) return false;
    if (!begins_statement(x->word) && indentation(x, x->at.lo) > indentation(x, open->lo)) return false;
    Diag *d = diag_error(x->p->diags, "E0209", *open, "`%c` is not closed", bracket);
    diag_help(d, "a `%c` is missing on this line", bracket == '(' ? ')' : ']');
    return true;
}

/* A line that ends with an operator, in front of a statement. */
bool habit_of_unfinished(const Place *x)
{
    if (!begins_statement(x->word) || place_line(x, x->before_at) >= place_line(x, x->at)) return false;
    if (!among("+ - * / // ** % @ , = := . and or not in over using", x->before)) return false;
    diag_help(diag_error(x->p->diags, "E0201", x->before_at, "this line is not finished"), "something is missing behind `%s`", x->before);
    return true;
}

static const char *span_text(const Place *x, Span span)
{
    return arena_copy(x->p->arena, x->text + span.lo, span.hi - span.lo);
}

/* x = f(y) // the rest */
static bool behind_slashes(const Place *x)
{
    uint32_t lo = x->before_at.lo;
    while (lo > 0 && x->text[lo - 1] == ' ')
        lo--;
    return lo > 1 && x->text[lo - 1] == '/' && x->text[lo - 2] == '/';
}

bool habit_of_missing_comma(const Place *x)
{
    bool value = is(x->found, "name") || is(x->found, "number") || is(x->found, "string literal");
    if (!value || !expects(x, "'+'") || x->before_at.hi <= x->before_at.lo) return false;
    bool close = x->before_at.hi == x->at.lo, number = isdigit((unsigned char)*x->before);
    char bracket;
    bool inside = place_bracket(x, &bracket) != NULL;
    if (!inside && !expects(x, "','") && is(x->found, "string literal")) return false;
    if (close && number) {
        diag_help(diag_error(x->p->diags, "E0203", span_join(x->before_at, x->at), "a number has no letters behind it"),
                  strlen(x->word) > 1 ? "write %s * %s" : "write %s", x->before, x->word);
        return true;
    }
    if (behind_slashes(x)) {
        diag_help(diag_error(x->p->diags, "E0201", x->at, "unexpected %s", describe_token(x->p->arena, x->found, x->word)),
                  "comments begin with `#`; `//` divides whole numbers");
        return true;
    }
    if (place_line(x, x->before_at) < place_line(x, x->at)) {
        diag_help(diag_error(x->p->diags, "E0201", x->before_at, "a comma or an operator is missing at the end of this line"),
                  "write a comma behind it, or close the bracket");
        return true;
    }
    Diag *d = diag_error(x->p->diags, "E0201", x->at, "unexpected %s", describe_token(x->p->arena, x->found, x->word));
    const char *before = span_text(x, x->before_at);
    if (!isalnum((unsigned char)*before) || is(x->found, "string literal"))
        diag_help(d, "a comma or an operator is missing in front of it");
    else if (inside || expects(x, "','"))
        diag_help(d, "a comma or an operator is missing: `%s, %s` or `%s * %s`", before, x->word, before, x->word);
    else
        diag_help(d, "an operator is missing: `%s * %s`?", before, x->word);
    return true;
}
