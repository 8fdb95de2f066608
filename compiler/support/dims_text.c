/* SPDX-License-Identifier: MIT
 * dims_text.c: sizes as text, written and read: "2*(H//4) + 1". */
#include "support/dims.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

/* ---- writing ----------------------------------------------------------------------------- */

static void print_dim(const Dims *dims, Text *text, Dim dim);

/* Can stand beside an operator without parentheses. */
static bool is_plain(const Dims *dims, Dim dim)
{
    int64_t value;
    return dim_is_symbol(dims, dim, NULL) || (dim_is_const(dims, dim, &value) && value >= 0);
}

static void print_operand(const Dims *dims, Text *text, Dim dim)
{
    bool plain = is_plain(dims, dim);
    text_add(text, plain ? "" : "(");
    print_dim(dims, text, dim);
    text_add(text, plain ? "" : ")");
}

static void print_atom(const Dims *dims, Text *text, DimAtom atom, bool alone)
{
    if (atom.symbol) {
        text_add(text, "%s", symbol_name(dims, atom.symbol));
    } else if (!atom.num) {
        text_add(text, "<too large>");
    } else {
        text_add(text, alone ? "" : "(");
        print_operand(dims, text, atom.num);
        text_add(text, "//");
        print_operand(dims, text, atom.den);
        text_add(text, alone ? "" : ")");
    }
}

/* `sign`: the coefficient's sign is still to be written as a unary minus. */
static void print_term(const Dims *dims, Text *text, Dim dim, uint32_t term, bool sign)
{
    int64_t k = dim_coefficient(dims, dim, term);
    uint64_t size = k < 0 ? 0 - (uint64_t)k : (uint64_t)k;
    uint32_t n = dim_n_atoms(dims, dim, term);
    bool minus = sign && k < 0;
    text_add(text, minus ? "-" : "");
    if (size != 1 || n == 0) text_add(text, n ? "%" PRIu64 "*" : "%" PRIu64, size);
    for (uint32_t i = 0, j; i < n; i = j) {
        DimAtom atom = dim_atom(dims, dim, term, i);
        for (j = i + 1; j < n; j++) {
            DimAtom next = dim_atom(dims, dim, term, j);
            if (next.symbol != atom.symbol || next.num != atom.num || next.den != atom.den) break;
        }
        text_add(text, i ? "*" : "");
        print_atom(dims, text, atom, n == 1 && size == 1 && !minus);
        if (j - i > 1) text_add(text, "**%u", j - i);
    }
}

/* In order, but a positive term stands first if there is one: "W - H//2". */
static void print_dim(const Dims *dims, Text *text, Dim dim)
{
    uint32_t n = dim_n_terms(dims, dim), first = 0;
    if (n == 0) text_add(text, "0");
    for (uint32_t i = n; i-- > 0;)
        if (dim_coefficient(dims, dim, i) > 0) first = i;
    if (n) print_term(dims, text, dim, first, true);
    for (uint32_t i = 0; i < n; i++) {
        if (i == first) continue;
        text_add(text, dim_coefficient(dims, dim, i) < 0 ? " - " : " + ");
        print_term(dims, text, dim, i, false);
    }
}

const char *dim_print(const Dims *dims, Arena *arena, Dim dim)
{
    Text text = {.arena = arena};
    print_dim(dims, &text, dim);
    return text_c(&text);
}

/* ---- reading ----------------------------------------------------------------------------- */

typedef struct Reader {
    Dims *dims;
    const char *at;
    Symbol (*lookup)(void *user, const char *name, size_t n);
    void *user;
    int depth;
} Reader;

enum { MAX_NESTING = 100 };

static Dim read_sum(Reader *r);

static const char *skip_space(const char *at)
{
    while (*at == ' ' || *at == '\t')
        at++;
    return at;
}

/* Moves over `token` if it stands next. */
static bool take(Reader *r, const char *token)
{
    const char *at = skip_space(r->at);
    size_t n = strlen(token);
    if (strncmp(at, token, n) != 0) return false;
    r->at = at + n;
    return true;
}

static Symbol newest_symbol(const Dims *dims, const char *name, size_t n)
{
    for (Symbol symbol = symbol_count(dims); symbol > 0; symbol--) {
        const char *other = symbol_name(dims, symbol);
        if (strncmp(other, name, n) == 0 && other[n] == 0) return symbol;
    }
    return 0;
}

static bool is_name_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '\'';
}

static Dim read_name(Reader *r)
{
    const char *name = r->at;
    while (is_name_byte(*r->at))
        r->at++;
    if (strncmp(r->at, "(*", 2) == 0) { /* the product of a pack's axes: size(*S) */
        const char *at = r->at + 2;
        while (is_name_byte(*at))
            at++;
        if (*at == ')') r->at = at + 1;
    }
    size_t n = (size_t)(r->at - name);
    Symbol symbol = r->lookup ? r->lookup(r->user, name, n) : newest_symbol(r->dims, name, n);
    return symbol ? dim_symbol(r->dims, symbol) : 0;
}

static bool read_number(Reader *r, int64_t *value)
{
    r->at = skip_space(r->at);
    *value = 0;
    if (!isdigit((unsigned char)*r->at)) return false;
    for (; isdigit((unsigned char)*r->at); r->at++)
        if (__builtin_mul_overflow(*value, 10, value) || __builtin_add_overflow(*value, *r->at - '0', value)) return false;
    return true;
}

static Dim read_primary(Reader *r)
{
    int64_t value;
    r->at = skip_space(r->at);
    if (isalpha((unsigned char)*r->at) || *r->at == '_') return read_name(r);
    if (isdigit((unsigned char)*r->at)) return read_number(r, &value) ? dim_const(r->dims, value) : 0;
    if (!take(r, "(")) return 0;
    Dim inner = read_sum(r);
    return inner && take(r, ")") ? inner : 0;
}

static Dim read_factor(Reader *r)
{
    int64_t exponent;
    if (take(r, "-")) {
        if (++r->depth > MAX_NESTING) return 0;
        Dim inner = read_factor(r);
        r->depth--;
        return inner ? dim_sub(r->dims, dim_const(r->dims, 0), inner) : 0;
    }
    Dim base = read_primary(r);
    if (!base || !take(r, "**")) return base;
    return read_number(r, &exponent) ? dim_pow(r->dims, base, exponent) : 0;
}

static Dim read_product(Reader *r)
{
    Dim left = read_factor(r);
    while (left) {
        char op = take(r, "*") ? '*' : take(r, "//") ? '/' : take(r, "%") ? '%' : 0;
        if (!op) break;
        Dim right = read_factor(r);
        if (!right) return 0;
        left = op == '*' ? dim_mul(r->dims, left, right) : op == '/' ? dim_floordiv(r->dims, left, right) : dim_mod(r->dims, left, right);
    }
    return left;
}

static Dim read_sum(Reader *r)
{
    if (++r->depth > MAX_NESTING) return 0;
    Dim left = read_product(r);
    while (left) {
        bool arrow = strncmp(skip_space(r->at), "->", 2) == 0;
        bool plus = take(r, "+");
        if (!plus && (arrow || !take(r, "-"))) break;
        Dim right = read_product(r);
        if (!right) return 0;
        left = plus ? dim_add(r->dims, left, right) : dim_sub(r->dims, left, right);
    }
    r->depth--;
    return left;
}

Dim dim_read(Dims *dims, const char *text, const char **end, Symbol (*lookup)(void *user, const char *name, size_t n), void *user)
{
    Reader r = {dims, text, lookup, user, 0};
    Dim result = read_sum(&r);
    if (end) *end = r.at;
    return result;
}
