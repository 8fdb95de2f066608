/* SPDX-License-Identifier: MIT
 * number.c: numbers as text, in the locale "C". */
#include "base/number.h"

#include <ctype.h>
#include <float.h>
#include <locale.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

static locale_t plain_locale(void)
{
    static locale_t made;
    locale_t l = __atomic_load_n(&made, __ATOMIC_ACQUIRE), none = (locale_t)0;
    if (l) return l;
    l = newlocale(LC_ALL_MASK, "C", none);
    if (l && !__atomic_compare_exchange_n(&made, &none, l, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        freelocale(l); /* another thread was first */
        l = none;
    }
    return l;
}

/* ---- reading */

typedef struct Decimal { /* digits * 10^exponent */
    uint64_t digits;
    int exponent;
    bool negative;
} Decimal;

/* At most 19 digits with a point among them and an exponent: what follows them, or NULL where the text is anything else. */
static const char *scan_decimal(const char *p, Decimal *d)
{
    int n = 0, behind = 0;
    bool point = false;
    *d = (Decimal){.negative = *p == '-'};
    p += *p == '-' || *p == '+';
    for (;; p++) {
        if (*p == '.' && !point) {
            point = true;
        } else if (*p >= '0' && *p <= '9') {
            if (++n > 19) return NULL;
            d->digits = 10 * d->digits + (uint64_t)(*p - '0');
            behind += point;
        } else {
            break;
        }
    }
    if (!n || *p == 'x' || *p == 'X') return NULL;
    if (*p == 'e' || *p == 'E') {
        bool down = *++p == '-';
        p += *p == '-' || *p == '+';
        if (*p < '0' || *p > '9') return NULL;
        for (n = 0; *p >= '0' && *p <= '9'; p++)
            if ((n = 10 * n + *p - '0') > 999) return NULL;
        d->exponent = down ? -n : n;
    }
    d->exponent -= behind;
    return p;
}

/* Where the digits and the power of ten are both doubles without rounding, one operation rounds once (Clinger 1990). */
static bool is_exact(const Decimal *d)
{
    return FLT_EVAL_METHOD == 0 && d->digits <= (UINT64_C(1) << DBL_MANT_DIG) && d->exponent >= -22 && d->exponent <= 22;
}

static double exact(const Decimal *d)
{
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    double v = d->negative ? -(double)d->digits : (double)d->digits;
    return d->exponent < 0 ? v / power[-d->exponent] : v * power[d->exponent];
}

double number_read(const char *text, char **end)
{
    const char *p = text;
    while (isspace((unsigned char)*p))
        p++;
    Decimal d;
    const char *behind = scan_decimal(p, &d);
    if (behind && is_exact(&d)) {
        if (end) *end = (char *)(uintptr_t)behind;
        return exact(&d);
    }
    locale_t l = plain_locale();
    return l ? strtod_l(text, end, l) : strtod(text, end);
}

float number_read_float(const char *text)
{
    locale_t l = plain_locale();
    return l ? strtof_l(text, NULL, l) : strtof(text, NULL);
}

/* ---- writing */

static locale_t begin(void)
{
    locale_t l = plain_locale();
    return l ? uselocale(l) : (locale_t)0;
}

static void finish(locale_t before)
{
    if (before) uselocale(before);
}

int number_print(FILE *f, const char *format, ...)
{
    locale_t before = begin();
    va_list args;
    va_start(args, format);
    int n = vfprintf(f, format, args);
    va_end(args);
    finish(before);
    return n;
}

int number_text(char *out, size_t n, const char *format, ...)
{
    locale_t before = begin();
    va_list args;
    va_start(args, format);
    int length = vsnprintf(out, n, format, args);
    va_end(args);
    finish(before);
    return length;
}
