/* SPDX-License-Identifier: MIT
 * arg.c: what all arguments of an export share. */
#include "export/arg.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/dtype.h"
#include "base/number.h"
#include "format/table.h"
#include "model/manifest.h"

int export_rank(const Arg *a)
{
    const Json *dims = json_get(a->json, "dims");
    return dims ? dims->n : 0;
}

const Json *export_dim(const Arg *a, int i)
{
    return json_at(json_get(a->json, "dims"), i);
}

/* The first field with sounds; its reader is NULL if there is none. */
static Spec sounds_of(const Export *x)
{
    for (const Json *b = json_list(x->m->manifest, "data"); b; b = b->next)
        for (const Json *f = json_list(b, "fields"); f; f = f->next) {
            Spec spec = {.reader = json_at(json_get(f, "readers"), 0)};
            if (spec.reader && json_is(spec.reader, "kind", "wav_dir")) return spec;
        }
    return (Spec){0};
}

int export_rate(const Export *x)
{
    Spec spec = sounds_of(x);
    return spec.reader ? (int)spec_int(&spec, "rate", 0) : 0;
}

bool export_resamples(const Export *x)
{
    Spec spec = sounds_of(x);
    return spec.reader && spec_bool(&spec, "resample", false);
}

bool export_is_file(const char *value)
{
    struct stat st;
    char packed[4200];
    snprintf(packed, sizeof packed, "%s.gz", value);
    return strcmp(value, "-") == 0 || stat(value, &st) == 0 || stat(packed, &st) == 0;
}

bool export_is_table(const char *value)
{
    return format_ends_in(value, ".csv") || format_ends_in(value, ".csv.gz");
}

int export_not_finite(const Export *x, const Arg *a, const char *text)
{
    char *end = NULL, wrong[96];
    text += strspn(text, " ");
    double v = number_read(text, &end);
    int n = (int)(end - text);
    if (!isdigit((unsigned char)text[strspn(text, "+-.")]))
        return rt_fail(RT_USAGE, "--%s needs finite numbers, not \"%.*s\"", a->name, n, text);
    int dtype = rt_dtype_of(x->m, json_text(a->json, "elem", "float"));
    return rt_fail(NNRT_E_RANGE, "--%s: %.*s is %s", a->name, n, text, dtype_wrong(dtype, v, wrong, sizeof wrong));
}

int export_no_file(const Arg *a, const char *value, const char *otherwise)
{
    return rt_fail_system(ENOENT, "--%s is %s; \"%s\" is neither of them", a->name, otherwise, value);
}
