/* SPDX-License-Identifier: MIT
 * line.c: which command the words of a command line name. Flags may stand in front of it: what they take as values is known only with
 * the command, so each word that names one is tried with its flags, and is it unless a flag in front takes it. */
#include <string.h>

#include "command/command.h"
#include "model/manifest.h"

static bool is_word(const char *word)
{
    return word[0] != '-' || !word[1] || strchr("0123456789.", word[1]);
}

/* The first word, from `from` on, that no flag takes. */
static int free_word(Cli *cli, int argc, char **argv, int from)
{
    for (int i = from; i < argc; i++)
        if (is_word(argv[i]) && !flags_take(&cli->flags, argv, i)) return i;
    return -1;
}

static bool has(int argc, char **argv, const char *word)
{
    for (int i = 0; i < argc; i++)
        if (strcmp(argv[i], word) == 0) return true;
    return false;
}

static bool wants_help(int argc, char **argv)
{
    return has(argc, argv, "--help") || has(argc, argv, "-h");
}

static int no_command(Cli *cli, int argc, char **argv, int taken)
{
    if (argc == 0) {
        command_choose(cli, "help");
        command_help(cli);
        return rt_fail(RT_USAGE, "a command is needed");
    }
    if (wants_help(argc, argv)) return command_choose(cli, "help"), NNRT_OK;
    if (has(argc, argv, "--version")) return command_choose(cli, "version"), NNRT_OK;
    if (taken >= 0)
        return rt_fail(RT_USAGE, "a command is needed: %s is the value of %s here; put the command in front", argv[taken], argv[taken - 1]);
    for (int sure = 1; sure >= 0; sure--) /* then words that may be values */
        for (int i = 0; i < argc; i++)
            if (is_word(argv[i]) && (sure ? i == 0 || is_word(argv[i - 1]) : !strchr("-.0123456789", argv[i][0])))
                return unknown_name(cli, "command", argv[i]);
    return rt_fail(RT_USAGE, "a command is needed; `help` lists them");
}

int line_command(Cli *cli, int argc, char **argv, int *place)
{
    int taken = -1;
    for (int i = 0; i < argc; i++) {
        if (!is_word(argv[i]) || !command_choose(cli, argv[i])) continue;
        *place = i;
        if (!flags_take(&cli->flags, argv, i)) return NNRT_OK;
        taken = i;
    }
    *place = -1;
    return no_command(cli, argc, argv, taken);
}

/* The entry point that a word behind the verb names; its place, or -1. */
static int find_entry(Cli *cli, int argc, char **argv, int verb)
{
    for (int i = verb + 1; i < argc; i++) {
        if (!is_word(argv[i]) || !command_set_entry(cli, argv[i])) continue;
        command_flags(cli);
        if (!flags_take(&cli->flags, argv, i)) return i;
    }
    command_set_entry(cli, NULL);
    command_flags(cli);
    return -1;
}

/* The free word behind the verb, or -1. The value of a flag that there is not would be taken for one, so those are errors first; sizes of
 * exports are flags, too, so they are flags that no entry point has. */
static int odd_word(Cli *cli, int argc, char **argv, int verb, int *place)
{
    int code = flags_known(&cli->flags, argc, argv);
    for (int i = 0; i < cli->program->n_entries && code; i++) {
        if (!command_set_entry(cli, cli->program->entry[i]->name)) continue;
        command_flags(cli);
        code = flags_known(&cli->flags, argc, argv);
    }
    *place = free_word(cli, argc, argv, verb + 1);
    command_set_entry(cli, NULL);
    command_flags(cli);
    return code ? flags_known(&cli->flags, argc, argv) : NNRT_OK;
}

static int pick_entry(Cli *cli, int argc, char **argv, int verb, int *place)
{
    const Verb *v = cli->verb;
    if (!v || v->need == NEEDS_NOTHING) return NNRT_OK;
    *place = find_entry(cli, argc, argv, verb);
    if (*place >= 0 || wants_help(argc, argv)) return NNRT_OK;
    if (v->kind && cli->entry < 0) return rt_fail(RT_USAGE, "this program has no %s block", v->kind);
    int other, code = odd_word(cli, argc, argv, verb, &other);
    if (code) return code;
    if (other >= 0) return unknown_name(cli, v->kind ? v->kind : "entry point", argv[other]);
    return v->need == NEEDS_ENTRY ? rt_fail(RT_USAGE, "%s needs the name of an entry point", v->name) : NNRT_OK;
}

/* One of the words is taken out of a list of n. */
static void take_out(char **argv, int *n, int place)
{
    if (place < 0) return;
    memmove(argv + place, argv + place + 1, (size_t)(*n - place - 1) * sizeof *argv);
    argv[--*n] = NULL;
}

int line_read(Cli *cli, int argc, char **argv)
{
    int verb = -1, entry = -1;
    int code = line_command(cli, argc, argv, &verb);
    if (!code) code = command_is_there(cli);
    if (!code && verb >= 0) code = pick_entry(cli, argc, argv, verb, &entry);
    if (code) return code;
    take_out(argv, &argc, entry); /* the word behind the verb first */
    take_out(argv, &argc, verb);
    if (verb < 0) return NNRT_OK; /* --help, --version alone */
    return flags_parse(&cli->flags, argc, argv);
}
