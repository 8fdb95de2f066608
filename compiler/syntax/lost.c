/* SPDX-License-Identifier: MIT
 * lost.c: what syntax errors have kept from being read. */
#include "syntax/lost.h"

#include <ctype.h>
#include <string.h>

#include "lexer.h"

/* Has anything been wrong since it was asked last? */
static bool was_wrong(Parser *p)
{
    bool wrong = p->n_errors != p->diags->n_errors || p->n_damaged != p->lexer->n_damaged;
    p->n_errors = p->diags->n_errors;
    p->n_damaged = p->lexer->n_damaged;
    return wrong;
}

static void end_at(Parser *p, uint32_t hi)
{
    if (p->loses) p->ast->lost.at[p->ast->lost.n - 1].hi = hi;
    p->loses = false;
}

void lost_mark(Parser *p, Decl *decl)
{
    end_at(p, decl->span.lo);
    decl->broken = was_wrong(p);
    if (decl->broken) vec_add(p->arena, &p->ast->lost, decl->span);
}

void lost_begin(Parser *p, Span at)
{
    was_wrong(p);
    if (!p->loses) vec_add(p->arena, &p->ast->lost, at);
    p->loses = true;
}

void lost_end(Parser *p)
{
    end_at(p, (uint32_t)source_get(p->diags->sources, p->ast->file)->n);
}

static bool is_letter(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* A word of its own, and none behind a dot, which belongs to something else. */
static bool stands_at(const char *text, uint32_t at, const char *name, size_t n)
{
    return !memcmp(text + at, name, n) && !is_letter(text[at + n]) && (at == 0 || (!is_letter(text[at - 1]) && text[at - 1] != '.'));
}

bool lost_has(const Sources *sources, const Ast *ast, const char *name)
{
    size_t n = strlen(name);
    const char *text = source_get(sources, ast->file)->text;
    if (ast->nameless) return true;
    for (uint32_t i = 0; i < ast->lost.n; i++) {
        const Span *lost = &ast->lost.at[i];
        for (uint32_t at = lost->lo; at + n <= lost->hi; at++)
            if (stands_at(text, at, name, n)) return true;
    }
    return false;
}
