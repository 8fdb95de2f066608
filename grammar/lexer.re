/* SPDX-License-Identifier: MIT
 * lexer.re: bytes -> tokens with byte spans (language.md 3.1); allocates nothing but interned names.
 *
 * scan() is the plain scanner; lexer_next() adds the rule of line ends: a line break ends a statement iff the token before it can end one,
 * the token after it can begin one, and we are not inside ( or [. */
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
*/

typedef struct Word {
    const char *text;
    int token;
    int elem;
} Word;

static const Word reserved[] = {
    { "layer", LAYER, 0 }, { "param", PARAM, 0 }, { "state", STATE, 0 }, { "fn", FN, 0 }, { "grad", GRAD, 0 }, { "requires", REQUIRES, 0 },
    { "return", RETURN, 0 }, { "if", IF, 0 }, { "else", ELSE, 0 }, { "for", FOR, 0 }, { "in", IN, 0 }, { "scan", SCAN, 0 },
    { "along", ALONG, 0 }, { "with", WITH, 0 }, { "emit", EMIT, 0 }, { "expect", EXPECT, 0 }, { "minimize", MINIMIZE, 0 },
    { "over", OVER, 0 }, { "except", EXCEPT, 0 }, { "using", USING, 0 }, { "report", REPORT, 0 }, { "and", AND, 0 }, { "or", OR, 0 },
    { "not", NOT, 0 }, { "true", TRUE, 0 }, { "false", FALSE, 0 }, { "as", AS, 0 }, { "dim", DIM, 0 }, { "string", STRINGKW, 0 },
    { "ints", INTS, 0 }, { "float", DTYPE, ELEM_float }, { "int", DTYPE, ELEM_int }, { "bool", DTYPE, ELEM_bool }, { "f16", DTYPE, ELEM_f16 },
    { "bf16", DTYPE, ELEM_bf16 }, { "f32", DTYPE, ELEM_f32 }, { "f64", DTYPE, ELEM_f64 }, { "i8", DTYPE, ELEM_i8 }, { "i32", DTYPE, ELEM_i32 },
    { "i64", DTYPE, ELEM_i64 }, { "u8", DTYPE, ELEM_u8 },
};
/* words only at the start of a top-level line */
static const Word declarations[] = {
    { "import", IMPORT, 0 }, { "const", CONST, 0 }, { "option", OPTION, 0 }, { "data", DATA, 0 }, { "metric", METRIC, 0 }, { "model", MODEL, 0 },
    { "optimizer", OPTIMIZER, 0 }, { "train", TRAIN, 0 }, { "eval", EVAL, 0 }, { "export", EXPORT, 0 }, { "extern", EXTERN, 0 },
};

static const Word *find_word(const Word *list, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].text, text) == 0) return &list[i];
    return NULL;
}
#define FIND(list, text) find_word(list, sizeof list / sizeof *list, text)

void lexer_init(Lexer *lx, Arena *arena, Strings *strings, Diags *diags, Sources *sources, uint32_t file)
{
    const SourceFile *source = source_get(sources, file);
    *lx = (Lexer){ .arena = arena, .strings = strings, .diags = diags, .file = file };
    lx->text = lx->at = (const unsigned char *)source->text;
    lx->end = lx->text + source->n;
    lx->line_start = true;
}

static Span span_of(const Lexer *lx, const unsigned char *from)
{
    return (Span){ lx->file, (uint32_t)(from - lx->text), (uint32_t)(lx->at - lx->text) };
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
    if (errno) diag_error(lx->diags, "E0203", span_of(lx, from), "this integer does not fit in 64 bits");
    return NUMBER;
}

