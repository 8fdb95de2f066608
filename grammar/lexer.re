/* SPDX-License-Identifier: MIT
 * lexer.re: bytes -> tokens with byte spans (language.md 3.1).
 *
 * scan() is the plain scanner. lexer_next() adds the rule of line ends: a line break ends a
 * statement iff the token before it can end one, the token after it can begin one, and we are not
 * inside ( or [. It also keeps the brackets balanced: what is missing is reported and inserted,
 * what is too much is dropped, so that the parser finds its way after an error. */
#include "lexer.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "parser.h"

/*!re2c
    re2c:define:YYCTYPE = "unsigned char";
    re2c:yyfill:enable = 0;
    re2c:eof = 0;

    digit  = [0-9];
    digits = digit (digit | "_")*;
    name   = [A-Za-z_] [A-Za-z0-9_]*;
    exponent = [eE] [+-]? digit+;
    fraction = digits "." digit* exponent?;
    text   = "\"" ([^"\\\n\x00] | "\\" [^\n\x00])*;
*/

typedef struct Word {
    const char *text;
    int token;
    int elem;
} Word;

static const Word reserved[] = {
    {"layer", LAYER, 0},
    {"param", PARAM, 0},
    {"state", STATE, 0},
    {"fn", FN, 0},
    {"grad", GRAD, 0},
    {"requires", REQUIRES, 0},
    {"return", RETURN, 0},
    {"if", IF, 0},
    {"else", ELSE, 0},
    {"for", FOR, 0},
    {"in", IN, 0},
    {"scan", SCAN, 0},
    {"along", ALONG, 0},
    {"with", WITH, 0},
    {"emit", EMIT, 0},
    {"expect", EXPECT, 0},
    {"minimize", MINIMIZE, 0},
    {"maximize", MAXIMIZE, 0},
    {"over", OVER, 0},
    {"except", EXCEPT, 0},
    {"using", USING, 0},
    {"report", REPORT, 0},
    {"and", AND, 0},
    {"or", OR, 0},
    {"not", NOT, 0},
    {"true", TRUE, 0},
    {"false", FALSE, 0},
    {"as", AS, 0},
    {"dim", DIM, 0},
    {"string", STRINGKW, 0},
    {"ints", INTS, 0},
    {"float", DTYPE, ELEM_float},
    {"int", DTYPE, ELEM_int},
    {"bool", DTYPE, ELEM_bool},
    {"f16", DTYPE, ELEM_f16},
    {"bf16", DTYPE, ELEM_bf16},
    {"f32", DTYPE, ELEM_f32},
    {"f64", DTYPE, ELEM_f64},
    {"i8", DTYPE, ELEM_i8},
    {"i32", DTYPE, ELEM_i32},
    {"i64", DTYPE, ELEM_i64},
    {"u8", DTYPE, ELEM_u8},
};
/* words only at the start of a top-level line */
static const Word declarations[] = {
    {"import", IMPORT, 0}, {"const", CONST, 0},   {"option", OPTION, 0},       {"data", DATA, 0},
    {"metric", METRIC, 0}, {"model", MODEL, 0},   {"optimizer", OPTIMIZER, 0}, {"train", TRAIN, 0},
    {"eval", EVAL, 0},     {"export", EXPORT, 0}, {"extern", EXTERN, 0},
};

static const Word *find_word(const Word *list, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].text, text) == 0) return &list[i];
    return NULL;
}
#define FIND(list, text) find_word(list, sizeof list / sizeof *list, text)

/* Bytes of the valid UTF-8 character at `c`, or 0. Control characters other than white space are
 * not valid either. */
