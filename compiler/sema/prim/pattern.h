/* SPDX-License-Identifier: MIT
 * pattern.h: patterns of letters (einops: Rogozhnikov 2022), checked while compiling; carets point inside the string. `...` is any
 * number of axes that keep together. */
#ifndef NNC_SEMA_PRIM_PATTERN_H
#define NNC_SEMA_PRIM_PATTERN_H

#include "sema/prim/argument.h"

enum { MOST_ITEMS = 16, DOTS = -1, NO_LETTER = -2 };

typedef struct Letter {
    const char *name;
    Axis axis; /* its size, once known */
    bool known;
} Letter;

typedef struct Item {       /* one axis of one side: a letter, the dots, or a group */
    int letter[MOST_ITEMS]; /* indices into Pattern.letter, or DOTS */
    int n;
    bool group;
    uint32_t at, length; /* in the string */
} Item;

typedef struct Side {
    Item item[MOST_ITEMS];
    int n;
} Side;

typedef struct Pattern {
    Sema *s;
    const PrimCall *call;
    const PrimArg *arg;
    const char *text;
    Letter letter[MOST_ITEMS * 2];
    int n_letters;
    Side left[8], right;
    int n_left;
    Axis dots[CORE_MAX_RANK]; /* axes that `...` stands for */
    int n_dots;
    bool has_dots, dots_set;
} Pattern;

/* The pattern in an argument. False: reported. */
bool pattern_read(Sema *s, const PrimCall *call, const PrimArg *arg, Pattern *p);
bool pattern_bind_named(Pattern *p, uint32_t from); /* named arguments from here on that are letters: h=heads */
/* A side against the type of an operand: its letters are known then. False: reported, or undecided in a generic check. */
bool pattern_match(Pattern *p, const Side *side, const SemaType *type, int operand);
Dim pattern_group_size(Pattern *p, const Item *item, int except); /* of the letters in brackets but one */
bool pattern_is_dots(const Item *item);
/* A mistake at a place of the string; false. */
bool pattern_bad(const Pattern *p, uint32_t at, uint32_t length, const char *code, const char *what);

#endif
