/* SPDX-License-Identifier: MIT
 * command.h: the commands of every compiled program, in the order of the table in main.c. */
#ifndef NNRT_COMMAND_COMMAND_H
#define NNRT_COMMAND_COMMAND_H

#include "cli/cli.h"

void train_flags(Cli *cli, bool train); /* of train and eval */
int command_train(Cli *cli);
int command_eval(Cli *cli);
int command_info(Cli *cli);
int command_summary(Cli *cli);
int command_graph(Cli *cli);
int command_check_data(Cli *cli);
int command_bench(Cli *cli);
int command_profile(Cli *cli);
int command_gradcheck(Cli *cli);
int command_export(Cli *cli);

#endif
