/* SPDX-License-Identifier: MIT
 * hints.c: what a syntax error says.
 *
 * The parser stops at the first token that cannot stand where it is. Habits of other languages are
 * recognised by that token, the few before it and the rest of its line; everything else is told as
 * what was found and what could stand there. */
#include "syntax/hints.h"

#include <string.h>

#include "support/foreign.h"
#include "syntax/describe.h"
#include "syntax/habits.h"
#include "syntax/paste.h"

static Diag *habit(const Place *x, Span at, const char *text)
{
    return diag_error(x->p->diags, "E0206", at, "%s", text);
}

/* ---- words ----------------------------------------------------------------------------------- */

typedef struct Word {
    const char *word, *text, *help;
} Word;

/* Words that other languages begin a line with. */
static const Word first_words[] = {
    {"let", "there is no `let`", "write `y = x`"},
    {"var", "there is no `var`", "write `y = x`"},
    {"const", "`const` stands at the top level only", "write `y = x`; a name that is not bound again does not change"},
    {"def", "there is no `def`", "functions are `fn f(x: float[...]) -> float[...] { }`"},
    {"func", "there is no `func`", "functions are `fn f(x: float[...]) -> float[...] { }`"},
    {"function", "there is no `function`", "functions are `fn f(x: float[...]) -> float[...] { }`"},
    {"class", "there are no classes", "`layer M(...) { }`"},
    {"struct", "there are no structs", "`layer M(...) { }`"},
    {"module", "there is no `module`", "`layer M(...) { }`"},
    {"while", "there is no `while`",
     "a loop of the program is `scan i in 0..n with h = h0 { }`, a loop of the compiler is `for i "
     "in 0..n { }`"},
    {"elif", "there is no `elif`", "write `else if`"},
    {"print", "`print(\"label\", x)` is a statement, with brackets, of the body of a fn, train or eval", "write `print(\"label\", x)`"},
    {"printf", "there is no `printf`", "write `print(\"label\", x)`; what belongs in the log is shown by `report name=value`"},
    {"with", "there is no `with` statement", "leave the line out; `with` names what a `scan` carries"},
    {"raise", "there is no `raise`", "say what must hold with `requires`"},
    {"static", "there is no `static`", "leave it out"},
    {"zero_grad", "gradients do not add up", "leave the line out"},
    {"void", "there is no `void`", "functions are `fn f(x: float[...]) -> float[...] { }`"},
    {"assert", "`assert` is a statement of the body of a fn, train or eval",
     "of the arguments of a layer or function, `requires` says what must hold"},
    {"from", "there is no `from`", "`import \"file.nn\" as name`"},
    {"lambda", "there is no `lambda`", "write a `fn` and give its name"},
    {"pass", "there is no `pass`", "an empty block is `{ }`"},
    {"del", "there is no `del`", "leave the line out"},
    {"global", "there is no `global`", "leave the line out; values that stay are `state`"},
    {"yield", "there is no `yield`", "`emit y = value` inside a `scan`"},
    {"break", "there is no `break`", "a `scan` goes to its end; keep a value with `where(on, new, old)`"},
    {"continue", "there is no `continue`", "keep a value with `where(on, new, old)`"},
    {"try", "there is no `try`", "a program stops with a message when something is wrong"},
    {"switch", "there is no `switch`", "write `if` and `else if`"},
    {"match", "there is no `match`", "write `if` and `else if`"},
};

static const Word *find_first(const char *word)
{
    for (size_t i = 0; i < sizeof first_words / sizeof *first_words; i++)
        if (is(first_words[i].word, word)) return &first_words[i];
    return NULL;
}

