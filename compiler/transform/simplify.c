/* SPDX-License-Identifier: MIT
 * simplify.c: a copy of what the results reach. The rules are in the constructors (tensor/). */
#include "transform/copy.h"
#include "transform/pass.h"

static bool copy_as_is(Copy *c, Ref r)
{
    (void)c;
    (void)r;
    return false;
}

Graph *pass_simplify(Pass *p, const Graph *g)
{
    return copy_graph(p->scratch, g, copy_as_is, NULL);
}
