/* SPDX-License-Identifier: MIT
 * paste.c: lines of Keras, PyTorch, JAX ... that someone has put into a program. They are read as text: from the statement with the
 * syntax error on, lines at its margin are statements, and those deeper or in brackets belong to the one above. What the program
 * could say itself ends them: at the top level any declaration; in a block statements that no other language has. What stands between
 * lines of another language in a block is theirs, too. */
#include "syntax/paste.h"

#include <ctype.h>

typedef struct Paste {
    const char *text;
    uint32_t margin, end; /* columns; where the last line ends */
    int depth;            /* brackets that are open */
    char quote;           /* of a text that goes on on the next line, or 0 */
    uint32_t n, n_sure;   /* statements; of them such that are surely no line of a program */
    bool python, top, kept; /* kept: the newest statement is known to be one of them */
} Paste;

/* ---- a line --------------------------------------------------------------------------------- */

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static const char *skip_name(const char *c)
{
    while (is_name(*c))
        c++;
    return c;
}

static bool begins(const char *line, const char *word)
{
    size_t n = strlen(word);
    return strncmp(line, word, n) == 0 && !is_name(line[n]);
}

static const char *second_word(const char *line)
{
    const char *c = skip_name(line);
    return c + strspn(c, " \t");
}

static bool begins_triple(const char *c)
{
    return c[0] == c[1] && c[1] == c[2];
}

/* Passes over a line: brackets and texts; *last is its last character that is no blank and in no comment. */
static const char *read_line(Paste *p, const char *c, char *last)
{
    bool triple = p->quote != 0;
    *last = 0;
    for (; *c && *c != '\n'; c++) {
        if (p->quote) {
            if (*c == '\\' && c[1] && c[1] != '\n')
                c++;
            else if (*c == p->quote && (!triple || begins_triple(c)))
                c += triple ? 2 : 0, p->quote = 0;
            continue;
        }
        if (*c == '#') {
            c += strcspn(c, "\n") - 1;
            continue;
        }
        if (*c == '"' || *c == '\'') {
            p->quote = *c;
            triple = begins_triple(c);
            c += triple ? 2 : 0;
        }
        if (strchr("([{", *c)) p->depth++;
        if (strchr(")]}", *c)) p->depth--;
        if (*c != ' ' && *c != '\t' && *c != '\r') *last = *c;
    }
    if (!triple) p->quote = 0; /* on its line, or nowhere */
    return c;
}

/* A declaration of nnc: its word, and a name behind it. Python has no such line but `import name`. */
static bool declares(const char *line)
{
    static const char *const words[] = {"const", "option", "data", "layer",  "metric", "model",    "optimizer",
                                        "train", "eval",   "fn",   "export", "extern", "minimize", "maximize"};
    const char *next = second_word(line);
    if (begins(line, "import")) return *next == '"';
    if (!isalpha((unsigned char)*next) && *next != '_') return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (begins(line, words[i])) return true;
    return false;
}

/* a.b(...), a.b.c(...) at the beginning */
static bool calls_method(const char *c)
{
    bool dotted = false;
    for (c = skip_name(c); *c == '.' && is_name(c[1]); dotted = true)
        c = skip_name(c + 1);
    return dotted && *c == '(';
}

/* y = a.b(...) */
static bool binds_method(const char *c)
{
    c += strcspn(c, "=\n");
    if (*c != '=' || c[1] == '=') return false;
    c++;
    return calls_method(c + strspn(c, " "));
}

/* n += 1 */
static bool updates(const char *c)
{
    c = skip_name(c);
    c += strspn(c, " ");
    return *c && strchr("+-*/", *c) && (c[1] == '=' || (c[1] == *c && c[2] == '='));
}

