/* SPDX-License-Identifier: MIT
 * cache.c: --cache, of programs whose data are files that could be read again: how much of them stays in memory. */
#include <string.h>

#include "base/amount.h"
#include "command/command.h"

/* Readers that use what data/share.h gives. */
static bool is_shared(const Json *reader)
{
    static const char *const kinds[] = {"image_dir", "wav_dir", "npy", "idx", "raw", "bytes"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (json_is(reader, "kind", kinds[i])) return true;
    return false;
}

static bool reads_files(const nnrt *m)
{
    for (const Json *d = json_list(m->manifest, "data"); d; d = d->next)
        for (const Json *f = json_list(d, "fields"); f; f = f->next)
            for (const Json *r = json_list(f, "readers"); r; r = r->next)
                if (is_shared(r)) return true;
    return false;
}

static bool reads_data(const Cli *cli)
{
    if (cli->verb) return cli->verb->model != NO_MODEL && strcmp(cli->verb->name, "export") != 0;
    return cli->program->entry[cli->entry]->kind != NNRT_EXPORT_ENTRY;
}

void cache_flag(Cli *cli)
{
    if (!reads_data(cli) || !reads_files(cli->m) || flags_find(&cli->flags, "cache")) return;
    Flag *flag =
        flags_add(&cli->flags, "cache", FLAG_VALUE, "SIZE", "arrays, decoded pictures and sounds that stay in memory, as 500MB; 0: none");
    flag_otherwise(flag, "a quarter of the memory");
}

int cache_take(Cli *cli)
{
    const Flag *flag = flags_find(&cli->flags, "cache");
    double bytes = 0;
    bool mine = flag && flag->what && strcmp(flag->what, "SIZE") == 0; /* not an option of the program */
    if (!mine || !flag->n) return NNRT_OK;
    const char *text = flag->value[flag->n - 1];
    if (!amount_read(text, &bytes)) return rt_fail(RT_USAGE, "--cache is `%s`, but must be " AMOUNT_EXPECTED ", or 0", text);
    cli->m->hold_most = bytes < 1 ? 1 : (size_t)bytes;
    return NNRT_OK;
}
