/* SPDX-License-Identifier: MIT
 * foreign.h: what a name of another language or library is called here (foreign.def). */
#ifndef NNC_SUPPORT_FOREIGN_H
#define NNC_SUPPORT_FOREIGN_H

#include <stdbool.h>

typedef enum {
    FOREIGN_NAME,
    FOREIGN_PREFIX,
    FOREIGN_METHOD,
    FOREIGN_MEMBER,
    FOREIGN_ARGUMENT,
    FOREIGN_SETTING,
    FOREIGN_TYPE,
    FOREIGN_WORD,
} ForeignKind;

typedef struct Foreign {
    ForeignKind kind;
    const char *name;
    const char *here; /* what it is called here, or NULL */
    const char *help; /* how it is done here; with `here`: in what it differs, or NULL */
} Foreign;

/* The first row of a name, or NULL. */
const Foreign *foreign_find(ForeignKind kind, const char *name);
/* The row behind `last`; an argument may be called one thing by one function and another by another. */
const Foreign *foreign_next(ForeignKind kind, const char *name, const Foreign *last);
/* Are these the same letters, but for case and underscores? */
bool foreign_same_letters(const char *a, const char *b);

#endif
