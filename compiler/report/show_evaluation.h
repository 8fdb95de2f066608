/* SPDX-License-Identifier: MIT
 * show_evaluation.h: an evaluation on a page: its numbers, confusion matrices, values of classes, the worst examples. */
#ifndef NNC_REPORT_SHOW_EVALUATION_H
#define NNC_REPORT_SHOW_EVALUATION_H

#include "report/gather.h"

/* Pictures are left out where the page would have more than `most` bytes. */
void show_evaluation(Text *out, const Found *evaluation, size_t most);

#endif
