/* SPDX-License-Identifier: MIT
 * package.h: a Python package as a folder, of `nnc --python`. */
#ifndef NNC_PACKAGE_H
#define NNC_PACKAGE_H

#include "driver.h"
#include "emit/emit.h"

/* Each gives the status. check: before the work: no file but those of a package is written over. open: makes its folders; close: takes
 * away those that it made, if they are empty. */
int package_check(Nnc *cx);
int package_open(Nnc *cx);
void package_close(Nnc *cx);
int package_write(Nnc *cx, const EmitProgram *e); /* the texts beside the library */

#endif
