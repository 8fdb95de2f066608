/* SPDX-License-Identifier: MIT
 * request.h: what can be asked of an open text. Answers are made in jobs (job.h). */
#ifndef NNC_LSP_REQUEST_H
#define NNC_LSP_REQUEST_H

#include <jansson.h>

#include "lsp/documents.h"

typedef struct Request {
    Arena *arena;
    const Documents *documents;
    const Document *document;
    const json_t *params;
} Request;

uint32_t request_offset(const Request *r); /* of params.position */

/* Each the `result` of its method; never NULL. */
json_t *hover_answer(const Request *r);      /* textDocument/hover */
json_t *definition_answer(const Request *r); /* textDocument/definition */
json_t *symbols_answer(const Request *r);    /* textDocument/documentSymbol */
json_t *layout_answer(const Request *r);     /* textDocument/formatting */
json_t *actions_answer(const Request *r);    /* textDocument/codeAction */
json_t *completion_answer(const Request *r); /* textDocument/completion */

/* [[address, [Diagnostic ...]], ...]: the text's own first, then those of files that it imports. */
json_t *diagnostics_answer(const Request *r);

#endif
