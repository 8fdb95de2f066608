/* SPDX-License-Identifier: MIT
 * weight_map.h: where a tensor of the program stands in a file that names or lays it out in another way: rules of the user (`map`)
 * and the layout of another tool.
 *
 * A rule is `HERE = THERE`, both a tensor or what the names of several begin with, whole words between dots; `*` stands for one
 * word, the same on both sides. Of those that match, the longest counts. For a tensor may follow: `+ OTHER`, which is added;
 * `as D E F`, the shape that its numbers are to be read as; `axes I J K`, which of those axes each axis here is; `part I of N` of
 * the axis that is the last one here. Rules stand apart by commas or lines; `#` begins a comment. */
#ifndef NNRT_MODEL_WEIGHT_MAP_H
#define NNRT_MODEL_WEIGHT_MAP_H

#include "model/items.h"
#include "model/safetensors.h"

typedef struct Origin { /* of one tensor */
    char *name, *plus;  /* in the file; plus: what is added to it, or NULL */
    int rank;           /* of what the file has to hold: */
    int64_t dim[8];
    int axis[8];        /* axis k here is axis[k] there */
    bool views;         /* dim divides axes of the file's shape */
    int64_t part, parts;
    const char *unsure; /* NULL, or why the layout cannot be known */
} Origin;

typedef struct Rule Rule;
typedef struct WeightMap {
    const nnrt *m;
    char from[RT_PATH]; /* for messages */
    bool is_file, torch, averages; /* averages: of the weights are preferred, where the file has them */
    char *text;
    Rule *rule;
    int n;
} WeightMap;

/* rules: as above, or the name of a file of them that ends in ".map"; layout: "torch". Both NULL or "": names and axes are the
 * program's. Free it after an error too. */
int weight_map_open(WeightMap *map, const nnrt *m, const char *rules, const char *layout);
void weight_map_free(WeightMap *map);
bool weight_map_is_plain(const WeightMap *map); /* without rules and layout */
int weight_map_find(WeightMap *map, const Safetensors *f, const Item *it, Origin *out);
int weight_map_check(const WeightMap *map); /* behind the last find: each rule is about something */
void origin_free(Origin *origin);

#endif
