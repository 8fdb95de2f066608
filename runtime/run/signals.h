/* SPDX-License-Identifier: MIT
 * signals.h: what a run is told by signals: to end (SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXCPU, SIGUSR1), or to save (SIGUSR2). */
#ifndef NNRT_RUN_SIGNALS_H
#define NNRT_RUN_SIGNALS_H

#include <stdbool.h>

#include "nnrt.h"

void signals_watch(void);
void signals_clear(nnrt *m);
enum { STOP_ASKED = -1 };
int signals_stop(const nnrt *m); /* the signal that ends the run of a model, STOP_ASKED (nnrt_stop), or 0 */
bool signals_told(void); /* has a signal come that ends a run? */
bool signals_save(void);         /* a checkpoint is wanted; true once for each time */

#endif
