/* SPDX-License-Identifier: MIT
 * bug.h: BUG("...") reports a mistake of the compiler itself and aborts (main makes it exit code 70). */
#ifndef NNC_SUPPORT_BUG_H
#define NNC_SUPPORT_BUG_H

#define BUG(...) bug_report(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void bug_report(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
