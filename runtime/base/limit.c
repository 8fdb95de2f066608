/* SPDX-License-Identifier: MIT
 * limit.c: limits of memory. */
#include "base/limit.h"

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

const char *limit_text(char text[LIMIT_TEXT], uint64_t bytes)
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
    double v = (double)bytes;
    int unit = 0;
    for (; v >= 1000 && unit < 4; unit++)
        v /= 1000;
    snprintf(text, LIMIT_TEXT, v < 10 && unit ? "%.1f %s" : "%.0f %s", v, units[unit]);
    return text;
}
