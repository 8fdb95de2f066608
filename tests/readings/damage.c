/* SPDX-License-Identifier: MIT
 * damage.c: see damage.h. */
#include "damage.h"

#include <stdio.h>
#include <string.h>

enum { HEAD = 48, TAIL = 24 };

typedef struct Change { /* number k of `of` of its kind, and its own random numbers */
    uint64_t state;
    int k, of;
} Change;

static uint64_t next(Change *c)
{
    uint64_t z = c->state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static size_t below(Change *c, size_t n)
{
    return n ? (size_t)(next(c) % n) : 0;
}

/* One of n places: half of the changes of a kind are spread over the head, the others over all or near the end. */
static size_t place(Change *c, size_t n)
{
    size_t head = n < HEAD ? n : HEAD, tail = n < TAIL ? n : TAIL, half = (size_t)(c->of + 1) / 2, k = (size_t)c->k;
    if (k < half) return (k * head + below(c, head)) / half % head;
    k -= half;
    return k % 3 == 2 ? n - tail + below(c, tail) : (k * n + below(c, n)) / (size_t)(c->of - (int)half) % n;
}

/* ---- kinds of changes; the file is there, and has a byte at least */

static void cut(Change *c, Damaged *d)
{
    size_t n = c->k < 3 ? (size_t)(c->k == 0 ? 0 : c->k == 1 ? d->n - 1 : d->n - (d->n > 1 ? 2 : 1)) : place(c, d->n);
    snprintf(d->what, sizeof d->what, "cut to %zu bytes", n);
    d->n = n;
}

static void set(Change *c, Damaged *d)
{
    size_t at = place(c, d->n);
    uint8_t was = d->at[at], all[] = {(uint8_t)(was + 1), (uint8_t)(was - 1), was ^ 0x80, 0, 0xFF, was ^ 0x20, was ^ 1, (uint8_t)next(c)};
    d->at[at] = all[(size_t)c->k % sizeof all];
    snprintf(d->what, sizeof d->what, "byte %zu is %d, not %d", at, d->at[at], was);
}

static const char characters[] = "0915.,;-+e\"'\\ \n\t\r#:/*[]{}()xyn?";

static void put(Change *c, Damaged *d)
{
    size_t at = place(c, d->n);
    d->at[at] = (uint8_t)characters[below(c, sizeof characters - 1)];
    snprintf(d->what, sizeof d->what, "byte %zu is the character %d", at, d->at[at]);
}

static void insert(Change *c, Damaged *d)
{
    size_t at = place(c, d->n + 1);
    memmove(d->at + at + 1, d->at + at, d->n++ - at);
    d->at[at] = (uint8_t)characters[below(c, sizeof characters - 1)];
    snprintf(d->what, sizeof d->what, "the character %d comes before byte %zu", d->at[at], at);
}

static void append(Change *c, Damaged *d)
{
    static const char *const text[] = {"\n", "x", ",", "1", " ", "\r\n", "\"", "}"};
    uint8_t zeros[8] = {0};
    size_t kind = (size_t)c->k % 10;
    if (kind == 0) {
        memcpy(d->at + d->n, d->at, d->n);
        d->n *= 2;
        snprintf(d->what, sizeof d->what, "the file comes twice");
        return;
    }
    size_t n = kind == 1 ? sizeof zeros : strlen(text[kind - 2]);
    memcpy(d->at + d->n, kind == 1 ? (const char *)zeros : text[kind - 2], n);
    d->n += n;
    snprintf(d->what, sizeof d->what, "%zu bytes of %d come behind", n, d->at[d->n - n]);
}

static void leave_out(Change *c, Damaged *d)
{
    size_t at = place(c, d->n), n = 1 + (c->k % 2 ? below(c, 8) : 0);
    if (n > d->n - at) n = d->n - at;
    memmove(d->at + at, d->at + at + n, d->n - at - n);
    d->n -= n;
    snprintf(d->what, sizeof d->what, "%zu bytes from byte %zu are left out", n, at);
}

static void swap(Change *c, Damaged *d)
{
    size_t at = place(c, d->n), to = c->k % 2 ? below(c, d->n) : at + (at + 1 < d->n);
    uint8_t was = d->at[at];
    d->at[at] = d->at[to], d->at[to] = was;
    snprintf(d->what, sizeof d->what, "bytes %zu and %zu are swapped", at, to);
}

static void twice(Change *c, Damaged *d)
{
    size_t at = place(c, d->n), n = 1 + below(c, 12);
    if (n > d->n - at) n = d->n - at;
    memmove(d->at + at + n, d->at + at, d->n - at);
    d->n += n;
    snprintf(d->what, sizeof d->what, "%zu bytes from byte %zu come twice", n, at);
}

static void fill(Change *c, Damaged *d)
{
    static const uint8_t with[][4] = {{0, 0, 0, 0}, {255, 255, 255, 255}, {255, 255, 255, 127}, {127, 255, 255, 255}, {0, 0, 0, 128}};
    size_t at = place(c, d->n), n = d->n - at < 4 ? d->n - at : 4, kind = (size_t)c->k % 5;
    memcpy(d->at + at, with[kind], n);
    snprintf(d->what, sizeof d->what, "%zu bytes from byte %zu are as in %d %d ... %d", n, at, with[kind][0], with[kind][1], with[kind][3]);
}

/* Of each kind so many; of larger files more. */
static const struct Kind {
    int n;
    void (*make)(Change *c, Damaged *d);
} kinds[] = {{9, cut}, {16, set}, {6, put}, {6, insert}, {5, append}, {4, leave_out}, {3, swap}, {3, twice}, {3, fill}};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

static int of_kind(size_t kind, size_t n)
{
    return kinds[kind].n * (n < 80 ? 2 : n < 200 ? 3 : 4) / 2;
}

int damage_count(size_t n)
{
    int sum = 0;
    for (size_t i = 0; i < N_KINDS && n; i++)
        sum += of_kind(i, n);
    return sum;
}

void damage(const char *name, int k, const uint8_t *file, size_t n, Damaged *out)
{
    size_t kind = 0;
    Change c = {.state = 0xCBF29CE484222325u ^ (uint64_t)k << 32};
    for (; *name; name++)
        c.state = (c.state ^ (uint8_t)*name) * 0x100000001B3u;
    while (k >= of_kind(kind, n))
        k -= of_kind(kind++, n);
    c.k = k, c.of = of_kind(kind, n);
    memcpy(out->at, file, n);
    out->n = n;
    kinds[kind].make(&c, out);
}
