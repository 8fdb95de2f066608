/* SPDX-License-Identifier: MIT
 * bug.c: the one exit for internal errors; main() maps the abort to exit code 70. */
#include "support/bug.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

_Noreturn void bug_report(const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "nnc: internal error at %s:%d: ", file, line);
    vfprintf(stderr, format, args);
    fputs("\nnnc: please report this with the program that caused it\n", stderr);
    va_end(args);
    abort();
}