static int real(Lexer *lx, const unsigned char *from, YYSTYPE *value)
{
    value->number.real = strtod(plain(lx, from), NULL);
    value->number.is_real = true;
    if (isinf(value->number.real)) diag_error(lx->diags, "E0203", span_of(lx, from), "this number is too large");
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
            uint32_t at = (uint32_t)(c - lx->text);
            diag_help(diag_error(lx->diags, "E0204", (Span){ lx->file, at - 1, at + 1 }, "unknown escape in a string"),
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
            "#" [^\n\x00]*    { continue; }
            $                 { lx->at = from; *span = span_of(lx, from); return 0; }
            name              { lx->at = YYCURSOR; token = word(lx, from, value); goto done; }
            digits            { lx->at = YYCURSOR; token = integer(lx, from, value); goto done; }
            digits ".." / [^.] { YYCURSOR -= 2; lx->at = YYCURSOR; token = integer(lx, from, value); goto done; }
            digits "." digit* exponent? { lx->at = YYCURSOR; token = real(lx, from, value); goto done; }
            digits exponent   { lx->at = YYCURSOR; token = real(lx, from, value); goto done; }
            "\"" ([^"\\\n\x00] | "\\" [^\n\x00])* "\"" { lx->at = YYCURSOR; token = string(lx, from, value); goto done; }
            "\"" ([^"\\\n\x00] | "\\" [^\n\x00])* {
                lx->at = YYCURSOR;
                diag_error(lx->diags, "E0202", span_of(lx, from), "this string has no end on its line");
                value->name = "";
                token = STRING;
                goto done;
            }
            "'" ([^'\n\x00])* "'" {
                lx->at = YYCURSOR;
                diag_help(diag_error(lx->diags, "E0206", span_of(lx, from), "strings are written with double quotes"), "write \"%.*s\"",
                          (int)(YYCURSOR - from - 2), (const char *)from + 1);
                value->name = str_intern(lx->strings, (const char *)from + 1, (size_t)(YYCURSOR - from - 2));
                token = STRING;
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
            [-+*/%@=<>()[\]{},.:?] { token = *from; goto end; }
            "&&" | "||" {
                lx->at = YYCURSOR;
                diag_help(diag_error(lx->diags, "E0206", span_of(lx, from), "this language writes `%s`", *from == '&' ? "and" : "or"), "write %s", *from == '&' ? "and" : "or");
                token = *from == '&' ? AND : OR;
                goto end;
            }
            * {
                lx->at = YYCURSOR;
                while (lx->at < lx->end && *lx->at >= 0x80) lx->at++;
                diag_error(lx->diags, "E0205", span_of(lx, from), "this character does not belong to the language");
                YYCURSOR = lx->at;
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

/* ---- line ends ---------------------------------------------------------------------------------- */

static bool can_end(int token)
{
    switch (token) {
    case IDENT: case NUMBER: case STRING: case TRUE: case FALSE: case HOLE: case ELLIPSIS: case ')': case ']': case '}': case CLOSE_BOUND:
    case DTYPE: case DIM: case STRINGKW: case INTS: case FN: case LAYER: return true;
    default: return false;
    }
}

static bool can_begin(int token)
{
    switch (token) {
    case IDENT: case HOLE: case RETURN: case IF: case FOR: case SCAN: case EMIT: case EXPECT: case MINIMIZE: case REPORT: case PARAM:
    case STATE: case LAYER: case FN: case IMPORT: case CONST: case OPTION: case DATA: case METRIC: case MODEL: case OPTIMIZER: case TRAIN:
    case EVAL: case EXPORT: case EXTERN: return true;
    default: return false;
    }
}

static void nest(Lexer *lx, int token, Span span)
{
    if (token == '(' || token == '[' || token == '{') {
        if (lx->depth == LEXER_MOST_DEPTH) {
            if (!lx->too_deep) diag_error(lx->diags, "E0207", span, "brackets are nested more than %d deep", LEXER_MOST_DEPTH);
            lx->too_deep = true;
        } else {
            lx->stack[lx->depth++] = (char)token;
        }
    } else if ((token == ')' || token == ']' || token == '}') && lx->depth > 0) {
        lx->depth--;
    }
}

int lexer_next(Lexer *lx, YYSTYPE *value, Span *span)
{
    int token;
    bool newline = false;
    if (lx->too_deep) {
        *span = (Span){ lx->file, (uint32_t)(lx->end - lx->text), (uint32_t)(lx->end - lx->text) };
        return 0;
    }
    if (lx->held) {
        token = lx->held;
        *value = lx->held_value;
        *span = lx->held_span;
        lx->held = 0;
    } else {
        token = scan(lx, value, span, &newline);
        bool open = lx->depth == 0 || lx->stack[lx->depth - 1] == '{';
        if (newline && open && can_end(lx->last)) {
            if (can_begin(token)) {
                lx->held = token;
                lx->held_value = *value;
                lx->held_span = *span;
                *span = (Span){ lx->file, lx->last_span.hi, lx->last_span.hi };
                return lx->last = SEMI;
            }
            if (token == '(' || token == '[' || token == '-')
                diag_help(diag_warning(lx->diags, "W0201", *span, "this line continues the one above"),
                          "join the lines, or put the expression into a statement of its own");
        }
        while (token == SEMI && (lx->last == SEMI || lx->last == 0 || lx->last == '{')) token = scan(lx, value, span, &newline);
    }
    if (token == '<' && lx->last == DTYPE) {
        lx->in_bound = true;
    } else if (token == '>' && lx->in_bound) {
        lx->in_bound = false;
        lx->last = CLOSE_BOUND;
        lx->last_span = *span;
        return token;
    }
    nest(lx, token, *span);
    lx->last = token;
    lx->last_span = *span;
    return token;
}
