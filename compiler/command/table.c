/* SPDX-License-Identifier: MIT
 * table.c: the rows of commands.def. */
#include "command/command.h"

const Verb command_verbs[N_VERBS] = {
#define VERB(NAME, ARGUMENTS, HELP, MORE, EXAMPLE) {#NAME, ARGUMENTS, HELP, MORE, EXAMPLE},
#define GROUP(HEADING)
#define FLAG(SPELLING, KIND, PLACE, VALUE, WORD, VERBS, OTHERWISE, HELP)
#define STATUS(NUMBER, WHEN)
#include "command/commands.def"
};

const FlagRow command_flags[] = {
#define OF(NAME) 1u << VERB_##NAME
#define VERB(NAME, ARGUMENTS, HELP, MORE, EXAMPLE)
#define GROUP(HEADING) {.group = HEADING},
#define FLAG(SPELLING, KIND, PLACE, VALUE, WORD, VERBS, OTHERWISE, HELP) \
    {NULL, SPELLING, FLAG_##KIND, offsetof(Command, PLACE), VALUE, WORD, VERBS, OTHERWISE, HELP},
#define STATUS(NUMBER, WHEN)
#include "command/commands.def"
    {0}};

const StatusRow command_statuses[] = {
#define VERB(NAME, ARGUMENTS, HELP, MORE, EXAMPLE)
#define GROUP(HEADING)
#define FLAG(SPELLING, KIND, PLACE, VALUE, WORD, VERBS, OTHERWISE, HELP)
#define STATUS(NUMBER, WHEN) {NUMBER, WHEN},
#include "command/commands.def"
    {0}};