static size_t character_length(const unsigned char *c, const unsigned char *end)
{
    if (*c < 0x80) return (*c >= 32 && *c != 127) || *c == '\t' || *c == '\n' || *c == '\r';
    size_t n = *c >= 0xC2 && *c < 0xE0   ? 2
               : *c >= 0xE0 && *c < 0xF0 ? 3
               : *c >= 0xF0 && *c < 0xF5 ? 4
                                         : 0;
    if (n == 0 || (size_t)(end - c) < n) return 0;
    for (size_t i = 1; i < n; i++)
        if ((c[i] & 0xC0) != 0x80) return 0;
    if ((*c == 0xE0 && c[1] < 0xA0) || (*c == 0xED && c[1] > 0x9F) || (*c == 0xF0 && c[1] < 0x90) ||
        (*c == 0xF4 && c[1] > 0x8F))
        return 0;
    return n;
}

/* The first byte that is not text is reported wherever it stands; scan() passes over such bytes. */
static void check_bytes(const Lexer *lx)
{
    for (const unsigned char *c = lx->at; c < lx->end;) {
        size_t n = character_length(c, lx->end);
        if (n == 0) {
            uint32_t at = (uint32_t)(c - lx->text);
            diag_note(diag_error(lx->diags, "E0205", (Span){lx->file, at, at + 1},
                                 "byte 0x%02X is not text", *c),
                      "programs are written in UTF-8");
            return;
        }
        c += n;
    }
}

void lexer_init(Lexer *lx, Arena *arena, Strings *strings, Diags *diags, Sources *sources,
                uint32_t file)
{
    const SourceFile *source = source_get(sources, file);
    *lx = (Lexer){.arena = arena,
                  .strings = strings,
                  .diags = diags,
                  .file = file,
                  .quiet = -1,
                  .close_to = -1};
    lx->text = lx->at = (const unsigned char *)source->text;
    lx->end = lx->text + source->n;
    lx->line_start = true;
    if (source->n >= 3 && memcmp(lx->text, "\xEF\xBB\xBF", 3) == 0)
        lx->at += 3; /* byte order mark */
    check_bytes(lx);
}

static Span span_of(const Lexer *lx, const unsigned char *from)
{
    return (Span){lx->file, (uint32_t)(from - lx->text), (uint32_t)(lx->at - lx->text)};
}

/* The number without its underscores. */
static const char *plain(Lexer *lx, const unsigned char *from)
{
    char *copy = arena_alloc(lx->arena, (size_t)(lx->at - from) + 1);
    size_t n = 0;
    for (const unsigned char *c = from; c < lx->at; c++)
        if (*c != '_') copy[n++] = (char)*c;
    return copy;
}

static int integer(Lexer *lx, const unsigned char *from, YYSTYPE *value)
{
    errno = 0;
    value->number.integer = strtoll(plain(lx, from), NULL, 10);
    value->number.real = (double)value->number.integer;
    value->number.is_real = false;
    if (errno)
        diag_error(lx->diags, "E0203", span_of(lx, from), "this integer does not fit in 64 bits");
    return NUMBER;
}

static int real(Lexer *lx, const unsigned char *from, YYSTYPE *value)
{
    value->number.real = strtod(plain(lx, from), NULL);
    value->number.is_real = true;
    if (isinf(value->number.real))
        diag_error(lx->diags, "E0203", span_of(lx, from), "this number is too large");
    return NUMBER;
}

/* 2x, 0xFF */
static int bad_number(Lexer *lx, const unsigned char *from, YYSTYPE *value)
{
    *value = (YYSTYPE){0};
    Diag *d =
        diag_error(lx->diags, "E0203", span_of(lx, from), "this is neither a number nor a name");
    diag_note(d, "numbers are decimal: 12, 1_000, 1.5, 2e-4; names begin with a letter");
    return NUMBER;
}

/* The decoded text between the quotes. */
static int string(Lexer *lx, const unsigned char *from, YYSTYPE *value)
{
    char *copy = arena_alloc(lx->arena, (size_t)(lx->at - from) + 1);
    size_t n = 0;
    for (const unsigned char *c = from + 1; c < lx->at - 1; c++) {
        if (*c != '\\') {
            copy[n++] = (char)*c;
            continue;
        }
        switch (*++c) {
        case 'n': copy[n++] = '\n'; break;
        case 't': copy[n++] = '\t'; break;
        case '"': copy[n++] = '"'; break;
        case '\\': copy[n++] = '\\'; break;
        default: {
            uint32_t at = (uint32_t)(c - lx->text),
                     n_bytes = (uint32_t)character_length(c, lx->end);
            diag_help(diag_error(lx->diags, "E0204",
                                 (Span){lx->file, at - 1, at + (n_bytes ? n_bytes : 1)},
                                 "unknown escape in a string"),
                      "the escapes are \\n \\t \\\" \\\\");
        }
        }
    }
    value->name = str_intern(lx->strings, copy, n);
    return STRING;
}

