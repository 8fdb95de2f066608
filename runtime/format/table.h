/* SPDX-License-Identifier: MIT
 * table.h: results as .csv, .npy and .json; always there. */
#ifndef NNRT_FORMAT_TABLE_H
#define NNRT_FORMAT_TABLE_H

#include "format/format.h"

bool format_ends_in(const char *path, const char *ending);
void table_cell(FILE *f, const char *text); /* of CSV, in quotes where it needs them */
void table_header(FILE *f, const Output *o, const char *name);
void table_csv(FILE *f, const Output *o);
void table_npy(FILE *f, const Output *o);
void table_json(FILE *f, const Output *o);

#endif
