/* SPDX-License-Identifier: MIT
 * manifest.h: what the manifest says (docs/manifest.md). */
#ifndef NNRT_MODEL_MANIFEST_H
#define NNRT_MODEL_MANIFEST_H

#include "model/model.h"

const Json *rt_entry(const nnrt *m, int entry);
const Json *rt_block(const nnrt *m, int data);            /* manifest of a data block; NULL: none */
const Json *rt_field(const nnrt *m, int data, int field); /* and of its field */
int rt_find_entry(const nnrt *m, const char *name, const char *kind); /* -1; kind NULL: any that is not derived */
const char *rt_type_text(const Json *value, char *out, size_t n);       /* "float[B, 28, 28, 1]" */
int64_t rt_parameters(const nnrt *m); /* their elements, of those in integers of 8 bits, too */
int rt_dtype_of(const nnrt *m, const char *elem);                     /* NNRT_... of "float", "int", ... */

#endif
