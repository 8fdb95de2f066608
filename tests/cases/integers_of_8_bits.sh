# SPDX-License-Identifier: MIT
# `nnc quantize` and `--int8`: ranges from a part of the data, the program and the object of integers, what they refuse.
mkdir tmp && export TMPDIR=$PWD/tmp
awk 'BEGIN { srand(4); for (i = 0; i < 600; i++) { s = ""; for (k = 0; k < 16; k++) s = s sprintf("%.3f,", sin(1.3 * k * (i % 3 + 1)) + 2.5 * (rand() + rand() - 1));
    print s i % 3 } }' >t.csv
cat >m.nn <<'END'
data rows {
    v: float[16] = csv("t.csv", columns=0..16)
    kind: int<3> = csv("t.csv", column=16)
    split(train=0.6, valid=0.2, test=0.2, seed=1)
}
layer Net {
    layer window = Conv2d(1, 6, kernel=3, pad=1)
    layer norm = BatchNorm(6)
    layer body = chain(Dense(96, 40), relu, Dense(40, 24), tanh, Dense(24, 3))
    fn forward[B](x: float[B, 16]) -> float[B, 3] {
        y = relu(norm(window(reshape(x, [B, 4, 4, 1]))))
        return body(reshape(y, [B, 96]))
    }
}
model net = Net()
train fit[B](ex in rows.train, batch=20, epochs=5, seed=3, log="none", save="m.st") {
    loss = cross_entropy(net(ex.v), ex.kind)
    minimize loss over net using adam(lr=0.01)
    report loss
}
eval test[B](ex in rows.test, batch=50) {
    report accuracy(net(ex.v), ex.kind), cross_entropy(net(ex.v), ex.kind)
}
export fn scores[B](v: float[B, 16]) -> float[B, 3] { return net(v) }
END
"$NNC" m.nn -o m && ./m fit --quiet || broken "the program does not train"
shows "times smaller" "$NNC" quantize m.nn --weights=m.st --calibrate=valid
grep -q '"name":"net.window.w"' m.int8.json || broken "no range of net.window.w: $(cat m.int8.json)"
grep -qE '"f32":\{"accuracy":.*"int8":\{"accuracy":' m.int8.json || broken "no accuracies: $(cat m.int8.json)"
gives "" "$NNC" --weights=m.st --int8=m.int8.json m.nn -o q
floats=$(./m test --load m.st | sed 's/.*accuracy \([0-9.]*\),.*/\1/') integers=$(./q test | sed 's/.*accuracy \([0-9.]*\),.*/\1/')
awk -v a="$floats" -v b="$integers" 'BEGIN { exit !(a > 0.5 && b >= a - 0.02) }' || broken "accuracy $floats, in integers $integers"
cut -d, -f1-16 t.csv | head -64 >x.csv
./m scores --load m.st --v x.csv --out floats.csv && ./q scores --v x.csv --out integers.csv || broken "no scores"
paste -d, floats.csv integers.csv | awk -F, '{ for (k = 1; k <= 3; k++) { d = $k - $(k + 3); s += d * d; t += $k * $k } } END { exit !(s > 0 && s < 0.003 * t) }' ||
    broken "scores in integers are not near those in floats"
# the same bits on any number of threads, and by any instructions of machines with fused multiplications
for threads in 1 2 3; do
    ./q scores --v x.csv --threads $threads --out again.csv && cmp -s integers.csv again.csv || broken "other scores on $threads threads"
done
if [ "$(uname -m)" = x86_64 ] && grep -q ' fma ' /proc/cpuinfo; then
    gives "" "$NNC" --weights=m.st --int8=m.int8.json m.nn -march=x86-64-v3 -o v3
    ./v3 scores --v x.csv --out again.csv && cmp -s integers.csv again.csv || broken "other scores with AVX2"
