/* SPDX-License-Identifier: MIT
 * lines.c: the tokens that the parser sees. To those of the scanner (grammar/lexer.re) comes the rule of line ends: a
 * line break ends a statement iff the token before it can end one, the token after it can begin one, and we are not
 * inside ( or [. Brackets are kept balanced: what is missing is reported and inserted, what is too much is dropped, so
 * that the parser finds its way after an error. */
#include "lexer.h"

#include <string.h>

#include "parser.h"

/* ---- line ends ------------------------------------------------------------------------------- */

bool token_ends_value(int token)
{
    switch (token) {
    case IDENT:
    case NUMBER:
    case STRING:
    case TRUE:
    case FALSE:
    case HOLE:
    case ELLIPSIS:
    case ')':
    case ']': return true;
    default: return false;
    }
}

static bool can_end(int token)
{
    switch (token) {
    case '}':
    case CLOSE_BOUND:
    case DTYPE:
    case DIM:
    case STRINGKW:
    case INTS:
    case FN:
    case LAYER: return true;
    default: return token_ends_value(token);
    }
}

static bool can_begin(int token)
{
    switch (token) {
    case IDENT:
    case HOLE:
    case RETURN:
    case IF:
    case FOR:
    case SCAN:
    case EMIT:
    case EXPECT:
    case MINIMIZE:
    case MAXIMIZE:
    case REPORT:
    case ASSERT:
    case PRINT:
    case PARAM:
    case STATE:
    case LAYER:
    case FN:
    case IMPORT:
    case CONST:
    case OPTION:
    case DATA:
    case METRIC:
    case MODEL:
    case OPTIMIZER:
    case TRAIN:
    case EVAL:
    case EXPORT:
    case EXTERN: return true;
    default: return false;
    }
}

/* ---- brackets and recovery ------------------------------------------------------------------- */

static bool is_open(int token)
{
    return token == '(' || token == '[' || token == '{';
}

static bool is_close(int token)
{
    return token == ')' || token == ']' || token == '}';
}

static char closer_of(char open)
{
    return open == '(' ? ')' : open == '[' ? ']' : '}';
}

static const unsigned char *skip_blanks(const unsigned char *c)
{
    while (*c == ' ' || *c == '\t')
        c++;
    return c;
}

static bool is_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static const unsigned char *skip_name(const unsigned char *c)
{
    while (is_letter(*c) || (*c >= '0' && *c <= '9'))
        c++;
    return c;
}

/* Can the words `assert` and `print` stand here? They are names everywhere else. */
static bool begins_statement(const Lexer *lx, bool newline)
{
    if (lx->depth == 0 || lx->stack[lx->depth - 1].bracket != '{') return false;
    return lx->last == SEMI || lx->last == '{' || (newline && (can_end(lx->last) || lx->quiet >= 0));
}

/* `print(` is such a statement, `assert` with anything but what binds a name. */
static int statement_word(const Lexer *lx, Span span, bool newline)
{
    const unsigned char *c = lx->text + span.lo, *next = skip_blanks(lx->text + span.hi);
    size_t n = span.hi - span.lo;
    bool print = n == 5 && memcmp(c, "print", 5) == 0 && *next == '(';
    bool assert = n == 6 && memcmp(c, "assert", 6) == 0 && !strchr("=,:", *next);
    return (!print && !assert) || !begins_statement(lx, newline) ? IDENT : print ? PRINT : ASSERT;
}

static uint32_t indentation(const Lexer *lx, uint32_t at)
{
    while (at > 0 && lx->text[at - 1] != '\n')
        at--;
    return (uint32_t)(skip_blanks(lx->text + at) - (lx->text + at));
}

/* Does a declaration begin at this token, whatever is still open? It does where a declaration word
 * at the left margin is followed by a name (two names in a row are nothing else). */
