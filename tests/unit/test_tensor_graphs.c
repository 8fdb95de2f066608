/* links: nnc_gen nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_tensor_graphs.c: text form and verifier; random graphs, copied by the constructors, mean the same. */
#include "tensor_help.h"

static const char *printed(Module *m, const Graph *g, Arena *arena)
{
    Text t = {.arena = arena};
    module_print(m, &g, 1, &t);
    return text_c(&t);
}

static Module *read_again(Case *c, const char *text)
{
    const char *error = NULL;
    Module *m = module_read(c->arena, c->m->strings, text, &error);
    cr_assert(m, "%s\n%s", error, text);
    return m;
}

Test(tensor, text_is_read_back)
{
    const char *text = "table @0 \"t\" : f32[2] {1, 2.5}\n"
                       "symbol @0 \"f\"\n"
                       "graph @0 train.data(%1: f32[B,2] weight \"w\" 3, %2: i32[B] input \"ids\" 1 "
                       "bound <B + 1>) -> (%5 \"w\" = 0, %3 \"t\") {\n"
                       "  %3 = data {0} : f32[2]\n"
                       "  %4 = broadcast %3 {1} : f32[B,2]\n"
                       "  %5 = add %1, %4 : f32[B,2]\n"
                       "}\n";
    Case c = begin();
    Module *m = read_again(&c, text);
    cr_expect_str_eq(printed(m, m->graph.at[0], c.arena), text);
}

Test(tensor, comments_are_skipped)
{
    Case c = begin();
    Module *m = read_again(&c, "; first\ngraph @0 f(%1: f32[2] input \"x\" 0) ; a comment {\n;;\n -> (%2 \"r\") {\n"
                               "  %2 = neg %1 : f32[2] ; -1\n}\n; the end");
    cr_expect_str_eq(printed(m, m->graph.at[0], c.arena),
                     "graph @0 f(%1: f32[2] input \"x\" 0) -> (%2 \"r\") {\n  %2 = neg %1 : f32[2]\n}\n");
    const char *error = NULL;
    cr_expect_null(module_read(c.arena, c.m->strings, "; a\n\n; b\n  nothing", &error));
    cr_expect(error && strstr(error, "line 4: "), "%s", error);
}

Test(tensor, bad_text_is_refused)
{
    static const char *const bad[] = {
        "graph @0 f(%1: f32[2] input \"x\" 0) -> (%2 \"r\") { %2 = add %1, %3 : f32[2] }",
        "graph @0 f(%1: f32[2] input \"x\" 0) -> (%2 \"r\") { %2 = add %1 : f32[2] }",
        "graph @0 f(%1: f32[2] input \"x\" 0) -> (%2 \"r\") { %2 = neg %1 : f32[3] }",
        "graph @0 f(%1: f32[2] input \"x\" 0) -> (%2 \"r\") { %2 = frob %1 : f32[2] }",
        "graph @0 f(%1: f32[2] input \"x\" 0) -> (%2 \"r\") { %2 = reshape %1 : f32[4] }",
        "graph @0 f(%1: f32[2] input \"x\" 0) -> (%2 \"r\") { %2 = sum %1 {1} : f32[2] }",
        "graph @0 f(%1: f32[2] input \"x\" 0) -> (%2 \"r\") { %2 = dot %1, %1 {0, 1, 0} : f32[] }",
        "graph @0 f(%1: f32[2] input \"x\" 0) -> (%2 \"r\") { %2 = scan %1 {3, <2>, 0, 0} : f32[2] }",
        "graph @0 f(%1: f32[2] input \"x\" 0) -> (%2 \"r\") { %2 = slice %1 {0, 2, 1} : f32[2] }",
        "graph @0 f(%1: f32[2] input \"x\" 0) -> (%9 \"r\") { }",
        "graph @0 f(%1: q32[2] input \"x\" 0) -> () { }",
        "graph @0 f(%1: f32[2] input \"x\" 0) -> (%2 \"r\") { %2 = sum %1 {9223372036854775807} : f32[] }",
        "graph @0 f(%1: f32[2] input \"x\" 0) -> (%2 \"r\") { %2 = dot %1, %1 {0, 4611686018427387904} : f32[] }",
        "graph @0 f(%1: f32[99999999999999999999] input \"x\" 0) -> (%1 \"r\") { }",
        "graph @4294967296 f(%1: f32[2] input \"x\" 0) -> (%1 \"r\") { }",
        "",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Case c = begin();
        const char *error = NULL;
        cr_expect_null(module_read(c.arena, c.m->strings, bad[i], &error), "%s", bad[i]);
        cr_expect(error && *error);
    }
}

