/* SPDX-License-Identifier: MIT
 * data_sizes.c: which fields tell a run-time size of their block: texts, pictures and lists, whose examples have sizes of their own. */
#include "sema/data_sizes.h"

#include <string.h>

#include "sema/data_args.h"

/* The axes of an example whose sizes the files of this reader tell (the first n). */
static int axes_told(const CoreReader *r)
{
    if (!strcmp(r->kind, "json_lines")) return CORE_MAX_RANK;
    if (!strcmp(r->kind, "image_dir")) return argument_find(r, "labels") ? 0 : 2;
    return reader_is_text(r) && !argument_find(r, "labels") ? 1 : 0;
}

static bool tells(Sema *s, const CoreField *f, Symbol wanted)
{
    bool unknown = !f->readers.n && f->length_of < 0 && f->present_of < 0; /* told elsewhere what is wrong with it */
    int told = unknown ? CORE_MAX_RANK : f->readers.n ? axes_told(&f->readers.at[0]) : 0;
    for (int a = 0; a < f->type.rank && a < told; a++) {
        Symbol symbol;
        if (dim_is_symbol(s->dims, f->type.dim[a], &symbol) && symbol == wanted) return true;
    }
    return false;
}

static const CoreField *first_with(Sema *s, const CoreData *block, Symbol wanted)
{
    for (uint32_t i = 0; i < block->fields.n; i++)
        for (int a = 0; a < block->fields.at[i].type.rank; a++) {
            Symbol symbol;
            if (dim_is_symbol(s->dims, block->fields.at[i].type.dim[a], &symbol) && symbol == wanted) return &block->fields.at[i];
        }
    return NULL;
}

void data_sizes_check(Sema *s, const Decl *decl, const CoreData *block)
{
    const Name *name = decl->binders;
    for (uint32_t k = 0; k < block->symbols.n && name; k++, name = name->next) {
        bool told = false;
        for (uint32_t i = 0; i < block->fields.n && !told; i++)
            told = tells(s, &block->fields.at[i], block->symbols.at[k]);
        const CoreField *f = told ? NULL : first_with(s, block, block->symbols.at[k]);
        if (!f) continue;
        Diag *d = diag_error(s->diags, "E0323", f->span, "no file of `%s` tells the size `%s` of `%s`", block->name, name->text, f->name);
        diag_help(d, "texts, pictures of image_dir and lists of json_lines have sizes of their own; write that of others as a number");
    }
}
