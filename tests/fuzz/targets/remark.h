/* SPDX-License-Identifier: MIT
 * remark.h: remarks are given in place of standard error. */
#ifndef FUZZ_REMARK_H
#define FUZZ_REMARK_H

#include <stdarg.h>

#include "model/model.h"
#include "target.h"

void __wrap_rt_remark(const nnrt *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

void __wrap_rt_remark(const nnrt *m, const char *format, ...)
{
    char text[4096];
    va_list args;
    (void)m;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    give("(remark: %s) ", text);
}

#endif
