/* SPDX-License-Identifier: MIT
 * cache.c: --cache, of programs whose data are files of folders: how much of them stays decoded in memory. */
#include <string.h>

#include "base/number.h"
#include "command/command.h"

static bool reads_folders(const nnrt *m)
{
    for (const Json *d = json_list(m->manifest, "data"); d; d = d->next)
        for (const Json *f = json_list(d, "fields"); f; f = f->next)
            for (const Json *r = json_list(f, "readers"); r; r = r->next)
                if (json_is(r, "kind", "image_dir") || json_is(r, "kind", "wav_dir")) return true;
    return false;
}

static bool reads_data(const Cli *cli)
{
    if (cli->verb) return cli->verb->model != NO_MODEL && strcmp(cli->verb->name, "export") != 0;
    return cli->program->entry[cli->entry]->kind != NNRT_EXPORT_ENTRY;
}

void cache_flag(Cli *cli)
{
    if (!reads_data(cli) || !reads_folders(cli->m) || flags_find(&cli->flags, "cache")) return;
    Flag *flag = flags_add(&cli->flags, "cache", FLAG_VALUE, "SIZE", "pictures and sounds that stay decoded in memory, as 500MB; 0: none");
    flag_otherwise(flag, "a quarter of the memory");
}

static bool size_of(const char *text, double *bytes)
{
    static const struct {
        const char *name;
        double bytes;
    } units[] = {{"", 1}, {"B", 1}, {"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}};
    char *unit;
    if (*text < '0' || *text > '9') return false;
    double n = number_read(text, &unit);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(unit, units[i].name) == 0) return *bytes = n * units[i].bytes, *bytes < 1e18;
    return false;
}

int cache_take(Cli *cli)
{
    const Flag *flag = flags_find(&cli->flags, "cache");
    double bytes = 0;
    bool mine = flag && flag->what && strcmp(flag->what, "SIZE") == 0; /* not an option of the program */
    if (!mine || !flag->n) return NNRT_OK;
    const char *text = flag->value[flag->n - 1];
    if (!size_of(text, &bytes)) return rt_fail(RT_USAGE, "--cache needs a size as 500MB or 2GB, not \"%s\"", text);
    cli->m->hold_most = bytes < 1 ? 1 : (size_t)bytes;
    return NNRT_OK;
}
