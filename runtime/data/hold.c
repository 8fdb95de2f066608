/* SPDX-License-Identifier: MIT
 * hold.c: which examples that are files stay in memory. */
#include "data/hold.h"

#include <string.h>

#include "base/limit.h"

/* A quarter of what the process may use, for all files of all data together, unless the user says how much. */
static size_t most_held(nnrt *m)
{
    if (!m->hold_most) m->hold_most = limit_memory() / 4;
    return m->hold_most;
}

static bool hold_more(nnrt *m, size_t bytes)
{
    if (m->held + bytes > most_held(m)) return false;
    m->held += bytes;
    return true;
}

void hold_end(nnrt *m, size_t held)
{
    m->held -= held;
}

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

int hold_files(nnrt *m, const FileKind *kind, void *state, char *const *path, int n, size_t *held)
{
    bool full = false;
    *held = 0;
    for (int i = 0; i < n; i++) {
        size_t bytes = 0;
        int code = full ? kind->look(state, i) : kind->take(state, i, &bytes);
        if (code) return wrong_file(&(Tried){kind, state, full ? 0 : most_held(m)}, code, path, n, i);
        if (full) continue;
        full = !hold_more(m, bytes);
        if (full)
            kind->drop(state, i);
        else
            *held += bytes;
    }
    return NNRT_OK;
}
