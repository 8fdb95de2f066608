/* SPDX-License-Identifier: MIT
 * weight_map.c: rules and layouts (weight_map.h): names are translated from the outermost layer to the tensor. */
#include "model/weight_map.h"

#include <stdlib.h>
#include <string.h>

#include "base/shape.h"
#include "base/store.h"
#include "model/manifest.h"

enum { MOST_NAME = 2000, MOST_STARS = 8, MOST_RANK = 8 };

struct Rule {
    char *here, *there, *plus; /* in the text of the map; plus may be NULL */
    int line;
    int n_dim, n_axes; /* 0: not given */
    int64_t dim[MOST_RANK], axis[MOST_RANK], part, parts;
    bool used; /* by some tensor */
};

/* ---- names */

typedef struct Stars { /* what the wildcards of a pattern stand for */
    const char *at[MOST_STARS];
    size_t n[MOST_STARS];
    int count;
} Stars;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* How much of the name the pattern is, to the end of a word; -1: it does not match. */
static long match(const char *pattern, const char *name, Stars *stars)
{
    const char *at = name;
    stars->count = 0;
    for (; *pattern; pattern++) {
        bool any = *pattern == '*', digits = *pattern == '#';
        if (!any && !digits) {
            if (*at++ != *pattern) return -1;
            continue;
        }
        size_t n = 0;
        while (at[n] && (digits ? is_digit(at[n]) : at[n] != '.'))
            n++;
        if (n == 0 || stars->count == MOST_STARS) return -1;
        stars->at[stars->count] = at, stars->n[stars->count++] = n;
        at += n;
    }
    return *at && *at != '.' ? -1 : (long)(at - name);
}

/* Adds the pattern, with the wildcards filled in, as further words. */
static void add_name(char *out, const char *pattern, const Stars *stars)
{
    int star = 0;
    if (*out && *pattern) rt_append(out, MOST_NAME, ".");
    for (; *pattern; pattern++) {
        bool wild = (*pattern == '*' || *pattern == '#') && star < stars->count;
        if (wild)
            rt_append(out, MOST_NAME, "%.*s", (int)stars->n[star], stars->at[star]);
        else
            rt_append(out, MOST_NAME, "%c", *pattern);
        star += wild;
    }
}

static void add_word(char *out, const char *word, size_t n)
{
    rt_append(out, MOST_NAME, "%s%.*s", *out ? "." : "", (int)n, word);
}

/* ---- the layout of PyTorch */

/* Of the manifest's "torch". */
typedef struct Row {
    const char *layer, *here, *there, *plus, *axes;
    int64_t part, parts;
} Row;

static const char *row_text(const Json *row, int i)
{
    const Json *item = json_at(row, i);
    return item && item->text ? item->text : "";
}

static int64_t row_number(const Json *row, int i)
{
    const Json *item = json_at(row, i);
    return item ? item->integer : 0;
}

static Row row_of(const Json *row)
{
    return (Row){row_text(row, 0), row_text(row, 1),   row_text(row, 2),  row_text(row, 3),
                 row_text(row, 4), row_number(row, 5), row_number(row, 6)};
}

/* The library's layer whose path is the first n bytes of a name. */
static const Json *find_module(const WeightMap *map, const char *name, size_t n)
{
    for (const Json *module = json_list(map->m->manifest, "modules"); module; module = module->next) {
        const char *path = json_text(module, "path", "");
        if (strncmp(path, name, n) == 0 && path[n] == 0) return module;
    }
    return NULL;
}

/* False: there is none for what follows the module's path. *length: how much of that it is. */
static bool find_row(const WeightMap *map, const Json *module, const char *rest, Row *out, Stars *stars, long *length)
{
    *length = -1;
    for (const Json *item = json_list(map->m->manifest, "torch"); item; item = item->next) {
        Row row = row_of(item);
        Stars found;
        if (!json_is(module, "layer", row.layer)) continue;
        long n = match(row.here, rest, &found);
        if (n <= *length) continue;
        *out = row, *stars = found, *length = n;
    }
    return *length >= 0;
}

