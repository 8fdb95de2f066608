/* SPDX-License-Identifier: MIT
 * dry.h: a run of one update, of which nothing is kept. */
#ifndef NNRT_COMMAND_DRY_H
#define NNRT_COMMAND_DRY_H

#include "cli/cli.h"
#include "run/settings.h"

int dry_run(Cli *cli, Settings *s);

#endif
