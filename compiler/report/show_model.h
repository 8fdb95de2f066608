/* SPDX-License-Identifier: MIT
 * show_model.h: what a model costs, and where its time goes, on a page. */
#ifndef NNC_REPORT_SHOW_MODEL_H
#define NNC_REPORT_SHOW_MODEL_H

#include "report/gather.h"

void show_summary(Text *out, const Found *summary);
void show_profile(Text *out, const Found *profile);

#endif
