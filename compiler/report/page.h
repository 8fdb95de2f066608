/* SPDX-License-Identifier: MIT
 * page.h: `nnc report`: what runs wrote, as one HTML file that needs no other, at most 500 kB large. */
#ifndef NNC_REPORT_PAGE_H
#define NNC_REPORT_PAGE_H

#include <stdint.h>

#include "support/str.h"

/* NULL, or what is wrong; *status is then 1 or 3. */
const char *page_files(Text *out, const char *const *paths, uint32_t n, const char *title, int *status);

#endif
