# SPDX-License-Identifier: MIT
# An assert that does not hold ends a run, an evaluation or a call like other wrong data; what was saved stays.
cat >checks.nn <<'TEXT'
option limit: float = 2.5 "the largest weight that an assert lets pass"
option deep: float = 100 "the largest value on the way"
data d {
    x: float[2] = csv("x.csv", columns=0..2)
    y: float[1] = csv("x.csv", columns=2..3)
    split(train=0.75, test=0.25, shuffle=false)
}
layer Line {
    param w: float[2, 1] = 1
    fn forward[B](x: float[B, 2]) -> float[B, 1] {
        assert abs(x) < 50
        return x @ w
    }
}
model net = Line()
train fit[B](ex in d.train, batch=3, epochs=4, shuffle=false, save="w.safetensors", save_every=1) {
    y = net(ex.x)
    assert net.w < limit, "weights stay below the limit"
    minimize -mean(y) over net using sgd(lr=0.5)
    report m = mean(y)
}
eval test[B](ex in d.test, batch=1) {
    assert ex.y >= 0, "no negative targets"
    report m = mean(net(ex.x))
}
train late[B](ex in d.train, batch=3, epochs=1, shuffle=false, save=none) {
    minimize -mean(net(ex.x)) over net using sgd(lr=0.5)
    assert net.w < 1, "seen behind the update"
    report m = mean(net.w)
}
export fn ask[B](x: float[B, 2], n: dim) -> float[B, 1] {
    assert n < 4 and B < 3, "small questions"
    assert x > -1, "questions above -1"
    return net(x)
}
export fn deepest[B, T](x: float[B, T]) -> float[B] {
    scan v in x along 1 with h = zeros(B) {
        h = twice(h) + v
        assert h < deep, "h below " + "the depth"
    }
    return h
}
fn twice[*S](x: float[*S]) -> float[*S] {
    y = 2 * x
    assert y != 6
    return y
} grad (dy) { return 2 * dy }
TEXT
printf '1,2,3\n2,1,4\n0,1,5\n1,1,-6\n' >x.csv
"$NNC" checks.nn -o a >out 2>&1 || broken "checks.nn does not compile"

# 3 rows of x: their means are 1 and 4/3; a step adds half of them to the weights. The third step finds 2 and 7/3, the fourth 2.5 and 3.
for threads in 1 2; do
    fails 1 'checks: fit, step 3: checks.nn:18: assert does not hold: weights stay below the limit; false for 2 of 2 elements, the first is [0, 0]. Last checkpoint: w.safetensors (epoch 3, step 3)' \
        ./a fit --threads $threads
done
shows 'm 6.5' ./a test --load w.safetensors --on train --batch 3
fails 1 'checks: fit, step 2: checks.nn:18: assert does not hold: weights stay below the limit; false for 1 of 2 elements, the first is [1, 0]' \
    ./a fit --limit 2.2 --save none
fails 1 'checks: test, batch 0: checks.nn:23: assert does not hold: no negative targets; false for 1 of 1 elements, the first is [0, 0]' ./a test
fails 1 'checks: late, step 0: checks.nn:28: assert does not hold: seen behind the update; false for 2 of 2 elements, the first is [0, 0]' ./a late
gives 8.5 ./a ask --x 1,2 --n 3
fails 1 'checks: ask: checks.nn:32: assert does not hold: small questions' ./a ask --x 1,2 --n 4
fails 1 'checks: ask: checks.nn:33: assert does not hold: questions above -1; false for 3 of 4 elements, the first is [0, 1]' ./a ask --x '1,-2;-3,-4' --n 1
fails 1 'checks: ask: checks.nn:11: net: assert does not hold: abs(x) < 50; false for 1 of 4 elements, the first is [1, 0]' ./a ask --x '1,2;80,4' --n 1

# Inside of a scan: the turns are an axis in front; inside of a function with its own gradient.
gives 34 ./a deepest --x 1,2,4,10
fails 1 'checks.nn:39: assert does not hold: h below the depth; false for 2 of 8 elements, the first is [2, 1]' ./a deepest --x '1,2,4,10;1,2,100,10'
fails 1 'checks.nn:45: assert does not hold: y != 6; false for 1 of 3 elements, the first is [1, 0]' ./a deepest --x 3,1,1

# Left out.
"$NNC" --no-debug checks.nn -o b >out 2>&1 || broken "checks.nn does not compile with --no-debug"
near 1e-4 -10 ./b ask --x '80,-70' --n 9
shows 'epoch 4/4, step 4/4' ./b fit
"$NNC" --no-debug --dump=core --stop-after=check checks.nn >out 2>&1
! grep -q probe out || broken "--no-debug leaves an assert"

# In C: the core has numbers, the convenience layer the text.
cat >main.c <<'END'
#include <stdio.h>
#include <string.h>
#include "checks.h"

static _Alignas(NNRT_ALIGN) unsigned char area[CHECKS_FIT_TRAIN_BYTES], work[8192];

int main(void)
{
    const float good[] = { 1, 2, 2, 1 }, bad[] = { 1, 2, 3, -4 };
    float out[2] = { 0 };
    checks *m = checks_new(1);
    nnrt_call call = { .size = sizeof call, .work = work, .work_bytes = sizeof work };
    if (checks_core_ask(checks_model(m), &call, 2, good, 1, out) || out[0] != 3) return 1;
    if (checks_core_ask(checks_model(m), &call, 2, bad, 1, out) != NNRT_E_ASSERT) return 2;
    if (call.error.code != NNRT_E_ASSERT || call.error.line != 33 || call.error.argument != 1) return 3;
    if (call.error.given != 1 || call.error.wanted != 3 || call.error.axis != -1) return 4;
    if (checks_core_fit_init(area, 1)) return 5;
    checks_options options;
    checks_core_defaults(&options);
    options.limit = 1;
    call.options = &options;
    if (checks_core_fit_step(checks_model(m), area, &call, 2, good) != NNRT_E_ASSERT || call.error.line != 18) return 6;
    if (checks_core_ask(checks_model(m), &call, 2, good, 1, out) || out[0] != 3) return 7; /* nothing was updated */
    options.limit = 2;
    if (checks_core_fit_step(checks_model(m), area, &call, 2, good)) return 8;
    if (checks_ask(m, 2, bad, 1, out) != NNRT_E_ASSERT) return 9;
    puts(checks_error());
    checks_free(m);
    return 0;
}
END
"$NNC" -c checks.nn >out 2>&1 || broken "the object does not compile"
dir=$(dirname "$NNC")
cc -std=c11 -Wall -Wextra -Werror main.c checks.o -I"$SOURCE/runtime" -L"$dir/runtime" -lnnrt -lm -lpthread $sanitize -o main >out 2>&1 ||
    broken "main.c does not compile"
gives 'ask: checks.nn:33: assert does not hold: questions above -1; false for 1 of 4 elements, the first is [1, 1]' ./main
