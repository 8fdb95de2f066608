/* SPDX-License-Identifier: MIT
 * limit.c: limits of memory. */
#include "base/limit.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static void lower(size_t *most, uint64_t limit)
{
    if (limit < *most) *most = (size_t)limit;
}

/* A file of the control group with a number, or "max". */
static void lower_by_file(size_t *most, const char *path)
{
    unsigned long long limit = 0;
    FILE *f = fopen(path, "r");
    if (!f) return;
    if (fscanf(f, "%llu", &limit) == 1) lower(most, limit);
    fclose(f);
}

static void lower_by_rule(size_t *most, int resource)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) lower(most, limit.rlim_cur);
}

size_t limit_memory(void)
{
    size_t most = SIZE_MAX;
    long pages = sysconf(_SC_PHYS_PAGES), bytes = sysconf(_SC_PAGESIZE);
    if (pages > 0 && bytes > 0) lower(&most, (uint64_t)pages * (uint64_t)bytes);
    lower_by_file(&most, "/sys/fs/cgroup/memory.max");
    lower_by_file(&most, "/sys/fs/cgroup/memory/memory.limit_in_bytes");
    lower_by_rule(&most, RLIMIT_AS);
    lower_by_rule(&most, RLIMIT_DATA);
    return most;
}
