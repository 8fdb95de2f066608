/* SPDX-License-Identifier: MIT
 * weights_load.c: checkpoints and other safetensors files, read.
 *
 * The file is known to be whole and what the program needs of it to fit before anything is changed.
 * What it does not need may be of any type. */
#include "model/weights_load.h"

#include <stdlib.h>
#include <string.h>

#include "base/dtype.h"
#include "base/number.h"
#include "base/scan.h"
#include "base/shape.h"
#include "model/items.h"
#include "model/manifest.h"
#include "model/misfit.h"
#include "model/safetensors.h"
#include "model/vocab.h"
#include "model/weight_map.h"

#define MOST_STEP ((int64_t)1 << 53) /* exact in double precision, and no sum of two overflows */

/* ---- do the tensors fit? */

typedef struct Use { /* where an item's numbers come from */
    Origin origin;
    const Stored *main, *plus; /* main NULL: nowhere */
} Use;

static int dtype_of(const Stored *t)
{
    for (int i = 0; i <= NNRT_BF16; i++)
        if (strcmp(item_dtype(i), t->dtype) == 0) return i;
    return -1;
}

static bool convertible(int from, int to)
{
    return from == to || (dtype_is_float(from) && dtype_is_float(to));
}

/* What the file has to hold for an item: a part is one of several along an axis. */
static void wanted_shape(const Origin *o, int64_t dim[8])
{
    memcpy(dim, o->dim, sizeof *dim * 8);
    if (o->rank) dim[o->axis[o->rank - 1]] *= o->parts;
}

/* Does `fine` divide the axes of `coarse`, each into neighbours? */
static bool divides(int fine_rank, const int64_t *fine, int rank, const int64_t *coarse)
{
    int at = 0;
    for (int i = 0; i < rank; i++) {
        int64_t left = coarse[i];
        while (left > 1 && at < fine_rank && fine[at] > 0 && left % fine[at] == 0)
            left /= fine[at++];
        if (left != 1) return false;
    }
    while (at < fine_rank && fine[at] == 1)
        at++;
    return at == fine_rank;
}

static bool shape_fits(const Stored *t, const Origin *o)
{
    int64_t dim[8];
    wanted_shape(o, dim);
    if (o->views) return t->rank <= 8 && divides(o->rank, dim, t->rank, t->dim);
    return t->rank == o->rank && memcmp(t->dim, dim, sizeof *dim * (size_t)o->rank) == 0;
}

/* In the order of the axes here it gives the shape here. */
static bool gives_item(const Origin *o, const Item *it)
{
    int64_t dim[8];
    for (int i = 0; i < o->rank; i++)
        dim[i] = o->dim[o->axis[i]];
    return divides(o->rank, dim, it->rank, it->dim);
}

static bool is_as_here(const Stored *t, const Item *it)
{
    return t->rank == it->rank && memcmp(t->dim, it->dim, sizeof *t->dim * (size_t)it->rank) == 0;
}

/* Notes what is wrong with a tensor of the file for an item; true if it can be taken. */
static bool fits(const Stored *t, const char *name, const Item *it, const Origin *o, Misfits *bad)
{
    char have[200], want[200], here[200];
    int64_t dim[8];
    bool same = strcmp(name, it->name) == 0;
    wanted_shape(o, dim);
    char *text = want + snprintf(want, sizeof want, "%s", o->views ? "what can be read as " : "");
    shape_text(o->rank, dim, text, sizeof want - (size_t)(text - want));
    shape_text(it->rank, it->dim, here, sizeof here);
    if (!t && same) {
        misfits_add(bad, "%s %s is missing", it->name, want);
        return false;
    }
    if (!t) {
        misfits_add(bad, "%s %s is missing: there is no %s %s", it->name, here, name, want);
        return false;
    }
    int dtype = dtype_of(t);
    shape_text(t->rank, t->dim, have, sizeof have);
    if (!gives_item(o, it))
        misfits_add(bad, "%s %s does not come from %s %s with these axes", it->name, here, name, want);
    else if (o->unsure)
        misfits_add(bad, "%s %s: %s", it->name, here, o->unsure);
    else if (!shape_fits(t, o) && same)
        misfits_add(bad, "%s is %s but this program has %s", it->name, have, want);
    else if (!shape_fits(t, o))
        misfits_add(bad, "%s is %s but %s is needed for %s %s", name, have, want, it->name, here);
    else if (dtype < 0 || !convertible(dtype, it->dtype))
        misfits_add(bad, "%s is %s but this program has %s", name, t->dtype, item_dtype(it->dtype));
    else if (t->bytes != it->count * (uint64_t)o->parts * dtype_bytes(dtype))
        misfits_add(bad, "%s is damaged: the number of its bytes is wrong", name);
    else
        return true;
    return false;
}

