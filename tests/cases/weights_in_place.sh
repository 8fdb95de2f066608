# SPDX-License-Identifier: MIT
# -Os has no gradient in memory of a weight that plain sgd changes: the same bits, and still nothing changes if one is not finite.
cp "$SOURCE/tests/cross/steps.c" .
printf '#include <stdio.h>\nvoid show(const char *text);\nvoid show(const char *text) { puts(text); }\n' >show.c
made() { # NAME MODEL FLAGS: an object and its header
    name=$1 model=$2
    shift 2
    "$NNC" -c --prefix=net "$@" "$model.nn" -o "$name.o" || exit 1
    mv "$name.h" net.h
}
trained() { # NAME MODEL INPUTS CLASSES FLAGS: what it trains to
    name=$1 model=$2 sizes="-DINPUTS=$3 -DCLASSES=$4 -DROWS=8 -DSTEPS=50"
    shift 4
    made "$name" "$model" "$@"
    # shellcheck disable=SC2086
    cc -std=c11 -I. $sizes $sanitize steps.c show.c "$name.o" -o "$name" || exit 1
    "./$name"
}
bytes() { # of the train area
    sed -n 's/^#define NET_FIT_TRAIN_BYTES \([0-9]*\)u.*/\1/p' net.h
}
cat >exact.c <<'END'
#define NET_CORE_ONLY
#include "net.h"
#include <stdio.h>
int main(void)
{
    int wrong = 0;
    for (int64_t rows = 1; rows < 200; rows++)
        wrong += (size_t)NET_FIT_WORK(rows) != net_core_fit_work(rows, 1) || (size_t)NET_PREDICT_WORK(rows) != net_core_predict_work(rows, 1);
    printf("%d wrong\n", wrong);
    return 0;
}
END
exact() { # the header's formulas are what calls want, to the byte
    # shellcheck disable=SC2086
    cc -std=c11 -I. $sanitize exact.c small.o -o exact || exit 1
    gives "0 wrong" ./exact
}
same() { # MODEL INPUTS CLASSES LEAST MOST FLAGS: bytes of the train area without -Os at least, with it at most
    model=$1 inputs=$2 classes=$3 least=$4 most=$5
    shift 5
    whole=$(trained fast "$model" "$inputs" "$classes" "$@") || exit 1
    [ "$(bytes)" -ge "$least" ] || broken "$model: $(bytes) bytes without -Os, and $least are the least"
    gives "$whole" trained small "$model" "$inputs" "$classes" -Os "$@"
    exact
    [ "$(bytes)" -le "$most" ] || broken "$model: $(bytes) bytes with -Os, and $most are the most"
}
program() { # INPUTS CLASSES MODEL SGD
    cat <<END
data d {
    x: float[$1] = csv("d.csv", columns=0..$1)
    y: int<$2>   = csv("d.csv", column=$1)
}
$3
train fit[B](ex in d.all, batch=8, epochs=1) {
    loss = cross_entropy(net(ex.x), ex.y)
    minimize loss over net using $4
    report loss
}
export fn predict[B](x: float[B, $1]) -> float[B, $2] { return softmax(net(x)) }
END
}
# rows that are further apart, a small weight, numbers that change, weights that decay
program 40 3 'model net = chain(Dense(40, 20), tanh, Dense(20, 256), relu, Dense(256, 3))' 'sgd(lr=0.05 * 0.9 ** step, decay=0.01)' >deep.nn
same deep 40 3 29000 1500
# convolutions and states
program 144 5 'layer Net {
    layer a = chain(Conv2d(1, 6, kernel=3, pad=1), relu, MaxPool2d(2), Conv2d(6, 8, kernel=3), BatchNorm(8), relu, Flatten(), Dense(_, 5))
    fn forward[B](x: float[B, 144]) -> float[B, 5] { return a(reshape(x, B, 12, 12, 1)) }
}
model net = Net()' 'sgd(lr=0.05)' >conv.nn
same conv 144 5 5000 2600 --fp=strict
# the norm of the whole gradient is wanted before anything changes, so it has to be there
program 40 3 'model net = chain(Dense(40, 20), relu, Dense(20, 3))' 'sgd(lr=0.05, clip=1)' >clip.nn
same clip 40 3 3500 4000

cat >steep.nn <<'END'
data d { x: float[300] = csv("d.csv", columns=0..300) }
model net = Dense(300, 2)
train fit[B](ex in d.all, batch=8, epochs=1) {
    loss = mean(sin(1e10 * net(ex.x)))
    minimize loss over net using sgd(lr=0.01)
    report loss
}
END
cat >steep.c <<'END'
#define NET_CORE_ONLY
#include "net.h"
#include <stdio.h>
#include <string.h>
static _Alignas(64) unsigned char model[NET_MODEL_BYTES], before[NET_MODEL_BYTES], area[NET_FIT_TRAIN_BYTES], work[NET_FIT_WORK(8)];
static nnrt_float x[8 * 300];
int main(void)
{
    nnrt_call call = {.size = sizeof call, .work = work, .work_bytes = sizeof work};
    if (net_core_init(model, 1) || net_core_fit_init(area, 1)) return 1;
    for (int i = 0; i < 600; i++)
        ((nnrt_float *)(void *)(model + 64))[i] = 0.001f;
    for (int i = 0; i < 8; i++)
        x[300 * i + 7] = i == 5 ? 1e30f : 1; /* 1e10 * 1e30 / 16 is no float, 1e10 * 0.001 * 1e30 is one */
    memcpy(before, model, sizeof model);
    int code = net_core_fit_step(model, area, &call, 8, x);
    printf("%d %d %d %d %d\n", code, call.error.line, call.error.argument, (int)call.error.wanted, (int)call.error.given);
    printf("%s\n", memcmp(before, model, sizeof model) ? "changed" : "nothing changed");
    x[300 * 5 + 7] = 1;
    code = net_core_fit_step(model, area, &call, 8, x);
    printf("%d %s\n", code, memcmp(before, model, sizeof model) ? "changed" : "nothing changed");
    return 0;
}
END
steep() { # NAME FLAGS
    name=$1
    shift
    made "$name" steep "$@"
    # shellcheck disable=SC2086
    cc -std=c11 -I. $sanitize steep.c "$name.o" -o "$name" || exit 1
    "./$name"
}
refused=$(steep fast) || exit 1
case $refused in
"6 "*"nothing changed
0 changed") ;;
*) broken "a gradient that is not finite: $refused" ;;
esac
gives "$refused" steep small -Os
