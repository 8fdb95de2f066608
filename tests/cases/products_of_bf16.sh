# SPDX-License-Identifier: MIT
# --float=bf16: the same bits for all threads and processors, checkpoints that both kinds of programs read.
cat >m.nn <<'END'
data d {
    x: float[70] = csv("d.csv", columns=0..70)
    y: int<3> = csv("d.csv", column=70)
}
layer Net {
    layer conv = Conv2d(1, 6, kernel=3, pad=1)
    layer first = Dense(420, 33)
    layer last = Dense(33, 3)
    fn forward[B](x: float[B, 70]) -> float[B, 3] {
        return last(tanh(first(reshape(relu(conv(reshape(x, (B, 7, 10, 1)))), (B, 420)))))
    }
}
model net = Net()
train fit[B](ex in d.all, batch=16, epochs=3, log="none") {
    minimize cross_entropy(net(ex.x), ex.y) over net using adam(lr=0.01)
}
export fn logits[B](x: float[B, 70]) -> float[B, 3] { return net(x) }
END
awk 'BEGIN { srand(3); for (r = 0; r < 100; r++) { for (i = 0; i < 70; i++) printf "%.4f,", rand() - 0.5; print r % 3 } }' >d.csv
awk 'BEGIN { srand(4); for (r = 0; r < 5; r++) { for (i = 0; i < 70; i++) printf "%s%.4f", i ? "," : "", rand() - 0.5; print "" } }' >x.csv
for kind in f32 bf16; do
    gives "" "$NNC" --float=$kind m.nn -o $kind
    gives "" ./$kind fit --quiet --threads 1 --save $kind.st
done
shows "products of bf16" ./bf16 info
./f32 info | grep -q "products of bf16" && broken "an f32 program says it has products of bf16"
shows '"float":"bf16"' ./bf16 info --json
cmp -s f32.st bf16.st && broken "products of bf16 change nothing"
for threads in 2 3; do
    gives "" ./bf16 fit --quiet --threads $threads --save threads.st
    gives "" cmp bf16.st threads.st
done

# the weights are single precision: either program reads those of the other and gives nearly the same
gives "" ./f32 logits --load bf16.st x.csv --out exact.csv
gives "" ./bf16 logits --load bf16.st x.csv --out rounded.csv
gives "" ./bf16 logits --load f32.st x.csv --out other.csv
cmp -s exact.csv rounded.csv && broken "products of bf16 give the same as those of f32"
paste -d, exact.csv rounded.csv | awk -F, '{ for (i = 1; i <= 3; i++) { d = $i - $(i + 3); if (d < 0) d = -d; if (d > 0.1) exit 1 } }' ||
    broken "logits of bf16 are far from those of f32"

# other processors: the same bits
if [ "$(uname -m)" = x86_64 ] && grep -q avx2 /proc/cpuinfo; then
    gives "" "$NNC" --float=bf16 -march=x86-64-v3 m.nn -o v3
    gives "" ./v3 fit --quiet --threads 1 --save v3.st
    gives "" cmp bf16.st v3.st
fi
if [ "$(uname -m)" = x86_64 ] && grep -q avx2 /proc/cpuinfo; then
    gives "" "$NNC" --float=bf16 -march=x86-64-v2 --fp=strict m.nn -o v2
    gives "" "$NNC" --float=bf16 -march=x86-64-v3 --fp=strict m.nn -o v3s
    gives "" ./v2 fit --quiet --threads 1 --save v2.st
    gives "" ./v3s fit --quiet --threads 1 --save v3s.st
    gives "" cmp v2.st v3s.st
fi

# from C, without the runtime: 1.01 is multiplied as 1.0078125, in the inference and in the gradient
cat >two.nn <<'END'
data d { x: float[2] = csv("x.csv", columns=0..2) }
layer Two() {
    param w: float[2, 1] = ones(2, 1)
    fn forward[B](x: float[B, 2]) -> float[B, 1] { return x @ w }
}
model net = Two()
train fit[B](ex in d.all, batch=1, steps=1) {
    loss = mean(net(ex.x))
    minimize loss over net using sgd(lr=0.5)
    report loss
}
export fn apply[B](x: float[B, 2]) -> float[B, 1] { return net(x) }
END
cat >main.c <<'END_OF_PROGRAM'
#define TWO_CORE_ONLY
#include "two.h"

static _Alignas(NNRT_ALIGN) unsigned char model[TWO_MODEL_BYTES], area[TWO_FIT_TRAIN_BYTES], work[4096];

int main(void)
{
    const float x[] = { 1.01f, 3 };
    float y = 0;
    nnrt_call call = { .size = sizeof call, .work = work, .work_bytes = sizeof work };
    if (two_core_init(model, 1) || two_core_fit_init(area, 1)) return 1;
    if (two_core_apply(model, &call, 1, x, &y) || y != 1.0078125f + 3) return 2;
    if (two_core_fit_step(model, area, &call, 1, x)) return 3; /* w = 1 - 0.5 * 1.0078125 and 1 - 0.5 * 3 */
    if (two_core_apply(model, &call, 1, x, &y) || y != 1.0078125f * 0.49609375f - 1.5f) return 4;
    return 0;
}
END_OF_PROGRAM
gives "" "$NNC" -c --float=bf16 two.nn
cc -std=c11 -Wall -Wextra -Werror main.c two.o -o main >out 2>&1 || broken "main.c does not compile"
./main
status=$?
[ $status = 0 ] || broken "step $status of main.c gives something else"

# twenty steps from C on another architecture: the same bits
if command -v qemu-aarch64 >/dev/null && command -v aarch64-linux-gnu-gcc >/dev/null; then
    cat >steps.c <<'END_OF_PROGRAM'
#define M_CORE_ONLY
#include "m.h"
#include <stdio.h>

static _Alignas(NNRT_ALIGN) unsigned char model[M_MODEL_BYTES], area[M_FIT_TRAIN_BYTES], work[1 << 20];

int main(void)
{
    static float x[16 * 70];
    static int32_t y[16];
    unsigned random = 1, hash = 2166136261u;
    nnrt_call call = { .size = sizeof call, .work = work, .work_bytes = sizeof work };
    if (m_core_init(model, 1) || m_core_fit_init(area, 1)) return 1;
    for (int step = 0; step < 20; step++) {
        for (int i = 0; i < 16 * 70; i++) {
            random = random * 1664525u + 1013904223u;
            x[i] = (float)(random >> 8) / 16777216.0f - 0.5f;
        }
        for (int i = 0; i < 16; i++) y[i] = i % 3;
        if (m_core_fit_step(model, area, &call, 16, x, y)) return 2;
    }
    for (unsigned long i = 0; i < sizeof model; i++) hash = (hash ^ model[i]) * 16777619u;
    printf("%08x\n", hash);
    return 0;
}
END_OF_PROGRAM
    gives "" "$NNC" -c --float=bf16 m.nn
    cc steps.c m.o -o here >out 2>&1 || broken "steps.c does not compile"
    gives "" "$NNC" -c --float=bf16 --target=aarch64-linux-gnu m.nn
    aarch64-linux-gnu-gcc -static steps.c m.o -o there >out 2>&1 || broken "steps.c does not compile for aarch64"
    gives "$(./here)" qemu-aarch64 ./there
fi
