/* SPDX-License-Identifier: MIT
 * worst.h: the examples that an evaluation is worst at. Each is evaluated alone; how bad it is says the first number that is reported. */
#ifndef NNRT_COMMAND_WORST_H
#define NNRT_COMMAND_WORST_H

#include "cli/cli.h"
#include "run/settings.h"

enum { MOST_WORST = 1000 };
/* To standard output, a line for each; or, with --json, a member `"worst":{...}` of the object that is being written. */
int worst_tell(Cli *cli, const Settings *s, int64_t most);

#endif
