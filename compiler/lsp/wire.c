/* SPDX-License-Identifier: MIT
 * wire.c: messages between an editor and the server. */
#include "lsp/wire.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* More bytes into the empty buffer; false: there are none. */
static bool fill(Wire *w)
{
    ssize_t got;
    do
        got = read(w->in, w->buffer, sizeof w->buffer);
    while (got < 0 && errno == EINTR);
    w->at = 0;
    w->n = got > 0 ? (size_t)got : 0;
    return got > 0;
}

/* A line without its end; what does not fit is dropped. */
static bool read_line(Wire *w, char *line, size_t size)
{
    for (size_t n = 0;; w->at++) {
        if (w->at == w->n && !fill(w)) return false;
        char c = w->buffer[w->at];
        if (c == '\n') {
            w->at++;
            line[n > 0 && line[n - 1] == '\r' ? n - 1 : n] = 0;
            return true;
        }
        if (n + 1 < size) line[n++] = c;
    }
}

static bool read_body(Wire *w, char *to, uint64_t n)
{
    while (n > 0) {
        if (w->at == w->n && !fill(w)) return false;
        uint64_t here = w->n - w->at < n ? w->n - w->at : n;
        if (to) memcpy(to, w->buffer + w->at, here), to += here;
        w->at += here;
        n -= here;
    }
    return true;
}

/* The digits behind "Content-Length:"; false: it is another line, or no number. */
static bool read_length(const char *line, uint64_t *length)
{
    static const char name[] = "Content-Length:";
    if (strncasecmp(line, name, sizeof name - 1) != 0) return false;
    line += sizeof name - 1;
    line += strspn(line, " \t");
    size_t digits = strspn(line, "0123456789");
    if (!digits || digits > 18 || line[digits + strspn(line + digits, " \t")]) return false;
    *length = 0;
    for (size_t i = 0; i < digits; i++)
        *length = 10 * *length + (uint64_t)(line[i] - '0');
    return true;
}

WireState wire_read(Wire *w, Arena *arena, const char **text, size_t *n)
{
    char line[256];
    bool any = false, known = false;
    uint64_t length = 0;
    for (;;) {
        if (!read_line(w, line, sizeof line)) return WIRE_END;
        if (!*line && !any) continue; /* between messages */
        if (!*line) break;
        any = true;
        known |= read_length(line, &length);
    }
    if (!known) return WIRE_BAD;
    if (length > WIRE_MOST) return read_body(w, NULL, length) ? WIRE_BAD : WIRE_END;
    char *body = arena_alloc(arena, length + 1);
    if (!read_body(w, body, length)) return WIRE_END;
    *text = body;
    *n = length;
    return WIRE_MESSAGE;
}

bool wire_waits(const Wire *w)
{
    struct pollfd in = {.fd = w->in, .events = POLLIN};
    return w->at < w->n || poll(&in, 1, 0) > 0;
}

static void write_all(Wire *w, const char *text, size_t n)
{
    while (n > 0 && !w->broken) {
        ssize_t put = write(w->out, text, n);
        if (put < 0 && errno == EINTR) continue;
        w->broken = put <= 0;
        if (put > 0) text += put, n -= (size_t)put;
    }
}

void wire_write(Wire *w, const char *text, size_t n)
{
    char header[64];
    int length = snprintf(header, sizeof header, "Content-Length: %zu\r\n\r\n", n);
    write_all(w, header, (size_t)length);
    write_all(w, text, n);
}
