/* SPDX-License-Identifier: MIT
 * export.h: an export function as a command. */
#ifndef NNRT_EXPORT_EXPORT_H
#define NNRT_EXPORT_EXPORT_H

#include "cli/cli.h"

void export_flags(Cli *cli);
void export_notes(const Cli *cli); /* below the flags in --help */
int export_run(Cli *cli);

#endif
