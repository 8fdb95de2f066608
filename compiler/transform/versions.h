/* SPDX-License-Identifier: MIT
 * versions.h: parameter versions that a `minimize` has replaced, inside transform/.
 *
 * An `update` writes in place, so what is computed after it may not read an old version or a view of
 * one (E0508). */
#ifndef NNC_TRANSFORM_VERSIONS_H
#define NNC_TRANSFORM_VERSIONS_H

#include "transform/vjp.h"

typedef struct OldVersion {
    uint32_t param;    /* index into graph->param */
    uint32_t replaced; /* loc of the minimize that replaced it */
} OldVersion;

typedef struct OldVersions {
    Arena *arena;
    bool *stale;     /* by node: an old version, or a view of one */
    uint32_t *which; /* by node, if stale: index into old */
    uint32_t n;      /* nodes that are known */
    VEC(OldVersion) old;
} OldVersions;

/* For the nodes that g has now. */
OldVersions versions_begin(Arena *arena, const Graph *g);
void versions_add(OldVersions *v, Ref ref, uint32_t param, uint32_t replaced);
/* Views of old versions are stale too. */
void versions_spread(OldVersions *v, const Graph *g);
/* E0508 if one of the nodes from `first` on that the roots need reads a stale one; scans that ad has
 * made to save values belong to the forward part. `what` begins the message. */
void versions_check(Pass *p, const OldVersions *v, const Autodiff *ad, Ref first, const Ref *roots, uint32_t n, uint32_t loc,
                    const char *what);

Span version_span(const Graph *g, uint32_t loc);
/* Has this been said about this place already, by sema or for another combination of conditions? */
bool version_said(const Diags *d, const char *code, Span at);

#endif