static bool begins_declaration(const Lexer *lx, Span span)
{
    const unsigned char *c = lx->text + span.lo;
    if ((span.lo > 0 && c[-1] != '\n') || !is_letter(*c)) return false;
    size_t n = span.hi - span.lo;
    const unsigned char *next = skip_blanks(lx->text + span.hi);
    if (n == 6 && memcmp(c, "import", 6) == 0) return *next == '"';
    if (!is_letter(*next)) return false;
    bool goal = n == 8 && (memcmp(c, "minimize", 8) == 0 || memcmp(c, "maximize", 8) == 0);
    if (goal && memcmp(next, "fn ", 3) == 0) return lx->depth != 1 || lx->quiet >= 0;
    if (n == 2 && memcmp(c, "fn", 2) == 0) return lx->depth != 1 || lx->quiet >= 0;
    if (n == 5 && memcmp(c, "layer", 5) == 0) { /* a member has = or [ behind its name */
        next = skip_blanks(skip_name(next));
        return *next == '(' || *next == '{' || *next == 'r';
    }
    return lexer_declaration(lx, c) != 0;
}

static void hold(Lexer *lx, int token, const YYSTYPE *value, Span span)
{
    lx->held = token;
    lx->held_value = *value;
    lx->held_span = span;
}

static int insert(Lexer *lx, int token, Span *span)
{
    *span = (Span){lx->file, lx->last_span.hi, lx->last_span.hi};
    return lx->last = token;
}

/* Is this the rest of a statement of which an error has been told? */
static bool is_silent(const Lexer *lx)
{
    return lx->quiet >= 0 || lx->skipping || lx->told;
}

/* Is what is open on the line of the last syntax error? It was told, then. */
static bool is_of_error(const Lexer *lx, Span open)
{
    return lx->error_at && open.lo < lx->error_statement && !memchr(lx->text + open.lo, '\n', lx->error_statement - open.lo);
}

/* Close what is open above `depth`. Says so, unless this is the rest of a syntax error. `before` is
 * NULL at the end of the file. */
static void close_brackets(Lexer *lx, int depth, Span at, const char *before)
{
    Span open = lx->stack[lx->depth - 1].span;
    char bracket = lx->stack[lx->depth - 1].bracket;
    lx->n_damaged++;
    if (is_silent(lx) || is_of_error(lx, open))
        ;
    else if (before && bracket != '{') {
        Diag *d = diag_error(lx->diags, "E0209", open, "`%c` is not closed before %s", bracket, before);
        diag_label(d, at, "%s", "");
        diag_help(d, "a `%c` is missing on this line", closer_of(bracket));
    } else if (before)
        diag_label(diag_error(lx->diags, "E0209", at, "`%c` is not closed before %s", bracket, before), open, "opened here");
    else
        diag_error(lx->diags, "E0209", open, "`%c` is not closed before the file ends", bracket);
    lx->close_to = depth;
}

/* Keeps the stack of brackets. False: the token is dropped, or held until brackets were closed. */
static bool nest(Lexer *lx, int token, const YYSTYPE *value, Span span)
{
    if (is_open(token)) {
        if (lx->depth == LEXER_MOST_DEPTH) {
            diag_error(lx->diags, "E0207", span, "brackets are nested more than %d deep", LEXER_MOST_DEPTH);
            lx->too_deep = true;
            return false;
        }
        lx->stack[lx->depth].bracket = (char)token;
        lx->stack[lx->depth++].span = span;
        return true;
    }
    if (!is_close(token)) return true;
    int match = lx->depth - 1;
    while (match >= 0 && closer_of(lx->stack[match].bracket) != token)
        match--;
    if (match < 0 && token != '}' && lx->depth > 0 && lx->stack[lx->depth - 1].bracket != '{') {
        char bracket = lx->stack[lx->depth - 1].bracket;
        if (!is_silent(lx))
            diag_label(diag_error(lx->diags, "E0209", span, "`%c` cannot close the `%c`", token, bracket), lx->stack[lx->depth - 1].span,
                       "opened here");
        lx->close_to = lx->depth - 1;
        return false;
    }
    if (match < 0) {
        if (is_silent(lx)) return false;
        Diag *d = diag_error(lx->diags, "E0209", span, "nothing is open here that `%c` could close", token);
        diag_help(d, "leave out one `%c`", token);
        diag_edit(d, span, "%s", "");
        return false;
    }
    if (match < lx->depth - 1) {
        char before[] = "the `x`";
        before[5] = (char)token;
        close_brackets(lx, match + 1, span, before);
        hold(lx, token, value, span);
        return false;
    }
    lx->depth = match;
    if (lx->depth < lx->quiet) lx->quiet = -1;
    return true;
}

