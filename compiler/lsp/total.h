/* SPDX-License-Identifier: MIT
 * total.h: sums of the polynomials that the compiler writes as text: "481600*B", "2*B*T - B + 4". */
#ifndef NNC_LSP_TOTAL_H
#define NNC_LSP_TOTAL_H

#include <jansson.h>

#include "support/str.h"
#include "support/vec.h"

typedef struct Total {
    Arena *arena;
    struct {
        const char *product; /* of the sizes; "" */
        long long factor;
    } term[64];
    uint32_t n;
} Total;

void total_add(Total *total, const json_t *value); /* a number or such a text */
const char *total_text(const Total *total);

#endif
