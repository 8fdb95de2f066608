/* SPDX-License-Identifier: MIT
 * diag.h: errors and warnings about the user's program.
 *
 * A message is collected, then printed by diag_render (messages.md):
 *
 *   vit.nn:9:9: error E0305: shapes [B, D] and [B] do not align: D against B
 *       9 |     y = x - mean(x, axis=1)
 *         |         ^   ^^^^^^^^^^^^^^^ float[B]
 *         |         float[B, D]
 *      operators align from the right
 *      help: keep the axis: mean(x, axis=1, keep=true)
 *
 *   Diag *d = diag_error(diags, "E0305", span, "shapes %s and %s do not align", ...);
 *   diag_label(d, span, "float[B, D]");   diag_note(d, "operators align from the right");
 *   diag_help(d, "keep the axis: ...");
 *
 * Builders never return NULL; beyond MAX_ERRORS they are counted but not shown. */
#ifndef NNC_SUPPORT_DIAG_H
#define NNC_SUPPORT_DIAG_H

#include "support/source.h"
#include "support/str.h"

enum { MAX_ERRORS = 20, MAX_KEPT = 500 };

/* A line below the source excerpt. With a span it shows that source line (the trail). */
typedef enum { DIAG_LABEL, DIAG_NOTE, DIAG_TRAIL, DIAG_HELP } DiagPartKind;
typedef struct DiagPart {
    DiagPartKind kind;
    Span span;
    const char *text;
    const char *edit; /* of a help: what could stand at `span` instead, for editors; NULL: it is only told */
} DiagPart;

typedef struct Diags Diags;
typedef struct Diag {
    Diags *owner;
    const char *code; /* "E0304", "W0510" */
    bool warning;
    Span span;
    const char *text;
    const char *mistake; /* what is wrong, whoever says it; NULL: `text` */
    VEC(DiagPart) parts;
} Diag;

struct Diags {
    Arena *arena;
    Sources *sources;
    VEC(Diag *) list; /* in the order found */
    int n_errors, n_warnings;
    int muted; /* > 0: messages are counted in n_muted but not kept (speculative checks) */
    int n_muted;
};

#define DIAG_PRINTF(a, b) __attribute__((format(printf, a, b)))
Diag *diag_error(Diags *diags, const char *code, Span at, const char *format, ...) DIAG_PRINTF(4, 5);
Diag *diag_warning(Diags *diags, const char *code, Span at, const char *format, ...) DIAG_PRINTF(4, 5);
/* Text beside carets under `at` (the first span gets carets anyway; a label there may be ""). */
void diag_label(Diag *diag, Span at, const char *format, ...) DIAG_PRINTF(3, 4);
void diag_note(Diag *diag, const char *format, ...) DIAG_PRINTF(2, 3);
/* A source line of the trail: "   17 |   Conv2d(1, 6, kernel=5, pad=2)    float[B, 28, 28, 6]". */
void diag_trail(Diag *diag, Span at, const char *format, ...) DIAG_PRINTF(3, 4);
void diag_help(Diag *diag, const char *format, ...) DIAG_PRINTF(2, 3);
/* The help that was added last can be carried out: what stands at `at` becomes this text (both may be empty). */
void diag_edit(Diag *diag, Span at, const char *format, ...) DIAG_PRINTF(3, 4);

/* Other errors that give the same text are the same mistake: classes that neither a loss nor a metric takes. */
void diag_mistake(Diag *diag, const char *format, ...) DIAG_PRINTF(2, 3);

/* Errors that say the same of several places (a name that nothing has) become one, which names the other lines. */
void diag_merge(Diags *diags);
/* All messages as text (plain or with colour), errors and warnings in the order of their place. */
void diag_render(const Diags *diags, Text *out, bool colour);
/* The messages in that order, at most MAX_ERRORS errors and as many warnings; *n of them. */
Diag *const *diag_shown(const Diags *diags, uint32_t *n);
/* Text of a source or the name of a file, with nothing in it that could steer a terminal. */
void diag_clean(Text *out, const char *text);
/* Is this the code of a warning that a comment may silence (support/allow.h)? */
bool diag_can_be_allowed(const char *code);
/* Documentation of a code for `nnc --explain`, or NULL. Kept in support/explain.def. */
const char *diag_explain(const char *code);

#endif