/* Is there nothing in front of it on its line? */
static bool stands_first(const Lexer *lx, uint32_t at)
{
    while (at > 0 && (lx->text[at - 1] == ' ' || lx->text[at - 1] == '\t'))
        at--;
    return at == 0 || lx->text[at - 1] == '\n';
}

int lexer_depth_around(const Lexer *lx, uint32_t at)
{
    int depth = lx->depth;
    while (depth > 0 && lx->stack[depth - 1].span.lo < at && indentation(lx, lx->stack[depth - 1].span.lo) >= indentation(lx, at))
        depth--;
    return depth;
}

/* A `}` that stands below the block around the one it has closed: that one's is missing, so both are closed. */
static void close_outer(Lexer *lx, Span at)
{
    if (lx->depth == 0 || lx->stack[lx->depth - 1].bracket != '{' || !stands_first(lx, at.lo)) return;
    uint32_t inner = indentation(lx, lx->stack[lx->depth].span.lo), outer = indentation(lx, lx->stack[lx->depth - 1].span.lo);
    if (indentation(lx, at.lo) == outer && outer < inner) lx->close_to = lx->depth - 1;
}

void lexer_note_error(Lexer *lx)
{
    int token = lx->history[0].token, level = lx->depth;
    lx->n_damaged++;
    lx->quiet = -1;
    lx->skipping = token != '}' && token != 0;
    lx->margin = stands_first(lx, lx->statement) ? indentation(lx, lx->statement) : UINT32_MAX; /* behind a `{` it ends with its line */
    lx->error_at = lx->history[0].span.lo;
    lx->error_statement = lx->statement;
    if (token == '}') close_outer(lx, lx->history[0].span);
    if (token == SEMI || token == '}' || token == 0) return; /* nothing of the line is skipped */
    if (token == '{') level--;
    while (level > 0 && lx->stack[level - 1].bracket != '{')
        level--;
    lx->quiet = level;
    Span at = lx->history[0].span;
    int around = token == FN && stands_first(lx, at.lo) ? lexer_depth_around(lx, at.lo) : lx->depth;
    if (begins_declaration(lx, at)) around = 0;
    if (around == lx->depth) return;
    /* a brace is missing: go on with the declaration, or the member */
    static const YYSTYPE none = {0};
    hold(lx, token, &none, at);
    lx->close_to = around;
    lx->skipping = false;
}

/* Are we in a block that is skipped after a syntax error? The parser sees nothing of it, not even
 * its braces. */
static bool skips(const Lexer *lx)
{
    if (lx->quiet < 0) return false;
    for (int i = lx->quiet; i < lx->depth; i++)
        if (lx->stack[i].bracket == '{') return true;
    return false;
}

/* Is this token on a line below the syntax error? */
static bool is_below_error(const Lexer *lx, Span span)
{
    return span.lo > lx->error_at && memchr(lx->text + lx->error_at, '\n', span.lo - lx->error_at);
}

/* The depth without the ( and [ of the statement with the syntax error. */
static int depth_before_statement(const Lexer *lx)
{
    int depth = lx->depth;
    while (depth > 0 && lx->stack[depth - 1].bracket != '{' && lx->stack[depth - 1].span.lo >= lx->statement)
        depth--;
    return depth;
}

uint32_t lexer_depth_before(const Lexer *lx)
{
    return (uint32_t)depth_before_statement(lx);
}

void lexer_pass(Lexer *lx, uint32_t end)
{
    bool ended = lx->history[0].token == SEMI; /* the parser keeps that token */
    lx->n_damaged++;
    lx->depth = depth_before_statement(lx);
    lx->quiet = lx->close_to = -1;
    lx->skipping = lx->told = lx->in_bound = lx->in_header = false;
    lx->held = 0;
    lx->at = lx->text + end;
    lx->last = ended ? SEMI : IDENT;
    lx->last_span = (Span){lx->file, end, end};
}

/* A `)` or `]` at the margin that closes what the statement with the syntax error has opened: the statement goes on to the end of its
 * line. */
static bool closes_statement(Lexer *lx, int token, Span span)
{
    if ((token != ')' && token != ']') || indentation(lx, span.lo) != lx->margin || depth_before_statement(lx) == lx->depth) return false;
    lx->error_at = span.lo;
    return true;
}