/* ---- what the verifier finds ---- */

static const char *const faults[] = {
    "t: node 3: no such operation",
    "t: node 3 (add): number of operands",
    "t: node 3 (add): number of results",
    "t: node 3 (add): number of results",
    "t: node 3 (add): an operand does not stand before it",
    "t: node 3 (add): an operand does not stand before it",
    "t: node 3 (add): an operand does not stand before it",
    "t: node 3 (add): type",
    "t: node 3 (add): type",
    "t: node 3 (add): an extent is missing",
    "t: result 0 is not there",
    "t: result 0 is not there",
    "t: result 0 replaces no param",
    "t: result 0 has another type than what it replaces",
    "t: param 0 is replaced twice",
    "t: param 1",
};

static void spoil(Graph *g, size_t fault)
{
    Node *n = &g->node.at[3];
    Type *type = &g->type.at[n->type];
    switch (fault) {
    case 0: n->op = OP_COUNT; break;
    case 1: n->n_in = 1; break;
    case 2: n->n_out = 0; break;
    case 3: n->n_out = 2; break;
    case 4: g->arg.at[n->in] = 0; break;
    case 5: g->arg.at[n->in + 1] = 3; break;
    case 6: g->arg.at[n->in + 1] = 4; break;
    case 7: type->dtype = DT_COUNT; break;
    case 8: type->rank = MAX_RANK + 1; break;
    case 9: type->dim[0] = 0; break;
    case 10: g->result.at[0].ref = 0; break;
    case 11: g->result.at[0].ref = g->node.n; break;
    case 12: g->result.at[0].alias = 2; break;
    case 13: g->result.at[0].ref = 4; break;
    case 14: g->result.at[1].alias = 0; break;
    default: g->param.at[1].ref = 3; break;
    }
}

Test(tensor, faults_are_found)
{
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        Case c = begin();
        Ref x = counting(&c, SHAPE(DT_f32, 2)), y = counting(&c, SHAPE(DT_f32, 2)), sum = build_binary(c.g, OP_add, x, y);
        build_reduce(c.g, OP_sum, sum, (int[]){0}, 1);
        build_result(c.g, sum, "r", 0);
        build_result(c.g, sum, "s", 1);
        cr_assert(sum == 3 && c.g->node.n == 5 && !graph_verify(c.g, c.arena));
        spoil(c.g, i);
        const char *bad = graph_verify(c.g, c.arena);
        cr_expect(bad && strcmp(bad, faults[i]) == 0, "%s, not: %s", bad ? bad : "nothing is found", faults[i]);
    }
}

/* ---- random graphs
 * ----------------------------------------------------------------------------------- */

static Graph *copied(const Graph *from, Arena *arena);

static Ref copied_node(Graph *to, const Graph *from, Ref r, const Ref *map, Arena *arena)
{
    const Node *n = graph_node(from, r);
    Ref *in = ARENA_ARRAY(arena, Ref, n->n_in + 1);
    for (uint32_t i = 0; i < n->n_in; i++)
        in[i] = map[graph_in(from, r, i)];
    if (n->op != OP_scan) return build_copy(to, from, r, in);
    Graph *body = copied(from->module->graph.at[graph_attr(from, r, 0)], arena);
    return build_scan(to, body->id, (Dim)graph_attr(from, r, 1), (int)graph_attr(from, r, 2), (int)graph_attr(from, r, 3), in, n->n_in);
}

