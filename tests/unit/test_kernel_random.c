/* links: nnc_gen nnc_oracle nnc_kernel nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_kernel_random.c: random graphs through the kernels. */
#include "kernel_check.h"

TestSuite(kernel_random, .init = begin, .fini = compare_listings, .timeout = 300);

/* Weights of a random graph get a place in the model; with sizes of run time they become inputs. */
static void lay_out_weights(void)
{
    for (uint32_t i = 0; i < g->param.n; i++) {
        GraphParam *param = &g->param.at[i];
        bool constant = true;
        for (int a = 0; a < param->type.rank; a++)
            constant &= dim_is_const(dims, param->type.dim[a], NULL);
        if (!in_block(param->kind)) continue;
        param->kind = constant ? PARAM_WEIGHT : PARAM_INPUT;
        param->slot = layout.tensor.n;
        if (constant) vec_add(&arena, &layout.tensor, (LayoutTensor){.name = param->name, .type = param->type});
    }
    layout_model(&layout, dims);
}

static void random_graph(uint64_t seed, GenOptions options)
{
    start();
    g = gen_graph(module, seed, options);
    lay_out_weights();
    arena_free(&scratch);
    for (int way = 0; way < N_WAYS; way++) {
        KProgram *p = build_way(way);
        for (uint64_t s = 0; s < 2; s++) {
            int64_t *symbols = ARENA_ARRAY(&scratch, int64_t, symbol_count(dims) + 1);
            gen_sizes(module, seed + s, symbols);
            TensorValue *in = gen_values(&scratch, g, seed + s, symbols);
            TensorValue *want = ARENA_ARRAY(&scratch, TensorValue, g->result.n + 1);
            const char *error = graph_interpret(g, symbols, in, want, NULL, &scratch);
            cr_assert_null(error, "%s", error);
            compare(p, g, symbols, in, want, arena_print(&scratch, "seed %llu, %s", (unsigned long long)seed, way_name[way]));
        }
    }
}

static void random_graphs(uint64_t from, int n, GenOptions options)
{
    const char *only = getenv("NNC_TEST_SEED"), *more = getenv("NNC_TEST_MORE");
    if (more) {
        from += 100000;
        n *= atoi(more);
    }
    for (int i = 0; i < n; i++)
        if (!only || strtoull(only, NULL, 10) == from + (uint64_t)i) random_graph(from + (uint64_t)i, options);
}

Test(kernel_random, small)
{
    random_graphs(1, 150, (GenOptions){.n_nodes = 8});
}
Test(kernel_random, medium)
{
    random_graphs(1000, 150, (GenOptions){.n_nodes = 20});
}
Test(kernel_random, large)
{
    random_graphs(2000, 60, (GenOptions){.n_nodes = 50});
}
Test(kernel_random, raw)
{
    random_graphs(3000, 100, (GenOptions){.n_nodes = 16, .raw = true});
}
Test(kernel_random, attention)
{
    random_graphs(5000, 100, (GenOptions){.n_nodes = 4, .attends = true});
}
Test(kernel_random, constant)
{
    random_graphs(4000, 100, (GenOptions){.constant = true});
}
