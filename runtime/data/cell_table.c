/* SPDX-License-Identifier: MIT
 * cell_table.c: the rows of a text are collected. */
#include "data/cell_table.h"

#include <stdlib.h>

#include "base/base.h"

void cell_table_free(CellTable *c)
{
    free(c->cell), free(c->row);
    *c = (CellTable){0};
}

static int add_row(CellTable *c, const CellReader *r)
{
    if (!rt_more(&c->row, c->n_rows, sizeof *c->row)) return rt_no_memory_for(r->path);
    c->row[c->n_rows++] = (CellRow){c->n_cells, r->n, r->row_line};
    for (int i = 0; i < r->n; i++) {
        if (!rt_more(&c->cell, c->n_cells, sizeof *c->cell)) return rt_no_memory_for(r->path);
        c->cell[c->n_cells++] = cells_at(r, i);
    }
    return NNRT_OK;
}

int cell_table(const char *path, char *text, size_t size, char separator, bool full, CellTable *out)
{
    CellReader r;
    bool found = true;
    int code = NNRT_OK;
    *out = (CellTable){0};
    cells_begin(&r, path, separator, true);
    cells_feed(&r, text, size, true);
    while (found && !code) {
        code = cells_next(&r, &found);
        if (!code && found && full) code = cells_full(&r);
        if (!code && found) code = add_row(out, &r);
    }
    cells_end(&r);
    if (code) cell_table_free(out);
    return code;
}
