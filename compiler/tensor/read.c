/* SPDX-License-Identifier: MIT
 * read.c: graphs from text, by recursive descent; the format of print.c. Nodes are taken as they
 * stand, nothing is simplified. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tensor/graph.h"
#include "tensor/text.h"

typedef struct Reader {
    Module *m;
    Arena *arena;
    const char *at;
    int line;
    const char *error;
    VEC(Symbol) symbols;
    VEC(uint32_t) ids; /* printed graph number -> id: pairs */
    Ref *node;         /* printed node number -> Ref */
    uint32_t n_nodes;
} Reader;

static void fail(Reader *rd, const char *what)
{
    if (!rd->error) rd->error = arena_print(rd->arena, "line %d: %s", rd->line, what);
}

static void skip(Reader *rd)
{
    for (;;) {
        if (*rd->at == '\n') rd->line++;
        if (*rd->at == ';')
            while (*rd->at && *rd->at != '\n')
                rd->at++;
        else if (isspace((unsigned char)*rd->at))
            rd->at++;
        else
            return;
    }
}

static bool take(Reader *rd, const char *text)
{
    skip(rd);
    size_t n = strlen(text);
    if (strncmp(rd->at, text, n) != 0) return false;
    rd->at += n;
    return true;
}

static void want(Reader *rd, const char *text)
{
    if (!rd->error && !take(rd, text)) fail(rd, arena_print(rd->arena, "`%s` expected", text));
}

static int64_t integer(Reader *rd)
{
    skip(rd);
    char *end = NULL;
    errno = 0;
    int64_t v = strtoll(rd->at, &end, 10);
    if (end == rd->at) fail(rd, "a number expected");
    if (errno == ERANGE) fail(rd, "this number does not fit in 64 bits");
    rd->at = end;
    return v;
}

static const char *word(Reader *rd)
{
    skip(rd);
    const char *from = rd->at;
    while (isalnum((unsigned char)*rd->at) || *rd->at == '_')
        rd->at++;
    if (rd->at == from) fail(rd, "a word expected");
    return arena_copy(rd->arena, from, (size_t)(rd->at - from));
}

/* Name of a graph: anything up to its params. */
static const char *name_of_graph(Reader *rd)
{
    skip(rd);
    const char *from = rd->at;
    while (*rd->at && *rd->at != '(' && !isspace((unsigned char)*rd->at))
        rd->at++;
    if (rd->at == from) fail(rd, "a name expected");
    return arena_copy(rd->arena, from, (size_t)(rd->at - from));
}

static const char *quoted(Reader *rd)
{
    want(rd, "\"");
    const char *from = rd->at;
    while (*rd->at && *rd->at != '"')
        rd->at++;
    const char *text = arena_copy(rd->arena, from, (size_t)(rd->at - from));
    want(rd, "\"");
    return text;
}

static Symbol symbol_of(void *user, const char *name, size_t n)
{
    Reader *rd = user;
    for (uint32_t i = 0; i < rd->symbols.n; i++) {
        const char *known = symbol_name(rd->m->dims, rd->symbols.at[i]);
        if (strlen(known) == n && strncmp(known, name, n) == 0) return rd->symbols.at[i];
    }
    Symbol s = symbol_new(rd->m->dims, arena_copy(rd->arena, name, n));
    vec_add(rd->arena, &rd->symbols, s);
    return s;
}

static Dim dim(Reader *rd)
{
    skip(rd);
    const char *end = rd->at;
    Dim d = dim_read(rd->m->dims, rd->at, &end, symbol_of, rd);
    if (!d) fail(rd, "a size expected");
    if (d && !dim_is_defined(rd->m->dims, d)) fail(rd, "a size is too large");
    rd->at = d ? end : rd->at;
    return d;
}

static Type type(Reader *rd)
{
    Type t = {.dtype = DT_COUNT};
    const char *name = word(rd);
    for (int i = 0; i < DT_COUNT; i++)
        if (strcmp(dtype_name((uint8_t)i), name) == 0) t.dtype = (uint8_t)i;
    if (t.dtype == DT_COUNT) fail(rd, "an element type expected");
    want(rd, "[");
    while (!rd->error && !take(rd, "]")) {
        if (t.rank) want(rd, ",");
        if (t.rank == MAX_RANK) fail(rd, "too many axes");
        if (!rd->error) t.dim[t.rank++] = dim(rd);
    }
    return t;
}

static uint32_t number_of_node(Reader *rd)
{
    want(rd, "%");
    int64_t v = integer(rd);
    if (v < 1 || v > 1 << 24) fail(rd, "a node number expected");
    return rd->error ? 0 : (uint32_t)v;
}

