/* SPDX-License-Identifier: MIT
 * failure.c: a step that cannot go on. */
#include "run/failure.h"

int step_failure(Run *r, const Batch *b, int code)
{
    char saved[RT_PATH + 96] = "", epoch[32] = "", what[1400], data[RT_PATH + 200] = "";
    if (code != NNRT_E_NUMERIC && code != NNRT_E_ASSERT) return code;
    snprintf(what, sizeof what, "%s", nnrt_error_text());
    if (b && code == NNRT_E_NUMERIC) batch_not_finite(r->data, r->entry, b, data, sizeof data);
    if (r->data) snprintf(epoch, sizeof epoch, "epoch %lld, ", (long long)r->saved_epoch);
    if (r->saved_step >= 0)
        snprintf(saved, sizeof saved, " Last checkpoint: %s (%sstep %lld)", r->s->save[0] ? r->s->save : r->s->resume, epoch,
                 (long long)r->saved_step);
    return rt_fail(code, "%s.%s%s%s%s", what, *data ? " " : "", data, *data ? "." : "", saved);
}