/* A matrix of the layout that lies there as it does here: its square neighbours would be taken the wrong way round. */
static int lies_plain(const Safetensors *f, const Stored *t, const Item *it, const Origin *o)
{
    bool turned = o->rank == 2 && o->axis[0] == 1 && !o->views;
    if (!t || !turned || shape_fits(t, o) || !is_as_here(t, it)) return NNRT_OK;
    char shape[200];
    return rt_fail(NNRT_E_SHAPE,
                   "%s: %s is %s, as %s here, but with layout=torch it would lie the other way round: this is no weight of nn.Linear; "
                   "say so in a map, `%s = %s axes 0 1`, also of those whose shape does not tell",
                   f->path, t->name, shape_text(t->rank, t->dim, shape, sizeof shape), it->name, it->name, t->name);
}

static int find_use(WeightMap *map, const Safetensors *f, const Item *it, Misfits *bad, Use *use)
{
    int code = weight_map_find(map, f, it, &use->origin);
    if (code) return code;
    const Origin *o = &use->origin;
    const Stored *t = safetensors_find(f, o->name), *plus = o->plus ? safetensors_find(f, o->plus) : NULL;
    code = lies_plain(f, t, it, o);
    if (code || (!t && it->optional)) return code;
    if (!fits(t, o->name, it, o, bad) || (o->plus && !fits(plus, o->plus, it, o, bad))) return NNRT_OK;
    use->main = t, use->plus = plus;
    return NNRT_OK;
}

static bool *used_of(const Safetensors *f, const Items *items, const Use *use)
{
    bool *used = rt_alloc(f->n_tensors + 1);
    for (int i = 0; used && i < items->n; i++) {
        if (use[i].main) used[use[i].main - f->tensor] = true;
        if (use[i].plus) used[use[i].plus - f->tensor] = true;
    }
    return used;
}

static int check_items(const nnrt *m, const Safetensors *f, WeightMap *map, const Items *items, bool partial, Use *use)
{
    Misfits bad = {.m = m, .file = f};
    int taken = 0, code = NNRT_OK;
    for (int i = 0; i < items->n && !code; i++) {
        code = find_use(map, f, &items->at[i], &bad, &use[i]);
        taken += use[i].main != NULL;
    }
    if (!code) code = weight_map_check(map);
    if (code || !bad.n) return code;
    bool *used = used_of(f, items, use);
    if (!used) return NNRT_E_MEM;
    if (!partial || !taken)
        code = misfits_fail(&bad, used, partial);
    else
        misfits_remark(&bad, used);
    rt_free(used);
    return code;
}

/* A run goes on with its optimizers: what the file has of them is all taken. */
static int check_slots(const nnrt *m, const Safetensors *f, const Items *items, const Use *use, int entry)
{
    char prefix[600], shape[200];
    int n = snprintf(prefix, sizeof prefix, "optimizer.%s.", m->program->entry[entry]->name), code = NNRT_OK;
    bool *used = used_of(f, items, use);
    for (size_t i = 0; used && i < f->n_tensors && !code; i++) {
        const Stored *t = &f->tensor[i];
        if (!used[i] && strncmp(t->name, prefix, (size_t)n) == 0)
            code = rt_fail(NNRT_E_SHAPE,
                           "%s: %s %s is of an optimizer that %s does not have: --resume goes on as it began; "
                           "--load %s takes the weights for another run",
                           f->path, t->name, shape_text(t->rank, t->dim, shape, sizeof shape), m->program->entry[entry]->name, f->path);
    }
    rt_free(used);
    return used ? code : NNRT_E_MEM;
}

