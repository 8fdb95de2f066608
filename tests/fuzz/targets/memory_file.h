/* SPDX-License-Identifier: MIT
 * memory_file.h: the input as a file that has a name but lies in memory. */
#ifndef FUZZ_MEMORY_FILE_H
#define FUZZ_MEMORY_FILE_H

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "target.h"

#define MEMORY_FILE "/proc/self/fd/200"

/* The same file each time, with these contents; its name. */
static inline const char *memory_file(const void *bytes, size_t n)
{
    static int fd = -1;
    if (fd < 0) fd = dup2(memfd_create("input", MFD_CLOEXEC), 200);
    CHECK(fd == 200 && pwrite(fd, bytes, n, 0) == (ssize_t)n && ftruncate(fd, (off_t)n) == 0, "no file in memory");
    return MEMORY_FILE;
}

#endif
