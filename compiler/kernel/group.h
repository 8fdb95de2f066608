/* SPDX-License-Identifier: MIT
 * group.h: kernels whose values each item of a batch needs only itself run item by item.
 *
 *   before:  S[b,t,s] = Q K^T                 after:  GROUP b:                        (a thread's S, P: t by s elements, in its cache)
 *            P[b,t,s] = softmax rows of S              S[t,s] = Q K^T; P[t,s] = softmax rows of S; O[b,t,e] = P V
 *            O[b,t,e] = P V
 *
 * A group begins with a contraction that has batch axes; these are its items. A kernel belongs to it if it has the same axes and
 * touches a value of the group at its own item only: the strides of the items are those of the value, and what is left of the
 * access is the same set of elements. Nothing that a member needs may come from a kernel outside that needs a member.
 *
 * A value that is needed once more far behind, by a gradient, does not stay in memory till then: if all that need it there
 * make a group too, it is computed again in that one, by a copy of the kernel that made it, whose reductions are read, not repeated
 * (the maximum and the sum of a softmax are small and stay). */
#ifndef NNC_KERNEL_GROUP_H
#define NNC_KERNEL_GROUP_H

#include "kernel/merge.h"
#include "kernel/touch.h"

enum { MOST_ITEM_AXES = 3 };

typedef struct Member {
    uint32_t at; /* place in the list; a kernel that was made: NO_PLACE */
    Kernel *k;
    int axis[MOST_ITEM_AXES]; /* of k, by axis of the items */
} Member;
#define NO_PLACE UINT32_MAX

typedef struct Far { /* a kernel that reads a value of a group, but cannot be in it */
    uint32_t buf;
    Member reader;
} Far;

typedef struct Group {
    int n; /* axes of the items */
    Dim extent[MOST_ITEM_AXES];
    VEC(Member) member;
    VEC(Far) far;
} Group;

typedef struct Grouper {
    Merger *m;
    KernelList *list;
    Touches *touches; /* by place in the list */
    int64_t least;    /* elements of an item that a value of a group must have at least */
} Grouper;

/* least: elements of an item, so that a group is worth it; 0: the usual */
void group_kernels(Merger *m, int64_t least);

/* group_find.c */
/* The group that begins with the contraction at a place of the list; false: none. */
bool group_find(const Grouper *gr, uint32_t seed, Group *g);
/* The group that begins with the far readers of g; false: they are in no group. */
bool group_find_far(const Grouper *gr, const Group *g, Group *far);
const Member *group_member(const Group *g, uint32_t at);
/* Does access a of kernel k touch the same elements of its item as the member's access `by`? axis: of k, the items. */
bool group_same_item(const Group *g, const Member *m, const Access *by, const Kernel *k, const Access *a, int *axis);
/* Can the members and the kernel at `also` stand at one place? Whatever between them needs one of them, directly or not, is
 * needed by none of them. */
bool group_together(const Grouper *gr, const Group *g, uint32_t also);
/* Elements of an item from the first to the last that the access touches; 0: not known, or not from 0 on. */
int64_t group_span(const Grouper *gr, const Member *m, const Access *a);

/* group_again.c */
/* Makes in `far` what its members need of g again; `made` gets the kernels, in order, and the readers read what they make. */
typedef VEC(Member) MemberList;
void group_compute_again(Grouper *gr, const Group *g, Group *far, MemberList *made);

#endif