static void set_node(Reader *rd, uint32_t number, Ref r)
{
    if (number >= rd->n_nodes) {
        uint32_t n = 2 * number + 64;
        rd->node = arena_grow(rd->arena, rd->node, sizeof(Ref) * rd->n_nodes, sizeof(Ref) * n);
        rd->n_nodes = n;
    }
    rd->node[number] = r;
}

static Ref node_ref(Reader *rd)
{
    uint32_t number = number_of_node(rd);
    if (rd->error) return 0;
    if (number >= rd->n_nodes || !rd->node[number]) fail(rd, arena_print(rd->arena, "%%%u is not defined", number));
    return rd->error ? 0 : rd->node[number];
}

static int64_t graph_id(Reader *rd, int64_t printed)
{
    for (uint32_t i = 0; i + 1 < rd->ids.n; i += 2)
        if (rd->ids.at[i] == printed) return rd->ids.at[i + 1];
    fail(rd, "the body is not defined above");
    return 0;
}

static void params(Reader *rd, Graph *g)
{
    want(rd, "(");
    while (!rd->error && !take(rd, ")")) {
        if (g->param.n) want(rd, ",");
        uint32_t number = number_of_node(rd);
        want(rd, ":");
        Type t = type(rd);
        const char *kind_name = word(rd);
        int kind = -1;
        for (int i = 0; i <= PARAM_CONST; i++)
            if (strcmp(param_kind_names[i], kind_name) == 0) kind = i;
        if (kind < 0) fail(rd, "a kind of param expected");
        const char *name = quoted(rd);
        uint32_t slot = (uint32_t)integer(rd);
        Dim bound = 0;
        if (!rd->error && take(rd, "bound")) {
            want(rd, "<");
            bound = dim(rd);
            want(rd, ">");
        }
        if (rd->error) return;
        set_node(rd, number, build_param(g, (ParamKind)kind, name, t, slot));
        g->param.at[g->param.n - 1].bound = bound;
    }
}

typedef struct Attr {
    char kind; /* 'i' integer, 's' size, 'f' float */
    int64_t value;
} Attr;

static double real(Reader *rd)
{
    skip(rd);
    char *end = NULL;
    double v = strtod(rd->at, &end);
    if (end == rd->at) fail(rd, "a number expected");
    rd->at = end;
    return v;
}

static Attr attribute(Reader *rd)
{
    if (take(rd, "f")) return (Attr){'f', double_bits(real(rd))};
    if (!take(rd, "<")) return (Attr){'i', integer(rd)};
    Dim d = dim(rd);
    want(rd, ">");
    return (Attr){'s', d};
}

static int operation(Reader *rd)
{
    const char *name = word(rd);
    for (int i = 0; i < OP_COUNT && !rd->error; i++)
        if (strcmp(op_names[i], name) == 0) return i;
    fail(rd, arena_print(rd->arena, "there is no operation `%s`", name));
    return 0;
}

/* Attribute i of n as the operation wants it. */
static int64_t converted(Reader *rd, int op, uint8_t dtype, Attr a, uint32_t i, uint32_t n)
{
    bool fill = op == OP_const || (op == OP_pad && i + 1 == n);
    char kind = attr_is_dim((uint8_t)op, i, n) ? 's' : fill && dtype_is_float(dtype) ? 'f' : 'i';
    bool none = op == OP_random && i == 2 && a.kind == 'i' && a.value == 0; /* no bound */
    if (a.kind != kind && !none)
        fail(rd, arena_print(rd->arena, "attribute %u of `%s` must be %s", i, op_names[op],
                             kind == 's'   ? "a size in < >"
                             : kind == 'f' ? "a float: f1.5"
                                           : "an integer"));
    bool any = op == OP_const || op == OP_random; /* a value, a hash */
    if (kind == 'i' && !any && (a.value > INT32_MAX || a.value < INT32_MIN))
        fail(rd, arena_print(rd->arena, "attribute %u of `%s` is too large", i, op_names[op]));
    if ((op == OP_scan || op == OP_call) && i == 0) return graph_id(rd, a.value);
    return a.value;
}

