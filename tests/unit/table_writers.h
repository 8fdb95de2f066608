/* SPDX-License-Identifier: MIT
 * table_writers.h: the formats of texts and arrays, as nnrt_format has those of pictures and sounds: 0 or a code. */
#ifndef TABLE_WRITERS_H
#define TABLE_WRITERS_H

#include "format/table.h"

static int as_csv(FILE *f, const Output *o)
{
    table_csv(f, o);
    return NNRT_OK;
}

static int as_npy(FILE *f, const Output *o)
{
    table_npy(f, o);
    return NNRT_OK;
}

static int as_json(FILE *f, const Output *o)
{
    table_json(f, o);
    return NNRT_OK;
}

#endif