static int word(Lexer *lx, const unsigned char *from, YYSTYPE *value)
{
    value->name = str_intern(lx->strings, (const char *)from, (size_t)(lx->at - from));
    if (value->name[0] == '_' && value->name[1] == 0) return HOLE;
    const Word *w = FIND(reserved, value->name);
    if (!w && lx->line_start && lx->depth == 0) w = FIND(declarations, value->name);
    if (!w) return IDENT;
    if (w->token == DTYPE) value->elem = (Elem)w->elem;
    return w->token;
}

/* "abc */
static int open_string(Lexer *lx, const unsigned char *from, YYSTYPE *value)
{
    if (!lx->told)
        diag_error(lx->diags, "E0202", span_of(lx, from), "this string has no end on its line");
    lx->told = true;
    value->name = "";
    return STRING;
}

/* 'abc' */
static int quoted_string(Lexer *lx, const unsigned char *from, YYSTYPE *value)
{
    const char *text = (const char *)from + 1;
    int n = (int)(lx->at - from - 2);
    Diag *d =
        diag_error(lx->diags, "E0206", span_of(lx, from), "strings are written with double quotes");
    diag_help(d, "write \"%.*s\"", n, text);
    value->name = str_intern(lx->strings, text, (size_t)n);
    return STRING;
}

/* && || ! */
static int foreign_operator(Lexer *lx, const unsigned char *from)
{
    const char *own = *from == '&' ? "and" : *from == '|' ? "or" : "not";
    Diag *d = diag_error(lx->diags, "E0206", span_of(lx, from), "`%.*s` is written `%s`",
                         (int)(lx->at - from), (const char *)from, own);
    diag_help(d, "write %s", own);
    return *from == '&' ? AND : *from == '|' ? OR : NOT;
}

/* A character of no token; returns its length. What check_bytes reported is passed over. */
static size_t bad_character(Lexer *lx, const unsigned char *from)
{
    size_t n = character_length(from, lx->end);
    if (n == 0) return 1;
    lx->at = from + n;
    Diag *d = diag_error(lx->diags, "E0205", span_of(lx, from),
                         "`%.*s` does not belong to the language", (int)n, (const char *)from);
    lx->told = true;
    if (*from == '^') diag_help(d, "a power is written `x ** 2`");
    bool quote = n == 3 && from[0] == 0xE2 && from[1] == 0x80 && from[2] >= 0x98 && from[2] <= 0x9F;
    if (quote || *from == '`') diag_help(d, "strings are written with double quotes: \"text\"");
    return n;
}