/* Others may want as many slots. Files of nnc 0.2 do not name them. */
static int check_optimizers(const nnrt *m, const Safetensors *f, int entry)
{
    char now[ITEMS_OPTIMIZERS];
    const char *then = safetensors_note(f, "optimizers"), *of = safetensors_note(f, "entry"), *name = m->program->entry[entry]->name;
    if (!then || !of || strcmp(of, name) || strcmp(then, items_optimizers(m, entry, now)) == 0) return NNRT_OK;
    return rt_fail(NNRT_E_SHAPE,
                   "%s: %s was trained using %s, but uses %s now: --resume goes on as it began; "
                   "--load %s takes the weights for another run",
                   f->path, name, then, now, f->path);
}

/* ---- the numbers */

typedef struct Reading { /* the numbers of a tensor of the file */
    char *numbers;
    int dtype;
} Reading;

static int read_stored(const Safetensors *f, const Stored *t, Reading *r)
{
    *r = (Reading){0};
    if (!t) return NNRT_OK;
    r->dtype = dtype_of(t);
    r->numbers = rt_alloc(t->bytes);
    return r->numbers ? safetensors_read(f, t, r->numbers) : NNRT_E_MEM;
}

typedef struct Places { /* where the elements of an item lie in a tensor of the file */
    int rank;
    int64_t dim[8], stride[8], first;
} Places;

static void find_places(const Origin *o, Places *p)
{
    int64_t there[8], n = 1;
    *p = (Places){.rank = o->rank};
    wanted_shape(o, there);
    for (int i = o->rank - 1; i >= 0; i--) {
        int k = 0;
        while (o->axis[k] != i)
            k++;
        p->dim[k] = o->dim[i], p->stride[k] = n;
        n *= there[i];
    }
    if (o->rank) p->first = o->part * p->dim[o->rank - 1] * p->stride[o->rank - 1];
}

/* Into their places, or only looked at. */
static int scatter(const Safetensors *f, const Item *it, const Use *use, const Reading *main, const Reading *plus, bool store)
{
    size_t width = dtype_bytes(it->dtype);
    _Alignas(8) char unused[8];
    char wrong[96];
    bool same = main->dtype == it->dtype && !use->plus;
    Places places;
    find_places(&use->origin, &places);
    for (uint64_t e = 0; e < it->count && (store || !same); e++) {
        char *to = store ? (char *)it->data + item_place(it, e) : unused;
        int64_t at = places.first + shape_place(places.rank, places.dim, places.stride, (int64_t)e);
        double v = dtype_load(main->dtype, main->numbers, at) + (use->plus ? dtype_load(plus->dtype, plus->numbers, at) : 0);
        if (same)
            memcpy(to, main->numbers + (size_t)at * width, width);
        else if (!dtype_store(it->dtype, to, 0, v))
            return rt_fail(NNRT_E_RANGE, "%s: a number of %s is %g, which is %s", f->path, it->name, v,
                           dtype_wrong(it->dtype, v, wrong, sizeof wrong));
    }
    return NNRT_OK;
}

static int read_items(const Safetensors *f, const Items *items, const Use *use, bool store)
{
    int code = NNRT_OK;
    for (int i = 0; i < items->n && !code; i++) {
        Reading main, plus = {0};
        if (!use[i].main) continue;
        code = read_stored(f, use[i].main, &main);
        if (!code) code = read_stored(f, use[i].plus, &plus);
        if (!code) code = scatter(f, &items->at[i], &use[i], &main, &plus, store);
        rt_free(main.numbers);
        rt_free(plus.numbers);
    }
    return code;
}

/* ---- vocabularies */

typedef struct Vocabs {
    Vocab *at;
    int n;
} Vocabs;

static void free_vocabs(Vocabs *list)
{
    for (int i = 0; i < list->n; i++)
        rt_free_texts(list->at[i].word, list->at[i].n);
    free(list->at);
}

