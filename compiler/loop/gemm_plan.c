/* SPDX-License-Identifier: MIT
 * gemm_plan.c: tiles, blocks and what is packed.
 *
 * What counts, measured on machines with 32 vector registers of 64 bytes and 1 to 2 MB of second cache:
 * - A tile needs eight chains of additions to hide the latency of one, and few loads for each: 6 rows by 4 vectors, or 8 by 2. The
 *   narrow one wastes less of few rows; up to 14 rows are one tile of 2 vectors, so that A is read once.
 * - A block of B is read once for every tile of rows, so it has to stay in the second cache, beside what passes through: BLOCK_BYTES.
 *   With few rows nothing is read often: B goes by as narrow panels, each of which stays in the first cache while all rows pass it.
 *   (Wider ones where each row of B is a page of its own: that costs more than the first cache saves.)
 * - Packed, a panel is read in one stream. It costs what 8 rows cost to multiply and pays from MANY_ROWS on, sooner where the rows of
 *   B are a multiple of 4 kB apart: these lie in one set of the first cache. A transposed B cannot be read in place.
 * - Where A is read across its rows, all of its lines in a block of K are read again for the next tile: they have to stay in a cache,
 *   so K goes in segments, and tiles are 12 to 14 rows by 2 vectors, if B is read in place, too. Elsewhere K goes in blocks where it is so long that a panel would not fit the second cache otherwise.
 * - There each line of both operands comes from memory in the middle of a row, by a few tiles first, and a processor does not foresee
 *   that. Where they are large and little is computed with each byte, tiles ask for what they will read some rows later.
 * - Many short rows of A come from memory line by line as the tiles reach them. A stream of them is foreseen too late: a tile asks for the
 *   rows of the next one.
 * - Where A varies along the vectors, nothing but rows that read the same pixels saves loads (gemm_taps.c), and all columns of a tile
 *   of rows follow each other: what is read and written then goes by in the order of memory.
 * - Where A is read across, and the elements of neighbours in K are a multiple of 1 kB apart, its lines are in few sets of the caches: none
 *   stays for the next tile. Then what LINE_ROWS rows read in a block of K is copied. Elsewhere packing A gains nothing. */
#include "loop/gemm.h"

#include <math.h>

enum {
    BLOCK_BYTES = 384 << 10,
    FEW_ROWS = 96,
    SIDE_ROWS = 6,
    MANY_ROWS = 192,
    CONFLICT_BYTES = 4096,
    CONFLICT_ROWS = 24,
    CONFLICT_LINES = 1024,
    LONG_K = 1024,
    LINE_K = 512,
    LARGE_BYTES = 4 << 20,
    FEW_PRODUCTS = 24,
    AHEAD = 64,
    USUAL_TAPS = 4,
    USUAL = 64 /* a size that is known at run time only */
};

static int64_t constant(const Gemm *g, Dim dim)
{
    int64_t v;
    return gen_const(&g->e, dim, &v) ? v : -1;
}

static int64_t element_bytes(const Gemm *g)
{
    return dtype_bytes(gemm_memory(g));
}

static int64_t usual(const Gemm *g, Dim dim)
{
    const Gen *e = &g->e;
    uint32_t n = symbol_count(e->dims);
    int64_t *sample = ARENA_ARRAY(e->arena, int64_t, n + 1), v;
    for (uint32_t i = 0; i <= n; i++)
        sample[i] = USUAL;
    return dim_eval(e->dims, dim, sample, &v) ? v : USUAL;
}

/* Indices of all axes of a class. */
static double usual_count(const Gemm *g, AxisClass cls)
{
    double n = 1;
    for (int a = 0; a < g->e.k->n_axes; a++)
        if (g->e.k->cls[a] == cls) n *= (double)usual(g, g->e.k->axis[a]);
    return n;
}

/* ---- the tile ---- */

/* Is A read across its rows, and B, which is several panels wide, in place? Then both come from the second cache all the time, and tall
 * tiles, of as many rows as a line of A has at most, ask for least of them. */
