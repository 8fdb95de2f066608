/* SPDX-License-Identifier: MIT
 * cli.h: what the commands of a compiled program share (running.md). */
#ifndef NNRT_CLI_CLI_H
#define NNRT_CLI_CLI_H

#include "cli/flags.h"
#include "data/reader.h"
#include "format/format.h"

typedef struct Cli {
    const nnrt_program *program;
    const nnrt_reader *const *readers;
    const nnrt_format *const *formats;
    nnrt *m;
    Flags flags;
    const struct Verb *verbs; /* all, up to one without a name */
    const struct Verb *verb;  /* of the command; NULL: it is an entry point */
    int entry;                /* of the command, or -1 */
    bool json;
    Json *config; /* the file of --config, or NULL */
} Cli;

int cli_options(Cli *cli);                        /* flags of the program's options -> m->options */
int cli_start_values(Cli *cli, uint64_t seed);    /* of the weights */
void flag_otherwise_json(Flag *f, const Json *value); /* a default of the manifest; none: NULL */
void cli_load_flags(Flags *f, const char *help);  /* --load, --map, --layout, --list-weights */
int cli_load(Cli *cli, bool needed);              /* --load, or the file that save= names */
int cli_vocabularies(Cli *cli); /* of the file that save= names, if it is there and no --load is given */

#endif
