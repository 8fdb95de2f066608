/* links: nnrt */
/* SPDX-License-Identifier: MIT
 * test_cells.c: a CSV text in pieces of any length has the rows, and the mistakes, that it has as a whole. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "data/cells.h"

enum { ROOM = 1 << 14 };

static void put(char *out, const char *text)
{
    rt_append(out, ROOM, "%s", text);
}

/* What a row is, for a comparison. */
static void put_row(char *out, const CellReader *r)
{
    rt_append(out, ROOM, "%d:", r->row_line);
    for (int i = 0; i < r->n; i++)
        rt_append(out, ROOM, " %d<%s>", cells_place(r, i), cells_at(r, i));
    put(out, cells_full(r) ? nnrt_error_text() : cells_hint(r));
    put(out, "\n");
}

/* All rows of a text that comes in pieces of `each` bytes, each in a block of just its length; then the error. */
static void split(const char *text, size_t size, size_t each, char separator, char *out)
{
    CellReader r;
    char *block = NULL;
    size_t given = 0, rest = 0;
    int code = NNRT_OK;
    *out = 0;
    cells_begin(&r, "t.csv", separator, true);
    do {
        size_t more = size - given < each ? size - given : each;
        char *next = malloc(rest + more + 1);
        if (rest) memcpy(next, r.at, rest);
        memcpy(next + rest, text + given, more);
        next[rest + more] = 0;
        given += more;
        free(block);
        block = next;
        cells_feed(&r, block, rest + more, given == size);
        for (bool found = true; found && !code;) {
            code = cells_next(&r, &found);
            if (found && !code) put_row(out, &r);
        }
        rest = (size_t)(r.end - r.at);
    } while (!code && given < size);
    if (code) put(out, nnrt_error_text());
    cells_end(&r);
    free(block);
}

static bool compare(const char *text, size_t size, char separator)
{
    static char whole[ROOM], pieces[ROOM];
    split(text, size, size + 1, separator, whole);
    for (size_t each = 3; each <= size; each++) { /* a byte order mark is in the first piece */
        split(text, size, each, separator, pieces);
        cr_assert_str_eq(pieces, whole, "in pieces of %zu bytes", each);
    }
    return *whole != 0;
}

Test(cells, pieces_are_the_whole)
{
    static const char *const texts[] = {
        "a,b\n1,2\n3,4\n",
        "\xEF\xBB\xBFx,y\r\n1,2\r\n\r\n  \r\n3,4",
        "a,b\r1,2\r3,4\r",
        "\"a\"\"b\",\"c,d\"\n\"two\nlines\",\"\"\n\"\"\"\",e \"f\" g\n",
        "\"a\" ,b\n1,\"2\"  \n",
        "a,b\n1\n1,2\n",
        "a,b\n1,2,3\n1,2\n",
        "a,b\n1,\"2\n3,4\n",
        "a,b\n\"1\"x,2\n3,4\n",
        "a;b\n1;2\n",
        "1 2  3\n 4\t5 6 \n\"a b\" c d\n",
        "\n\n\n1\n\n2\n",
        "a\tb\n\t\n",
        "one\n\"un\r\nquoted\"\r\nthree\r\n",
        ",\n,,\n",
    };
    static const char separators[] = {',', ';', '\t', ' '};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t s = 0; s < sizeof separators; s++)
            cr_assert(compare(texts[i], strlen(texts[i]), separators[s]), "%s", texts[i]);
    compare("a,b\n1,2\0003\n4,5\n", 14, ',');
    cr_assert(!compare("", 0, ','));
}

Test(cells, of_random_bytes)
{
    static const char alphabet[] = ",\"\n\r ;1a\t\"\n,";
    uint64_t state = 88172645463325252u;
    char text[64];
    for (int round = 0; round < 3000; round++) {
        size_t n = (size_t)(round % 60) + 1;
        for (size_t i = 0; i < n; i++) {
            state ^= state << 13, state ^= state >> 7, state ^= state << 17;
            text[i] = alphabet[state % (sizeof alphabet - 1)];
        }
        compare(text, n, ",; "[round % 3]);
    }
}