/* The next token; *newline is set if a line break came before it. 0 at the end. */
static int scan(Lexer *lx, YYSTYPE *value, Span *span, bool *newline)
{
    const unsigned char *YYCURSOR = lx->at, *YYMARKER = NULL, *YYLIMIT = lx->end, *from;
    int token;
    for (;;) {
        from = YYCURSOR;
        /*!re2c
            [ \t\r]+          { continue; }
            "\n"              { *newline = true; lx->line_start = true; continue; }
            "#" [^\n]*        { continue; }
            $                 { lx->at = from; *span = span_of(lx, from); return 0; }
            name              { lx->at = YYCURSOR; token = word(lx, from, value); goto done; }
            digits            { lx->at = YYCURSOR; token = integer(lx, from, value); goto done; }
            digits ".." / [^.] {
                lx->at = YYCURSOR -= 2;
                token = integer(lx, from, value);
                goto done;
            }
            fraction          { lx->at = YYCURSOR; token = real(lx, from, value); goto done; }
            digits exponent   { lx->at = YYCURSOR; token = real(lx, from, value); goto done; }
            digit name        { lx->at = YYCURSOR; token = bad_number(lx, from, value); goto done; }
            text "\""         { lx->at = YYCURSOR; token = string(lx, from, value); goto done; }
            text {
                lx->at = YYCURSOR;
                token = open_string(lx, from, value);
                goto done;
            }
            "'" ([^'\n\x00])* "'" {
                lx->at = YYCURSOR;
                token = quoted_string(lx, from, value);
                goto done;
            }
            "->"  { token = ARROW; goto end; }
            "..." { token = ELLIPSIS; goto end; }
            ".."  { token = DOTDOT; goto end; }
            ":="  { token = BECOMES; goto end; }
            "=="  { token = EQ; goto end; }
            "!="  { token = NE; goto end; }
            "<="  { token = LE; goto end; }
            ">="  { token = GE; goto end; }
            "//"  { token = FLOORDIV; goto end; }
            "**"  { token = POW; goto end; }
            ";"   { token = SEMI; goto end; }
            [-+/%*@=<>()[\]{},.:?] { token = *from; goto end; }
            "&&" | "||" | "&" | "|" | "!" {
                lx->at = YYCURSOR;
                token = foreign_operator(lx, from);
                goto end;
            }
            * {
                YYCURSOR = lx->at = from + bad_character(lx, from);
                continue;
            }
        */
    end:
        lx->at = YYCURSOR;
    done:
        *span = span_of(lx, from);
        lx->line_start = false;
        if (token == SEMI) lx->line_start = true;
        return token;
    }
}

/* ---- line ends ------------------------------------------------------------------------------- */

static bool can_end(int token)
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
    case ']':
    case '}':
    case CLOSE_BOUND:
    case DTYPE:
    case DIM:
    case STRINGKW:
    case INTS:
    case FN:
    case LAYER: return true;
    default: return false;
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
    for (size_t i = 0; i < sizeof declarations / sizeof *declarations; i++)
        if (strlen(declarations[i].text) == n && memcmp(declarations[i].text, c, n) == 0)
            return true;
    return false;
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

/* Close what is open above `depth`. Says so, unless this is the rest of a syntax error. `before` is
 * NULL at the end of the file. */
static void close_brackets(Lexer *lx, int depth, Span at, const char *before)
{
    Span open = lx->stack[lx->depth - 1].span;
    char bracket = lx->stack[lx->depth - 1].bracket;
    if (is_silent(lx))
        ;
    else if (before)
        diag_label(
            diag_error(lx->diags, "E0209", at, "`%c` is not closed before %s", bracket, before),
            open, "opened here");
    else
        diag_error(lx->diags, "E0209", open, "`%c` is not closed before the file ends", bracket);
    lx->close_to = depth;
}

