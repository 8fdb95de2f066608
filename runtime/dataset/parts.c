/* SPDX-License-Identifier: MIT
 * parts.c: parts of a data block by a seeded shuffle. */
#include "dataset/parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/permute.h"
#include "model/options.h"

static const Json *split_arg(const Dataset *d, const char *key)
{
    for (const Json *a = json_list(d->json, "split"); a; a = a->next)
        if (json_is(a, "key", key)) return a;
    return NULL;
}

/* A whole number of the split, perhaps an option's. */
static int64_t split_number(const Dataset *d, const char *key, int64_t otherwise)
{
    const Json *a = split_arg(d, key), *option = json_get(a, "option");
    char number[40];
    if (!option) return json_int(a, "int", otherwise);
    return strtoll(option_text(d->m, json_at(json_get(d->m->manifest, "options"), (int)option->integer), d->m->options, number), NULL, 10);
}

static bool is_part(const Json *a)
{
    static const char *const others[] = {"seed", "shuffle", "stratify", "folds", "fold", NULL};
    for (int i = 0; others[i]; i++)
        if (strcmp(json_text(a, "key", ""), others[i]) == 0) return false;
    return true;
}

/* Class of an example, for stratify. */
static int64_t class_of(Dataset *d, int field, int64_t id)
{
    double v = 0;
    nnrt_source *s = &d->field[field].source[0][0];
    return s->count && s->count(s, id) == 1 && source_numbers(s, id, &v) == 0 ? (int64_t)v : 0;
}

typedef struct Dealt {
    double rank;
    int64_t at, id;
} Dealt;

static int by_rank(const void *a, const void *b)
{
    const Dealt *x = a, *y = b;
    if (x->rank != y->rank) return x->rank < y->rank ? -1 : 1;
    return x->at < y->at ? -1 : 1;
}

/* Example k of n of a class has the rank (k + 1/2) / n: sorted by rank, all classes are spread
 * evenly. False: there is no memory. */
static bool deal_classes(Dataset *d, int field, int64_t *order, int64_t n)
{
    enum { CLASSES = 65536 };
    Dealt *dealt = malloc(sizeof *dealt * (size_t)n + 1);
    int64_t *seen = calloc(CLASSES, sizeof *seen), *total = calloc(CLASSES, sizeof *total);
    bool good = dealt && seen && total;
    for (int64_t i = 0; i < n && good; i++)
        total[class_of(d, field, order[i]) & (CLASSES - 1)]++;
    for (int64_t i = 0; i < n && good; i++) {
        int64_t c = class_of(d, field, order[i]) & (CLASSES - 1);
        dealt[i] = (Dealt){((double)seen[c]++ + 0.5) / (double)total[c], i, order[i]};
    }
    if (good) qsort(dealt, (size_t)n, sizeof *dealt, by_rank);
    for (int64_t i = 0; i < n && good; i++)
        order[i] = dealt[i].id;
    free(dealt), free(seen), free(total);
    return good;
}

/* order of the main source for the split; NULL: there is no memory */
static int64_t *split_order(Dataset *d)
{
    int64_t n = d->n[0], *order = malloc(sizeof(int64_t) * (size_t)n + 1);
    bool shuffle = json_int(split_arg(d, "shuffle"), "bool", 1) != 0 && !d->windows;
    uint64_t key = (uint64_t)split_number(d, "seed", 0) * 2 + 0x5EED;
    if (order && shuffle) rt_permute_all((uint64_t)n, key, order);
    for (int64_t i = 0; order && !shuffle && i < n; i++)
        order[i] = i;
    const Json *stratify = split_arg(d, "stratify");
    if (order && stratify) { /* classes dealt in turn: every prefix has nearly their shares */
        const Json *field = json_at(json_get(stratify, "field"), 1); /* block, field */
        if (!deal_classes(d, field ? (int)field->integer : 0, order, n)) free(order), order = NULL;
    }
    return order;
}

/* Number of an example of the main source in its file. */
static int64_t number_of(Dataset *d, int64_t id)
{
    for (int i = 0; i < d->n_fields; i++) {
        nnrt_source *s = &d->field[i].source[0][0];
        if (d->field[i].n_readers > 0 && s->number) return s->number(s, id);
    }
    return id;
}

/* part=every(k): rows whose number in their file is divisible by k. */
static int64_t every_of(const Json *a)
{
    return json_text(a, "call", NULL) ? json_int(a, "int", 0) : 0;
}

static double fraction_of(const Json *a)
{
    return json_get(a, "number") ? json_number(a, "number", 0) : (double)json_int(a, "int", 0);
}

static int no_part(const Dataset *d, const char *part)
{
    char names[256] = "all";
    for (const Json *p = json_list(d->json, "parts"); p; p = p->next)
        rt_append(names, sizeof names, ", %s", p->text ? p->text : "?");
    return rt_fail(NNRT_E_IO, "data %s has no part %s; its parts are %s", json_text(d->json, "name", "?"), part, names);
}

