/* SPDX-License-Identifier: MIT
 * layout.h: where parameters, states, gradients, slots and sums lie (docs/embedding.md#who-owns-what).
 *
 * Model block: 64 bytes of identification, all parameters, then states. Each tensor starts at a multiple of 16 elements; a
 * last axis of rank >= 2 whose extent is a multiple of 256 has a stride of extent + 16. Gaps are zero and stay zero.
 * Train area: nnrt_train header (64 bytes), one int64_t update count per slot set, the gradient block (same layout as the
 * hull of all `over` ranges of the parameter block), slot blocks, report sums. All offsets are bytes, multiples of 64. */
#ifndef NNC_KERNEL_LAYOUT_H
#define NNC_KERNEL_LAYOUT_H

#include "tensor/tensor.h"

typedef struct LayoutTensor {
    const char *name;
    bool is_state;
    Type type; /* constant extents; dtype as in the object (f32 or f64 for float) */
    int64_t extent[MAX_RANK], stride[MAX_RANK]; /* elements */
    int64_t offset; /* bytes from the start of the model block */
    int64_t padded; /* elements occupied, padding included */
} LayoutTensor;

typedef struct Layout {
    uint8_t float_dtype; /* DT_f32 or DT_f64 */
    VEC(LayoutTensor) tensor; /* index = CoreTensor index */
    int64_t param_bytes, state_offset, model_bytes;
} Layout;

enum { LAYOUT_SLOTS = 3, LAYOUT_PACKED = -1 }; /* the hull where gradients lie end to end */

typedef struct LayoutStatement { /* as in nnrt_statement */
    VEC(uint32_t) over; /* tensor indices, ascending */
    uint32_t slots;     /* in use, as bits */
    uint32_t more;      /* statements behind it that are updated with it */
    int32_t slot_set;   /* statements with the same set share count and slots */
    int64_t count_offset, slot_offset[LAYOUT_SLOTS]; /* 0: not in use */
} LayoutStatement;

typedef struct EntryLayout { /* train area of a train entry; an eval has only sums at offset 0 */
    VEC(LayoutStatement) statement;
    VEC(Type) sum;           /* f64, constant extents */
    VEC(int64_t) sum_at;     /* bytes from the start of the train area (train) or of the sums block (eval) */
    const bool *in_place;    /* by tensor: its gradient is in no memory, the others' lie end to end; NULL: of none */
    int64_t hull, grad_count; /* first element (of the parameter block) and elements of the gradient block */
    int64_t grad_offset, sum_offset, sum_bytes, total_bytes;
} EntryLayout;

/* tensor[].name, is_state and type are given; the rest is computed. */
void layout_model(Layout *layout, const Dims *dims);
/* statement[].over, slots, slot_set and sum[] are given. has_train: a train area with header, else sums only. */
void layout_entry(Arena *arena, const Layout *layout, EntryLayout *entry, const Dims *dims, bool has_train);
/* Byte offset in the train area of the gradient of a tensor. */
int64_t layout_gradient(const Layout *layout, const EntryLayout *entry, uint32_t tensor);

#endif
