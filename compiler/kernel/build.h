/* SPDX-License-Identifier: MIT
 * build.h: shared by the files that turn a tensor graph into kernels.
 *
 * Every value is either kept (it has a Home, a place in a buffer) or inline (its expression is
 * repeated in the kernels of its users). Kernels are made for kept values in the order of the
 * graph. */
#ifndef NNC_KERNEL_BUILD_H
#define NNC_KERNEL_BUILD_H

#include "kernel/kernel.h"
#include "kernel/divide.h"
#include "kernel/merge.h"

typedef struct Home { /* element (i0, i1 ...) of a value is buf[off + sum stride * i + sum iter *
                         counter] */
    uint32_t buf;     /* 0: none */
    Dim off, stride[MAX_RANK], iter[MAX_COUNTERS];
} Home;

typedef struct Ax { /* an index as an affine function of the kernel's axes */
    Dim off, stride[MAX_AXES];
} Ax;
typedef struct Box { /* valid where lo <= at < hi */
    Ax at;
    Dim lo, hi;
} Box;
enum { MOST_BOXES = 8 };
typedef struct Map { /* index of every axis of a value, and where the value is needed at all */
    int rank;
    Ax ax[MAX_RANK];
    uint32_t n_box;
    Box box[MOST_BOXES];
    double fill; /* of loads outside the boxes */
    bool any;    /* what is loaded outside the boxes does not matter */
} Map;

typedef struct Margin { /* of a value [N, H, W, C]: zeros around it along H and W */
    int64_t lo[2], hi[2];
    Home whole; /* of the value with its margin, which has the type `wide` */
    Type wide;
} Margin;

typedef struct Builder Builder;
struct Builder {
    KProgram *p;
    Arena *arena;
    Dims *dims;
    const Graph *g;
    const KernelOptions *o;
    Builder *parent;     /* of a scan body */
    Ref scan;            /* its node in the parent's graph */
    uint32_t depth;      /* enclosing scans */
    VEC(Kernel *) *out; /* list that new kernels are added to */
    void (*value)(Builder *b, Ref r); /* build_value: operands that turn out to need a buffer are built in between */
    Home *home;          /* by node */
    Home **homes;        /* by node with several results */
    Home *dest;          /* by node: where a kept value has to be stored, if set */
    bool *keep, *live;
    bool *needed;        /* live, and not for the sake of asserts and prints only: no decision about other values may ask for those */
    bool *unwanted;      /* by result of a scan body: only asserts and prints read it */
    bool aside;          /* the kernels that are made now are for asserts and prints only */
    uint8_t *joined; /* by node: its operand, from 1, that is a product which is not rounded before it is added (product.c); or 0 */
    Ref *part_of;    /* by such a product: the node that has it as a part. It is not kept; a print may have it in a buffer */
    Ref *sink; /* by inline node: the kept node whose kernel has it, 0: several */
    Ref *acc;  /* by kept node: the dot or conv that its kernel computes, 0: none */
    Margin **margin; /* by kept node: NULL if it has none */
    Uses uses;
    const int64_t *sample;
    VEC(struct Copied {
        Ref r;
        Dim key[10];
        Home home;
    })
    copied; /* packed and padded copies that exist */
    VEC(struct Moments *) moments; /* first steps of moments (moments.c) */
};

/* decide.c */
void decide_values(Builder *b);
bool decide_is_gemm(const Builder *b, Ref r); /* dot or conv with columns: a GEMM kernel */

/* product.c */
void products_find(Builder *b);

/* access.c: maps and loads */
Dim build_dim(const Builder *b, int64_t v);
bool build_dim_is(const Builder *b, Dim d, int64_t v);
Ax ax_zero(const Builder *b);
Ax ax_axis(const Builder *b, int axis);
Ax ax_scaled(const Builder *b, const Ax *a, Dim scale);
Ax ax_sum(const Builder *b, const Ax *a, const Ax *c);
Access home_access(const Builder *b, const Home *home, const Map *m);
/* Home of value r, seen through views. False if something is in the way. */
bool home_through_views(const Builder *b, Ref r, Home *h);
/* The builder outside of scans where r, seen through views, is known: r becomes its node there. */
Builder *build_outside(Builder *b, Ref *r);
/* The view nodes from r down to a value with a home: composes the map. 0 if something is in the
 * way. */