static bool reads_across(const Gemm *g)
{
    if (g->e.m->target.n_registers < 32 || g->e.vec < 0 || !g->n_k || g->turn.on || g->n_extent < 4 * g->e.width) return false;
    if (constant(g, g->e.k->rd.at[0].stride[g->k[g->n_k - 1]]) == 1 || constant(g, g->e.k->rd.at[1].stride[g->e.vec]) != 1) return false;
    bool few = g->m_extent >= 0 && g->m_extent < MANY_ROWS, one_block = g->n_extent * SEGMENT * element_bytes(g) <= BLOCK_BYTES;
    return g->n_k > 1 || few || one_block;
}

/* Rows of tiles that waste least where threads divide an axis of known length (variable_rows in gemm.c): each tile costs as much as some
 * rows more, for what it loads, and the rows that are left cost as much as eight, four or one at a time. */
static int rows_of_parts(int64_t extent, int most)
{
    enum { LOADS = 4, LEAST = 8, FEW = 4 };
    int best = most;
    int64_t least = INT64_MAX;
    for (int rows = LEAST; rows <= most; rows++) {
        int64_t rest = extent % rows, cost = extent / rows * (rows + LOADS) + (rest / FEW + rest % FEW) * (LEAST + LOADS);
        if (cost < least) least = cost, best = rows;
    }
    return best;
}

/* Even and odd products of bf16 side by side: two chains for each sum. Of few rows too many would be left. */
static bool has_side_chains(const Gemm *g)
{
    return g->pairs && g->e.m->target.n_registers >= 32 && usual_count(g, AX_M) > FEW_ROWS;
}

static int tile_rows(const Gemm *g, int vectors)
{
    static const int good[] = {0, 14, 8, 8, 6};
    if (vectors == 2 && reads_across(g)) return g->m_extent > 0 && g->m == g->e.k->part ? rows_of_parts(g->m_extent, MAX_ROWS) : MAX_ROWS;
    if (vectors == 2 && has_side_chains(g)) return SIDE_ROWS;
    int rows = (g->e.m->target.n_registers - 2 - vectors) / vectors, most = vectors <= 4 ? good[vectors] : MAX_ROWS;
    if (g->m_extent > most && g->m_extent <= rows && rows <= MAX_ROWS) return (int)g->m_extent; /* A is read once */
    return rows > most ? most : rows < 1 ? 1 : rows;
}

/* With few rows more columns hide the latency. A panel that is transposed first had better be small. */
static int widest(const Gemm *g)
{
    bool in_place = constant(g, g->e.k->rd.at[1].stride[g->e.vec]) == 1;
    int n = 2, registers = g->e.m->target.n_registers, most = in_place ? 8 : 4;
    while (n < most && g->m_extent * (n + 1) + n + 1 <= registers - 2)
        n++;
    return n;
}

/* Do the rows of B lie in one set of the first cache, each in a page of its own? */
static bool rows_conflict(const Gemm *g)
{
    const Access *b = &g->e.k->rd.at[1];
    int64_t along_k = constant(g, b->stride[g->k[g->n_k - 1]]);
    return constant(g, b->stride[g->e.vec]) == 1 && along_k > 0 && along_k * element_bytes(g) % CONFLICT_BYTES == 0;
}

static int choose_vectors(const Gemm *g)
{
    int64_t all = (g->n_extent + g->e.width - 1) / g->e.width;
    if (g->e.vec < 0) return 1;
    if (g->m_extent > 0 && g->m_extent < 6) return widest(g);
    if (reads_across(g)) return 2;
    if (all > 1 && has_side_chains(g)) return 2;
    if (g->n_extent >= 0 && all <= (g->e.m->target.n_registers < 32 ? 2 : 4)) return all < 1 ? 1 : (int)all;
    if (g->e.k->band && all <= 8) return 2; /* of narrow panels less lies outside of the band */
    bool few = usual_count(g, AX_M) <= FEW_ROWS && !rows_conflict(g);
    if (g->n_extent < 0 || g->n_k != 1 || g->e.m->target.n_registers < 32 || few) return 2;
    return all == 6 || all == 9 ? 3 : 4;
}

