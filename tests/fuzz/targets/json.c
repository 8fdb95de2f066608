/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * json.c: any bytes as JSON, as the manifest and the notes of checkpoints are read: the tree, and without
 * one. Strings that are written read back. */
#include "base/json.h"
#include "base/scan.h"
#include "target.h"

static void write_back(const Json *j)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    json_write_string(f, j->text);
    fclose(f);
    Json *back = json_parse(text, n, NULL);
    CHECK(back && back->kind == JSON_STRING && strcmp(back->text, j->text) == 0, "%s does not read back", text);
    json_free(back);
    free(text);
}

ONE_WAY

static void give_value(const Json *j)
{
    static const char *const kind[] = {"null", "bool", "number", "string", "array", "object"};
    if (j->key) give("%s: ", j->key);
    give("%s ", kind[j->kind]);
    if (j->kind == JSON_NUMBER || j->kind == JSON_BOOL) give_numbers(&j->number, 1, EXACT);
    if (j->is_integer) give("=%lld", (long long)j->integer);
    if (j->kind == JSON_STRING) give_bytes(j->text, strlen(j->text));
    give(";");
}

static void visit(const Json *j)
{
    int n = 0;
    give_value(j);
    if (j->kind == JSON_STRING) write_back(j);
    for (const Json *c = j->child; c; c = c->next, n++) {
        if (j->kind == JSON_OBJECT) CHECK(json_get(j, c->key) == c, "the key %s finds another value", c->key);
        if (j->kind == JSON_OBJECT) json_int(j, c->key, 0), json_number(j, c->key, 0), json_text(j, c->key, "");
        visit(c);
    }
    CHECK(n == j->n, "%d children, not %d", n, j->n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + 1);
    memcpy(copy, data, size);
    copy[size] = 0;
    const char *error = NULL;
    Json *j = json_parse(copy, size, &error);
    CHECK(j || error, "no tree, and no message");
    if (!j) give("error: %s", error);
    Scan s = {.at = copy, .end = copy + size};
    scan_skip(&s);
    scan_end(&s);
    CHECK(!j || !s.error, "read as a tree, but not without one: %s", s.error);
    if (j) visit(j);
    json_free(j);
    free(copy);
    return 0;
}
