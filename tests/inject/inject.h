/* SPDX-License-Identifier: MIT
 * inject.h: what the injector and the library in the program share. */
#ifndef INJECT_H
#define INJECT_H

#include <stdint.h>

/* One allocation of a run fails; or, from allocation `forks_at` on (0: none), the program divides at each: in a copy of it, which stands
 * in `folder` and writes to `out`, the allocation fails; how that ended is in `status`, and a byte to TOLD waits for one from GO. */
typedef struct Page {
    uint64_t calls, fails_at, forks_at, at;
    int status;
    char folder[64], out[64];
} Page;
enum {
    LOADED = -424242, /* the file that is closed when the program is loaded */
    TOLD = 990,
    GO = 991
};

#endif
