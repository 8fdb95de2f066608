/* SPDX-License-Identifier: MIT
 * events.h: numbers of a run as TensorBoard reads them: files of records with checksums (TFRecord), each a protocol buffer (Event).
 *
 *   record: length (8 bytes), checksum of it (4), bytes, checksum of them (4)
 *   Event:  1 time (double), 2 step, 3 "brain.Event:2" (the first one), 5 Summary, 7 SessionLog
 *   Summary { 1 Value { 1 name, 2 number (float) } ... }   SessionLog { 1 START }: what other files have from this step on is void */
#ifndef NNRT_RUN_EVENTS_H
#define NNRT_RUN_EVENTS_H

#include "run/report.h"

/* Both give 0, or errno. Makes FOLDER/NAME and a new file in it. from: the step that a run goes on with, or 0. */
int events_open(const char *folder, const char *name, int64_t from, int *fd);
/* The numbers of a report. */
int events_write(int fd, const nnrt *m, int entry, int64_t step, const double *values);

#endif
