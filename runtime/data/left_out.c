/* SPDX-License-Identifier: MIT
 * left_out.c: files that no pattern names. A file counts if its ending is that of a picture (a sound), in capitals too, and no
 * pattern of this folder in the block has this ending: `*_mask.png` leaves out other PNG files on purpose. */
#include "data/left_out.h"

#include <fnmatch.h>
#include <string.h>
#include <strings.h>

#include "data/folder.h"

static bool among(const char *const *list, const char *ending)
{
    for (int i = 0; list[i]; i++)
        if (strcasecmp(list[i], ending) == 0) return true;
    return false;
}

/* Is there a pattern with this ending, among some that stand apart by `|`? */
static bool has_ending(const char *glob, const char *ending)
{
    char pattern[64];
    for (const char *at = glob; *at;) {
        size_t n = strcspn(at, "|");
        const char *dot = memrchr(at, '.', n), *from = dot ? dot + 1 : at;
        snprintf(pattern, sizeof pattern, "%.*s", (int)(at + n - from), from);
        if (fnmatch(pattern, ending, 0) == 0) return true;
        at += n + (at[n] == '|');
    }
    return false;
}

/* A reader of the same kind takes files with this ending out of the same folder. */
static bool is_taken(const Spec *spec, const char *ending, const char *otherwise)
{
    for (const Json *f = json_list(spec->block, "fields"); f; f = f->next)
        for (const Json *r = json_list(f, "readers"); r; r = r->next) {
            Spec other = {.reader = r};
            if (!json_is(r, "kind", json_text(spec->reader, "kind", "")) || !spec_reads_same(spec, r)) continue;
            if (has_ending(spec_string(&other, "glob", otherwise), ending)) return true;
        }
    return false;
}

int left_out_tell(const Spec *spec, const Kinds *kinds, const char *glob, int code)
{
    char **path = NULL, text[1200] = "";
    const char *example = NULL, *ending = "";
    int n = 0, found = 0;
    if (code != NNRT_OK && code != NNRT_E_IO) return code;
    char before[1200];
    snprintf(before, sizeof before, "%s", code ? nnrt_error_text() : "");
    bool whole = folder_list(spec->path, "*", &path, &n) == NNRT_OK;
    for (int i = 0; i < n && whole; i++) {
        const char *dot = strrchr(path[i], '.');
        if (!dot || (!among(kinds->read, dot + 1) && !among(kinds->others, dot + 1))) continue;
        if (is_taken(spec, dot + 1, kinds->read[0]) || found++) continue;
        example = path[i], ending = dot + 1;
    }
    if (found) snprintf(text, sizeof text, "%s are left out, %d in all, such as %s: ", kinds->noun, found, example);
    if (found && among(kinds->read, ending))
        rt_append(text, sizeof text, "glob=\"%s|*.%s\" would take them", glob, ending);
    else if (found)
        rt_append(text, sizeof text, "%s files are read only", kinds->formats);
    rt_free_texts(path, n);
    if (code) return rt_fail(code, "%s%s%s", before, found ? "; " : "", text);
    if (found) rt_remark(spec->m, "%s: %s", spec->path, text);
    return NNRT_OK;
}
