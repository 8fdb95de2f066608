# SPDX-License-Identifier: MIT
# -Os makes objects that are smaller and train to the same bits; it is for objects.
cp "$SOURCE/tests/cross/steps.c" .
printf '#include <stdio.h>\nvoid show(const char *text);\nvoid show(const char *text) { puts(text); }\n' >show.c
trained() { # NAME FLAGS: what the object for these flags trains to
    name=$1
    shift
    "$NNC" -c --prefix=net "$@" model.nn -o "$name.o" || exit 1
    mv "$name.h" net.h
    # shellcheck disable=SC2086
    cc -std=c11 -I. -DINPUTS=4 -DCLASSES=3 -DROWS=8 -DSTEPS=50 $sanitize steps.c show.c "$name.o" -o "$name" || exit 1
    "./$name"
}
cp "$SOURCE/examples/iris/iris.nn" model.nn
gives "$(trained fast)" trained small -Os
gives "$(trained fast --fp=strict)" trained small --fp=strict -Os
fast=$(wc -c <fast.o) small=$(wc -c <small.o)
[ "$small" -lt $((fast / 2)) ] || broken "$small bytes with -Os, $fast without"
fails 2 '-Os is for objects' "$NNC" -Os model.nn
fails 2 '-Os is for objects' "$NNC" --shared -Os model.nn
cat >tiny.nn <<'END'
model net = chain(Dense(4, 16), relu, Dense(16, 3))
export fn predict[B](x: float[B, 4]) -> float[B, 3] { return softmax(net(x)) }
END
cat >digits.nn <<'END'
data digits {
    x: float[784] = csv("digits.csv", columns=0..784)
    y: int<10>    = csv("digits.csv", column=784)
}
model net = chain(Dense(784, 32), relu, Dense(32, 10))
train fit[B](ex in digits.all, batch=16, epochs=1) {
    minimize cross_entropy(net(ex.x), ex.y) over net using sgd(lr=0.1)
}
export fn predict[B](x: float[B, 784]) -> float[B, 10] { return softmax(net(x)) }
END
at_most() { # NAME CODE ROM: bytes of code, and with constants, on a Cortex-M4
    "$NNC" -c -Os --target=thumbv7em-none-eabihf --prefix=net "$1.nn" -o "$1.o" || exit 1
    rom=$(sed -n 's/^#define NET_ROM \([0-9]*\)u.*/\1/p' "$1.h")
    [ "$rom" -le "$3" ] || broken "$1: $rom bytes, and $3 are the most"
    code=0
    for size in $(readelf -SW "$1.o" | sed 's/\[ */[/' | awk '$8 == "AX" { print "0x" $6 }'); do code=$((code + size)); done
    [ "$code" -gt 1000 ] || broken "$1: $code bytes of code"
    [ "$code" -le "$2" ] || broken "$1: $code bytes of code, and $2 are the most"
}
at_most tiny 4096 4900
at_most digits 8192 10800