static void scan_words(Scan *s, Vocab *v)
{
    for (int64_t i = 0; scan_item(s, '[', ']', i); i++) {
        char *text = rt_more(&v->word, v->n, sizeof *v->word) ? strdup(scan_text(s)) : NULL;
        if (!text) {
            scan_fail(s, json_no_memory);
            return;
        }
        v->word[v->n++] = text;
    }
}

/* One vocabulary; its field is found by name, so that it is the right one in a changed program too.
 * A field that the program lacks: v->data is -1. */
static void scan_vocab(const nnrt *m, Scan *s, Vocab *v)
{
    const Json *blocks = json_get(m->manifest, "data");
    const char *block = NULL, *name = NULL;
    int64_t data = -1, field = -1;
    for (int64_t i = 0; scan_item(s, '{', '}', i); i++) {
        const char *key = scan_key(s);
        if (strcmp(key, "block") == 0)
            block = scan_text(s);
        else if (strcmp(key, "name") == 0)
            name = scan_text(s);
        else if (strcmp(key, "data") == 0)
            data = scan_int(s);
        else if (strcmp(key, "field") == 0)
            field = scan_int(s);
        else if (strcmp(key, "words") == 0 && !v->word)
            scan_words(s, v);
        else
            scan_skip(s);
    }
    if (block) data = json_index(blocks, block, strlen(block));
    const Json *fields = json_get(json_at(blocks, (int)data), "fields");
    if (block && name) field = json_index(fields, name, strlen(name));
    bool there = data >= 0 && blocks && data < blocks->n && field >= 0 && fields && field < fields->n;
    v->data = there ? (int)data : -1, v->field = there ? (int)field : -1;
}

/* A file may name any number of fields that the program lacks, each in a few bytes: only what is taken is kept. */
static void keep_vocab(Scan *s, Vocabs *list)
{
    const Vocab *v = &list->at[list->n];
    bool twice = false;
    for (int i = 0; i < list->n; i++)
        twice |= list->at[i].data == v->data && list->at[i].field == v->field;
    if (v->data < 0 || twice)
        rt_free_texts(v->word, v->n);
    else
        list->n++;
    if (v->data >= 0 && twice) scan_fail(s, "a field stands twice");
}

static int check_vocab(const nnrt *m, const char *path, const Vocab *v)
{
    const Json *block = rt_block(m, v->data), *field = rt_field(m, v->data, v->field);
    int64_t bound = json_int(field, "bound", 0);
    if (bound > 0 && v->n > bound)
        return rt_fail(NNRT_E_SHAPE, "%s: %s.%s has %d texts there, but is int<%lld> in this program", path, json_text(block, "name", "?"),
                       json_text(field, "name", "?"), v->n, (long long)bound);
    return NNRT_OK;
}

static int read_vocabs(const nnrt *m, const char *path, const char *text, Vocabs *list)
{
    char *copy = text ? strdup(text) : NULL;
    if (!text) return NNRT_OK;
    if (!copy) return rt_no_memory_for(path);
    Scan s = {.at = copy, .end = copy + strlen(copy)};
    for (int64_t i = 0; scan_item(&s, '[', ']', i); i++) {
        if (!rt_more(&list->at, list->n, sizeof *list->at)) {
            scan_fail(&s, json_no_memory);
            break;
        }
        list->at[list->n] = (Vocab){.data = -1};
        scan_vocab(m, &s, &list->at[list->n]);
        keep_vocab(&s, list);
    }
    scan_end(&s);
    free(copy);
    if (s.error) return rt_fail(json_code(s.error, NNRT_E_IO), "%s: damaged vocabularies: %s", path, s.error);
    int code = NNRT_OK;
    for (int i = 0; i < list->n && !code; i++)
        code = check_vocab(m, path, &list->at[i]);
    return code;
}

static int take_vocabs(nnrt *m, Vocabs *list)
{
    int code = NNRT_OK;
    for (int i = 0; i < list->n && !code; i++) {
        Vocab *v = &list->at[i];
        code = rt_add_vocab(m, v->data, v->field, v->word, v->n);
        if (!code) *v = (Vocab){.data = -1};
    }
    return code;
}

