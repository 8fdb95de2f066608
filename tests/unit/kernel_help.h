/* SPDX-License-Identifier: MIT
 * kernel_help.h: graphs and their kernels, for tests of kernel/. */
#ifndef NNC_TESTS_KERNEL_HELP_H
#define NNC_TESTS_KERNEL_HELP_H

#include "graph_help.h"
#include "kernel/kernel.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static Arena scratch;
static Layout layout;
static EntryLayout entry;
static int64_t least_group, least_band; /* KernelOptions */

static inline void start(void)
{
    start_graph();
    layout = (Layout){.float_dtype = DT_f32};
    entry = (EntryLayout){0};
}

static inline KProgram *unchecked(const Graph *graph, bool no_fusion, bool no_reuse)
{
    uint32_t n = symbol_count(dims);
    Symbol *symbols = ARENA_ARRAY(&scratch, Symbol, n + 1);
    for (uint32_t i = 0; i < n; i++)
        symbols[i] = i + 1;
    int64_t *zero = ARENA_ARRAY(&scratch, int64_t, module->table.n + 16);
    KernelOptions options = {.no_fusion = no_fusion,
                             .no_reuse = no_reuse,
                             .least_group = least_group,
                             .least_band = least_band,
                             .n_symbols = n,
                             .symbols = symbols,
                             .const_offset = zero,
                             .option_offset = zero,
                             .sums_in_train = true};
    KProgram *p = kernel_build(&scratch, graph, &layout, &entry, &options);
    if (getenv("NNC_TEST_PRINT")) {
        Text text = {.arena = &scratch};
        graph_print(graph, &text);
        kernel_print(p, &text);
        fprintf(stderr, "%s", text_c(&text));
    }
    return p;
}

#endif
