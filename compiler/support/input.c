/* SPDX-License-Identifier: MIT
 * input.c: files as a whole. */
#include "support/input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "support/budget.h"

const char *input_read(Text *out, const char *path)
{
    char buffer[1 << 16];
    bool standard = strcmp(path, "-") == 0;
    FILE *f = standard ? stdin : fopen(path, "rb");
    for (size_t n; f && (n = fread(buffer, 1, sizeof buffer, f)) > 0;)
        text_bytes(out, buffer, n);
    if (!f && errno == ENOMEM) budget_no_memory();
    const char *wrong = !f || ferror(f) ? arena_print(out->arena, "%s: cannot read: %s", path, strerror(errno)) : NULL;
    if (f && !standard) fclose(f);
    return wrong;
}
