# SPDX-License-Identifier: MIT
# One program for several processors: x86-64-v2, -v3, -v4, chosen at start. What this machine cannot run is looked at under qemu-user,
# where that is installed.
[ "$(uname -m)" = x86_64 ] || exit 77
emulator=$(command -v qemu-x86_64-static || command -v qemu-x86_64 || true)
[ -z "$sanitize" ] || emulator='' # the memory that sanitizers map does not fit under it

awk 'BEGIN { srand(1); for (i = 0; i < 200; i++) { x = rand(); y = rand(); print x "," y "," rand() "," (x + y > 1) } }' >rows.csv
model='data rows {
    x: float[3] = csv("rows.csv", columns=0..3)
    y: int<2> = csv("rows.csv", columns=3..4)
    split(train=0.8, test=0.2)
}
layer Net {
    layer body = chain(Dense(3, 40), gelu, Dropout(0.1), LayerNorm(40))
    layer head = Dense(40, 2)
    fn forward[B](x: float[B, 3]) -> float[B, 2] { return head(body(x)) }
}
model net = Net()
train fit[B](ex in rows.train, batch=32, epochs=2) {
    minimize cross_entropy(net(ex.x), ex.y) over net using lamb(lr=0.01)
}
eval test[B](ex in rows.test, batch=32) { report loss = mean(cross_entropy(net(ex.x), ex.y)) }
export fn predict[B](x: float[B, 3]) -> float[B, 2] { return softmax(net(x)) }'
program fat -march=generic <<END
$model
END
program strict -march=generic --fp=strict <<END
$model
END

# What runs by itself is the best that this machine has.
shows "code for x86-64-v2, x86-64-v3, x86-64-v4; here runs x86-64-v" ./fat info
levels=
for level in 2 3 4; do
    if NNRT_CPU=x86-64-v$level ./fat version | grep -q "runs code for x86-64-v$level"; then
        levels="$levels $level"
        best=$level
    else
        fails 3 "NNRT_CPU is x86-64-v$level, but this processor lacks " env NNRT_CPU=x86-64-v$level ./fat fit
    fi
done
[ -n "$levels" ] || exit 77 # no processor that programs are made for
shows "here runs x86-64-v$best" ./fat info
fails 3 "NNRT_CPU is x86-64-v5, but fat has code for x86-64-v2, x86-64-v3, x86-64-v4" env NNRT_CPU=x86-64-v5 ./fat fit

# Bits: one hash for v3 and v4, one for all in strict.
for level in $levels; do
    NNRT_CPU=x86-64-v$level ./fat fit --threads 1 --quiet --log off --save fat$level.safetensors >out 2>&1 || broken "fat as v$level"
    NNRT_CPU=x86-64-v$level ./strict fit --threads 2 --quiet --log off --save strict$level.safetensors >out 2>&1 || broken "strict as v$level"
    cmp -s strict2.safetensors strict$level.safetensors || broken "--fp=strict: x86-64-v2 and -v$level have other bits"
done
[ ! -f fat4.safetensors ] || cmp -s fat3.safetensors fat4.safetensors || broken "x86-64-v3 and -v4 have other bits"
if [ -f fat3.safetensors ]; then
    # A run goes on with other code, and so does its evaluation.
    shows "step" env NNRT_CPU=x86-64-v2 ./fat fit --resume fat3.safetensors --epochs 3 --log off --save on.safetensors
    shows "loss" env NNRT_CPU=x86-64-v2 ./fat test --load on.safetensors
    program own -march=x86-64-v3 <<END
$model
END
    shows "runs code for x86-64-v3" ./own version
    fails 3 "NNRT_CPU is x86-64-v2, but own has code for x86-64-v3" env NNRT_CPU=x86-64-v2 ./own fit
    ./own fit --threads 1 --quiet --log off --save own.safetensors >out 2>&1 || broken "own"
    ./own export --load own.safetensors --out weights_own >out && ./fat export --load fat3.safetensors --out weights_fat >out || broken "export"
    diff -r weights_own weights_fat >out || broken "the code for x86-64-v3 is another one alone"
