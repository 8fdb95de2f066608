/* SPDX-License-Identifier: MIT
 * options.c: the values of the program's options. */
#include "model/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dtype.h"
#include "model/manifest.h"

const char *option_text(const nnrt *m, const Json *o, const void *options, char number[40])
{
    const char *at = (const char *)options + json_int(o, "offset", 0), *text;
    if (json_is(o, "type", "string")) {
        memcpy(&text, at, sizeof text);
        return text ? text : "";
    }
    int dtype = rt_dtype_of(m, json_text(o, "type", "float"));
    double v = dtype_load(dtype, at, 0);
    if (dtype == NNRT_BOOL) return v != 0 ? "true" : "false";
    if (dtype != NNRT_I32) return dtype_text(dtype, v, 1, number, 40);
    snprintf(number, 40, "%.0f", v);
    return number;
}

bool option_store(nnrt *m, const Json *o, double v)
{
    return dtype_store(rt_dtype_of(m, json_text(o, "type", "float")), (char *)m->options + json_int(o, "offset", 0), 0, v);
}

int option_set_text(nnrt *m, int option, const char *text)
{
    const Json *o = json_at(json_get(m->manifest, "options"), option);
    char *copy = strdup(text);
    if (!copy) return rt_no_memory();
    free(m->string[option]);
    m->string[option] = copy;
    memcpy((char *)m->options + json_int(o, "offset", 0), &m->string[option], sizeof(char *));
    return NNRT_OK;
}

int rt_join(const nnrt *m, const Json *pieces, char out[RT_PATH])
{
    const Json *options = json_get(m->manifest, "options");
    char number[40];
    size_t n = 0;
    out[0] = 0;
    for (const Json *p = json_first(pieces); p; p = p->next) {
        const char *text =
            p->kind == JSON_STRING ? p->text : option_text(m, json_at(options, (int)json_int(p, "option", 0)), m->options, number);
        n += strlen(text);
        rt_append(out, RT_PATH, "%s", text);
    }
    return n < RT_PATH ? NNRT_OK : rt_fail_system(ENAMETOOLONG, "%.60s...", out);
}
