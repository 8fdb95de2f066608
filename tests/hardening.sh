#!/bin/sh
# SPDX-License-Identifier: MIT
# hardening.sh NNC: nnc and what it makes are position independent, bound at once, read-only where they can be, and watch their stack.
set -u
nnc=$1
command -v readelf >/dev/null || exit 77
folder=$(mktemp -d "${TMPDIR:-/tmp}/nnc-hardening-XXXXXX")
trap 'rm -rf "$folder"' EXIT
cat >"$folder/p.nn" <<'END'
data d {
    x: float[2] = csv("d.csv", columns=0..2)
}
layer Net {
    layer fc = Dense(2, 2)
    fn forward[B](x: float[B, 2]) -> float[B, 2] { return fc(x) }
}
model net = Net()
train fit[B](ex in d.all, batch=4, epochs=1) {
    minimize mean(net(ex.x) ** 2) over net using adam(lr=0.1)
}
export fn predict[B](x: float[B, 2]) -> float[B, 2] { return net(x) }
END
"$nnc" "$folder/p.nn" -o "$folder/p" && "$nnc" --shared "$folder/p.nn" -o "$folder/libp.so" || exit 1
wrong=0
# FILE TABLE PATTERN WHAT
has() {
    readelf -W "$2" "$1" 2>/dev/null | grep -q -e "$3" && return
    echo "FAIL $1: $4"
    wrong=1
}
for f in "$nnc" "$folder/p" "$folder/libp.so"; do
    has "$f" -h 'Type: *DYN' 'not position independent'
    has "$f" -l 'GNU_RELRO' 'no RELRO'
    has "$f" -d 'BIND_NOW\|FLAGS.*NOW' 'not bound at the start'
    has "$f" -l 'GNU_STACK.* RW ' 'the stack can be executed'
    has "$f" -s '__stack_chk_fail' 'no stack protector'
    has "$f" -s '__[a-z]*printf_chk' 'not fortified'
done
for f in "$nnc" "$folder/p"; do has "$f" -l 'INTERP' 'no program'; done
exit $wrong
