/* SPDX-License-Identifier: MIT
 * analysis.h: the compiler's check of an open text. In a job: the compiler may end the process. */
#ifndef NNC_LSP_ANALYSIS_H
#define NNC_LSP_ANALYSIS_H

#include "lsp/diagnostic.h"
#include "lsp/documents.h"
#include "sema/base/options.h"

typedef struct Analysis {
    Arena *arena;
    const Documents *documents;
    const Document *document;
    void (*meant)(struct Analysis *a, const SemaMeaning *meaning); /* NULL: not asked for */
    void (*done)(struct Analysis *a, const Diags *diags);          /* the texts of meanings live until it returns */
    void *user;
} Analysis;

void analysis_run(Analysis *a);
/* The address of a file that was read; NULL: it is one of the library and cannot be shown. `user` is the Analysis. */
const char *analysis_uri(void *user, Arena *arena, const SourceFile *file);

/* What the layers of models cost: [{"path", "out", "params", "flops"}]; NULL: the program is not right. */
json_t *analysis_costs(const Analysis *a);
/* The text in canonical layout, or NULL. */
const char *analysis_layout(const Analysis *a);

#endif
