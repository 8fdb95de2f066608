/* SPDX-License-Identifier: MIT
 * total.c: sums of polynomials that are texts. */
#include "lsp/total.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = sizeof(((Total *)0)->term) / sizeof(((Total *)0)->term[0]) };

static void add_term(Total *t, const char *product, long long factor)
{
    for (uint32_t i = 0; i < t->n; i++) {
        if (strcmp(t->term[i].product, product) != 0) continue;
        t->term[i].factor += factor;
        return;
    }
    if (t->n == MOST || !factor) return;
    t->term[t->n].product = product;
    t->term[t->n++].factor = factor;
}

/* 3*B*T, B*T, 3: brackets (of divisions) are parts of the product. */
static void add_text(Total *t, const char *term, size_t n, bool minus)
{
    char *text = arena_copy(t->arena, term, n), *end = text;
    long long factor = strtoll(text, &end, 10);
    if (end == text)
        factor = 1;
    else if (*end == '*')
        end++;
    else if (*end) /* 2 // n */
        factor = 1, end = text;
    add_term(t, end, minus ? -factor : factor);
}

void total_add(Total *t, const json_t *value)
{
    const char *text = json_string_value(value);
    if (!text) {
        add_term(t, "", json_integer_value(value));
        return;
    }
    bool minus = *text == '-';
    if (minus) text++;
    int depth = 0;
    for (const char *c = text;; c++) {
        depth += *c == '(' ? 1 : *c == ')' ? -1 : 0;
        bool sign = depth == 0 && (strncmp(c, " + ", 3) == 0 || strncmp(c, " - ", 3) == 0);
        if (*c && !sign) continue;
        add_text(t, text, (size_t)(c - text), minus);
        if (!*c) return;
        minus = c[1] == '-';
        text = c + 3;
        c += 2;
    }
}

const char *total_text(const Total *t)
{
    Text text = {.arena = t->arena};
    for (uint32_t i = 0; i < t->n; i++) {
        long long factor = t->term[i].factor;
        const char *product = t->term[i].product;
        if (!factor) continue;
        text_add(&text, "%s", !text.n ? factor < 0 ? "-" : "" : factor < 0 ? " - " : " + ");
        if (factor < 0) factor = -factor;
        if (factor != 1 || !*product) text_add(&text, "%lld%s", factor, *product ? "*" : "");
        text_add(&text, "%s", product);
    }
    return text.n ? text_c(&text) : "0";
}
