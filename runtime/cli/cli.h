/* SPDX-License-Identifier: MIT
 * cli.h: the command line of a compiled program (language.md 7.2). */
#ifndef NNRT_CLI_CLI_H
#define NNRT_CLI_CLI_H

#include "format/format.h"
#include "run/run.h"

/* Exit statuses. */
enum {
    EXIT_OK,
    EXIT_INPUT = 1,
    EXIT_USAGE = 2,
    EXIT_FILE = 3,
    EXIT_NUMERIC = 4,
    EXIT_MEMORY = 5,
    EXIT_INTERNAL = 70
};
int exit_status(int code); /* of a code */

enum { FLAG_MOST_VALUES = 16, FLAG_MOST = 128 };
typedef enum {
    FLAG_VALUE, /* not an empty one */
    FLAG_TEXT,  /* any, also an empty one */
    FLAG_SWITCH,
    FLAG_OPTIONAL
} FlagKind; /* OPTIONAL: --resume or --resume=FILE; alone it is "auto" */
typedef struct Flag {
    const char *name, *what, *help; /* --name WHAT  help */
    FlagKind kind;
    const char *value[FLAG_MOST_VALUES];
    int n;
} Flag;
typedef struct Flags {
    Flag at[FLAG_MOST];
    int n;
    const char *word[FLAG_MOST_VALUES]; /* arguments without -- */
    int n_words;
} Flags;

/* flags.c */
Flag *flags_add(Flags *flags, const char *name, FlagKind kind, const char *what, const char *help);
Flag *flags_find(Flags *flags, const char *name);        /* `-` and `_` are the same */
const char *flags_value(Flags *flags, const char *name); /* last value, or NULL */
bool flags_has(Flags *flags, const char *name);
int flags_parse(Flags *flags, int argc, char **argv); /* NNRT_OK, or an error text */
/* Unchanged if not given. */
int flags_int(Flags *flags, const char *name, int64_t least, int64_t most, int64_t *out);
int flags_threads(Flags *flags, int *out); /* --threads N */
void threads_note(const char *program, int threads); /* if there are not as many processors */
int flags_number(Flags *flags, const char *name, double *out);
int flags_bool(Flags *flags, const char *name, bool *out);
void flags_help(const Flags *flags, FILE *f);
const char *closest_name(const char *word, const char *const *names,
                         int n); /* NULL: none is close */

typedef struct Cli {
    const nnrt_program *program;
    const nnrt_reader *const *readers;
    const nnrt_format *const *formats;
    nnrt *m;
    Flags flags;
    int entry; /* of the command, or -1 */
    bool json;
} Cli;

/* cli.c */
int cli_options(Cli *cli);               /* flags of the program's options -> m->options */
int cli_load(Cli *cli, bool needed);     /* --load, or the file that save= names */
int cli_vocabularies(Cli *cli);          /* of the file that save= names, if it is there and no --load is given */
int cli_settings(Cli *cli, Settings *s); /* head and flags of a run */
bool parse_number(const char *text, double *out);

/* export.c */
void export_flags(Cli *cli);
void export_notes(const Cli *cli); /* below the flags in --help */
int export_run(Cli *cli);
int64_t dims_value(const nnrt *m, int entry, const Json *dim,
                   const int64_t *sizes); /* -1: a size in it is not known */

/* inspect.c */
int inspect_info(Cli *cli);
int inspect_summary(Cli *cli);
int inspect_graph(Cli *cli);
int inspect_data(Cli *cli);

/* check.c */
int check_gradients(Cli *cli);
int bench_entry(Cli *cli);

#endif
