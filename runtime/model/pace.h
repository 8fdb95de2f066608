/* SPDX-License-Identifier: MIT
 * pace.h: one thread or all? Small work is done faster alone, and so is everything on a busy machine: both ways are timed. */
#ifndef NNRT_MODEL_PACE_H
#define NNRT_MODEL_PACE_H

#include "model/model.h"

extern const double pace_call; /* seconds from which on a call is worth to wake the others for */
bool pace_all(const nnrt *m, double worth, Pace *pace); /* is it all, the next time? Then the call has to come */
void pace_note(Pace *pace, double seconds);          /* that it took */

#endif
