/* SPDX-License-Identifier: MIT
 * command.h: the commands of every compiled program, in the order of the table in main.c. */
#ifndef NNRT_COMMAND_COMMAND_H
#define NNRT_COMMAND_COMMAND_H

#include "cli/cli.h"

typedef enum { NEEDS_NOTHING, NEEDS_ENTRY, MAY_ENTRY } Need;
typedef enum { NO_MODEL, BLANK_MODEL, START_VALUES } ModelNeed; /* before the command runs */
typedef struct Verb {
    char name[12], words[12]; /* words: what it takes without dashes; texts in place: an address in a program costs 24 bytes more */
    const char *help;
    char example[24]; /* flags, with @ for an entry point */
    int (*run)(Cli *cli);
    void (*flags)(Cli *cli); /* NULL: those of its entry point */
    Need need;
    const char *kind; /* of the entry it takes if none is named */
    ModelNeed model;
    bool tool; /* `nnc --lean` leaves it out: run is NULL then */
} Verb;

/* verbs.c */
bool command_set(Cli *cli, const char *word);        /* to the verb or entry point of this name, if there is one */
bool command_set_entry(Cli *cli, const char *name);  /* the entry point of a verb; NULL: the first of its kind */
void command_flags(Cli *cli);                        /* those of the command, none of which is given */
bool command_choose(Cli *cli, const char *word);     /* all three: the verb or entry point, the entry of the verb, the flags */
const char *command_name(const Cli *cli, int i);     /* the i-th of entry points and verbs, or NULL */
int command_is_there(const Cli *cli);                 /* or an error text: it was left out */
int unknown_name(const Cli *cli, const char *what, const char *word);
const char *command_called(const Cli *cli);          /* the name of the command, */
const char *command_tells(const Cli *cli);           /* and what it does */
void command_each(Cli *cli, void (*visit)(Cli *cli, int i)); /* every command with its flags; the one that was set is forgotten */
/* line.c: the command that the words name, its flags and what else there is. */
int line_command(Cli *cli, int argc, char **argv, int *place); /* place: of the word in argv; -1: none, with an error text */
int line_read(Cli *cli, int argc, char **argv);
/* cache.c: --cache, where the program's data are files of folders */
void cache_flag(Cli *cli);
int cache_take(Cli *cli);
/* help.c */
void help_flags(Cli *cli);
int command_help(Cli *cli); /* of the whole program, or of a command that a word names */
void help_of(Cli *cli);     /* of the command whose flags are there */
/* completion.c */
int command_completion(Cli *cli);
void completion_words(Cli *cli, int argc, char **argv); /* what can stand in the place of the last word */

void train_flags(Cli *cli, bool train); /* of train and eval */
int command_train(Cli *cli);
int command_eval(Cli *cli);
int command_info(Cli *cli);
void summary_flags(Cli *cli);
int command_summary(Cli *cli);
void graph_flags(Cli *cli);
int command_graph(Cli *cli);
int command_check_data(Cli *cli);
int command_bench(Cli *cli);
int command_profile(Cli *cli);
enum { GRADCHECK_ROWS = 4, GRADCHECK_EACH = 12 }; /* where flags do not say */
void gradcheck_flags(Cli *cli); /* in verbs.c, since the command is in programs of doubles only */
int command_gradcheck(Cli *cli);
void export_weights_flags(Cli *cli);
int command_export(Cli *cli);

#endif
