/* SPDX-License-Identifier: MIT
 * inject.h: what the injector and the library in the program share. */
#ifndef INJECT_H
#define INJECT_H

#include <stdint.h>

typedef struct Page {
    uint64_t calls, fails_at;
} Page;
enum { LOADED = -424242 }; /* the file that is closed when the program is loaded */

#endif
