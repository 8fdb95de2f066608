/* SPDX-License-Identifier: MIT
 * warn_element.h: what masks and other values that follow from places and lengths alone are, element by element. */
#ifndef NNC_SEMA_WARN_ELEMENT_H
#define NNC_SEMA_WARN_ELEMENT_H

#include "sema/base/state.h"

/* A batch in which all run-time sizes are `size` and all texts are `length` long, with tokens that are not 0. */
typedef struct Sample {
    Sema *s;
    const CoreEntry *entry;
    const CoreBody *body;
    int64_t *sizes; /* of every symbol */
    int64_t length;
    int steps;      /* that are left before it is too much */
} Sample;

Sample sample_new(Sema *s, const CoreEntry *entry, const CoreBody *body, int64_t size, int64_t length);
int64_t sample_extent(const Sample *sample, Dim dim); /* -1: it cannot be told */
/* The element of a value at this index; NaN if it depends on anything else. */
double sample_element(Sample *sample, CoreRef ref, const int64_t *index);
/* The same, of a batch of texts of this length; begins to count steps anew. */
double sample_element_of(Sample *sample, CoreRef ref, const int64_t *index, int64_t length);
/* Which values follow from places, lengths and tokens alone. */
bool *sample_plain(Sema *s, const CoreEntry *entry, const CoreBody *body);

#endif