/* Does this token belong to the lines of a statement with a syntax error? A `}` of the block around it never does. */
static bool belongs_to_statement(Lexer *lx, int token, Span span)
{
    if (token == '}' && lx->depth > 0 && lx->stack[lx->depth - 1].span.lo < lx->statement) return false;
    return indentation(lx, span.lo) > lx->margin || closes_statement(lx, token, span);
}

/* A `}` below a statement with a syntax error, as far to the left as it: the partner of a `{` that is missing. */
static bool closes_missing(const Lexer *lx, int token, Span span, int depth)
{
    if (token != '}' || indentation(lx, span.lo) != lx->margin) return false;
    return depth == 0 || (lx->stack[depth - 1].span.lo < lx->statement && indentation(lx, lx->stack[depth - 1].span.lo) < lx->margin);
}

/* The same on one line: `for i in 0..n x = f(x) }`. */
static bool closes_missing_here(const Lexer *lx, int token)
{
    static const char *const words[] = {"for ", "if ", "scan ", "fn ", "while ", "def "};
    if (token != '}' || lx->quiet < 0 || !lx->skipping) return false;
    int depth = depth_before_statement(lx);
    if (depth == 0 || lx->stack[depth - 1].span.lo > lx->statement) return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncmp((const char *)lx->text + lx->statement, words[i], strlen(words[i])) == 0) /* the text ends with a 0 */
            return !!memchr(lx->text + lx->stack[depth - 1].span.lo, '\n', lx->statement - lx->stack[depth - 1].span.lo);
    return false;
}

/* The first token behind the lines of a statement with a syntax error. True: it is dropped or held. */
static bool end_skipping(Lexer *lx, int token, const YYSTYPE *value, Span span)
{
    int depth = depth_before_statement(lx);
    bool stray = closes_missing(lx, token, span, depth);
    if (depth < lx->depth) {
        lx->close_to = depth;
        if (!stray) hold(lx, token, value, span);
    }
    bool dropped = stray || depth < lx->depth;
    if (!dropped || depth == lx->depth) lx->skipping = false;
    return dropped;
}

/* ---- the rule of line ends ------------------------------------------------------------------- */

/* (a, b) = f(x) */
static bool binds(const Lexer *lx, uint32_t at)
{
    const unsigned char *c = lx->text + at;
    while (*c && *c != ')' && *c != '\n')
        c++;
    if (*c != ')') return false;
    c = skip_blanks(c + 1);
    return *c == '=' && c[1] != '=';
}

/* W0201, for lines that most likely were meant to stand alone. A minus with space behind it in an
 * indented line is a sum that goes on. */
static void warn_continued(const Lexer *lx, int token, Span span)
{
    if (token != '(' && token != '[' && token != '-') return;
    if (token == '(' && binds(lx, span.hi)) return; /* the parser says what is wrong */
    if (lx->in_header || lx->quiet >= 0) return;
    if (token == '-' && lx->text[span.hi] == ' ' && indentation(lx, span.lo) > indentation(lx, lx->statement)) return;
    diag_help(diag_warning(lx->diags, "W0201", span, "this line continues the one above"),
              "join the lines, or bind the value of this one: y = ...");
}

/* Sees a line break before `token`. True: an end of line was inserted and the token is held. */
static bool end_line(Lexer *lx, int token, const YYSTYPE *value, Span *span)
{
    bool declaration = begins_declaration(lx, *span) && lx->last != EXPORT && lx->last != EXTERN;
    if (declaration && lx->depth > 0) {
        close_brackets(lx, 0, *span, "this declaration");
        int word = lexer_declaration(lx, lx->text + span->lo);
        hold(lx, word ? word : token, value, *span);
        return false;
    }
    if (skips(lx)) return false;
    bool open = lx->depth == 0 || lx->stack[lx->depth - 1].bracket == '{';
    bool first = lx->last == 0 || lx->last == SEMI; /* nothing to end */
    bool recovers = lx->quiet >= 0 && !first && can_begin(token);
    if ((open && can_end(lx->last) && can_begin(token)) || (declaration && !first) || (open && recovers)) {
        hold(lx, token, value, *span);
        lx->quiet = -1;
        return true;
    }
    if (open && can_end(lx->last)) warn_continued(lx, token, *span);
    return false;
}