int weights_start(nnrt *m, uint64_t seed)
{
    Vocabs list = {0};
    int code = m->program->core->init(m->program, m->model, seed);
    if (!code) code = read_vocabs(m, m->program->name, m->program->vocabularies, &list);
    if (!code) code = take_vocabs(m, &list);
    free_vocabs(&list);
    return code;
}

nnrt *nnrt_new(const nnrt_program *program, uint64_t seed)
{
    nnrt *m = rt_new(program);
    if (!m) return NULL;
    m->seed = seed;
    if (!rt_blank_model(m) && !weights_start(m, seed)) return m;
    nnrt_free(m);
    return NULL;
}

/* ---- where a run stands */

/* A whole number among the notes: `otherwise` if there is none, an error beyond lo..hi. */
static int note_int(const Safetensors *f, const char *key, int64_t lo, int64_t hi, int64_t otherwise, int64_t *out)
{
    const char *text = safetensors_note(f, key);
    *out = otherwise;
    if (!text) return NNRT_OK;
    int64_t v = 0;
    const char *c = text;
    bool bad = !*c;
    for (; *c && !bad; c++)
        bad = *c < '0' || *c > '9' || __builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *c - '0', &v);
    if (bad || v < lo || v > hi)
        return rt_fail(NNRT_E_RANGE, "%s: \"%s\" is \"%s\", but must be a number from %lld to %lld", f->path, key, text, (long long)lo,
                       (long long)hi);
    *out = v;
    return NNRT_OK;
}

static int note_seed(const Safetensors *f, uint64_t *out)
{
    const char *text = safetensors_note(f, "seed");
    *out = 0;
    for (const char *c = text ? text : ""; *c; c++)
        if (*c < '0' || *c > '9' || __builtin_mul_overflow(*out, 10, out) || __builtin_add_overflow(*out, (uint64_t)(*c - '0'), out))
            return rt_fail(NNRT_E_RANGE, "%s: \"seed\" is \"%s\", but must be a number from 0 to %llu", f->path, text,
                           (unsigned long long)UINT64_MAX);
    return NNRT_OK;
}

static int note_best(const Safetensors *f, Progress *p)
{
    const char *text = safetensors_note(f, "best");
    char *end = NULL;
    if (!text) return NNRT_OK;
    p->best = number_read(text, &end);
    p->has_best = true;
    if (!*text || *end || p->best - p->best != 0)
        return rt_fail(NNRT_E_RANGE, "%s: \"best\" is \"%s\", but must be a finite number", f->path, text);
    return NNRT_OK;
}

/* An epoch has at least one update, so it is no later than the step. */
static int read_progress(const nnrt *m, const Safetensors *f, Progress *p)
{
    const char *entry = safetensors_note(f, "entry");
    *p = (Progress){.entry = entry ? rt_find_entry(m, entry, "train") : -1, .valid = entry != NULL};
    if (!entry) return NNRT_OK;
    int code = note_int(f, "step", 0, MOST_STEP, 0, &p->step);
    if (!code) code = note_int(f, "epoch", 0, p->step, 0, &p->epoch);
    if (!code) code = note_int(f, "batch", 0, MOST_STEP, 0, &p->batch);
    if (!code) code = note_int(f, "stale", 0, p->step, 0, &p->stale);
    if (!code) code = note_int(f, "unchecked", 0, 1, 0, &p->unchecked);
    if (!code) code = note_int(f, "steps", 0, MOST_STEP, 0, &p->steps);
    if (!code) code = note_seed(f, &p->seed);
    return code ? code : note_best(f, p);
}

static bool trains(const nnrt_program *p)
{
    for (int i = 0; i < p->n_entries; i++)
        if (p->entry[i] && p->entry[i]->kind == NNRT_TRAIN_ENTRY) return true;
    return false;
}

/* Everything of the program fits, but the file is of another one, or of an earlier version. (A new version with the same tensors is
 * what one works on, and a program that does not train has its weights from one that does.) */