/* Keeps the stack of brackets. False: the token is dropped, or held until brackets were closed. */
static bool nest(Lexer *lx, int token, const YYSTYPE *value, Span span)
{
    if (is_open(token)) {
        if (lx->depth == LEXER_MOST_DEPTH) {
            diag_error(lx->diags, "E0207", span, "brackets are nested more than %d deep",
                       LEXER_MOST_DEPTH);
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
            diag_label(diag_error(lx->diags, "E0209", span, "`%c` cannot close the `%c`", token, bracket),
                       lx->stack[lx->depth - 1].span, "opened here");
        lx->close_to = lx->depth - 1;
        return false;
    }
    if (match < 0) {
        if (!is_silent(lx))
            diag_error(lx->diags, "E0209", span, "nothing is open here that `%c` could close",
                       token);
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

void lexer_note_error(Lexer *lx)
{
    int token = lx->history[0].token, level = lx->depth;
    lx->quiet = -1;
    lx->skipping = token != '}' && token != 0;
    lx->margin = indentation(lx, lx->statement);
    lx->error_at = lx->history[0].span.lo;
    if (token == SEMI || token == '}' || token == 0) return; /* nothing of the line is skipped */
    if (token == '{') level--;
    while (level > 0 && lx->stack[level - 1].bracket != '{')
        level--;
    lx->quiet = level;
    if (lx->depth > 0 && begins_declaration(lx, lx->history[0].span)) {
        /* a brace is missing: go on with the declaration */
        static const YYSTYPE none = {0};
        hold(lx, token, &none, lx->history[0].span);
        lx->close_to = 0;
        lx->skipping = false;
    }
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

/* A `}` below a statement with a syntax error, as far to the left as it: the partner of a `{` that is missing. */
static bool closes_missing(const Lexer *lx, int token, Span span, int depth)
{
    if (token != '}' || indentation(lx, span.lo) != lx->margin) return false;
    return depth == 0 || (lx->stack[depth - 1].span.lo < lx->statement &&
                          indentation(lx, lx->stack[depth - 1].span.lo) < lx->margin);
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
            return !!memchr(lx->text + lx->stack[depth - 1].span.lo, '\n',
                            lx->statement - lx->stack[depth - 1].span.lo);
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

/* W0201, for lines that most likely were meant to stand alone. A minus with space behind it in an
 * indented line is a sum that goes on. */
static void warn_continued(const Lexer *lx, int token, Span span)
{
    if (token != '(' && token != '[' && token != '-') return;
    if (lx->in_header || lx->quiet >= 0) return;
    if (token == '-' && lx->text[span.hi] == ' ' &&
        indentation(lx, span.lo) > indentation(lx, lx->statement))
        return;
    diag_help(diag_warning(lx->diags, "W0201", span, "this line continues the one above"),
              "join the lines, or bind the value of this one: y = ...");
}

/* Sees a line break before `token`. True: an end of line was inserted and the token is held. */
static bool end_line(Lexer *lx, int token, const YYSTYPE *value, Span *span)
{
    bool declaration = begins_declaration(lx, *span) && lx->last != EXPORT && lx->last != EXTERN;
    if (declaration && lx->depth > 0) {
        close_brackets(lx, 0, *span, "this declaration");
        const Word *w =
            FIND(declarations,
                 str_intern(lx->strings, (const char *)lx->text + span->lo, span->hi - span->lo));
        hold(lx, w ? w->token : token, value, *span);
        return false;
    }
    if (skips(lx)) return false;
    bool open = lx->depth == 0 || lx->stack[lx->depth - 1].bracket == '{';
    bool first = lx->last == 0 || lx->last == SEMI; /* nothing to end */
    bool recovers = lx->quiet >= 0 && !first && can_begin(token);
    if ((open && can_end(lx->last) && can_begin(token)) || (declaration && !first) ||
        (open && recovers)) {
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

static int next_token(Lexer *lx, YYSTYPE *value, Span *span)
{
    for (;;) {
        lx->closing = false;
        if (lx->too_deep) {
            *span =
                (Span){lx->file, (uint32_t)(lx->end - lx->text), (uint32_t)(lx->end - lx->text)};
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
            token = scan(lx, value, span, &newline);
            if (token == 0 && lx->last_span.file)
                *span = (Span){lx->file, lx->last_span.hi, lx->last_span.hi};
            if (token == 0 && lx->depth > 0) {
                close_brackets(lx, 0, *span, NULL);
                continue;
            }
            if (token == 0) lx->skipping = false;
        }
        if (token && lx->skipping && is_below_error(lx, *span)) {
            if (indentation(lx, span->lo) > lx->margin) {
                nest(lx, token, value, *span);
                continue;
            }
            if (end_skipping(lx, token, value, *span)) continue;
        }
        if (closes_missing_here(lx, token)) continue;
        if (scanned) {
            if (newline && token && end_line(lx, token, value, span)) return insert(lx, SEMI, span);
            if (lx->close_to >= 0) continue;
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
    int token = next_token(lx, value, span);
    if (token == SEMI || token == '}') lx->told = false;
    memmove(lx->history + 1, lx->history, sizeof *lx->history * (LEXER_HISTORY - 1));
    lx->history[0] = (LexerToken){token, *span};
    return token;
}
