/* SPDX-License-Identifier: MIT
 * server.h: `nnc lsp`, a server of the language server protocol (docs/tools.md).
 *
 *   wire         messages with their lengths              documents    the open texts
 *   job          answers are made in processes of their own
 *   analysis     the compiler's check of a text           diagnostic, position, uri, library    how its results are told
 *   diagnostics  hover  definition  symbols  layout  actions  completion     what can be asked: a file each */
#ifndef NNC_LSP_SERVER_H
#define NNC_LSP_SERVER_H

int server_run(int in, int out, const char *version); /* until the editor ends it; the exit status */

#endif