/* A Dense behind a flattened picture: there channels stood first. Of other layers, and where nobody knows, it is not sure. */
static void take_flat(const Json *module, const Row *row, const Item *it, Origin *o)
{
    const Json *flat = json_get(module, "flat");
    bool dense = json_is(module, "layer", "Dense");
    if (!flat || (dense && strcmp(row->here, "w"))) return;
    if (!dense || json_at(flat, 0)->integer == 0 || flat->n > MOST_RANK - 1) {
        o->unsure = "its input is flattened, and the order of the numbers before is not known; say it in a map, with `as` and `axes`";
        return;
    }
    int n = flat->n;
    o->rank = n + 1;
    o->views = true;
    o->dim[0] = it->dim[1], o->dim[1] = json_at(flat, n - 1)->integer;
    for (int i = 0; i + 1 < n; i++) {
        o->dim[i + 2] = json_at(flat, i)->integer;
        o->axis[i] = i + 2;
    }
    o->axis[n - 1] = 1, o->axis[n] = 0;
}

/* Shape, part and sum of a tensor that the table has. */
static void take_row(const Row *row, const Item *it, Origin *o)
{
    if ((int)strlen(row->axes) != it->rank) return;
    o->rank = it->rank;
    for (int i = 0; i < it->rank; i++) {
        o->axis[i] = row->axes[i] - '0';
        o->dim[o->axis[i]] = it->dim[i];
    }
    o->part = row->part, o->parts = row->parts;
}

/* What the words of the name from `at` on are called there; the words before are called as `out` says. */
static void translate(const WeightMap *map, const Item *it, const char *name, size_t at, char *out, char *plus, Origin *o)
{
    while (name[at]) {
        Stars stars = {0};
        long n = -1;
        Row row = {0};
        const Json *module = map->torch && at > 0 ? find_module(map, name, at - 1) : NULL;
        bool known = module && find_row(map, module, name + at, &row, &stars, &n);
        if (known && *row.plus) {
            snprintf(plus, MOST_NAME, "%s", out);
            add_name(plus, row.plus, &stars);
        }
        if (known) {
            add_name(out, row.there, &stars);
        } else {
            n = (long)strcspn(name + at, ".");
            add_word(out, name + at, (size_t)n);
        }
        if (known && *row.axes) {
            take_row(&row, it, o);
            take_flat(module, &row, it, o);
        }
        at += (size_t)n;
        at += name[at] == '.';
    }
}

/* ---- rules */

static int wrong_rule(const WeightMap *map, int line, const char *what, const char *word)
{
    char place[32] = "";
    if (map->is_file) snprintf(place, sizeof place, ":%d", line);
    return rt_fail(map->is_file ? NNRT_E_IO : RT_USAGE, "map %s%s: %s%s", map->from, place, what, word);
}

static char *next_word(char **at)
{
    char *word = *at + strspn(*at, " \t\r");
    size_t n = strcspn(word, " \t\r");
    *at = word + n;
    if (**at) *(*at)++ = 0;
    return n ? word : NULL;
}

static bool take_number(const char *word, int64_t *out)
{
    char *end = NULL;
    if (!is_digit(*word)) return false;
    *out = strtoll(word, &end, 10);
    return !*end && *out < INT32_MAX;
}

/* Numbers up to the next word that is none, which is returned. */
static char *take_numbers(char **at, int64_t *list, int *n)
{
    char *word;
    int64_t v;
    for (*n = 0; (word = next_word(at)) && take_number(word, &v);)
        if (*n < MOST_RANK) list[(*n)++] = v;
    return word;
}

static bool are_axes(const Rule *r)
{
    int seen = 0;
    for (int i = 0; i < r->n_axes; i++)
        seen |= r->axis[i] < r->n_axes ? 1 << r->axis[i] : 0;
    return r->n_axes && seen == (1 << r->n_axes) - 1 && (!r->n_dim || r->n_dim == r->n_axes);
}

static int count_stars(const char *text)
{
    int n = 0;
    for (; text && *text; text++)
        n += *text == '*';
    return n;
}

