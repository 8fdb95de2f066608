/* SPDX-License-Identifier: MIT
 * record.c: see record.h. */
#include "record.h"

#include <stdlib.h>
#include <string.h>

#include "given.h"

enum { SHOWN = 96, FILE_SHOWN = 72, LINE = 120 };

static uint32_t hash_of(const char *text)
{
    uint32_t h = 0x811C9DC5u; /* FNV-1a */
    for (; *text; text++)
        h = (h ^ (uint8_t)*text) * 0x01000193u;
    return h;
}

char *record_text(const char *text)
{
    size_t n = strlen(text), line = strcspn(text, "\n"), shown = line < SHOWN ? line : SHOWN;
    char *out = NULL;
    int k = shown == n ? asprintf(&out, "%s", text)
                       : asprintf(&out, "%.*s%s #%04x", (int)shown, text, shown < line ? " ..." : "", hash_of(text) >> 16);
    CHECK(k >= 0, "no memory");
    return out;
}

char record_code(const char *text)
{
    uint32_t h = hash_of(text);
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-"[(h ^ h >> 12 ^ h >> 24) & 63];
}

/* ---- writing */

static bool is_same(const Row *a, const Row *b)
{
    return strcmp(a->text, b->text) == 0 && strcmp(a->codes, b->codes) == 0;
}

static bool came_before(const Row *row, int way)
{
    for (int other = 0; other < way; other++)
        if (is_same(&row[other], &row[way])) return true;
    return false;
}

void record_write(FILE *f, const char *name, const uint8_t *file, size_t n, const Row *row, int n_ways)
{
    fprintf(f, "==== %s: ", name);
    given_escaped(f, file, n < FILE_SHOWN ? n : FILE_SHOWN);
    fprintf(f, n < FILE_SHOWN ? "\n" : " ... (%zu bytes)\n", n);
    for (int way = 0; way < n_ways; way++) {
        if (came_before(row, way)) continue;
        fprintf(f, "%d", way);
        for (int other = way + 1; other < n_ways; other++)
            if (is_same(&row[other], &row[way])) fprintf(f, ",%d", other);
        fprintf(f, ": %s\n", row[way].text);
        for (const char *c = row[way].codes; *c; c += strnlen(c, LINE))
            fprintf(f, "  %.*s\n", LINE, c);
    }
}

/* ---- reading */

typedef struct Group { /* ways that a line is about */
    int way[RECORD_WAYS], n;
} Group;

/* "0,3: text": the ways, and the text. */
static const char *read_group(const char *line, int n_ways, Group *g)
{
    char *end = NULL;
    g->n = 0;
    for (; *line && *line != ':'; line = *end == ',' ? end + 1 : end) {
        long way = strtol(line, &end, 10);
        if (end == line || way < 0 || way >= n_ways || g->n == RECORD_WAYS) return "";
        g->way[g->n++] = (int)way;
    }
    return strncmp(line, ": ", 2) == 0 ? line + 2 : "";
}

static char *joined(char *before, const char *text)
{
    char *out = NULL;
    CHECK(asprintf(&out, "%s%s", before ? before : "", text) >= 0, "no memory");
    free(before);
    return out;
}

static void take_line(const char *line, Row *row, int n_ways, Group *g)
{
    bool codes = strncmp(line, "  ", 2) == 0;
    const char *text = codes ? line + 2 : read_group(line, n_ways, g);
    for (int i = 0; i < g->n; i++) {
        Row *r = &row[g->way[i]];
        if (!codes) record_free(r, 1);
        if (!codes) r->text = joined(NULL, text);
        r->codes = joined(r->codes, codes ? text : "");
    }
}

void record_find(const char *record, const char *name, Row *row, int n_ways)
{
    char title[300];
    Group g = {.n = 0};
    snprintf(title, sizeof title, "\n==== %s: ", name);
    const char *at = strstr(record, title);
    at = at ? strchr(at + 1, '\n') : NULL;
    while (at && at[1] && at[1] != '=') {
        const char *end = strchr(++at, '\n');
        char *line = end ? strndup(at, (size_t)(end - at)) : strdup(at);
        CHECK(line, "no memory");
        take_line(line, row, n_ways, &g);
        free(line);
        at = end;
    }
}

void record_free(Row *row, int n_ways)
{
    for (int way = 0; way < n_ways; way++) {
        free(row[way].text), free(row[way].codes);
        row[way] = (Row){0};
    }
}
