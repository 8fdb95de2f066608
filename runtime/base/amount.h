/* SPDX-License-Identifier: MIT
 * amount.h: how amounts of memory are written on command lines, of nnc and of programs: 300000, 64kB, 500MB, 1.5GB. */
#ifndef NNRT_BASE_AMOUNT_H
#define NNRT_BASE_AMOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define AMOUNT_EXPECTED "a number of bytes, as 300000, 64kB, 500MB or 1.5GB"

/* Digits, a point among them if need be, and a unit of thousands or none: nothing else, in any locale. False: it is none, or 10^18
 * and more. */
static inline bool amount_read(const char *text, double *bytes)
{
    static const struct {
        const char *name;
        double bytes;
    } unit[] = {{"", 1}, {"B", 1}, {"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}};
    size_t whole = strspn(text, "0123456789"), n = whole;
    if (whole && text[n] == '.') n += 1 + strspn(text + n + 1, "0123456789");
    if (!whole || whole > 18 || n > 32) return false;
    double digits = 0, place = 1;
    for (size_t c = 0; c < n; c++) {
        if (text[c] == '.') continue;
        digits = 10 * digits + (text[c] - '0');
        if (c > whole) place *= 10;
    }
    for (size_t i = 0; i < sizeof unit / sizeof *unit; i++)
        if (strcmp(text + n, unit[i].name) == 0) return *bytes = digits / place * unit[i].bytes, *bytes < 1e18;
    return false;
}

#endif
