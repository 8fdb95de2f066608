/* SPDX-License-Identifier: MIT
 * javascript.h: what a module's functions (javascript.c) and their types (typescript.c) have in common. */
#ifndef NNC_EMIT_JAVASCRIPT_H
#define NNC_EMIT_JAVASCRIPT_H

#include "emit/emit.h"

typedef struct Script {
    Text t;
    Arena *arena;
    const EmitProgram *e;
    const EmitEntry *entry; /* the one being written, */
    const CoreEntry *core;  /* the same */
} Script;

/* A name of a parameter or a method: with `_` behind what means something else there. */
const char *script_word(Arena *arena, const char *name);
const char *script_kind(const Script *s, uint8_t elem);  /* of an element: "f32" of web/model.mjs */
const char *script_array(const Script *s, uint8_t elem); /* what holds such elements: "Float32Array" */
void script_each_entry(Script *s, void (*add)(Script *s));
bool script_is_export(const Script *s);
void script_comment(Script *s); /* with the entry's text in the program */
int64_t script_report_count(const Script *s, uint32_t i, int *rank); /* numbers of report i */

/* In which order the binders of an entry are found: `which` of its sizes from the length of argument `arg` (its axis is that size);
 * arg -1: from no argument, the caller has to say it. */
typedef struct ScriptSize {
    uint32_t which;
    int arg, axis;
} ScriptSize;
void script_sizes(const Script *s, ScriptSize found[CORE_MAX_SIZES]);
Dim script_product(Dims *dims, const CoreType *type, int without); /* of all sizes but one; -1: of all */

#endif
