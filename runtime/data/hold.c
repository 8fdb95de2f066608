/* SPDX-License-Identifier: MIT
 * hold.c: which examples that are files stay in memory. */
#include "data/hold.h"

#include <string.h>

#include "data/share.h"
#include "model/gang.h"

typedef struct Tried { /* files behind one that is wrong */
    const FileKind *kind;
    void *state;
    size_t room; /* bytes that may still be decoded to see whether they can be */
} Tried;

static int try_file(Tried *t, int i)
{
    size_t bytes = 0;
    if (!t->room) return t->kind->look(t->state, i);
    int code = t->kind->take(t->state, i, &bytes);
    t->kind->drop(t->state, i);
    t->room -= bytes < t->room ? bytes : t->room;
    return code;
}

static int wrong_file(Tried *t, int code, char *const *path, int n, int i)
{
    char first[1500];
    const char *example = NULL;
    int more = 0;
    if (code == NNRT_E_MEM) return code;
    snprintf(first, sizeof first, "%s", nnrt_error_text());
    for (int k = i + 1; k < n; k++) {
        int other = try_file(t, k);
        if (other == NNRT_E_MEM) return other;
        if (other && !more++) example = path[k];
    }
    if (!more) return rt_fail(code, "%s", first);
    return rt_fail(code, "%s; %d more of the %d files cannot be taken, such as %s", first, more, n, example);
}

/* ---- opening */

enum { MOST = 32 };
typedef struct Round { /* files that the threads of the model take at once, one each */
    const FileKind *kind;
    void *state;
    int first;
    bool full; /* they are looked at only */
    size_t bytes[MOST];
    int code[MOST];
} Round;

static void take_file(void *arg, int k)
{
    Round *r = arg;
    r->bytes[k] = 0;
    r->code[k] = r->full ? r->kind->look(r->state, r->first + k) : r->kind->take(r->state, r->first + k, &r->bytes[k]);
}

/* Of a file that was taken: does it stay? */
static void keep_file(nnrt *m, const Round *r, int k, bool *full, size_t *held)
{
    *full = *full || !share_take(m, r->bytes[k]);
    if (*full)
        r->kind->drop(r->state, r->first + k);
    else
        *held += r->bytes[k];
}

/* File k of the round is wrong; those behind it are tried from the start. */
static int wrong_round(const Round *r, int k, int taken, char *const *path, int n, size_t room)
{
    for (int other = k + 1; other < taken && !r->full; other++)
        r->kind->drop(r->state, r->first + other);
    return wrong_file(&(Tried){r->kind, r->state, r->full ? 0 : room}, r->code[k], path, n, r->first + k);
}

int hold_files(nnrt *m, const FileKind *kind, void *state, char *const *path, int n, size_t *held)
{
    const nnrt_host *host = pool_host(m->pool);
    int most = !host ? 1 : host->threads < MOST ? host->threads : MOST;
    bool full = false;
    *held = 0;
    for (Round r = {.kind = kind, .state = state}; r.first < n; r.first += most) {
        int taken = n - r.first < most ? n - r.first : most;
        r.full = full;
        if (taken > 1)
            host->gang(host->user, taken, take_file, &r);
        else
            take_file(&r, 0);
        for (int k = 0; k < taken; k++) {
            if (r.code[k]) take_file(&r, k); /* for the text, which belongs to a thread */
            if (r.code[k]) return wrong_round(&r, k, taken, path, n, share_most(m));
            if (!r.full) keep_file(m, &r, k, &full, held);
        }
    }
    return NNRT_OK;
}
