/* SPDX-License-Identifier: MIT
 * cli.c: what commands begin with. */
#include "cli/cli.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "model/manifest.h"
#include "model/options.h"
#include "model/weights_load.h"
#include "run/settings.h"

/* ---- options */

static int set_option(Cli *cli, const Json *o, int index)
{
    const char *name = json_text(o, "name", "?"), *text = flags_value(&cli->flags, name);
    int64_t whole = 0;
    bool truth = false;
    double v = 0;
    if (!text) return NNRT_OK;
    cli->m->option_given[index] = true;
    if (json_is(o, "type", "string")) return option_set_text(cli->m, index, text);
    int code = json_is(o, "type", "int")    ? flags_int(&cli->flags, name, INT32_MIN, INT32_MAX, &whole)
               : json_is(o, "type", "bool") ? flags_bool(&cli->flags, name, &truth)
                                            : flags_number(&cli->flags, name, &v);
    if (code || option_store(cli->m, o, v + (double)whole + truth)) return code; /* two of them are 0 */
    return rt_fail(RT_USAGE, "--%s %s: this number is too large", name, text);
}

int cli_options(Cli *cli)
{
    int code = NNRT_OK, i = 0;
    for (const Json *o = json_list(cli->m->manifest, "options"); o && !code; o = o->next)
        code = set_option(cli, o, i++);
    return code;
}

/* How many files the `save=` of train blocks name; path: one of them, if need be one that is there. */
static int default_checkpoints(Cli *cli, char path[RT_PATH])
{
    int found = 0;
    for (int i = 0; i < cli->program->n_entries; i++) {
        Settings s;
        if (!rt_entry(cli->m, i) || cli->program->entry[i]->kind != NNRT_TRAIN_ENTRY) continue;
        if (settings_from_head(cli->m, i, &s) || !s.save[0] || (found && strcmp(path, s.save) == 0)) continue;
        if (!found || access(path, R_OK) != 0) snprintf(path, RT_PATH, "%s", s.save);
        found++;
    }
    return found;
}

int cli_start_values(Cli *cli, uint64_t seed)
{
    return weights_start(cli->m, seed);
}

void flag_otherwise_json(Flag *f, const Json *value)
{
    if (!value) return;
    if (value->kind == JSON_NUMBER) flag_otherwise(f, "%.9g", value->number);
    if (value->kind == JSON_BOOL) flag_otherwise(f, value->number != 0 ? "yes" : "no");
    if (value->kind == JSON_STRING) flag_otherwise(f, "%s", value->text);
}

void cli_load_flags(Flags *f, const char *help)
{
    flags_add(f, "load", FLAG_VALUE, "FILE", help);
    flags_add(f, "map", FLAG_VALUE, "RULES", "HERE = THERE, ... or FILE.map: names in a file of another tool");
    flags_add(f, "layout", FLAG_VALUE, "torch", "... and its axes are those of PyTorch");
    flags_add(f, "list_weights", FLAG_SWITCH, "", "all weights that do not fit, not the first ones");
}

static int needs_load(void)
{
    return rt_fail(RT_USAGE, "--load FILE is needed: the program does not name one checkpoint");
}

int cli_load(Cli *cli, bool needed)
{
    char path[RT_PATH];
    const char *given = flags_value(&cli->flags, "load");
    if (given) return weights_load_mapped(cli->m, given, false, flags_value(&cli->flags, "map"), flags_value(&cli->flags, "layout"));
    if (flags_has(&cli->flags, "map") || flags_has(&cli->flags, "layout"))
        return rt_fail(RT_USAGE, "--map and --layout are of the file of --load FILE, which is not given");
    if (!needed || cli->program->n_tensors == 0 || cli->program->weights) return cli_start_values(cli, 0);
    if (default_checkpoints(cli, path) != 1) return needs_load();
    if (access(path, R_OK) != 0) return rt_fail_system(errno, "no weights: train first, or give --load FILE; %s", path);
    return weights_load(cli->m, path, false, -1);
}

int cli_vocabularies(Cli *cli)
{
    char path[RT_PATH];
    if (cli->program->weights) return flags_value(&cli->flags, "load") ? NNRT_OK : cli_start_values(cli, 0);
    int named = flags_value(&cli->flags, "load") ? 0 : default_checkpoints(cli, path);
    if (named == 0 || access(path, R_OK) != 0) return NNRT_OK;
    if (named > 1) return needs_load();
    return weights_load(cli->m, path, false, -1);
}
