/* SPDX-License-Identifier: MIT
 * misfit.h: what does not fit between a file of weights and the program, told at once. */
#ifndef NNRT_MODEL_MISFIT_H
#define NNRT_MODEL_MISFIT_H

#include "model/model.h"
#include "model/safetensors.h"

typedef struct Misfits {
    const nnrt *m;
    const Safetensors *file;
    char text[2000];
    int n;
} Misfits;

void misfits_add(Misfits *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The end: an error, or a remark where the rest is enough. Tensors of the file of which used[i] is false are listed, too, so that
 * a wrong name is found. */
int misfits_fail(Misfits *p, const bool *used, bool none_fits);
void misfits_remark(Misfits *p, const bool *used);

#endif
