/* SPDX-License-Identifier: MIT
 * verbs.c: the command that a name means, and its flags. */
#include <string.h>

#include "base/closest.h"
#include "command/command.h"
#include "export/export.h"
#include "model/manifest.h"

/* ---- names */

static bool left_out(const Verb *verb)
{
    return verb->tool && !verb->run;
}

int command_is_there(const Cli *cli)
{
    if (!cli->verb || !left_out(cli->verb)) return NNRT_OK;
    return rt_fail(RT_USAGE, "this program has no command %s: it was made by `nnc --lean`", cli->verb->name);
}

const char *command_name(const Cli *cli, int i)
{
    int at = 0;
    for (const Json *e = json_list(cli->m->manifest, "entries"); e; e = e->next)
        if (json_int(e, "derived_from", -1) < 0 && at++ == i) return json_text(e, "name", "?");
    const Verb *verb = cli->verbs;
    for (; *verb->name; verb++)
        if (!left_out(verb) && at++ == i) break;
    return *verb->name ? verb->name : NULL;
}

int unknown_name(const Cli *cli, const char *what, const char *word)
{
    enum { MOST = 256 };
    const char *names[MOST];
    int n = 0;
    while (n < MOST && (names[n] = command_name(cli, n)))
        n++;
    const char *close = closest_name(word, names, n);
    return rt_fail(RT_USAGE, "there is no %s %s%s%s%s", what, word, close ? "; did you mean " : "; `help` lists them", close ? close : "",
                   close ? "?" : "");
}

/* `eval fit`: the evaluation derived from a train block. */
static int derived_entry(const nnrt *m, const char *name)
{
    for (int i = 0; i < m->program->n_entries; i++)
        if (json_int(rt_entry(m, i), "derived_from", -1) >= 0 && json_is(rt_entry(m, i), "name", name)) return i;
    return -1;
}

bool command_set(Cli *cli, const char *word)
{
    cli->verb = NULL;
    cli->entry = rt_find_entry(cli->m, word, NULL); /* `completion`; the names of the others are taken */
    for (const Verb *verb = cli->verbs; *verb->name && cli->entry < 0; verb++)
        if (strcmp(verb->name, word) == 0) cli->verb = verb;
    return cli->verb || cli->entry >= 0;
}

bool command_set_entry(Cli *cli, const char *name)
{
    bool eval = cli->verb->kind && strcmp(cli->verb->kind, "eval") == 0;
    int first = rt_find_entry(cli->m, NULL, "train");
    cli->entry = name || cli->verb->kind ? rt_find_entry(cli->m, name, cli->verb->kind) : -1;
    if (cli->entry < 0 && eval && name) cli->entry = derived_entry(cli->m, name);
    if (cli->entry < 0 && eval && !name && first >= 0) cli->entry = derived_entry(cli->m, cli->program->entry[first]->name);
    return cli->entry >= 0;
}

/* ---- flags */

#pragma weak train_flags /* of programs with a train or an eval */

static void option_flags(Cli *cli)
{
    for (const Json *o = json_list(cli->m->manifest, "options"); o; o = o->next) {
        bool is_bool = json_is(o, "type", "bool");
        Flag *flag = flags_add(&cli->flags, json_text(o, "name", "?"), is_bool ? FLAG_SWITCH : FLAG_TEXT,
                               is_bool ? "" : json_text(o, "type", ""), json_text(o, "doc", ""));
        flag_otherwise_json(flag, json_get(o, "default"));
    }
}

void gradcheck_flags(Cli *cli)
{
    flag_otherwise(flags_add(&cli->flags, "batch", FLAG_VALUE, "N", "rows"), "%d", GRADCHECK_ROWS);
    flag_otherwise(flags_add(&cli->flags, "elements", FLAG_VALUE, "N", "of each tensor; 0: all"), "%d", GRADCHECK_EACH);
}

void command_flags(Cli *cli)
{
    Flags *f = &cli->flags;
    flags_free(f);
    option_flags(cli);
    flags_add(f, "json", FLAG_SWITCH, "", "output for programs");
    flags_add(f, "quiet", FLAG_SWITCH, "", "no progress");
    flags_add(f, "help", FLAG_SWITCH, "", "this text");
    int kind = cli->entry >= 0 ? cli->program->entry[cli->entry]->kind : -1;
    if (cli->verb && cli->verb->flags)
        cli->verb->flags(cli);
    else if (kind == NNRT_EXPORT_ENTRY)
        export_flags(cli);
    else if (kind >= 0)
        train_flags(cli, kind == NNRT_TRAIN_ENTRY);
    cache_flag(cli);
}

bool command_choose(Cli *cli, const char *word)
{
    if (!command_set(cli, word)) return false;
    if (cli->verb && cli->verb->need == MAY_ENTRY) command_set_entry(cli, NULL);
    command_flags(cli);
    return true;
}

/* ---- all of them */

const char *command_called(const Cli *cli)
{
    return cli->verb ? cli->verb->name : cli->program->entry[cli->entry]->name;
}

const char *command_tells(const Cli *cli)
{
    static const char *const kinds[] = {"train", "eval", "export"};
    return cli->verb ? cli->verb->help : kinds[cli->program->entry[cli->entry]->kind];
}

void command_each(Cli *cli, void (*visit)(Cli *cli, int i))
{
    const char *name;
    for (int i = 0; (name = command_name(cli, i)); i++) {
        command_choose(cli, name);
        visit(cli, i);
    }
}
