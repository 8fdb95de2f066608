/* SPDX-License-Identifier: MIT
 * instead.c: what the backward part needs of the forward part is kept as it will be used, if that takes no more memory.
 *
 * A slope is a value of the forward part that only gradients read (transform/slopes.c). As an inline expression it is computed
 * where the gradient is, of kept values. Of these some are kept for this alone: all else that reads them are pointwise values of
 * the forward part, whose kernels become one with theirs (merge.c), and then nothing reads them any more. If they have
 * more bytes than the slope, or as many and the slope is costly, it is kept, and they go. */
#include "kernel/instead.h"

enum { MOST_READ = 8 };

typedef struct Slope {
    const Builder *b;
    Ref at;
    bool *seen; /* the inline values of its expression */
    Ref read[MOST_READ];
    uint32_t n_read;
    bool costly;
} Slope;

static bool is_pointwise(const Builder *b, Ref r)
{
    return op_properties[b->g->node.at[r].op] & ELEMENTWISE;
}

static bool is_gradient(const Builder *b, Ref r)
{
    return b->g->node.at[r].flags & NODE_GRAD;
}

static bool is_slope(const Builder *b, Ref r)
{
    bool read = false;
    if (!b->needed[r] || b->keep[r] || b->part_of[r] || is_gradient(b, r) || !is_pointwise(b, r)) return false;
    for (uint32_t i = b->uses.off[r]; i < b->uses.off[r + 1]; i++) {
        Ref u = b->uses.use[i];
        if (!b->needed[u]) continue;
        if (!is_gradient(b, u)) return false;
        read = true;
    }
    return read;
}

/* The values kept in memory of a step that inline node r reads, and whether it is costly to compute. */
static void find_read(Slope *s, Ref r)
{
    const Builder *b = s->b;
    if (s->seen[r]) return;
    s->seen[r] = true;
    s->costly |= (op_properties[b->g->node.at[r].op] & COSTLY) != 0;
    for (uint32_t i = 0; i < b->g->node.at[r].n_in; i++) {
        Ref v = graph_in(b->g, r, i);
        if (is_pointwise(b, v) && !b->keep[v])
            find_read(s, v);
        else if (b->keep[v] && b->g->node.at[v].op != OP_data && !s->seen[v] && s->n_read < MOST_READ)
            s->read[s->n_read++] = v, s->seen[v] = true;
    }
}

/* Does all that reads v, but for the slope, end in pointwise values of the forward part? */
static bool is_only_for(const Slope *s, Ref v, bool *visited)
{
    const Builder *b = s->b;
    for (uint32_t i = b->uses.off[v]; i < b->uses.off[v + 1]; i++) {
        Ref u = b->uses.use[i];
        if (!b->needed[u] || u == s->at || visited[u]) continue;
        if (is_gradient(b, u) || !is_pointwise(b, u)) return false;
        visited[u] = true;
        if (!b->keep[u] && !is_only_for(s, u, visited)) return false;
    }
    return true;
}

static bool is_better(const Builder *b, Ref r, const bool *pinned)
{
    Arena scratch = {0};
    Slope s = {.b = b, .at = r, .seen = ARENA_ARRAY(&scratch, bool, b->g->node.n + 1)};
    int saved = 0, bytes = dtype_bytes(graph_type(b->g, r)->dtype);
    find_read(&s, r);
    for (uint32_t i = 0; i < s.n_read; i++) {
        Ref v = s.read[i];
        bool *visited = ARENA_ARRAY(&scratch, bool, b->g->node.n + 1);
        if (!pinned[v] && is_only_for(&s, v, visited)) saved += dtype_bytes(graph_type(b->g, v)->dtype);
    }
    arena_free(&scratch);
    return saved > bytes || (saved == bytes && s.costly);
}

bool instead_find(const Builder *b, const bool *pinned, bool *needed)
{
    bool any = false;
    for (Ref r = 1; r < b->g->node.n && !b->o->no_fusion; r++)
        if (is_slope(b, r) && is_better(b, r, pinned)) needed[r] = any = true;
    return any;
}
