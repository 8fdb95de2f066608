/* SPDX-License-Identifier: MIT
 * show.h: what the `print`s of a program show, as lines of text. */
#ifndef NNRT_MODEL_SHOW_H
#define NNRT_MODEL_SHOW_H

#include "model/model.h"

/* Those in a condition over step and epoch are asked for by the program itself. */
typedef enum { SHOW_NONE, SHOW_CONDITIONAL, SHOW_ALL } ShowLevel;

typedef struct Show { /* of the calls that are made now */
    ShowLevel level;
    void (*line)(void *user, const char *text);
    void *user;
    char when[96]; /* "step 100", or "" */
} Show;

typedef struct Showing { /* a call that shows: `watch.host` is its host */
    nnrt_watch watch;
    const nnrt *m;
    int entry;
    const int64_t *sizes;
    const Show *show;
    bool lost; /* a line, for want of memory */
} Showing;

/* False: nothing of this call is to be shown. host: whose threads work, or NULL. */
bool show_begin(Showing *s, const nnrt *m, int entry, const int64_t *sizes, const nnrt_host *host);

/* Where an assert or print stands: "net.nn:12: ", if `when` is not empty "step 100: ", and perhaps the layer, "net.body: ". */
void show_place(const Json *probe, const char *when, char *out, size_t n);
/* Its shape in this call; returns the rank. */
int show_shape(const nnrt *m, int entry, const Json *probe, const int64_t *sizes, int64_t dim[8]);

#endif