static void node(Reader *rd, Graph *g)
{
    uint32_t number = number_of_node(rd);
    want(rd, "=");
    int op = operation(rd);
    VEC(Ref) in = {0};
    VEC(Attr) given = {0};
    VEC(int64_t) attr = {0};
    VEC(Type) types = {0};
    skip(rd);
    while (!rd->error && *rd->at == '%') {
        vec_add(rd->arena, &in, node_ref(rd));
        if (!take(rd, ",")) break;
        skip(rd);
    }
    if (!rd->error && take(rd, "{"))
        while (!rd->error && !take(rd, "}")) {
            if (given.n) want(rd, ",");
            vec_add(rd->arena, &given, attribute(rd));
        }
    want(rd, ":");
    do {
        if (!rd->error) vec_add(rd->arena, &types, type(rd));
    } while (!rd->error && take(rd, "&"));
    if (!rd->error && number < rd->n_nodes && rd->node[number]) fail(rd, arena_print(rd->arena, "%%%u is defined twice", number));
    if (!rd->error && op == OP_param) fail(rd, "params stand in the head of a graph");
    if (!rd->error && op_arity[op] >= 0 && in.n != (uint32_t)op_arity[op]) fail(rd, "number of operands");
    for (uint32_t i = 0; i < given.n && !rd->error; i++)
        vec_add(rd->arena, &attr, converted(rd, op, types.at[0].dtype, given.at[i], i, given.n));
    if (rd->error) return;
    NewNode n = {.op = (uint8_t)op, .n_in = in.n, .n_attr = attr.n, .n_out = types.n, .in = in.at, .attr = attr.at, .type = types.at};
    set_node(rd, number, graph_add_node(g, &n));
}

/* table @0 "name" : f32[2] {1, 2} */
static void table(Reader *rd)
{
    want(rd, "@");
    if (integer(rd) != rd->m->table.n) fail(rd, "tables are numbered from 0");
    Table t = {.name = quoted(rd)};
    want(rd, ":");
    t.type = type(rd);
    if (take(rd, "quads")) {
        int64_t axis = integer(rd), last = take(rd, "to") ? integer(rd) : axis;
        if (t.type.dtype != DT_i8 || axis < 0 || last < axis || last >= t.type.rank) fail(rd, "an axis of a table of i8 expected");
        t.quads = (int)last + 1, t.joined = (int)(last - axis);
    }
    int64_t count = 0;
    if (!rd->error && !dim_is_const(rd->m->dims, type_count(rd->m->dims, &t.type), &count)) fail(rd, "constant extents expected");
    VEC(double) values = {0};
    want(rd, "{");
    while (!rd->error && !take(rd, "}")) {
        if (values.n) want(rd, ",");
        vec_add(rd->arena, &values, real(rd));
    }
    if (!rd->error && values.n != count) fail(rd, "number of elements");
    t.value = values.at;
    vec_add(rd->arena, &rd->m->table, t);
}

static void symbol(Reader *rd)
{
    want(rd, "@");
    if (integer(rd) != rd->m->symbol.n) fail(rd, "symbols are numbered from 0");
    vec_add(rd->arena, &rd->m->symbol, (ExternSymbol){quoted(rd)});
}

static void graph(Reader *rd)
{
    want(rd, "graph");
    want(rd, "@");
    int64_t printed = integer(rd);
    if (printed < 0 || printed > UINT32_MAX) fail(rd, "the number of a graph expected");
    Graph *g = graph_new(rd->m, name_of_graph(rd));
    rd->node = NULL;
    rd->n_nodes = 0;
    params(rd, g);
    want(rd, "->");
    want(rd, "(");
    VEC(GraphResult) results = {0}; /* ref: printed number, until the nodes are there */
    while (!rd->error && !take(rd, ")")) {
        if (results.n) want(rd, ",");
        GraphResult res = {.ref = number_of_node(rd), .alias = -1};
        res.name = quoted(rd);
        if (take(rd, "=")) res.alias = (int32_t)integer(rd);
        vec_add(rd->arena, &results, res);
    }
    if (!rd->error && take(rd, "grad")) {
        want(rd, "@");
        g->vjp = (int32_t)graph_id(rd, integer(rd));
    }
    want(rd, "{");
    while (!rd->error && !take(rd, "}"))
        node(rd, g);
    for (uint32_t i = 0; i < results.n && !rd->error; i++) {
        uint32_t number = results.at[i].ref;
        if (number >= rd->n_nodes || !rd->node[number]) fail(rd, "a result is not defined");
        if (!rd->error) build_result(g, rd->node[number], results.at[i].name, results.at[i].alias);
    }
    vec_add(rd->arena, &rd->ids, (uint32_t)printed);
    vec_add(rd->arena, &rd->ids, g->id);
}

Module *module_read(Arena *arena, Strings *strings, const char *text, const char **error)
{
    Reader rd = {.m = module_new(arena, dims_new(arena), strings), .arena = arena, .at = text, .line = 1};
    skip(&rd);
    while (*rd.at && !rd.error) {
        if (take(&rd, "table"))
            table(&rd);
        else if (take(&rd, "symbol"))
            symbol(&rd);
        else
            graph(&rd);
        skip(&rd);
    }
    if (!rd.error && rd.m->graph.n == 0) fail(&rd, "no graph");
    for (uint32_t i = 0; i < rd.m->graph.n && !rd.error; i++) {
        const char *bad = graph_verify(rd.m->graph.at[i], arena);
        if (bad) rd.error = bad;
    }
    *error = rd.error;
    return rd.error ? NULL : rd.m;
}
