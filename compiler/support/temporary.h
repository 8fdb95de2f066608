/* SPDX-License-Identifier: MIT
 * temporary.h: the names of the files that go at the end of the process, also where that is an error or a signal. The list is the
 * process's: a signal has nothing else. */
#ifndef NNC_SUPPORT_TEMPORARY_H
#define NNC_SUPPORT_TEMPORARY_H

enum { TEMPORARY_PATH = 4096 };

unsigned temporary_count(void);
void temporary_add(const char *name); /* what is too much, or too long, is not in the list */
/* Around what creates such a file. Begin does not return any more when the process ends: another thread would leave the file behind. */
void temporary_open_begin(void);
void temporary_open_end(void);
void temporary_remove_all(void); /* at the end of the process; may be called by a signal handler */

#endif