/* The brackets that close_brackets asked for, then an end of line if a declaration waits, or 0. */
static int next_inserted(Lexer *lx, Span *span)
{
    while (lx->depth > lx->close_to) {
        bool hidden = skips(lx) || lx->skipping;
        lx->closing = true;
        lx->depth--;
        if (!hidden) return insert(lx, closer_of(lx->stack[lx->depth].bracket), span);
    }
    lx->close_to = lx->quiet = -1;
    lx->skipping = lx->told = false;
    return lx->held && !is_close(lx->held) ? insert(lx, SEMI, span) : 0;
}

static bool is_header(int token)
{
    return token == FN || token == LAYER || token == TRAIN || token == EVAL || token == METRIC;
}

/* What the next token means for the ones after it. */
static void step(Lexer *lx, int token, Span span)
{
    if (lx->last == SEMI || lx->last == 0 || lx->last == '{') lx->statement = span.lo;
    if (is_header(token)) lx->in_header = true;
    if (token == '{' || token == '=' || token == SEMI) lx->in_header = false;
    bool closes_bound = token == '>' && lx->in_bound;
    if (token == '<' && lx->last == DTYPE) lx->in_bound = true;
    if (closes_bound || token == SEMI) lx->in_bound = false;
    lx->last = closes_bound ? CLOSE_BOUND : token;
    lx->last_span = span;
}

/* A `;` inside of ( or [, where a comma is meant. */
static bool separates(const Lexer *lx, Span span)
{
    char bracket = lx->depth > 0 ? lx->stack[lx->depth - 1].bracket : '{';
    if (bracket == '{') return false;
    if (is_silent(lx)) return true;
    Diag *d = diag_error(lx->diags, "E0206", span, bracket == '[' ? "sizes are separated by commas" : "arguments are separated by commas");
    diag_help(d, bracket == '[' ? "shapes are written `float[B, 4]`" : "write a comma");
    diag_edit(d, span, ",");
    return true;
}

static int next_token(Lexer *lx, YYSTYPE *value, Span *span)
{
    for (;;) {
        lx->closing = false;
        if (lx->too_deep) {
            *span = (Span){lx->file, (uint32_t)(lx->end - lx->text), (uint32_t)(lx->end - lx->text)};
            return 0;
        }
        if (lx->close_to >= 0) {
            int inserted = next_inserted(lx, span);
            if (inserted) return inserted;
        }
        int token = lx->held;
        bool scanned = !token, newline = false;
        if (token) {
            *value = lx->held_value;
            *span = lx->held_span;
            lx->held = 0;
        } else {
            token = lexer_scan(lx, value, span, &newline);
            if (token == IDENT) token = statement_word(lx, *span, newline);
            if (token == 0 && lx->last_span.file) *span = (Span){lx->file, lx->last_span.hi, lx->last_span.hi};
            if (token == 0 && lx->depth > 0) {
                close_brackets(lx, 0, *span, NULL);
                continue;
            }
            if (token == 0) lx->skipping = false;
        }
        if (token && lx->skipping && is_below_error(lx, *span)) {
            if (belongs_to_statement(lx, token, *span)) {
                nest(lx, token, value, *span);
                continue;
            }
            if (end_skipping(lx, token, value, *span)) continue;
        }
        if (closes_missing_here(lx, token)) continue;
        if (scanned) {
            if (newline && token && end_line(lx, token, value, span)) return insert(lx, SEMI, span);
            if (lx->close_to >= 0) continue;
            if (token == SEMI && separates(lx, *span)) token = ',';
            if (token == SEMI && (lx->last == SEMI || lx->last == 0 || lx->last == '{')) continue;
        }
        bool hidden = skips(lx);
        if (!nest(lx, token, value, *span)) continue;
        hidden |= skips(lx);
        step(lx, token, *span);
        if (hidden) continue;
        if (token == SEMI) lx->quiet = -1;
        return token;
    }
}

int lexer_next(Lexer *lx, YYSTYPE *value, Span *span)
{
    int last = lx->history[0].token;
    if (last == SEMI || last == '}') lx->told = false;
    int token = next_token(lx, value, span);
    memmove(lx->history + 1, lx->history, sizeof *lx->history * (LEXER_HISTORY - 1));
    lx->history[0] = (LexerToken){token, *span};
    return token;
}
