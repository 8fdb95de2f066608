/* SPDX-License-Identifier: MIT
 * quantized.h: programs whose contractions are of bytes (transform/quantize.h), and those that find the ranges for them. */
#ifndef NNC_QUANTIZED_H
#define NNC_QUANTIZED_H

#include "driver.h"
#include "emit/emit.h"

/* Is the file of ranges of another program? The status. */
int quantized_other_code(Nnc *cx, const CoreProgram *program);
/* The program without what trains. */
const CoreProgram *quantized_without_training(Nnc *cx, const CoreProgram *program);
/* Evaluations report the ranges of what contractions read, too. The status. */
int quantized_observe(Nnc *cx, Lowered *lowered);
/* e, laid out, has the weights: its graphs become those of bytes, and `small` the program without the weights that are tables now, with a
 * model block of the others. The status. */
int quantized_program(Nnc *cx, const EmitProgram *e, EmitProgram *small);
/* The model block is the program's whose hash is known now. */
void quantized_identify(EmitProgram *small);

#endif