/* `let y = x`, `} elif a {`, `while x {`: the word is the token in error, or the one before it. */
static bool habit_of_word(const Place *x)
{
    bool body = is(x->found, "assert") || is(x->found, "print"); /* outside of one */
    const Word *w = body ? find_first(x->word) : x->starts && !is(x->found, "'='") && !expects(x, "number") ? find_first(x->before) : NULL;
    Span at = body ? x->at : x->before_at;
    const char *rest = x->text + x->at.hi;
    while (*rest == ' ')
        rest++;
    if (!w && !expects(x, "name") && (*rest != '=' || rest[1] == '=')) w = find_first(x->word), at = x->at;
    if (!w && is(x->found, "with") && expects(x, "return")) w = find_first("with"), at = x->at;
    if (!w || (is(w->word, "const") && x->p->lexer->depth == 0)) return false;
    bool top = x->p->lexer->depth == 0 && (is(w->word, "let") || is(w->word, "var"));
    Span value = place_rest_of_line(x, at.hi);
    if (top)
        diag_help(habit(x, at, w->text), "write `const%.*s`", (int)(value.hi - value.lo), x->text + value.lo);
    else
        diag_help(habit(x, at, w->text), "%s", w->help);
    return true;
}

/* `maximize score over net` */
static bool habit_of_maximize(const Place *x)
{
    if (!is(x->word, "maximize") || !expects(x, "minimize") || expects(x, "maximize")) return false;
    diag_help(diag_error(x->p->diags, "E0206", x->at, "there is no statement `maximize`"), "write `minimize -score over ... using ...`");
    return true;
}

static const char *const declaration_words[] = {
    "import", "const", "option", "data", "layer", "metric", "model", "optimizer", "fn", "train", "eval", "export", "extern",
};

/* At the top level: a misspelt declaration, or something that is none. */
static bool habit_of_top_level(const Place *x)
{
    if (!expects(x, "layer") || !expects(x, "import")) return false;
    if (!is(x->found, "name")) return false;
    const char *best = NULL, *rest = x->text + x->at.hi;
    int least = strlen(x->word) < 4 ? 2 : 3;
    while (*rest == ' ')
        rest++;
    for (size_t i = 0; i < sizeof declaration_words / sizeof *declaration_words && strlen(x->word) > 2; i++) {
        int distance = str_distance(x->word, declaration_words[i]);
        if (distance < least) best = declaration_words[i], least = distance;
    }
    if (best && least && *rest != '=') { /* rate = 0.01 is no `data` */
        Diag *d = diag_error(x->p->diags, "E0201", x->at, "unknown declaration `%s`", x->word);
        diag_help(d, "did you mean `%s`?", best);
        diag_edit(d, x->at, "%s", best);
        return true;
    }
    const Foreign *foreign = foreign_find(FOREIGN_WORD, x->word);
    if (foreign) {
        diag_help(diag_error(x->p->diags, "E0201", x->at, "unknown declaration `%s`", x->word), "here it is called %s", foreign->here);
        return true;
    }
    Diag *d = diag_error(x->p->diags, "E0201", x->at, "a declaration cannot begin with `%s`", x->word);
    size_t name = *rest != '_' && (*rest | 32) >= 'a' && (*rest | 32) <= 'z' ? strcspn(rest, " (=;\n") : 0;
    if (name && *x->word >= 'A' && *x->word <= 'Z' && rest[name] == '(')
        diag_help(d, "write `model %.*s = %s(...)`", (int)name, rest, x->word);
    else if (*rest == '=' && rest[1] != '=')
        diag_help(d,
                  "write `const %s = ...` for a value of the compiler, `option %s: float = ...` "
                  "for a flag, `model %s = ...` for a network",
                  x->word, x->word, x->word);
    else
        diag_note(d, "a file consists of import, const, option, data, layer, metric, model, "
                     "optimizer, fn, train, eval, export fn, extern fn");
    return true;
}

/* ---- statements ------------------------------------------------------------------------------ */

