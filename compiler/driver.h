/* SPDX-License-Identifier: MIT
 * driver.h: one compilation, for nnc.c and files.c. */
#ifndef NNC_DRIVER_H
#define NNC_DRIVER_H

#include "nnc.h"
#include "support/allow.h"
#include "support/diag.h"
#include "support/dims.h"

typedef struct Nnc {
    const NncOptions *o;
    Arena arena, scratch;
    Strings strings;
    Sources sources;
    Diags diags;
    Dims *dims;
    const char *stem;   /* "iris" of "dir/iris.nn" */
    const char *prefix; /* of C symbols: that of --prefix, or what the stem becomes */
    double clock;
    int status;
    unsigned made_folders; /* package.c */
    bool stopped; /* --stop-after was reached */
    Looked looked;
} Nnc;

void driver_put(Nnc *cx, NncStream stream, const char *text);
int driver_fail(Nnc *cx, int status, const char *text); /* says so; the status */
void driver_messages(Nnc *cx);                          /* all that were collected */
void driver_stage_done(Nnc *cx, const char *stage);
double driver_now(void); /* seconds */
bool driver_shares(const Nnc *cx);   /* is a shared library made? */
bool driver_dumps(const Nnc *cx, const char *stage); /* is it asked for? */

#endif