/* Through the constructors. */
static Graph *copied(const Graph *from, Arena *arena)
{
    Graph *to = graph_new(from->module, from->name);
    Ref *map = ARENA_ARRAY(arena, Ref, from->node.n + 1);
    bool *live = graph_live(from, arena);
    for (uint32_t i = 0; i < from->param.n; i++) {
        const GraphParam *p = &from->param.at[i];
        map[p->ref] = build_param(to, p->kind, p->name, p->type, p->slot);
        to->param.at[i].bound = p->bound;
    }
    for (Ref r = 1; r < from->node.n; r++)
        if (live[r] && graph_node(from, r)->op != OP_param) map[r] = copied_node(to, from, r, map, arena);
    for (uint32_t i = 0; i < from->result.n; i++)
        build_result(to, map[from->result.at[i].ref], from->result.at[i].name, from->result.at[i].alias);
    return to;
}

static TensorValue *results(const Graph *g, const int64_t *symbols, const TensorValue *values, Arena *arena)
{
    TensorValue *out = ARENA_ARRAY(arena, TensorValue, g->result.n + 1);
    const char *error = graph_interpret(g, symbols, values, out, NULL, arena);
    cr_assert_null(error, "%s", error);
    return out;
}

static void expect_equal(const Graph *g, const TensorValue *a, const TensorValue *b, uint64_t seed, const char *what)
{
    for (uint32_t i = 0; i < g->result.n; i++) {
        cr_assert_eq(a[i].count, b[i].count, "seed %llu, result %u: %s", (unsigned long long)seed, i, what);
        for (int64_t e = 0; e < a[i].count; e++) {
            double x = element(&a[i], e), y = element(&b[i], e);
            cr_assert(fabs(x - y) <= 1e-9 * (1 + fabs(x)), "seed %llu, result %u[%lld]: %.17g and %.17g (%s)", (unsigned long long)seed, i,
                      (long long)e, x, y, what);
        }
    }
}

static void check_seed(uint64_t seed, GenOptions options)
{
    Case c = begin();
    Graph *g = gen_graph(c.m, seed, options);
    const char *bad = graph_verify(g, c.arena);
    cr_assert_null(bad, "seed %llu: %s", (unsigned long long)seed, bad);
    int64_t *symbols = ARENA_ARRAY(c.arena, int64_t, symbol_count(c.m->dims) + 1);
    gen_sizes(c.m, seed, symbols);
    TensorValue *values = gen_values(c.arena, g, seed, symbols), *want = results(g, symbols, values, c.arena);
    for (uint32_t i = 0; i < g->result.n; i++)
        for (int64_t e = 0; e < want[i].count; e++)
            cr_assert(isfinite(element(&want[i], e)), "seed %llu", (unsigned long long)seed);
    Graph *simple = copied(g, c.arena);
    bad = graph_verify(simple, c.arena);
    cr_assert_null(bad, "seed %llu, copied: %s", (unsigned long long)seed, bad);
    expect_equal(g, want, results(simple, symbols, values, c.arena), seed, "simplified");
    const char *text = printed(c.m, g, c.arena);
    Module *m = read_again(&c, text);
    Graph *back = m->graph.at[m->graph.n - 1];
    int64_t *moved = ARENA_ARRAY(c.arena, int64_t, symbol_count(m->dims) + 1);
    for (Symbol s = 1; s <= symbol_count(m->dims); s++)
        for (Symbol k = 1; k <= symbol_count(c.m->dims); k++)
            if (strcmp(symbol_name(m->dims, s), symbol_name(c.m->dims, k)) == 0) moved[s] = symbols[k];
    expect_equal(g, want, results(back, moved, values, c.arena), seed, "read back");
    const char *again = printed(m, back, c.arena);
    Module *m2 = read_again(&c, again);
    cr_expect_str_eq(printed(m2, m2->graph.at[m2->graph.n - 1], c.arena), again, "seed %llu", (unsigned long long)seed);
}

Test(tensor, raw_random_graphs, .timeout = 300)
{
    for (uint64_t seed = 0; seed < 400; seed++)
        check_seed(seed, (GenOptions){.raw = true, .n_nodes = 14});
}

Test(tensor, random_graphs, .timeout = 300)
{
    for (uint64_t seed = 0; seed < 200; seed++)
        check_seed(seed, (GenOptions){.n_nodes = 20, .constant = seed % 3 == 0, .smooth = seed % 2});
}