/* Where A varies along the vectors: sums, a vector of A, and those of B that some iterations of the last K axis want. */
static void plan_beside(Gemm *g)
{
    GemmPlan *plan = &g->plan;
    int registers = g->e.m->target.n_registers - 1;
    int64_t last = constant(g, g->e.k->axis[g->k[g->n_k - 1]]);
    plan->vectors = registers < 31 || (g->n_extent >= 0 && g->n_extent <= g->e.width) ? 1 : 2;
    plan->taps = USUAL_TAPS;
    int taps = last > 0 && last <= MAX_TAPS ? (int)last : USUAL_TAPS, rows = registers / plan->vectors - 1 - taps;
    plan->most_rows = rows < 1 ? 1 : rows < MAX_ROWS ? rows : MAX_ROWS;
    plan->rows = plan->most_rows < 8 ? plan->most_rows : 8;
}

/* Bytes: integer registers, or vectors beside which the bytes of a word in two or three parts stand. */
static void plan_bytes(Gemm *g)
{
    enum { ROWS = 12, FEW_REGISTERS_ROWS = 4, WIDEST = 8 };
    GemmPlan *plan = &g->plan;
    bool alone = g->e.width == 1, pair = g->m_extent > 1, many = g->e.m->target.n_registers >= 32;
    int64_t all = (g->n_extent + g->e.width - 1) / g->e.width;
    int64_t most = alone ? pair ? 2 : 4 : g->m_extent < 1 || g->m_extent > 3 ? 2 : many ? WIDEST : WIDEST / 2;
    plan->vectors = (int)(all < most ? all : most);
    plan->rows = alone ? 1 + pair : many ? ROWS : FEW_REGISTERS_ROWS;
}

/* ---- blocks ---- */

/* Elements of K, from one of its axes on; -1: not known. */
static int64_t k_elements(const Gemm *g, int from)
{
    int64_t all = 1;
    for (int i = from; i < g->n_k; i++) {
        int64_t n = constant(g, g->e.k->axis[g->k[i]]);
        if (n < 0) return -1;
        all *= n;
    }
    return all;
}

/* Iterations of the first K axis that make a block of about so many elements, which ends where a segment does. */
static int64_t block_of(const Gemm *g, int64_t elements)
{
    int64_t inner = k_elements(g, 1);
    if (inner < 0) return ONE_SEGMENT;
    if (inner == 0) return 0;
    return inner > SEGMENT ? (elements + inner - 1) / inner : elements / SEGMENT * (SEGMENT / inner);
}

/* Are the lines that rows of A read in a block of K in few sets of the caches, while many columns want them? */
static bool lines_conflict(const Gemm *g)
{
    const Access *a = &g->e.k->rd.at[0];
    if (g->n_k != 1 || g->m < 0 || g->row_pass || g->plan.vectors <= 2 || dtype_memory(g->e.p->buf.at[a->buf].dtype) != gemm_memory(g))
        return false;
    int64_t along_k = constant(g, a->stride[g->k[0]]), along_m = constant(g, a->stride[g->m]);
    return along_m == 1 && along_k > 0 && along_k * element_bytes(g) % CONFLICT_LINES == 0;
}

static int64_t choose_k_block(const Gemm *g)
{
    int64_t all = k_elements(g, 0), stride = constant(g, g->e.k->rd.at[0].stride[g->k[g->n_k - 1]]);
    if (g->e.k->grouped || g->e.k->own_rows) return 0; /* totals that wait would be those of all threads */
    if (lines_conflict(g)) return all < 0 || all > LINE_K ? block_of(g, LINE_K) : 0;
    if (stride != 1) return all < 0 || all > SEGMENT ? block_of(g, SEGMENT) : 0;
    return g->n_k == 1 && all > LONG_K ? block_of(g, LONG_K) : 0;
}

/* Elements of an operand that one step along K reads: those of the axes that it has, each once; neighbours that overlap, too. */
static double step_elements(const Gemm *g, int rd)
{
    double n = 1, least = 0;
    const Access *a = &g->e.k->rd.at[rd];
    for (int i = 0; i < g->n_k; i++) {
        if (!a->stride[g->k[i]]) continue;
        double stride = fabs((double)usual(g, a->stride[g->k[i]]));
        if (least == 0 || stride < least) least = stride;
    }
    for (int i = 0; i < g->e.k->n_axes; i++)
        if (a->stride[i] && g->e.k->cls[i] != AX_K) n *= (double)usual(g, g->e.k->axis[i]);
    return n < least ? n : least;
}

