/* SPDX-License-Identifier: MIT
 * native.c: 50 steps of training of a classifier P of INPUTS numbers in CLASSES classes, by the core functions; then the loss of the last
 * step and all tensors, dense, in the order of the program, on standard output. tests/web/train.mjs does the same by a module. */
#include <stdio.h>
#include <stdlib.h>
#define NAME(A, B) A##B
#define OF(P, WHAT) NAME(P, WHAT)

enum { ROWS = 8, STEPS = 50 };
static uint32_t state = 1;

static uint32_t draw(void)
{
    state = state * 1664525u + 1013904223u;
    return state >> 8;
}

static void *take(size_t bytes)
{
    return aligned_alloc(NNRT_ALIGN, (bytes + NNRT_ALIGN - 1) / NNRT_ALIGN * NNRT_ALIGN);
}

static void put_tensor(const unsigned char *model, const nnrt_tensor_desc *t)
{
    size_t width = t->dtype == 4 ? 1 : 4;
    int64_t n = 1, left;
    for (int d = 0; d < t->rank; d++)
        n *= t->dim[d];
    for (int64_t i = 0; i < n; i++) {
        int64_t at = 0;
        left = i;
        for (int d = t->rank - 1; d >= 0; d--)
            at += left % t->dim[d] * t->stride[d], left /= t->dim[d];
        fwrite(model + t->offset + (size_t)at * width, width, 1, stdout);
    }
}

int main(void)
{
    static float x[ROWS * INPUTS];
    static int32_t y[ROWS];
    size_t bytes = OF(P, _core_fit_work)(ROWS, 1);
    nnrt_call call = {.size = sizeof call, .work = take(bytes), .work_bytes = bytes, .seed = 1};
    void *model = take(OF(P, _core_model_bytes)()), *train = take(OF(P, _core_fit_train_bytes)());
    OF(P, _fit_report) report = {0};
    for (int i = 0; i < ROWS * INPUTS; i++)
        x[i] = (float)draw() / 0x800000 - 1;
    for (int i = 0; i < ROWS; i++)
        y[i] = (int32_t)(draw() % CLASSES);
    int e = OF(P, _core_init)(model, 1);
    if (!e) e = OF(P, _core_fit_init)(train, 1);
    for (int step = 0; !e && step < STEPS; step++) {
        e = OF(P, _core_fit_step)(model, train, &call, ROWS, x, y);
        if (!e) e = OF(P, _core_fit_report)(train, &report);
    }
    if (e) return e;
    fwrite(&report.loss, sizeof report.loss, 1, stdout);
    const nnrt_desc *desc = &OF(P, _desc);
    for (int32_t i = 0; i < desc->n_tensors; i++)
        put_tensor(model, &desc->tensor[i]);
    return 0;
}
