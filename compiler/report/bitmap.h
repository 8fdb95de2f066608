/* SPDX-License-Identifier: MIT
 * bitmap.h: pictures inside of a page. */
#ifndef NNC_REPORT_BITMAP_H
#define NNC_REPORT_BITMAP_H

#include "report/tree.h"
#include "support/str.h"

/* An <img> with the picture of an example, {"height", "width", "channels", "picture": [0..255, ...]}. False: it is none. */
bool bitmap_put(Text *out, const Tree *picture, const char *about);

#endif
