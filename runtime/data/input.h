/* SPDX-License-Identifier: MIT
 * input.h: the file of a reader, piece by piece: plain, packed by gzip, or what a pipe gave. */
#ifndef NNRT_DATA_INPUT_H
#define NNRT_DATA_INPUT_H

#include "data/spec.h"

typedef struct Input Input;
int input_open(const Spec *spec, Input **out);
int input_of(const char *text, size_t n, Input **out); /* of memory that stays */
/* What stands from `keep` on (NULL: nothing), and more behind it; a 0 follows. *last: nothing comes behind it. */
int input_more(Input *in, const char *keep, char **text, size_t *n, bool *last);
void input_close(Input *in);

#endif
