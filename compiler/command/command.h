/* SPDX-License-Identifier: MIT
 * command.h: the command line of nnc, from one table (commands.def): what it means, and the texts that tell of it. Nothing here prints. */
#ifndef NNC_COMMAND_COMMAND_H
#define NNC_COMMAND_COMMAND_H

#include "nnc.h"
#include "report/plot.h"
#include "support/str.h"

typedef enum {
#define VERB(NAME, ARGUMENTS, HELP, MORE, EXAMPLE) VERB_##NAME,
#define GROUP(HEADING)
#define FLAG(SPELLING, KIND, PLACE, VALUE, WORD, VERBS, OTHERWISE, HELP)
#define STATUS(NUMBER, WHEN)
#include "command/commands.def"
    N_VERBS
} VerbIndex;

typedef struct Verb {
    const char *name, *arguments, *help, *more, *example;
} Verb;

typedef enum { FLAG_SETS, FLAG_TEXT, FLAG_CHOICE, FLAG_LIST, FLAG_LIBRARY, FLAG_BYTES } FlagKind;
typedef struct FlagRow {
    const char *group; /* a heading, where one begins here; such a row has nothing else */
    const char *spelling;
    FlagKind kind;
    size_t at; /* in Command */
    int value;
    const char *word;
    unsigned verbs; /* bits */
    const char *otherwise, *help;
} FlagRow;

typedef struct StatusRow {
    int status;
    const char *when;
} StatusRow;

extern const Verb command_verbs[N_VERBS];
extern const FlagRow command_flags[]; /* ends with a row of NULLs */
extern const StatusRow command_statuses[]; /* ends with NULL */

/* What a command line asks for. */
enum { COMMAND_MOST = 256 };
typedef struct WordList {
    const char *at[COMMAND_MOST];
    unsigned n;
} WordList;
typedef struct Command {
    NncOptions o;
    WordList defines, dirs, inputs; /* inputs: objects, archives, libraries */
    WordList words;                 /* without a dash in front, in order; of plot and report: files */
    unsigned n_free; /* of the words: those in front of `--`, which may name a command; of quantize the others are the program's */
    unsigned used[64]; /* rows of flags that were given */
    unsigned n_used;
    int verb, colour, json, man, stdio, help, version; /* colour: auto, always, never */
    const char *explain;
    const char *part, *int8; /* of --calibrate; the file of --int8 */
    const char *measures, *title;
    ChartOptions chart;
    const char *topic; /* of explain, help, completion; or NULL */
} Command;

/* read.c: NULL, or what is wrong with the arguments. */
const char *command_read(Command *c, Arena *arena, int argc, char **argv);
int command_find_verb(const char *word); /* -1: none */

/* spawn.c: the status of a program that was run; its standard output goes to a file, or (NULL) where ours goes. */
int command_spawn(const char *const *argv, const char *output);
const char *command_temporary(Arena *arena, const char *name);
/* quantize.c: what to print goes to `out`. NULL, or what is wrong, where that has not been said. */
const char *command_quantize(Command *c, Arena *arena, Text *out, int *status);
/* The ranges in a file that quantize made with these weights. */
const char *command_read_int8(Arena *arena, const char *path, const NncOptions *o, NncInt8 *to, int *status);
const char *command_weights_hash(Arena *arena, const NncOptions *o);

/* help.c: verb -1: of all commands. */
void command_help(Text *out, int verb);
/* man.c */
void command_man(Text *out);
/* completion.c: false: there is no such shell. */
bool command_completion(Text *out, const char *shell);

#endif