/* Behind the name there: + OTHER, as, axes, part. */
static int take_details(const WeightMap *map, Rule *r, char *at)
{
    char *word = next_word(&at);
    while (word) {
        char *next = NULL;
        if (strcmp(word, "+") == 0) {
            if (!(r->plus = next_word(&at))) return wrong_rule(map, r->line, "a name has to follow behind +", "");
            next = next_word(&at);
        } else if (strcmp(word, "as") == 0) {
            next = take_numbers(&at, r->dim, &r->n_dim);
            int64_t count;
            if (!r->n_dim || !shape_count(r->n_dim, r->dim, &count) || count < 1)
                return wrong_rule(map, r->line, "`as` needs sizes, such as: as 10 512 7 7", "");
        } else if (strcmp(word, "axes") == 0) {
            next = take_numbers(&at, r->axis, &r->n_axes);
            if (!r->n_axes) return wrong_rule(map, r->line, "axes are the numbers from 0 on, each once, as many as the tensor has", "");
        } else if (strcmp(word, "part") == 0) {
            char *of = NULL, *part = next_word(&at);
            bool ok = part && take_number(part, &r->part) && (of = next_word(&at)) && strcmp(of, "of") == 0 && (part = next_word(&at)) &&
                      take_number(part, &r->parts) && r->part < r->parts;
            if (!ok) return wrong_rule(map, r->line, "a part is written `part 0 of 3`, from 0 on", "");
            next = next_word(&at);
        } else {
            return wrong_rule(map, r->line, "+, as, axes or part may follow a name, not ", word);
        }
        word = next;
    }
    if (r->n_axes && !are_axes(r))
        return wrong_rule(map, r->line, "axes are the numbers from 0 on, each once, as many as the tensor has", "");
    if (r->n_dim && !r->n_axes) return wrong_rule(map, r->line, "`as` needs `axes` too", "");
    return NNRT_OK;
}

static int add_rule(WeightMap *map, char *text, int line)
{
    char *equal = strchr(text, '='), *at = text, *end = text;
    Rule r = {.line = line, .parts = 1};
    if (!text[strspn(text, " \t\r")]) return NNRT_OK;
    if (!equal) return wrong_rule(map, line, "a rule is written HERE = THERE, not ", text);
    *equal = 0;
    r.here = next_word(&at);
    if (!r.here || next_word(&at)) return wrong_rule(map, line, "one name of the program stands in front of =", "");
    end = equal + 1;
    r.there = next_word(&end);
    if (!r.there) r.there = end; /* nothing */
    int code = take_details(map, &r, end);
    if (code) return code;
    if (count_stars(r.there) > count_stars(r.here) || count_stars(r.plus) > count_stars(r.here))
        return wrong_rule(map, line, "each * there stands for one here, but there are more in ", r.there);
    if (!rt_more(&map->rule, map->n, sizeof r)) return rt_no_memory();
    map->rule[map->n++] = r;
    return NNRT_OK;
}

static int read_rules(WeightMap *map)
{
    int code = NNRT_OK, line = 1;
    for (char *at = map->text; *at && !code;) {
        char *from = at;
        at += strcspn(at, "\n,#");
        char end = *at;
        *at = 0;
        code = add_rule(map, from, line);
        if (end == '#') { /* to the end of the line */
            at++;
            at += strcspn(at, "\n");
            end = *at;
        }
        line += end == '\n';
        at += end != 0;
    }
    return code;
}

int weight_map_open(WeightMap *map, const nnrt *m, const char *rules, const char *layout)
{
    size_t n = rules ? strlen(rules) : 0;
    *map = (WeightMap){.m = m, .is_file = n > 4 && strcmp(rules + n - 4, ".map") == 0};
    if (layout && *layout && strcmp(layout, "torch") && strcmp(layout, "none"))
        return rt_fail(RT_USAGE, "--layout is torch or none, not \"%s\"", layout);
    map->torch = layout && strcmp(layout, "torch") == 0;
    if (!n || strcmp(rules, "none") == 0) return NNRT_OK;
    int code = rt_path(map->from, map->is_file ? "%s" : "\"%s\"", rules);
    if (code) return code;
    int bad = map->is_file ? store_text(rules, true, &map->text, &n) : 0;
    if (bad) return rt_fail_system(bad, "%s: cannot read", rules);
    if (!map->is_file) map->text = strdup(rules);
    if (!map->text) return rt_no_memory();
    if (strlen(map->text) != n) code = wrong_rule(map, 1, "a 0 byte: this is no text", "");
    return code ? code : read_rules(map);
}

void weight_map_free(WeightMap *map)
{
    free(map->rule);
    free(map->text);
    *map = (WeightMap){0};
}

bool weight_map_is_plain(const WeightMap *map)
{
    return map->n == 0 && !map->torch;
}

int weight_map_check(const WeightMap *map)
{
    for (int i = 0; i < map->n; i++)
        if (!map->rule[i].used)
            return wrong_rule(map, map->rule[i].line, "no tensor of this program is, or begins with, ", map->rule[i].here);
    return NNRT_OK;
}

/* ---- one tensor */