static int64_t choose_ahead(const Gemm *g)
{
    double bytes = (step_elements(g, 0) + step_elements(g, 1)) * (double)element_bytes(g);
    if (!g->plan.k_block || constant(g, g->e.k->rd.at[0].stride[g->k[g->n_k - 1]]) == 1 || g->plan.pack_b) return 0;
    if (bytes * usual_count(g, AX_K) <= LARGE_BYTES || usual_count(g, AX_M) * usual_count(g, AX_N) >= FEW_PRODUCTS * bytes) return 0;
    return AHEAD;
}

/* Are the rows of A, which are read to their ends, many, and one behind the other? */
static bool choose_next_rows(const Gemm *g)
{
    if (g->n_k != 1 || g->m < 0 || g->plan.k_block || usual_count(g, AX_M) < MANY_ROWS) return false;
    int64_t along_k = constant(g, g->e.k->rd.at[0].stride[g->k[0]]), along_m = constant(g, g->e.k->rd.at[0].stride[g->m]);
    return along_k == 1 && along_m > UNROLLED_K && along_m == constant(g, g->e.k->axis[g->k[0]]);
}

/* count: elements of K in a block, -1: not known. */
static void choose_columns(Gemm *g, int64_t count)
{
    GemmPlan *plan = &g->plan;
    int64_t panel = (int64_t)plan->vectors * g->e.width;
    plan->columns = panel;
    if ((plan->vectors > 2 || reads_across(g)) && count > 0) plan->columns = BLOCK_BYTES / (count * element_bytes(g)) / panel * panel;
    if (plan->columns < panel) plan->columns = panel;
    if (g->n_extent >= 0 && g->n_extent <= plan->columns) plan->columns = 0;
}

static void choose_packing(Gemm *g, int64_t count)
{
    GemmPlan *plan = &g->plan;
    const Access *b = &g->e.k->rd.at[1];
    int64_t along_k = constant(g, b->stride[g->k[g->n_k - 1]]), along_n = constant(g, b->stride[g->e.vec]);
    if (count <= 0 || dtype_memory(g->e.p->buf.at[b->buf].dtype) != gemm_memory(g)) return;
    plan->transposes = along_n != 1 && along_k == 1;
    plan->pack_b = plan->transposes;
    if (plan->transposes || along_n != 1 || g->n_extent < 0 || g->n_k != 1) return;
    bool conflicts = rows_conflict(g) && count >= 64;
    plan->pack_b = conflicts || (plan->columns && plan->vectors > 2);
    plan->least_rows = conflicts ? CONFLICT_ROWS : MANY_ROWS;
}

/* Small code: one tile, of a row, with as many columns as leave no remainder. */
static void plan_compact(Gemm *g)
{
    enum { CHAINS = 4 };
    int vectors = g->e.vec < 0 || g->n_extent < 1 || g->row_pass ? 1 : CHAINS;
    while (g->n_extent % vectors)
        vectors /= 2;
    g->plan = (GemmPlan){.vectors = vectors, .rows = 1, .most_rows = 1};
}

void gemm_plan(Gemm *g)
{
    GemmPlan *plan = &g->plan;
    if (g->e.m->target.compact) {
        plan_compact(g);
        return;
    }
    if (gemm_amx_plan(g)) return;
    if (g->beside) {
        plan_beside(g);
    } else if (g->e.k->quads && g->e.vec >= 0) {
        plan_bytes(g);
    } else {
        plan->vectors = choose_vectors(g);
        plan->rows = tile_rows(g, plan->vectors);
    }
    if (g->turn.on && plan->rows > g->e.width) plan->rows = g->e.width;
    if (g->turn.on || !g->n_k || !l_is_float(g->type)) return;
    plan->k_block = choose_k_block(g);
    if (g->e.vec < 0 || g->beside) return; /* rows of A are read in the order of their bytes */
    int64_t count = plan->k_block > 0 ? plan->k_block * k_elements(g, 1) : plan->k_block < 0 ? -1 : k_elements(g, 0);
    choose_columns(g, count);
    choose_packing(g, count);
    plan->pack_a = lines_conflict(g) && plan->pack_b && plan->k_block;
    plan->next_rows = choose_next_rows(g);
    plan->ahead = choose_ahead(g);
}