static bool contains(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

/* An `=` that is not part of == <= >= != outside brackets. */
static bool assigns(const char *text)
{
    int depth = 0;
    for (const char *c = text; *c; c++) {
        depth += strchr("([", *c) ? 1 : strchr(")]", *c) ? -1 : 0;
        if (depth == 0 && *c == '=' && c[1] != '=' && (c == text || !strchr("=<>!", c[-1]))) return true;
    }
    return false;
}

static bool balanced(const char *text)
{
    int depth = 0;
    for (; *text; text++)
        depth += strchr("([{", *text) ? 1 : strchr(")]}", *text) ? -1 : 0;
    return depth == 0;
}

/* x += 1, x++, where `rest` begins at the operator. */
static bool habit_of_update(const Place *x, const char *rest)
{
    char op = *rest;
    if (!strchr("+-*/%@", op)) return false;
    if (rest[1] == op && (op == '+' || op == '-')) {
        diag_help(habit(x, (Span){x->at.file, x->at.lo, x->at.lo + 2}, op == '+' ? "there is no `++`" : "there is no `--`"),
                  "write `%s = %s %c 1`", x->before, x->before, op);
        return true;
    }
    uint32_t n = rest[1] == op ? 2 : 1;
    if (rest[n] != '=' || rest[n + 1] == '=') return false;
    const char *list = rest + n + 1;
    while (*list == ' ')
        list++;
    if (op == '+' && *list == '[') {
        diag_help(diag_error(x->p->diags, "E0206", x->at, "there is no `+=`"), "`emit ys = y` in a `scan` collects values");
        return true;
    }
    Span at = {x->at.file, x->at.lo, x->at.lo + n + 1};
    Span value = place_rest_of_line(x, at.hi);
    while (value.lo < value.hi && x->text[value.lo] == ' ')
        value.lo++;
    Diag *d = diag_error(x->p->diags, "E0206", at, "there is no `%.*s=`", (int)n, rest);
    const char *amount = arena_copy(x->p->arena, x->text + value.lo, value.hi - value.lo);
    if (balanced(amount))
        diag_help(d, "write `%s = %s %.*s %s`; a state is written with `:=`", x->before, x->before, (int)n, rest, amount);
    else
        diag_help(d, "write `%s = %s %.*s ...`", x->before, x->before, (int)n, rest);
    return true;
}

static bool habit_of_call(const Place *x, const char *line, Span all)
{
    static const Word calls[] = {
        {".backward(", "gradients are not computed by a call", "minimize loss over net using adam()"},
        {".minimize(", "parameters are not updated by a call", "minimize loss over net using adam()"},
        {".step(", "parameters are not updated by a call", "minimize loss over net using adam()"},
        {".zero_grad(", "there is no `zero_grad`: gradients do not add up", "leave the line out"},
        {".detach(", "there is no `detach`", "`stop_gradient(x)`; not needed under `minimize ... over`"},
        {".train(", "training is not switched on by a call", "leave the line out: `train`, `eval` and `export` decide"},
        {".eval(", "training is not switched off by a call", "leave the line out: `train`, `eval` and `export` decide"},
        {".append(", "lists are not made by calls", "`emit ys = y` in a `scan` collects values; behind the loop `ys` has all of them"},
        {".copy_(", "tensors do not change", "a state is written with `:=`"},
        {"register_buffer(", "states are members", "write `state name: float[n] = 0`"},
        {"clip_grad", "gradients are not changed by a call", "write clip=1.0 in the optimizer: using adam(lr=0.001, clip=1.0)"},
        {"super(", "a layer has no layer above it", "leave the line out"},
        {".fit(", "training is not begun by a call", "write a block: `train fit[B](ex in d.train) { }`"},
        {".compile(", "loss and optimizer are not given by a call", "they stand in the body of a `train`"},
        {".requires_grad", "there is no `requires_grad`", "`minimize ... over` names what is trained, `except` leaves something out"},
    };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        if (!contains(line, calls[i].word)) continue;
        Diag *d = habit(x, all, calls[i].text);
        diag_help(d, "%s", calls[i].help);
        if (strncmp(calls[i].help, "leave the line out", 18) == 0) diag_edit(d, all, "%s", "");
        return true;
    }
    return false;
}

