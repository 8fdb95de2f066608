/* SPDX-License-Identifier: MIT
 * lexer.re: bytes -> tokens with byte spans (docs/language.md#words-and-lines). What the parser sees of them is decided in
 * syntax/lines.c. */
#include "lexer.h"

#include <ctype.h>
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

/* Behind a `.` numbers are whole: net.0.1 has the names 0 and 1. */
static int child(Lexer *lx, const unsigned char *from, YYSTYPE *value)
{
    lx->at = from;
    while (*lx->at >= '0' && *lx->at <= '9')
        lx->at++;
    return integer(lx, from, value);
}

/* 2x, 0xFF */
static int bad_number(Lexer *lx, const unsigned char *from, YYSTYPE *value)
{
    *value = (YYSTYPE){0};
    Diag *d =
        diag_error(lx->diags, "E0203", span_of(lx, from), "this is neither a number nor a name");
    diag_note(d, "numbers are decimal: 12, 1_000, 1.5, 2e-4; names begin with a letter");
    size_t digits = strspn((const char *)from, "0123456789_.");
    if (*from != '0')
    {
        diag_help(d, "write %.*s * %.*s", (int)digits, (const char *)from, (int)(lx->at - from - (long)digits), (const char *)from + digits);
        diag_edit(d, (Span){lx->file, span_of(lx, from).lo + (uint32_t)digits, span_of(lx, from).lo + (uint32_t)digits}, " * ");
    }
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

/* The word that begins a declaration, or 0. Such words are names anywhere but at the start of a top-level line. */
int lexer_declaration(const Lexer *lx, const unsigned char *at)
{
    const unsigned char *YYCURSOR = at, *YYLIMIT = lx->end;
    /*!re2c
        "import"    { return IMPORT; }
        "const"     { return CONST; }
        "option"    { return OPTION; }
        "data"      { return DATA; }
        "metric"    { return METRIC; }
        "model"     { return MODEL; }
        "optimizer" { return OPTIMIZER; }
        "train"     { return TRAIN; }
        "eval"      { return EVAL; }
        "export"    { return EXPORT; }
        "extern"    { return EXTERN; }
        name        { return 0; }
        $           { return 0; }
        *           { return 0; }
    */
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
    if (!memchr(text, '"', (size_t)n)) diag_edit(d, span_of(lx, from), "\"%.*s\"", n, text);
    value->name = str_intern(lx->strings, text, (size_t)n);
    return STRING;
}

/* “abc” or ‘abc’ from an editor of letters; 0: no such text begins here. */
static int curly_string(Lexer *lx, const unsigned char *from, YYSTYPE *value)
{
    const char *text = (const char *)from + 3, *end = NULL;
    if (strncmp((const char *)from, "\xE2\x80\x9C", 3) == 0) end = strstr(text, "\xE2\x80\x9D");
    if (strncmp((const char *)from, "\xE2\x80\x98", 3) == 0) end = strstr(text, "\xE2\x80\x99");
    if (!end || strcspn(text, "\n\"\\") < (size_t)(end - text)) return 0;
    int n = (int)(end - text);
    lx->at = (const unsigned char *)end + 3;
    Diag *d = diag_error(lx->diags, "E0205", span_of(lx, from), "strings are written with double quotes, \"");
    diag_help(d, "write \"%.*s\"", n, text);
    diag_edit(d, span_of(lx, from), "\"%.*s\"", n, text);
    value->name = str_intern(lx->strings, text, (size_t)n);
    return STRING;
}

/* f(&x), as C gives an address */
static bool is_address(const unsigned char *start, const unsigned char *from)
{
    const unsigned char *c = from;
    while (c > start && c[-1] == ' ')
        c--;
    return *from == '&' && c > start && strchr("(,=[", c[-1]) && (isalpha(from[1]) || from[1] == '_');
}

/* && || ! */
static int foreign_operator(Lexer *lx, const unsigned char *from)
{
    const char *own = *from == '&' ? "and" : *from == '|' ? "or" : "not";
    Diag *d = diag_error(lx->diags, "E0206", span_of(lx, from), "`%.*s` is written `%s`",
                         (int)(lx->at - from), (const char *)from, own);
    diag_help(d, "write %s", own);
    diag_edit(d, span_of(lx, from), *from == '!' ? "%s " : "%s", own);
    return *from == '&' ? AND : *from == '|' ? OR : NOT;
}

/* A character of no token; returns its length. What check_bytes reported is passed over. */
static size_t bad_character(Lexer *lx, const unsigned char *from)
{
    size_t n = character_length(from, lx->end);
    lx->told = true;
    if (n == 0) return 1;
    lx->at = from + n;
    Diag *d = diag_error(lx->diags, "E0205", span_of(lx, from),
                         "`%.*s` does not belong to the language", (int)n, (const char *)from);
    if (n > 1 && from[0] >= 0xC3 && from[0] < 0xE2) diag_help(d, "names are made of the letters a to z and A to Z, digits and _");
    if (*from == '^') diag_help(d, "a power is written `x ** 2`"), diag_edit(d, span_of(lx, from), "**");
    bool quote = n == 3 && from[0] == 0xE2 && from[1] == 0x80 && from[2] >= 0x98 && from[2] <= 0x9F;
    if (quote || *from == '`') diag_help(d, "strings are written with double quotes: \"text\"");
    return n;
}

/* The next token; *newline is set if a line break came before it. 0 at the end. */
int lexer_scan(Lexer *lx, YYSTYPE *value, Span *span, bool *newline)
{
    const unsigned char *YYCURSOR = lx->at, *YYMARKER = NULL, *YYLIMIT = lx->end, *from;
    int token;
    Elem elem = 0;
    for (;;) {
        from = YYCURSOR;
        /*!re2c
            [ \t\r]+          { continue; }
            "\n"              { *newline = true; lx->line_start = true; continue; }
            "#" [^\n]*        { continue; }
            $                 { lx->at = from; *span = span_of(lx, from); return 0; }
            "layer"    { token = LAYER; goto word; }
            "param"    { token = PARAM; goto word; }
            "state"    { token = STATE; goto word; }
            "fn"       { token = FN; goto word; }
            "grad"     { token = GRAD; goto word; }
            "requires" { token = REQUIRES; goto word; }
            "return"   { token = RETURN; goto word; }
            "if"       { token = IF; goto word; }
            "else"     { token = ELSE; goto word; }
            "for"      { token = FOR; goto word; }
            "in"       { token = IN; goto word; }
            "scan"     { token = SCAN; goto word; }
            "along"    { token = ALONG; goto word; }
            "with"     { token = WITH; goto word; }
            "emit"     { token = EMIT; goto word; }
            "expect"   { token = EXPECT; goto word; }
            "minimize" { token = MINIMIZE; goto word; }
            "maximize" { token = MAXIMIZE; goto word; }
            "over"     { token = OVER; goto word; }
            "except"   { token = EXCEPT; goto word; }
            "using"    { token = USING; goto word; }
            "report"   { token = REPORT; goto word; }
            "and"      { token = AND; goto word; }
            "or"       { token = OR; goto word; }
            "not"      { token = NOT; goto word; }
            "true"     { token = TRUE; goto word; }
            "false"    { token = FALSE; goto word; }
            "as"       { token = AS; goto word; }
            "dim"      { token = DIM; goto word; }
            "string"   { token = STRINGKW; goto word; }
            "ints"     { token = INTS; goto word; }
            "float"    { token = DTYPE; elem = ELEM_float; goto word; }
            "int"      { token = DTYPE; elem = ELEM_int; goto word; }
            "bool"     { token = DTYPE; elem = ELEM_bool; goto word; }
            "f16"      { token = DTYPE; elem = ELEM_f16; goto word; }
            "bf16"     { token = DTYPE; elem = ELEM_bf16; goto word; }
            "f32"      { token = DTYPE; elem = ELEM_f32; goto word; }
            "f64"      { token = DTYPE; elem = ELEM_f64; goto word; }
            "i8"       { token = DTYPE; elem = ELEM_i8; goto word; }
            "i32"      { token = DTYPE; elem = ELEM_i32; goto word; }
            "i64"      { token = DTYPE; elem = ELEM_i64; goto word; }
            "u8"       { token = DTYPE; elem = ELEM_u8; goto word; }
            "_"        { token = HOLE; goto word; }
            name       { token = IDENT; goto word; }
            digits            { lx->at = YYCURSOR; token = integer(lx, from, value); goto done; }
            digits ".." / [^.] {
                lx->at = YYCURSOR -= 2;
                token = integer(lx, from, value);
                goto done;
            }
            fraction | digits exponent {
                lx->at = YYCURSOR;
                token = lx->last == '.' ? child(lx, from, value) : real(lx, from, value);
                YYCURSOR = lx->at;
                goto done;
            }
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
                if (is_address(lx->text, from)) {
                    Diag *d = diag_error(lx->diags, "E0206", span_of(lx, from), "there are no addresses");
                    diag_help(d, "leave `&` out: tensors are given as they are");
                    diag_edit(d, span_of(lx, from), "%s", "");
                    continue;
                }
                token = foreign_operator(lx, from);
                goto end;
            }
            * {
                if ((token = curly_string(lx, from, value))) goto done;
                YYCURSOR = lx->at = from + bad_character(lx, from);
                continue;
            }
        */
    word:
        lx->at = YYCURSOR;
        value->name = str_intern(lx->strings, (const char *)from, (size_t)(lx->at - from));
        if (token == DTYPE) value->elem = elem;
        if (token == IDENT && lx->line_start && lx->depth == 0 && lexer_declaration(lx, from)) token = lexer_declaration(lx, from);
        goto done;
    end:
        lx->at = YYCURSOR;
    done:
        *span = span_of(lx, from);
        lx->line_start = false;
        if (token == SEMI) lx->line_start = true;
        return token;
    }
}
