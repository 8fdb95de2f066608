/* SPDX-License-Identifier: MIT
 * foreign.c: the table of foreign names. */
#include "support/foreign.h"

#include <ctype.h>
#include <stddef.h>

static const Foreign table[] = {
#define CALLED(kind, name, here) {FOREIGN_##kind, name, here, NULL},
#define SAID(kind, name, help) {FOREIGN_##kind, name, NULL, help},
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

const Foreign *foreign_find(ForeignKind kind, const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].kind == kind && foreign_same_letters(table[i].name, name)) return &table[i];
    return NULL;
}
