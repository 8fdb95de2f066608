/* SPDX-License-Identifier: MIT
 * foreign.c: the table of foreign names. */
#include "support/foreign.h"

#include <ctype.h>
#include <stddef.h>

static const Foreign table[] = {
#define CALLED(kind, name, here) {FOREIGN_##kind, name, here, NULL},
#define SAID(kind, name, help) {FOREIGN_##kind, name, NULL, help},
#define BUT(kind, name, here, help) {FOREIGN_##kind, name, here, help},
#include "support/foreign.def"
};

bool foreign_same_letters(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (*a == '_')
            a++;
        while (*b == '_')
            b++;
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b)) return false;
        if (!*a) return true;
    }
}

const Foreign *foreign_next(ForeignKind kind, const char *name, const Foreign *last)
{
    for (const Foreign *f = last ? last + 1 : table; f < table + sizeof table / sizeof *table; f++)
        if (f->kind == kind && foreign_same_letters(f->name, name)) return f;
    return NULL;
}

const Foreign *foreign_find(ForeignKind kind, const char *name)
{
    return foreign_next(kind, name, NULL);
}
