/* SPDX-License-Identifier: MIT
 * config.h: values of flags from --set and --config. */
#ifndef NNRT_CLI_CONFIG_H
#define NNRT_CLI_CONFIG_H

#include "cli/cli.h"

int config_take(Cli *cli); /* into cli->flags, behind what the command line gives */

#endif
