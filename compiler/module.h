/* SPDX-License-Identifier: MIT
 * module.h: a module of WebAssembly and what stands beside it, of `nnc --target=wasm32`. */
#ifndef NNC_MODULE_H
#define NNC_MODULE_H

#include "driver.h"
#include "emit/emit.h"

/* Each gives the status. check: before the work: what the names are, and that nothing else is to be linked in. link: from the object to
 * the module. write: the functions for JavaScript, and their types. */
int module_check(Nnc *cx);
int module_link(Nnc *cx, const char *object, const char *output);
int module_write(Nnc *cx, const EmitProgram *e);

#endif
