/* SPDX-License-Identifier: MIT
 * memory.c: files in memory (memory.h). */
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "base/base.h"

static bool make_room(Memory *m, size_t n)
{
    if (n < m->room - m->n) return true; /* one byte is kept for the 0 */
    if (n > SIZE_MAX / 4) return false;
    size_t room = m->room + n > 2 * m->room ? m->room + n + 1 : 2 * m->room;
    char *bigger = realloc(m->text, room);
    if (!bigger) return false;
    m->text = bigger;
    m->room = room;
    return true;
}

static ssize_t put(void *cookie, const char *bytes, size_t n)
{
    Memory *m = cookie;
    if (m->bad || !make_room(m, n)) {
        m->bad = true;
        return 0; /* an error for stdio */
    }
    memcpy(m->text + m->n, bytes, n);
    m->n += n;
    m->text[m->n] = 0;
    return (ssize_t)n;
}

/* For ftell. */
static int place(void *cookie, off64_t *offset, int from)
{
    const Memory *m = cookie;
    if (from != SEEK_CUR || *offset != 0) return -1;
    *offset = (off64_t)m->n;
    return 0;
}

bool memory_open(Memory *m)
{
    enum { FIRST = 256 };
    *m = (Memory){.room = FIRST};
    m->text = calloc(1, FIRST);
    if (m->text) m->f = fopencookie(m, "w", (cookie_io_functions_t){.write = put, .seek = place});
    m->bad = !m->f;
    return m->f != NULL;
}

int memory_close(Memory *m)
{
    if (m->f && (ferror(m->f) | fclose(m->f))) m->bad = true;
    m->f = NULL;
    if (!m->bad) return NNRT_OK;
    free(m->text);
    m->text = NULL;
    m->n = 0;
    return rt_no_memory();
}