/* self.fc = Linear(4, 2) */
static void habit_of_self(const Place *x, Span all, const char *line)
{
    bool member = !expects(x, ":=");
    const char *name = line + strcspn(line, ".") + 1, *value = strchr(line, '=') + 1;
    size_t n = strcspn(name, " =.[(");
    while (*value == ' ')
        value++;
    Diag *d = habit(x, all, "there is no `self`");
    if (!member)
        diag_help(d, "a state is written `%.*s := ...`, a name is bound by `%.*s = ...`", (int)n, name, (int)n, name);
    else if (contains(value, "Parameter("))
        diag_help(d, "write `param %.*s: float[n_in, n_out] = glorot(n_in, n_out)`", (int)n, name);
    else
        diag_help(d, "write `layer %.*s = %s`", (int)n, name, value);
}

/* w: float[4] = ... among the members of a layer */
static bool habit_of_typed_member(const Place *x)
{
    if (!is(x->word, ":") || expects(x, ":=")) return false;
    diag_help(habit(x, x->before_at, "a member of a layer begins with its kind"), "write `param %s: ...`, or `state %s: ...`", x->before,
              x->before);
    return true;
}

/* A statement that begins with a name and goes on as an expression. */
static bool habit_of_value(const Place *x)
{
    if (!x->starts || !expects(x, "'='") || x->p->lexer->depth == 0) return false;
    if (is(x->found, "name") || is(x->found, "end of file")) return false;
    const char *rest = x->text + x->at.lo;
    if (habit_of_typed_member(x) || habit_of_update(x, rest)) return true;
    Span all = place_rest_of_line(x, x->before_at.lo);
    const char *line = arena_copy(x->p->arena, x->text + all.lo, all.hi - all.lo);
    if (habit_of_call(x, line, all)) return true;
    bool open = *line && line[strlen(line) - 1] == '{';
    if (assigns(line) && !open) {
        if (is(x->before, "self"))
            habit_of_self(x, all, line);
        else if (*rest == '[')
            diag_help(habit(x, all, "`=` binds a name; elements of a tensor are not changed"),
                      "make a new value: where(...), concat(...), scatter_add(...), or `emit` in a "
                      "`scan`");
        else
            diag_help(habit(x, all, "`=` binds a name"), "only a name can stand on the left; a state is changed with `:=`");
        return true;
    }
    Diag *d = diag_error(x->p->diags, "E0208", all, "this value is not used");
    bool statement = expects(x, ":=");
    if (is(x->word, "=="))
        diag_help(d, "a name is bound with one `=`: %s = ...", x->before);
    else if (!statement)
        diag_help(d, "a layer consists of param, state, layer and fn lines, and `name = value`");
    else if (balanced(line) && !open)
        diag_help(d, "`return %s`, `y = %s`, or `report %s`?", line, line, line);
    else
        diag_help(d, "every line binds, returns, updates or reports something: `y = ...`, or `return ...`?");
    return true;
}

/* ---- other places ---------------------------------------------------------------------------- */

static bool is_comparison(const char *word)
{
    return is(word, "<") || is(word, "<=") || is(word, ">") || is(word, ">=") || is(word, "==") || is(word, "!=");
}