Ref view_base(const Builder *b, Ref r, Map *m);
/* Index map of the operand of view node r, given the map of r itself. False if it is not affine. */
bool map_view(const Builder *b, Ref r, const Map *m, Map *out);
bool view_reshape_splits(const Builder *b, Ref r); /* every axis of the result belongs to one axis of the operand */
/* The home of reshape r seen in the shape of its operand. False if its rows do not touch where they would have to. */
bool home_as_operand(const Builder *b, Ref r, const Home *home, Home *out);

/* expr.c */
typedef struct XBuilder {
    Builder *b;
    Kernel *k;
    Ref acc; /* node that is X_acc, or acc_node if that is set */
    uint32_t acc_node;
    Ref failed; /* node that must be kept instead */
    VEC(struct Memo {
        Ref r;
        Map m;
        uint32_t x;
    })
    memo;
} XBuilder;
uint32_t expr_add(XBuilder *xb, XNode node);
uint32_t expr_emit(XBuilder *xb, Ref r, const Map *m); /* X number + 1; 0: failed is set */
uint32_t expr_boxed(XBuilder *xb, Ref r, const Map *m, double fill); /* r inside the boxes of m, fill outside */
void expr_store(XBuilder *xb, uint32_t value, const Home *to, const Map *m);
uint32_t expr_operand(XBuilder *xb, Ref r, uint32_t i, const Map *m); /* operand i of r, if joined as a product */
uint32_t expr_load(XBuilder *xb, const Home *home, const Map *m, uint8_t dtype);

/* nest.c */
Kernel *kernel_new(Builder *b, KernelKind kind, const char *what, Ref r);
void kernel_add(Builder *b, Kernel *k);
int kernel_axis(Kernel *k, Dim extent, AxisClass cls);
Map map_domain(Builder *b, Kernel *k, const Type *type, AxisClass cls); /* adds axes for the extents that are not 1 */
/* Makes the kernel with `fill`; a value that turns out to need a buffer (xb->failed) is built
 * first. */
typedef bool Attempt(Builder *b, Ref r, const Home *to, XBuilder *xb);
void build_attempt(Builder *b, Ref r, const Home *to, Attempt *fill, const char *what);
/* Home of value r, through views if possible; else it is given a buffer now. */
Home home_seen(Builder *b, Ref r);
void build_keep_now(Builder *b, Ref r);
void build_copy_home(Builder *b, const Type *type, uint8_t dtype, const Home *from, const Home *to, const char *what);
void build_fill(Builder *b, const Type *type, const Home *to, double value, const char *what);
Home home_new(Builder *b, const Type *type, const char *name); /* a dense work buffer */
Home home_spaced(Builder *b, const Type *type, const char *name); /* rows kept apart where that helps */
Home home_dense(Builder *b, uint32_t buf, const Type *type);
uint32_t buf_new(Builder *b, BufClass cls, uint8_t dtype, const char *name);
Home home_at(Builder *b, BufClass cls, const char *name, const Type *type, int64_t place); /* dense, in a block of the caller */
Home home_of_tensor(Builder *b, uint32_t tensor, bool gradient);
Home home_of(Builder *b, Ref r); /* of a kept value */
bool home_must_touch(const Builder *b, Ref r); /* must the rows of r touch, because of who reads it? */

/* value.c */
void build_value(Builder *b, Ref r);                                  /* the kernel of kept node r */
void build_part(Builder *b, Ref r, const Home *to, const char *what); /* value r stored at `to` */
/* gemm.c conv.c; root: the kept node that stores it (the contraction itself or its epilogue) */
void build_gemm(Builder *b, Ref dot, Ref root);
void build_convolution(Builder *b, Ref conv, Ref root);
void build_dot_as_nest(Builder *b, Ref r);
/* update.c */
void build_update_kernel(Builder *b, Ref r);
void build_gradient_places(Builder *b); /* gives gradients their places, before anything is built */
/* graph.c */
void build_scan_kernel(Builder *b, Ref r);
void build_nodes(Builder *b);
void build_concats(Builder *b);
void builder_start(Builder *b);                                       /* uses, live, decisions */
/* plan.c */
void plan_memory(KProgram *p);
bool plan_replaces(const Kernel *k, uint32_t r, uint32_t w); /* may its result w lie where its operand r is? */

/* seen.c: sets KProgram.seen, and `looks` in their kernels */
void seen_find(KProgram *p);

#endif
