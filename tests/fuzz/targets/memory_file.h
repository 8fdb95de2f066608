/* SPDX-License-Identifier: MIT
 * memory_file.h: the input as a file that has a name but lies in memory. */
#ifndef FUZZ_MEMORY_FILE_H
#define FUZZ_MEMORY_FILE_H

#include <sys/mman.h>
#include <unistd.h>

#include "target.h"

/* The same file each time, with these contents; its name. */
static inline const char *memory_file(const void *bytes, size_t n)
{
    static int fd = -1;
    static char path[40];
    if (fd < 0) {
        fd = memfd_create("input", MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    CHECK(fd >= 0 && pwrite(fd, bytes, n, 0) == (ssize_t)n && ftruncate(fd, (off_t)n) == 0, "no file in memory");
    return path;
}

#endif