static void remark_origin(const nnrt *m, const Safetensors *f)
{
    const char *name = safetensors_note(f, "program"), *hash = safetensors_note(f, "hash");
    char mine[20];
    snprintf(mine, sizeof mine, "%016llx", (unsigned long long)m->program->hash);
    if (!f->by_nnc || !name || !hash) return;
    bool same = strcmp(hash, mine) == 0, named = strcmp(name, m->program->name) == 0;
    if (same && !named && trains(m->program))
        rt_remark(m, "%s was saved by %s, which has the same tensors", f->path, name);
    else if (!same && !named)
        rt_remark(m, "%s was saved by %s, whose tensors are not all the same; those of this program fit", f->path, name);
    else if (!same)
        rt_remark(m, "%s was saved by another version of %s, with other tensors; those of this one fit", f->path, name);
}

/* Can the run of this entry go on from the file? */
static int check_run(const nnrt *m, const Safetensors *f, int entry)
{
    const char *of = safetensors_note(f, "entry"), *name = m->program->entry[entry]->name;
    if (of && strcmp(of, name) == 0) return NNRT_OK;
    return rt_fail(NNRT_E_ABI, "%s is a checkpoint of %s, so %s cannot go on from it; --load takes its weights", f->path,
                   of ? of : "no run", name);
}

/* ---- loading */

static int take_file(nnrt *m, const Safetensors *f, WeightMap *map, bool partial, int entry, const Items *items, Vocabs *vocabs, Use *use)
{
    Progress progress = {0};
    int code = entry < 0 ? NNRT_OK : check_run(m, f, entry);
    if (!code) code = check_items(m, f, map, items, partial, use);
    if (!code && entry >= 0) code = check_slots(m, f, items, use, entry);
    if (!code && entry >= 0) code = check_optimizers(m, f, entry);
    if (!code) code = read_vocabs(m, f->path, safetensors_note(f, "vocabularies"), vocabs);
    if (!code) code = read_progress(m, f, &progress);
    if (!code) code = read_items(f, items, use, false);
    /* Nothing was changed so far, and all of it is known to be right. */
    if (!code) code = read_items(f, items, use, true);
    if (!code) code = take_vocabs(m, vocabs);
    if (!code) m->progress = progress;
    if (!code && !partial && weight_map_is_plain(map)) remark_origin(m, f);
    return code;
}

static int load_from(nnrt *m, const Safetensors *f, WeightMap *map, bool partial, int entry)
{
    Items items = {0};
    Vocabs vocabs = {0};
    if (json_get(m->manifest, "int8"))
        return rt_fail(RT_USAGE, "this program has its weights inside, as integers (--int8), and takes no others");
    int code = items_collect(m, entry, &items);
    Use *use = code ? NULL : rt_alloc(sizeof *use * ((size_t)items.n + 1));
    if (!code && !use) code = NNRT_E_MEM;
    if (!code) code = take_file(m, f, map, partial, entry, &items, &vocabs, use);
    for (int i = 0; use && i < items.n; i++)
        origin_free(&use[i].origin);
    rt_free(use);
    items_free(&items);
    free_vocabs(&vocabs);
    return code;
}

int weights_run(const char *path, char **out)
{
    Safetensors f;
    int code = safetensors_open(&f, path);
    const char *text = code ? NULL : safetensors_note(&f, "run");
    *out = text ? strdup(text) : NULL;
    if (text && !*out) code = rt_no_memory();
    safetensors_close(&f);
    return code;
}

int weights_load_mapped(nnrt *m, const char *path, bool partial, const char *rules, const char *layout)
{
    Safetensors f;
    WeightMap map;
    int code = weight_map_open(&map, m, rules, layout);
    if (code) return weight_map_free(&map), code;
    code = safetensors_open(&f, path);
    if (!code && f.by_nnc) map.torch = false; /* its tensors lie as they do here */
    map.averages = !m->ema;
    if (!code) code = load_from(m, &f, &map, partial, -1);
    safetensors_close(&f);
    weight_map_free(&map);
    return code;
}

int weights_load(nnrt *m, const char *path, bool partial, int entry)
{
    Safetensors f;
    WeightMap map = {.m = m, .averages = entry < 0 && !m->ema};
    int code = safetensors_open(&f, path);
    if (!code) code = load_from(m, &f, &map, partial, entry);
    safetensors_close(&f);
    return code;
}

int nnrt_load(nnrt *m, const char *path)
{
    return rt_public(weights_load(m, path, false, -1));
}
