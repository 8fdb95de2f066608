/* SPDX-License-Identifier: MIT
 * share.h: the share of the memory for data that could also be read again: a quarter of what the process may use, for all files of all
 * data together, unless the user says how much (`--cache`). */
#ifndef NNRT_DATA_SHARE_H
#define NNRT_DATA_SHARE_H

#include "model/model.h"

size_t share_most(nnrt *m);
bool share_take(nnrt *m, size_t bytes); /* false: there is not as much left */
void share_give_back(nnrt *m, size_t bytes);

#endif