/* Names may be written without the model's where there is only one. */
static size_t model_length(const WeightMap *map, const char *name)
{
    const Json *models = json_get(map->m->manifest, "models");
    const char *model = json_text(json_first(models), "name", "");
    size_t n = strlen(model);
    return models && models->n == 1 && strncmp(name, model, n) == 0 && name[n] == '.' ? n + 1 : 0;
}

/* The longest rule for a name, and where it ends in it. */
static const Rule *find_rule(WeightMap *map, const char *name, size_t model, Stars *stars, size_t *end)
{
    const Rule *best = NULL;
    *end = 0;
    for (int i = 0; i < map->n; i++) {
        Stars found;
        size_t from = 0;
        long n = match(map->rule[i].here, name, &found);
        if (n < 0) n = match(map->rule[i].here, name + (from = model), &found);
        if (n < 0) continue;
        map->rule[i].used = true;
        if (from + (size_t)n <= *end) continue;
        best = &map->rule[i], *stars = found, *end = from + (size_t)n;
    }
    return best;
}

/* What a rule says of a whole tensor comes before what the layout does. */
static int take_rule(const WeightMap *map, const Rule *r, const Item *it, Origin *o)
{
    if (r->n_axes && r->n_axes != it->rank && !r->n_dim)
        return wrong_rule(map, r->line, "there are as many axes as the tensor has here, which is not so for ", it->name);
    o->part = r->part, o->parts = r->parts;
    if (!r->n_axes) return NNRT_OK;
    o->unsure = NULL;
    o->views = r->n_dim > 0;
    o->rank = r->n_axes;
    for (int i = 0; i < r->n_axes; i++) {
        o->axis[i] = (int)r->axis[i];
        o->dim[o->axis[i]] = r->n_dim ? r->dim[o->axis[i]] : it->dim[i];
    }
    return NNRT_OK;
}

/* Without the model's name, if only that is in the file; of another tool's file a message names that too. */
static const char *without_model(const WeightMap *map, const Safetensors *f, const char *name, size_t model)
{
    if (!model || f->by_nnc || safetensors_find(f, name)) return name;
    return map->torch || safetensors_find(f, name + model) ? name + model : name;
}

/* Evaluations and exports take the averaged weights where a file has them. */
static int set_name(const WeightMap *map, const Safetensors *f, const char *name, char **out)
{
    char *average = NULL;
    if (map->averages && f->by_nnc && asprintf(&average, "ema.%s", name) < 0) return rt_no_memory();
    bool there = average && safetensors_find(f, average);
    *out = there ? average : strdup(name);
    if (!there) free(average);
    return *out ? NNRT_OK : rt_no_memory();
}

int weight_map_find(WeightMap *map, const Safetensors *f, const Item *it, Origin *o)
{
    char out[MOST_NAME], plus[MOST_NAME], unused[2][MOST_NAME];
    const char *name = it->optional && strncmp(it->name, "ema.", 4) == 0 ? it->name + 4 : it->name;
    *out = *plus = *unused[0] = *unused[1] = 0;
    *o = (Origin){.rank = it->rank, .parts = 1};
    for (int i = 0; i < it->rank; i++)
        o->dim[i] = it->dim[i], o->axis[i] = i;
    Stars stars = {0};
    size_t end = 0, model = model_length(map, name);
    const Rule *rule = find_rule(map, name, model, &stars, &end);
    bool whole = rule && !name[end];
    if (rule) add_name(out, rule->there, &stars);
    if (whole && !*out) return wrong_rule(map, rule->line, "no name behind = for ", it->name);
    if (rule && !whole && (rule->n_axes || rule->parts != 1 || rule->plus))
        return wrong_rule(map, rule->line, "+, as, axes and part are for a tensor, but more than one begins with ", rule->here);
    translate(map, it, name, whole ? 0 : end + (rule != NULL), whole ? unused[0] : out, whole ? unused[1] : plus, o);
    int code = whole ? take_rule(map, rule, it, o) : NNRT_OK;
    if (whole && rule->plus) add_name(plus, rule->plus, &stars);
    if (rule) model = 0;
    if (!code) code = name == it->name ? set_name(map, f, without_model(map, f, out, model), &o->name) : NNRT_OK;
    if (!code && name != it->name && asprintf(&o->name, "ema.%s", out) < 0) code = rt_no_memory();
    if (!code && *plus && !(o->plus = strdup(without_model(map, f, plus, model)))) code = rt_no_memory();
    return code;
}

void origin_free(Origin *o)
{
    free(o->name);
    free(o->plus);
    *o = (Origin){0};
}
