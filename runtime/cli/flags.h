/* SPDX-License-Identifier: MIT
 * flags.h: the flags of a command: `--name value`, `--name=value`, switches and `--no-name`, from one table that also
 * gives the help text. */
#ifndef NNRT_CLI_FLAGS_H
#define NNRT_CLI_FLAGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { FLAG_MOST = 128 };
typedef enum {
    FLAG_VALUE, /* not an empty one */
    FLAG_TEXT,  /* any, also an empty one */
    FLAG_SWITCH,
    FLAG_OPTIONAL
} FlagKind; /* OPTIONAL: --resume or --resume=FILE; alone it is "auto" */
typedef struct Flag {
    const char *name, *what, *help; /* --name WHAT  help [otherwise] */
    char otherwise[96];             /* what holds where the flag is not given; "": the help says it */
    FlagKind kind;
    const char **value; /* all that were given */
    int n;
    const char *from; /* the file that gives its value; NULL: the command line */
    char number[40];  /* room for a value of that file */
    bool hidden;      /* only known, so that it is refused with a reason: help and completion have not */
} Flag;
typedef struct Flags {
    Flag at[FLAG_MOST];
    int n;
    const char **word; /* arguments without -- */
    int n_words;
} Flags;

Flag *flags_add(Flags *flags, const char *name, FlagKind kind, const char *what, const char *help);
Flag *flags_find(Flags *flags, const char *name); /* `-` and `_` are the same */
void flag_otherwise(Flag *flag, const char *format, ...) __attribute__((format(printf, 2, 3)));
int flag_give(Flag *flag, const char *value, const char *from);
const char *flags_value(Flags *flags, const char *name); /* last value, or NULL */
bool flags_has(Flags *flags, const char *name);
int flags_parse(Flags *flags, int argc, char **argv); /* behind `--` all are words */
int flags_known(Flags *flags, int argc, char **argv); /* or an error text: a word names a flag that there is not */
void flags_free(Flags *flags); /* there are none left */
bool flags_take(Flags *flags, char **argv, int n);    /* is argv[n] the value of a flag in front of it? */
/* Unchanged if not given. */
int flags_int(Flags *flags, const char *name, int64_t least, int64_t most, int64_t *out);
void flags_add_threads(Flags *flags, int otherwise);
int flags_threads(Flags *flags, int *out); /* --threads N */
void threads_note(const char *program, int threads); /* if there are not as many processors */
int flags_number(Flags *flags, const char *name, double *out);
int flags_bool(Flags *flags, const char *name, bool *out);
void flags_help(const Flags *flags, FILE *f);
bool parse_number(const char *text, double *out);

#endif
