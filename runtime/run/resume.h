/* SPDX-License-Identifier: MIT
 * resume.h: what a run was started with, in its checkpoint. */
#ifndef NNRT_RUN_RESUME_H
#define NNRT_RUN_RESUME_H

#include "run/settings.h"

char *resume_text(const nnrt *m, const Settings *s, const char *decides); /* JSON; free() it. NULL: no memory */
/* The checkpoint s->resume: what is not given is taken from it (options of the program too), what is
 * given and would make it another run is an error. */
int resume_settings(nnrt *m, Settings *s);

#endif