static bool is_type_word(const char *word)
{
    static const char *const words[] = {"float", "int", "bool", "f16", "bf16", "f32", "f64", "i8", "i32", "i64", "u8"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (is(words[i], word)) return true;
    return false;
}

/* The bracket around the token; of a closing one its partner. */
static char innermost(const Place *x)
{
    const Lexer *lx = x->p->lexer;
    if (is(x->word, ")")) return '(';
    return lx->depth > 0 ? lx->stack[lx->depth - 1].bracket : 0;
}

/* A comment of C, or a text where a statement could stand. What begins with two slashes goes on with the line above, so it may be
 * read on for a while. */
static bool habit_of_comment(const Place *x)
{
    uint32_t lo = x->at.lo;
    while (lo > 0 && x->text[lo - 1] != '\n')
        lo--;
    while (x->text[lo] == ' ' || x->text[lo] == '\t')
        lo++;
    const char *c = x->text + lo;
    bool slashes = c[0] == '/' && (c[1] == '/' || c[1] == '*');
    bool text =
        is(x->found, "string literal") && !expects(x, "string literal") && !expects(x, "number") && (!*x->before || *x->before == '"');
    if (!slashes && !text) return false;
    Span at = slashes ? (Span){x->at.file, lo, lo + 2} : x->at;
    Diag *d = habit(x, at, "comments begin with `#`");
    diag_help(d, "# ...");
    if (slashes && c[1] == '/') diag_edit(d, at, "#");
    return true;
}

static bool is_name(const char *word)
{
    return (*word | 32) >= 'a' && (*word | 32) <= 'z';
}

static bool habit_in_brackets(const Place *x)
{
    char in = innermost(x);
    if (is(x->word, "(") && is_type_word(x->before)) {
        diag_help(habit(x, span_join(x->before_at, x->at), "sizes stand in square brackets"),
                  is(x->before, "int") ? "shapes are written `int[B, 4]`, an integer below 3 int<3>" : "shapes are written `%s[B, 4]`",
                  x->before);
        return true;
    }
    if (is(x->word, ":") && in == '(' && (is(x->before2, "(") || is(x->before2, ",")) && is_name(x->before)) {
        diag_help(habit(x, x->at, "an argument is given with `=`"), "write %s=...", x->before);
        return true;
    }
    if (is(x->word, ":") && in == '[' && is(x->before2, "[") && *x->before >= '0' && *x->before <= '9') {
        diag_help(habit(x, x->at, "a range is written with two dots"), "columns=0..4");
        return true;
    }
    if (is(x->word, ",") && in == '{' && expects(x, "':'") && expects(x, "'('")) {
        diag_help(habit(x, x->at, "a field has one name"), "write `x: float[4] = csv(...)`; parts are made by split(train=0.8, test=0.2)");
        return true;
    }
    if (is(x->word, ":") && (in == '(' || in == '[') && expects(x, "','") && !is(x->before, ")")) {
        if (in == '(' && x->n > 0 && expects(x, ".."))
            diag_help(habit(x, x->at, "a range is written with two dots"), "columns=0..4");
        else
            return false;
        return true;
    }
    if (expects(x, "':'") && !expects(x, "','") && (is(x->word, ",") || is(x->word, ")") || is(x->word, "=")) && in != '{') {
        if (is(x->before, "self"))
            diag_help(habit(x, x->before_at, "there is no `self`"), "leave it out: members are used by name");
        else
            diag_help(diag_error(x->p->diags, "E0201", x->before_at, "`%s` has no type", x->before),
                      "a parameter is written `%s: float[B, 4]` or `%s: int`", x->before, x->before);
        return true;
    }
    return false;
}

static bool habit_of_operator(const Place *x)
{
    if (is(x->word, ">") && is(x->before, ">")) {
        diag_help(habit(x, x->at, "there is no `>>`"), "layers one after the other are a chain: chain(a, b, c)");
        return true;
    }
    if (is_comparison(x->word) && expects(x, "and")) {
        diag_help(habit(x, x->at, "comparisons do not chain"), "write `0 < x and x < 1`");
        return true;
    }
    if (is(x->word, "?") && !expects(x, "'?'")) {
        diag_help(habit(x, x->at, "there is no `? :`"), "write `a if condition else b`; for a choice at run time where(condition, a, b)");
        return true;
    }
    if (is(x->word, "=") && is(x->before, "=")) {
        Diag *d = habit(x, span_join(x->before_at, x->at), "`==` is written without a space");
        diag_help(d, "==");
        diag_edit(d, d->span, "==");
        return true;
    }
    if (is(x->word, "=") && x->text[x->at.hi] == '>') {
        Diag *d = habit(x, x->at, "there is no `=>`");
        diag_help(d, "to compare write `>=`");
        diag_edit(d, (Span){x->at.file, x->at.lo, x->at.hi + 1}, ">=");
        return true;
    }
    if (is(x->word, "=") && is(x->before, ")") && expects(x, "end of line")) {
        diag_help(habit(x, x->at, "names on the left stand without brackets"), "write a, b = f(x)");
        return true;
    }
    if (is(x->word, "=") && expects(x, "'{'") && expects(x, "==")) {
        Diag *d = habit(x, x->at, "`=` binds a name");
        diag_help(d, "to compare write `==`");
        diag_edit(d, x->at, "==");
        return true;
    }
    if (is(x->word, ":") && expects(x, "'{'")) {
        Diag *d = habit(x, x->at, "blocks stand in braces");
        diag_help(d, "write `{` here and `}` at the end of the block");
        diag_edit(d, x->at, " {");
        return true;
    }
    return false;
}

/* A reserved word where only a name can stand. */
static bool reserved_name(const Place *x)
{
    char c = x->word[0];
    if (c < 'a' || c > 'z' || is(x->found, "name") || !expects(x, "name") || expects(x, "number") || expects(x, "return") ||
        expects(x, "param"))
        return false;
    Diag *d = diag_error(x->p->diags, "E0201", x->at, "`%s` is a reserved word and cannot be a name", x->word);
    if (is(x->word, "in")) diag_help(d, "the library says `n_in`");
    return true;
}

/* A reserved word that begins a statement: `in = 3`. */
static bool reserved_target(const Place *x)
{
    const char *rest = x->text + x->at.hi;
    char c = x->word[0];
    if (c < 'a' || c > 'z' || is(x->found, "name")) return false;
    while (*rest == ' ')
        rest++;
    if (*rest != '=' || rest[1] == '=' || expects(x, x->word)) return false;
    diag_error(x->p->diags, "E0201", x->at, "`%s` is a reserved word and cannot be a name", x->word);
    return true;
}

/* ---- the plain message ----------------------------------------------------------------------- */

static bool begins_statement(const char *word)
{
    static const char *const words[] = {"return",   "if",     "for",   "scan",  "emit",  "expect",
                                        "minimize", "report", "param", "state", "layer", "fn"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (is(words[i], word)) return true;
    return false;
}

/* What helps to see why the place is wrong: an open bracket above, or a line that was not finished.
 */
static void add_context(const Place *x, Diag *d)
{
    const Lexer *lx = x->p->lexer;
    const SourceFile *file = source_get(x->p->diags->sources, x->at.file);
    uint32_t line = source_line(file, x->at.lo);
    int open = lx->depth - (is(x->word, "(") || is(x->word, "[") || is(x->word, "{"));
    bool inside = open > 0 && lx->stack[open - 1].bracket != '{';
    if (inside && source_line(file, lx->stack[open - 1].span.lo) < line && !is(x->word, ")") && !is(x->word, "]"))
        diag_label(d, lx->stack[open - 1].span, "not closed yet");
    else if (begins_statement(x->word) && *x->before && source_line(file, x->before_at.lo) < line)
        diag_label(d, x->before_at, "this line is not finished");
    else if (is(x->word, "=") && *x->before2 && source_line(file, lx->history[2].span.lo) < source_line(file, x->before_at.lo))
        diag_label(d, lx->history[2].span, "this line is not finished");
    else if (*x->before && *x->word && source_line(file, x->before_at.lo) < line && !is(x->found, "end of file") &&
             !strchr("}])", *x->word))
        diag_note(d, "no statement begins with %s, so this line continues the one above", describe_token(x->p->arena, x->found, x->word));
}

/* A declaration where a statement or member should be: a brace is missing above. */
static bool missing_brace(const Place *x)
{
    const Lexer *lx = x->p->lexer;
    if (!is(x->word, "fn") || lx->depth == 0 || place_line(x, x->before_at) == place_line(x, x->at)) return false;
    if (lexer_depth_around(lx, x->at.lo) == lx->depth) return false;
    diag_label(diag_error(x->p->diags, "E0209", x->at, "`%c` is not closed before this declaration", lx->stack[lx->depth - 1].bracket),
               lx->stack[lx->depth - 1].span, "opened here");
    return true;
}

/* A quote without its partner, here or further on in the line: what stands between quotes is then taken for names. */
static bool open_string(const Place *x)
{
    uint32_t i = x->at.lo, quote = 0;
    while (i > 0 && x->text[i - 1] != '\n')
        i--;
    bool string = false;
    for (; x->text[i] && x->text[i] != '\n' && (string || x->text[i] != '#'); i++) {
        if (x->text[i] == '"') string = !string, quote = i;
        if (string && x->text[i] == '\\' && x->text[i + 1] && x->text[i + 1] != '\n') i++;
    }
    if (!string || is(x->found, "end of file") || !*x->word) return false;
    Diag *d = diag_error(x->p->diags, "E0202", x->at, "a string on this line has no end");
    diag_label(d, (Span){x->at.file, quote, quote + 1}, "the last quote begins one");
    x->p->lexer->told = true;
    return true;
}

static void plain_error(const Place *x)
{
    Diag *d = diag_error(x->p->diags, "E0201", x->at, "unexpected %s", describe_token(x->p->arena, x->found, x->word));
    const char *list = describe_expected(x->p->arena, x->expected, x->n);
    if (list) diag_note(d, "expected %s", list);
    add_context(x, d);
}

static const char *text_of(const Place *x, Span span)
{
    return arena_copy(x->p->arena, x->text + span.lo, span.hi - span.lo);
}

/* The lexer has said something of this very token. */
static bool was_told(const Diags *diags, Span at)
{
    const Diag *last = diags->list.n ? diags->list.at[diags->list.n - 1] : NULL;
    return last && !last->warning && last->span.file == at.file && last->span.lo == at.lo;
}

void hint_syntax_error(Parser *p, Span at, const char *found, const char *const *expected, int n)
{
    Lexer *lx = p->lexer;
    if (lx->closing || lx->too_deep || p->too_deep) return; /* the lexer has said what is wrong */
    if (lx->told || was_told(p->diags, at)) {
        lexer_note_error(lx);
        return;
    }
    Place x = {.p = p, .text = source_get(p->diags->sources, at.file)->text, .at = at, .found = found, .expected = expected, .n = n};
    x.word = text_of(&x, at);
    x.before = text_of(&x, lx->history[1].span);
    x.before2 = text_of(&x, lx->history[2].span);
    x.before_at = lx->history[1].span;
    x.starts = *x.before && (!*x.before2 || is(x.before2, "{") || is(x.before2, ";"));
    if (paste_tell(&x)) return;
    if (!missing_brace(&x) && !open_string(&x) && !habit_of_import(&x) && !habit_of_type(&x) && !habit_of_missing_word(&x) &&
        !habit_of_rule(&x) && !habit_of_word(&x) && !habit_of_missing_close(&x) && !habit_of_unfinished(&x) && !habit_of_misspelling(&x) &&
        !habit_of_maximize(&x) && !habit_of_top_level(&x) && !habit_of_near_word(&x) && !habit_of_comment(&x) && !habit_in_brackets(&x) &&
        !habit_of_operator(&x) && !habit_of_value(&x) && !reserved_name(&x) && !reserved_target(&x) && !habit_of_missing_comma(&x))
        plain_error(&x);
    lexer_note_error(lx);
}
