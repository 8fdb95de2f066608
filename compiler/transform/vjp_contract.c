/* SPDX-License-Identifier: MIT
 * vjp_contract.c: derivatives of contractions and of take and scatter_add.
 *
 * dot and conv are each one trilinear form <op(x, w), z>: the derivative by one argument is the
 * form's partial derivative, the same operation with the roles exchanged. */
#include "transform/vjp.h"

/* Axes of one operand of a dot, by role. */
typedef struct Roles {
    int batch[MAX_RANK], contract[MAX_RANK], free[MAX_RANK];
    int n_batch, n_contract, n_free, rank;
} Roles;

/* side 0: first operand, 1: second */
static Roles roles_get(const Vjp *v, int side)
{
    Roles r = {.n_batch = (int)graph_attr(v->g, v->node, 0),
               .n_contract = (int)graph_attr(v->g, v->node, 1),
               .rank = vjp_in_type(v, (uint32_t)side).rank};
    uint32_t at = 2 + (uint32_t)(side ? r.n_batch + r.n_contract : 0);
    bool used[MAX_RANK] = {false};
    for (int i = 0; i < r.n_batch; i++)
        r.batch[i] = (int)graph_attr(v->g, v->node, at++);
    for (int i = 0; i < r.n_contract; i++)
        r.contract[i] = (int)graph_attr(v->g, v->node, at++);
    for (int i = 0; i < r.n_batch; i++)
        used[r.batch[i]] = true;
    for (int i = 0; i < r.n_contract; i++)
        used[r.contract[i]] = true;
    for (int i = 0; i < r.rank; i++)
        if (!used[i]) r.free[r.n_free++] = i;
    return r;
}

/* Position among ascending axes. */
static int order_of(const int *axes, int n, int axis)
{
    int k = 0;
    for (int i = 0; i < n; i++)
        k += axes[i] < axis;
    return k;
}

/* The derivative by `self` in its layout: dot(z, other), or dot(other, z) for the second operand,
 * so that the axes of a matrix product come out in place. z_free: where the free axes of `other`
 * lie in z. */
static Ref other_mode(Vjp *v, int side, Roles self, Roles other, int z_free)
{
    int z_batch[MAX_RANK] = {0}, z_contract[MAX_RANK] = {0}, perm[MAX_RANK] = {0};
    Ref z = v->cot[0], w = vjp_in(v, side ? 0 : 1);
    for (int i = 0; i < self.n_batch; i++)
        z_batch[i] = i;
    for (int i = 0; i < other.n_free; i++)
        z_contract[i] = z_free + i;
    Ref r = side ? build_dot(v->g, w, z, self.n_batch, other.batch, z_batch, other.n_free, other.free, z_contract)
                 : build_dot(v->g, z, w, self.n_batch, z_batch, other.batch, other.n_free, z_contract, other.free);
    /* result: batch, then the free axes of self and the contracted ones in the order of other's
     * axes */
    int free_at = self.n_batch + (side ? self.n_contract : 0), contract_at = self.n_batch + (side ? 0 : self.n_free);
    for (int i = 0; i < self.n_batch; i++)
        perm[self.batch[i]] = i;
    for (int i = 0; i < self.n_free; i++)
        perm[self.free[i]] = free_at + i;
    for (int i = 0; i < self.n_contract; i++)
        perm[self.contract[i]] = contract_at + order_of(other.contract, other.n_contract, other.contract[i]);
    return build_permute(v->g, r, perm);
}

void vjp_dot(Vjp *v)
{
    Roles a = roles_get(v, 0), b = roles_get(v, 1);
    if (v->want[0]) v->out[0] = other_mode(v, 0, a, b, a.n_batch + a.n_free);
    if (v->want[1]) v->out[1] = other_mode(v, 1, b, a, a.n_batch);
}

void vjp_conv(Vjp *v)
{
    enum { FORWARD, DX, DW };
    Conv conv = conv_get(v->g, v->node);
    Ref a = vjp_in(v, 0), b = vjp_in(v, 1), g = v->cot[0];
    int mode = conv.mode;
    Conv first = conv, second = conv;
    first.mode = mode == FORWARD ? DX : mode == DX ? FORWARD : DX;
    second.mode = mode == DW ? FORWARD : DW;
    /* forward (x, w): dx(g, w), dw(x, g). dx (y, w): forward(g, w), dw(g, y).
     * dw (x, y): dx(y, g), forward(x, g) */
    if (v->want[0]) v->out[0] = mode == DW ? build_conv(v->g, b, g, &first) : build_conv(v->g, g, b, &first);
    if (v->want[1]) v->out[1] = mode == DX ? build_conv(v->g, g, a, &second) : build_conv(v->g, a, g, &second);
}

void vjp_take(Vjp *v)
{
    v->out[0] = build_scatter_add(v->g, vjp_in(v, 1), v->cot[0], vjp_in_type(v, 0).dim[0]);
}

void vjp_scatter_add(Vjp *v)
{
    v->out[1] = build_take(v->g, v->cot[0], vjp_in(v, 0));
}
