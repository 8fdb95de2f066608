/* SPDX-License-Identifier: MIT
 * diagnostic.h: a message of the compiler as JSON (docs/tools.md). */
#ifndef NNC_LSP_DIAGNOSTIC_H
#define NNC_LSP_DIAGNOSTIC_H

#include <jansson.h>

#include "support/diag.h"

/* Where a file is to be found; `user` is the caller's. */
typedef struct DiagnosticPlaces {
    const char *(*uri_of)(void *user, Arena *arena, const SourceFile *file);
    void *user;
} DiagnosticPlaces;

/* range, severity, code, source, message, relatedInformation: a `Diagnostic` of the protocol. What has no place of its own is not in it. */
json_t *diagnostic_plain(const Diag *diag, const DiagnosticPlaces *places);
/* Of a note without a place, with that of the message: {"location", "message"}. */
json_t *diagnostic_related(const Diag *diag, const DiagPart *part, const DiagnosticPlaces *places);
/* {"message", "edit": {"range", "newText"}}, the edit where there is one. */
json_t *diagnostic_help(const Diag *diag, const DiagPart *help);
bool diagnostic_has_place(const Diag *diag, const DiagPart *part); /* another than that of the message */

#endif
