# SPDX-License-Identifier: MIT
# A C program trains and evaluates through the core alone: steps, reports (means over examples since the last one), sums that are cleared.
cat >line.nn <<'TEXT'
data d {
    x: float[1] = csv("x.csv", columns=0..1)
}
layer Line() {
    param w: float[1] = ones(1)
    fn forward[B](x: float[B, 1]) -> float[B, 1] { return x * w }
}
model net = Line()
train fit[B](ex in d.all, batch=2, steps=3) {
    loss = mean(net(ex.x))
    minimize loss over net using sgd(lr=0.5)
    report loss, mean(ex.x)
}
eval test[B](ex in d.all, batch=2) {
    report mean(net(ex.x) - 1)
}
TEXT
cat >main.c <<'END_OF_PROGRAM'
#define LINE_CORE_ONLY
#include "line.h"

static _Alignas(NNRT_ALIGN) unsigned char model[LINE_MODEL_BYTES], area[LINE_FIT_TRAIN_BYTES], sum[LINE_TEST_SUM_BYTES], work[4096];

int main(void)
{
    const float x[] = { 1, 1, 4, 4, 4 };
    nnrt_call call = { .size = sizeof call, .work = work, .work_bytes = sizeof work };
    line_fit_report fit;
    line_test_report test;
    if (line_core_init(model, 1) || line_core_fit_init(area, 1) || line_core_test_clear(sum)) return 1;
    if (line_core_fit_step(model, area, &call, 2, x)) return 2; /* w = 1 - 0.5 * 1 */
    if (line_core_fit_step(model, area, &call, 3, x + 2)) return 3; /* w = 0.5 - 0.5 * 4 = -1.5 */
    if (line_core_fit_report(area, &fit) || fit.loss != (2 * 1 + 3 * 2) / 5.0 || fit.mean != (2 * 1 + 3 * 4) / 5.0 || fit.examples != 5) return 4;
    if (line_core_test_step(model, sum, &call, 2, x) || line_core_test_step(model, sum, &call, 3, x + 2)) return 5;
    if (line_core_test_report(sum, &test) || test.mean != (2 * -2.5 + 3 * -7) / 5 || test.examples != 5) return 6;
    if (line_core_test_clear(sum) || line_core_test_step(model, sum, &call, 2, x)) return 7;
    if (line_core_test_report(sum, &test) || test.mean != -2.5 || test.examples != 2) return 8;
    if (line_core_fit_step(model, area, &call, 2, x)) return 9; /* what was reported is not reported again */
    if (line_core_fit_report(area, &fit) || fit.loss != -1.5 || fit.mean != 1 || fit.examples != 2) return 10;
    return 0;
}
END_OF_PROGRAM
"$NNC" -c line.nn >out 2>&1 || broken "line.nn does not compile"
cc -std=c11 -Wall -Wextra -Werror main.c line.o -o main >out 2>&1 || broken "main.c does not compile"
./main
status=$?
[ $status = 0 ] || broken "step $status of main.c gives something else"