fi

# Size: the loops three times, the rest once.
"$NNC" -c -march=x86-64-v3 fat.nn -o one.o && "$NNC" -c -march=generic fat.nn -o three.o || broken "objects"
[ "$(wc -c <three.o)" -lt $((35 * $(wc -c <one.o) / 10)) ] || broken "an object for three is $(wc -c <three.o) bytes, for one $(wc -c <one.o)"

# The code for one of them is what it is alone: every function with its size.
functions() { nm -S "$1" | awk '$3 == "t" { print $4, $2 }' | sed 's/[.]v3//' | grep -v '[.]v[24]' | grep -v _prologue | sort; }
"$NNC" -c -march=x86-64-v3 "$SOURCE/examples/lenet/lenet.nn" -o one.o && "$NNC" -c -march=generic "$SOURCE/examples/lenet/lenet.nn" -o three.o ||
    broken "objects of lenet"
functions one.o >one && functions three.o >three
[ "$(wc -l <one)" -gt 20 ] && grep -q pack one || broken "$(wc -l <one) functions"
diff one three >out || broken "the functions of x86-64-v3 differ among others"

# In a C program.
cat >main.c <<'C'
#define THREE_CORE_ONLY
#include "three.h"
#include <stdio.h>
static _Alignas(NNRT_ALIGN) unsigned char model[THREE_MODEL_BYTES], work[THREE_PREDICT_WORK(1)];
int main(void)
{
    nnrt_call call = { .size = sizeof call, .work = work, .work_bytes = sizeof work };
    static const nnrt_float x[3] = { 0.5f, 0.25f, 0.125f };
    nnrt_float p[2];
    int best = three_core_cpu_level(0), e = three_core_init(model, 1);
    if (!e) e = three_core_predict(model, &call, 1, x, p);
    int two = best ? three_core_cpu_level(2) : 0, then = three_core_cpu_level(0), none = three_core_cpu_level(9);
    return !(printf("%d %d %d %d %d\n", best, e, two, then, none) > 0);
}
C
"$NNC" -c -march=generic fat.nn --prefix three -o three.o || broken "an object with a prefix"
cc -std=c11 main.c three.o -static -o main 2>out || broken "a C program"
gives "$best 0 2 2 0" ./main

[ -n "$emulator" ] || exit 0 # without qemu-x86_64 nothing is said of other processors
as() {
    cpu=$1
    shift
    "$emulator" -cpu "$cpu" "$@" 2>err
}
gives "2 0 2 2 0" as Nehalem ./main
gives "3 0 2 2 0" as Haswell ./main
gives "0 11 0 0 0" as core2duo ./main
as Nehalem ./strict fit --threads 1 --quiet --log off --save nehalem.safetensors >out || broken "as Nehalem: $(cat err)"
as Haswell ./strict fit --threads 1 --quiet --log off --save haswell.safetensors >out || broken "as Haswell: $(cat err)"
cmp -s nehalem.safetensors haswell.safetensors && cmp -s strict2.safetensors nehalem.safetensors || broken "--fp=strict: emulated ones have other bits"
as Haswell ./fat fit --threads 1 --quiet --log off --save haswell.safetensors >out || broken "as Haswell: $(cat err)"
[ ! -f fat3.safetensors ] || cmp -s fat3.safetensors haswell.safetensors || broken "x86-64-v3 emulated has other bits"
shows "no such processor" as core2duo ./fat version
as core2duo ./fat fit >out 2>&1 && broken "a Core 2 runs it"
grep -q "fat: the program is compiled for x86-64-v2, x86-64-v3, x86-64-v4, but this processor lacks sse4.1, sse4.2, popcnt" err ||
    broken "a Core 2 is not told what it lacks: $(cat err)"
# A program for one processor says so, too.
if "$NNC" -march=skylake-avx512 fat.nn -o large >out 2>&1; then
    as Haswell ./large fit >out && broken "a Haswell runs AVX-512"
    grep -q "compiled for skylake-avx512, but this processor lacks avx512f, " err || broken "a Haswell is not told what it lacks: $(cat err)"
fi
