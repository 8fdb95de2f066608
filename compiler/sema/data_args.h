/* SPDX-License-Identifier: MIT
 * data_args.h: the named arguments of readers and of split (language.md#readers). One table says for each of them which readers take
 * it, the values it can have and their range; two more say which arguments need or exclude one another. Whatever a program
 * writes is used or refused. */
#ifndef NNC_SEMA_DATA_ARGS_H
#define NNC_SEMA_DATA_ARGS_H

#include "sema/base/state.h"

bool reader_known(const char *name); /* csv, idx, ... */
const char *reader_argument(const char *reader, uint32_t i); /* the name of its i-th argument, also of `split`; NULL: it has less */

/* The value of argument a of a reader, or of split, in *out. False after an error. `block` is the data block that fields are
 * looked up in. */
bool argument_eval(Sema *s, const char *reader, const Global *block, const Arg *a, CoreReaderArg *out);

const CoreReaderArg *argument_find(const CoreReader *r, const char *key); /* NULL if not given */
bool reader_is_text(const CoreReader *r);                                 /* its arguments turn text into numbers */
bool reader_has_codes(const CoreReader *r);                               /* its numbers stand for classes, pieces of texts or bytes */
bool field_has_codes(const CoreField *f); /* so do those of the field, which computes nothing with them */
/* All arguments of a reader together, for a field of this type (or a part of an expression of it: alone is false). */
bool arguments_check(Sema *s, const CoreReader *r, const SemaType *type, bool alone, Span call);

#endif
