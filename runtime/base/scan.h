/* SPDX-License-Identifier: MIT
 * scan.h: reads JSON of a known form from a text that it decodes in place: without a tree, the memory
 * is what the caller keeps. After an error everything reads as nothing, so that one check at the end
 * is enough.
 *
 *     for (int64_t i = 0; scan_item(&s, '[', ']', i); i++) use(scan_int(&s)); */
#ifndef NNRT_BASE_SCAN_H
#define NNRT_BASE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Scan {
    char *at, *end;    /* end is writable too */
    const char *error; /* NULL: all right so far */
} Scan;

bool scan_is(Scan *s, char c); /* is c the next character? */
/* Item i of a list or an object: takes the opening, `,`, or the closing character; false behind the
 * last one. */
bool scan_item(Scan *s, char open, char close, int64_t i);
char *scan_key(Scan *s);    /* "key": of an object; "" after an error */
char *scan_text(Scan *s);   /* a string; "" after an error */
int64_t scan_int(Scan *s);  /* an integer from 0 on */
void scan_skip(Scan *s);    /* any value, looked at no closer than its end needs */
void scan_end(Scan *s);     /* nothing but spaces follow */
void scan_fail(Scan *s, const char *error);

#endif
