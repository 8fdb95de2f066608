/* links: nnc_gen nnc_oracle nnc_kernel nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_kernel_order.c: what decides the rounding of sums is the graph, not what kernels are made of it. */
#include "kernel/merge.h"
#include "kernel_help.h"

static const Graph *read_graph(const char *text)
{
    const char *error = NULL;
    Strings *names = ARENA_NEW(&scratch, Strings);
    strings_init(names, &scratch);
    module = module_read(&scratch, names, text, &error);
    cr_assert(module, "%s", error);
    dims = module->dims;
    return module->graph.at[module->graph.n - 1];
}

static Kernel *with_node(const KProgram *p, XKind kind, Op op)
{
    for (uint32_t i = 0; i < p->kernel.n; i++)
        for (uint32_t x = 0; x < p->kernel.at[i]->x.n; x++)
            if (p->kernel.at[i]->x.at[x].kind == kind && p->kernel.at[i]->x.at[x].op == op && !p->kernel.at[i]->aside)
                return p->kernel.at[i];
    cr_assert(false, "no kernel has `%s`", op_names[op]);
    return NULL;
}

static const char sum_and_dense[] = "graph @0 g(%1: f32[2,6,7,1] input \"x\" 0) -> (%4 \"s\", %3 \"y\") {\n"
                                    "  %2 = tanh %1 : f32[2,6,7,1]\n"
                                    "  %3 = mul %2, %1 : f32[2,6,7,1]\n"
                                    "  %4 = sum %1 {0, 1, 2} : f32[1]\n"
                                    "}\n";

/* The picture is stored with zeros around it. */
static const char sum_and_padded[] =
    "graph @0 g(%1: f32[2,6,7,1] input \"x\" 0, %2: f32[3,3,1,1] input \"w\" 1) -> (%5 \"s\", %6 \"y\") {\n"
    "  %3 = tanh %1 : f32[2,6,7,1]\n"
    "  %4 = mul %3, %1 : f32[2,6,7,1]\n"
    "  %5 = sum %1 {0, 1, 2} : f32[1]\n"
    "  %6 = conv %4, %2 {0, 1, 1, 1, 1, 1, <1>, <1>, <1>, <1>, <3>, <3>, <6>, <7>} : f32[2,6,7,1]\n"
    "}\n";

/* One axis of 84 elements, 32 chains, whatever else is made of them. */
Test(kernel_order, a_sum_is_not_merged_where_that_changes_its_order)
{
    const char *const text[] = {sum_and_dense, sum_and_padded};
    for (int i = 0; i < 2; i++) {
        start();
        const KProgram *p = unchecked(read_graph(text[i]), false, false);
        const Kernel *k = with_node(p, X_reduce, OP_sum);
        cr_expect(k->sum.fixed && k->sum.chains == k->n_axes - 1 && k->sum.run == 3, "way %d: axis %d, %d", i, k->sum.chains, k->sum.run);
        const Kernel *loops = kernel_merge_axes(&scratch, dims, k, NULL);
        cr_expect(loops->n_axes == 1 && loops->sum.chains == 0 && loops->sum.run == 1, "way %d", i);
        cr_expect_eq(k->wr.n, i == 0 ? 2u : 1u, "way %d", i);
    }
}

/* Sums side by side: what can be one axis in memory stays three, so that another kernel may join in that has it in parts. */
Test(kernel_order, axes_of_sums_side_by_side_stay)
{
    start();
    const Graph *sums = read_graph("graph @0 g(%1: f32[2,6,7,16] input \"x\" 0) -> (%2 \"s\") {\n"
                                   "  %2 = sum %1 {0, 1, 2} : f32[16]\n"
                                   "}\n");
    const Kernel *k = with_node(unchecked(sums, false, false), X_reduce, OP_sum);
    cr_expect(k->sum.fixed && k->sum.chains == -1);
    cr_expect_eq(kernel_merge_axes(&scratch, dims, k, NULL)->n_red, 3);
}

/* %4 is not rounded before %6 has it, also where it is shown, or each value has its kernel; %5 is read twice. */
Test(kernel_order, a_product_is_part_of_its_sum)
{
    static const char *const looks[] = {"", "  %8 = probe %4 {1, 0, 1} : f32[9]\n"};
    for (int way = 0; way < 4; way++) {
        start();
        const char *text = arena_print(&scratch,
                                       "graph @0 g(%%1: f32[9] input \"a\" 0, %%2: f32[9] input \"b\" 1) -> (%%6 \"s\", %%7 \"t\") {\n"
                                       "  %%4 = mul %%1, %%2 : f32[9]\n"
                                       "  %%5 = mul %%1, %%1 : f32[9]\n"
                                       "  %%6 = sub %%5, %%4 : f32[9]\n"
                                       "  %%7 = exp %%5 : f32[9]\n%s}\n",
                                       looks[way % 2]);
        const KProgram *p = unchecked(read_graph(text), way >= 2, false);
        const Kernel *k = with_node(p, X_op, OP_sub);
        for (uint32_t x = 0; x < k->x.n; x++) {
            const XNode *n = &k->x.at[x];
            if (n->kind != X_op || n->op != OP_sub) continue;
            const XNode *product = &k->x.at[n->in[1] - 1];
            cr_expect(n->fma == 2 && product->kind == X_op && product->op == OP_mul, "way %d", way);
        }
    }
}