/* Rows that no every(k) part takes, in the order of the split. */
static int64_t rows_left(Dataset *d, int64_t *order)
{
    const Json *split = json_get(d->json, "split");
    int64_t left = d->n[0];
    for (const Json *a = json_first(split); a; a = a->next) {
        int64_t every = is_part(a) ? every_of(a) : 0, kept = 0;
        if (every <= 0) continue;
        for (int64_t i = 0; i < left; i++)
            if (number_of(d, order[i]) % every != 0) order[kept++] = order[i];
        left = kept;
    }
    return left;
}

/* What all parts are of the data together. */
static double shares(const Dataset *d)
{
    double sum = 0;
    for (const Json *a = json_list(d->json, "split"); a; a = a->next)
        if (is_part(a)) sum += every_of(a) ? 1 / (double)every_of(a) : fraction_of(a);
    return sum;
}

static int take_every(Dataset *d, int64_t every, int64_t *ids, int64_t *count)
{
    int64_t k = 0;
    for (int64_t i = 0; i < d->n[0]; i++)
        if (number_of(d, i) % every == 0) ids[k++] = i;
    *count = k;
    return NNRT_OK;
}

/* Fold `fold` of the order is the part test, the rest in its order the part train. */
static int fill_fold(Dataset *d, bool test, int64_t *ids, int64_t *count)
{
    int64_t folds = split_number(d, "folds", 1), fold = split_number(d, "fold", 0), n = d->n[0], k = 0;
    if (fold < 0 || fold >= folds)
        return rt_fail(NNRT_E_RANGE, "data %s: there is no fold %lld, but 0 to %lld", json_text(d->json, "name", "?"), (long long)fold,
                       (long long)folds - 1);
    int64_t *order = split_order(d), lo = n / folds * fold + n % folds * fold / folds,
            hi = n / folds * (fold + 1) + n % folds * (fold + 1) / folds;
    if (!order) return rt_no_memory();
    for (int64_t i = 0; i < n; i++)
        if ((i >= lo && i < hi) == test) ids[k++] = order[i];
    free(order);
    *count = k;
    return NNRT_OK;
}

/* Fractions are of all examples of the main source. They are dealt from what every(k) leaves, one part after another; the
 * last one takes the rest if nothing is to be left over. */
static int fill_part(Dataset *d, const char *part, int64_t *ids, int64_t *count)
{
    const Json *split = json_get(d->json, "split"), *wanted = split_arg(d, part);
    bool test = strcmp(part, "test") == 0;
    if (split_arg(d, "folds") && (test || strcmp(part, "train") == 0)) return fill_fold(d, test, ids, count);
    if (!wanted || !is_part(wanted)) return no_part(d, part);
    if (every_of(wanted) > 0) return take_every(d, every_of(wanted), ids, count);
    int64_t *order = split_order(d), at = 0;
    if (!order) return rt_no_memory();
    int64_t left = rows_left(d, order);
    const Json *last = NULL;
    for (const Json *a = split->child; a; a = a->next)
        if (is_part(a) && !every_of(a)) last = a;
    for (const Json *a = split->child; a; a = a->next) {
        if (!is_part(a) || every_of(a)) continue;
        int64_t size = (int64_t)(fraction_of(a) * (double)d->n[0] + 1e-9);
        if (at + size > left || (a == last && shares(d) > 1 - 1e-9)) size = left - at;
        if (a == wanted) {
            memcpy(ids, order + at, sizeof(int64_t) * (size_t)size);
            *count = size;
            break;
        }
        at += size;
    }
    free(order);
    return NNRT_OK;
}

int64_t dataset_unused(Dataset *d)
{
    const Json *split = json_get(d->json, "split");
    int64_t *ids = malloc(sizeof(int64_t) * (size_t)(d->n[0] + 1)), used = 0, n = 0;
    bool any = false;
    for (const Json *a = split && ids ? split->child : NULL; a; a = a->next) {
        if (!is_part(a) || fill_part(d, json_text(a, "key", ""), ids, &n)) continue;
        used += n;
        any = true;
    }
    free(ids);
    return any ? d->n[0] - used : 0;
}

int dataset_part(Dataset *d, const char *part, int64_t **ids, int64_t *n)
{
    int64_t *list = malloc(sizeof(int64_t) * (size_t)(d->n[0] + d->n[1] + 1));
    int code = NNRT_OK;
    if (!list) return rt_no_memory();
    *n = 0;
    if (strcmp(part, "all") == 0) {
        for (*n = 0; *n < d->n[0]; ++*n)
            list[*n] = *n;
    } else if (strcmp(part, "test") == 0 && d->n[1] > 0) {
        for (*n = 0; *n < d->n[1]; ++*n)
            list[*n] = d->n[0] + *n;
    } else {
        code = fill_part(d, part, list, n);
    }
    if (!code && *n == 0)
        code = rt_fail(NNRT_E_IO, "data %s: part %s has no examples (of %lld)", json_text(d->json, "name", "?"), part, (long long)d->n[0]);
    if (code)
        free(list);
    else
        *ids = list;
    return code;
}