fi
# an object: a smaller model block, the weights beside it
gives "" "$NNC" -c --weights=m.st --int8=m.int8.json m.nn
gives "" "$NNC" -c --weights=m.st m.nn -o floats.o
bytes() { sed -n 's/.*MODEL_BYTES \([0-9]*\).*/\1/p' "$1"; }
[ "$(bytes m.h)" -lt $(($(bytes floats.h) / 8)) ] || broken "model of $(bytes m.h) bytes, in floats $(bytes floats.h)"
cat >main.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#include "m.h"
int main(void)
{
    float v[16] = {0}, y[3];
    nnrt_call call = {.size = sizeof call, .work_bytes = m_core_scores_work(1, 1)};
    call.work = aligned_alloc(NNRT_ALIGN, M_SCORES_WORK(1));
    if (m_core_check(m_core_weights) || m_core_scores(m_core_weights, &call, 1, v, y)) return 1;
    printf("%.8g,%.8g,%.8g\n", y[0], y[1], y[2]);
    free(call.work);
    return 0;
}
END
cc -Wall -Wextra -Werror main.c m.o -DM_CORE_ONLY -I"$SOURCE/runtime" $sanitize -o main 2>out || broken "main.c does not link"
gives "$(./q scores 0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0)" ./main
for target in thumbv7em-none-eabihf thumbv6m-none-eabi aarch64-linux-gnu riscv64-linux-gnu wasm32; do
    gives "" "$NNC" -c --weights=m.st --int8=m.int8.json --target=$target m.nn -o other.o
done
gives "" "$NNC" -S --weights=m.st --int8=m.int8.json --target=thumbv7em-none-eabihf -march=cortex-m4 m.nn -o m4.s
grep -q smlad m4.s || broken "a Cortex-M4 has SMLAD"
# what is refused
fails 2 "has its weights inside" ./q scores --load m.st 0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0
fails 2 "there is no command fit" ./q fit
fails 2 "--int8 needs the weights" "$NNC" --int8=m.int8.json m.nn -o x
fails 2 "not --float=f64" "$NNC" --int8=m.int8.json --weights=m.st --float=f64 m.nn -o x
fails 1 "this is no file of \`nnc quantize\`" "$NNC" --int8=t.csv --weights=m.st m.nn -o x
fails 3 "none.json: cannot read" "$NNC" --int8=none.json --weights=m.st m.nn -o x
sed 's/"hi":[0-9.]*/"hi":-1/' m.int8.json >bad.json
fails 1 "must be finite with 0 in it" "$NNC" --int8=bad.json --weights=m.st m.nn -o x
echo '{"ranges":[]}' >bad.json
fails 1 "there are no ranges" "$NNC" --int8=bad.json --weights=m.st m.nn -o x
./m fit --seed 9 --quiet --save other.st || broken "the program does not train"
fails 1 "it was made with other weights than other.st" "$NNC" --int8=m.int8.json --weights=other.st m.nn -o x
fails 2 "data rows has no such part; its parts are all, train, valid, test" "$NNC" quantize m.nn --weights=m.st --calibrate=dev
fails 2 "--calibrate=PART" "$NNC" quantize m.nn --weights=m.st
fails 2 "--weights=FILE" "$NNC" quantize m.nn --calibrate=valid
fails 2 "runs a program on this machine" "$NNC" quantize m.nn --weights=m.st --calibrate=valid --target=aarch64-linux-gnu
cat >small.nn <<'END'
model net = Dense(2, 1)
data rows { v: float[2] = csv("t.csv", columns=0..2) }
eval test[B](ex in rows.all) { report mean(net(ex.v)) }
END
fails 1 "there is nothing to quantize" "$NNC" quantize small.nn --weights=m.st --calibrate=all
echo 'export fn twice[B](v: float[B]) -> float[B] { return 2 * v }' >none.nn
fails 1 "has no \`eval\` and no \`train\`" "$NNC" quantize none.nn --weights=m.st --calibrate=all