/* A statement that is of this language alone. */
static bool is_own(const char *line)
{
    static const char *const words[] = {"minimize", "report", "emit", "scan", "expect", "layer", "param", "state", "fn"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (begins(line, words[i])) return true;
    return *line == '}';
}

static bool is_python(const char *line, char last)
{
    static const char *const words[] = {"def", "class", "from", "async", "while", "with", "try", "except", "elif", "return", "assert"};
    const char *next = second_word(line);
    if (*line == '@' || strncmp(line, "self.", 5) == 0 || strncmp(line, "print(f\"", 8) == 0) return true;
    if (begins(line, "import")) return isalpha((unsigned char)*next);
    bool block = begins(line, "for") || begins(line, "if") || begins(line, "else");
    for (size_t i = 0; i < 3; i++)
        if (begins(line, words[i]) && isalpha((unsigned char)*next)) return true;
    for (size_t i = 3; i < sizeof words / sizeof *words; i++)
        block |= begins(line, words[i]);
    return block && last == ':';
}

/* ---- several of them ------------------------------------------------------------------------ */

static uint32_t indentation(const char *line)
{
    return (uint32_t)strspn(line, " \t");
}

/* Takes the line in, if it belongs to the paste; *next is the line below. */
static bool take_line(Paste *p, const char *line, const char **next)
{
    const char *c = line + indentation(line);
    bool blank = *c == '\n' || *c == '\r' || *c == '#' || !*c, inside = p->depth > 0 || p->quote;
    Paste before = *p;
    char last;
    const char *end = read_line(p, c, &last);
    *next = end + (*end == '\n');
    if (blank && !inside) return true;
    bool starts = !inside && indentation(line) <= p->margin;
    if (starts) {
        bool python = is_python(c, last), sure = python || calls_method(c) || (p->top && binds_method(c));
        if (indentation(line) < p->margin || (p->top ? *c == '}' || declares(c) : is_own(c))) {
            *p = before;
            return false;
        }
        p->kept = p->top || sure || updates(c);
        p->n += p->kept;
        p->n_sure += sure;
        p->python |= python;
    }
    if (p->kept) p->end = (uint32_t)(end - p->text);
    return true;
}

/* What stands in the lines, and how it is said here. */
static const struct {
    const char *marks, *help;
} ways[] = {
    {"import ", "the library is there without an import, and without a prefix"},
    {"read_csv|load_data|DataLoader|datasets|load_dataset|np.load|open(",
     "data: `data d { x: float[4] = csv(\"d.csv\", columns=0..4) ... }`"},
    {"class |Sequential|keras.Model|keras.Input|layers.", "a network: `layer Net { ... }` or chain(...), then `model net = Net()`"},
    {".compile(|.fit(|.backward(|.step(|optim.|optax.|value_and_grad|GradientTape|jax.grad|grad(loss",
     "its training: `train fit[B](ex in d.train, batch=32, epochs=10) { ... minimize loss over net using adam() }`"},
    {".evaluate(|.eval(|no_grad", "its test: `eval test[B](ex in d.test) { report accuracy(net(ex.x), ex.y) }`"},
    {".predict(", "what is called from outside: `export fn predict[B](x: float[B, 4]) -> float[B, 3] { ... }`"},
    {"def ", "a function: `fn f[B](x: float[B, 4]) -> float[B, 2] { ... }`"},
};

static bool has_one(const char *lines, const char *marks)
{
    for (const char *mark = marks; *mark;) {
        size_t n = strcspn(mark, "|");
        for (const char *c = lines; *c; c++)
            if (strncmp(c, mark, n) == 0) return true;
        mark += n + (mark[n] == '|');
    }
    return false;
}

static void tell(const Place *x, const Paste *p, Span first)
{
    const SourceFile *file = source_get(x->p->diags->sources, x->at.file);
    uint32_t from = source_line(file, first.lo), to = source_line(file, p->end - 1);
    Diag *d = diag_error(x->p->diags, "E0206", first, "%s",
                         p->python ? "these lines are Python; a program is written in another language"
                                   : "these lines belong to another language");
    diag_note(d, "the lines %u to %u are not read", from, to);
    const char *lines = arena_copy(x->p->arena, x->text + first.lo, p->end - first.lo);
    bool helped = false;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (!has_one(lines, ways[i].marks)) continue;
        diag_help(d, "%s", ways[i].help);
        helped = true;
    }
    if (!helped) diag_help(d, "a file consists of import, const, option, data, layer, metric, model, optimizer, fn, train, eval, export");
}

bool paste_tell(const Place *x)
{
    Lexer *lx = x->p->lexer;
    uint32_t lo = lx->statement, start = lo;
    while (start > 0 && (x->text[start - 1] == ' ' || x->text[start - 1] == '\t'))
        start--;
    if (is(x->found, "end of file") || (start > 0 && x->text[start - 1] != '\n')) return false;
    Paste p = {.text = x->text, .margin = lo - start, .top = lexer_depth_before(lx) == 0};
    const char *next = x->text + start;
    while (*next && take_line(&p, next, &next)) {
    }
    bool several = p.n > 1 && (p.top ? p.n_sure > 0 : p.python || p.n_sure > 2);
    if (!several || p.end <= x->at.lo) return false;
    tell(x, &p, place_rest_of_line(x, lo));
    lexer_pass(lx, p.end);
    return true;
}
