# SPDX-License-Identifier: MIT
# What takes the compiler too much memory or time is refused with what it is, and nothing is left behind.
repeat() { # COUNT FORMAT: the format for 0, 1, ...
    awk -v n="$1" -v f="$2" 'BEGIN { for (i = 0; i < n; i++) printf f, i, i }'
}
refused() { # TEXT: the program is standard input
    cat >large.nn
    mkdir out_of && fails 1 "$1" "$NNC" -c large.nn -o out_of/large.o
    rmdir out_of || broken "something is left beside the output"
}
refused "large.nn:1:11: error E0605: export \`f\` is too large: it takes the compiler more than 800 MB (stage kernel)" <<'END'
export fn f(y: float[4, 4], x: float[4, 4]) -> float[4, 4] {
    for i in 0..20000 { y = tanh(y @ x) }
    return grad(sum(y), wrt=x)
}
END
refused "at most 2000 entry points" <<END
$(repeat 2001 'export fn e_%d(x: float) -> float { return x + %d }\n')
END
refused "has 100001 arguments, but at most 56" <<END
export fn f($(repeat 100000 'x%d: float, ')y: float) -> float { return y }
END
refused "has 30000 sizes, but at most 16" <<END
export fn f[$(repeat 29999 'N%d, ')M](x: float[M]) -> float { return sum(x) }
END
refused "more than 10000 members in one layer" <<'END'
layer L {
    for i in 0..100000 { layer h[i] = Dense(4, 4) }
    fn forward(x: float[4]) -> float[4] { return h[0](x) }
}
model m = L()
export fn f(x: float[4]) -> float[4] { return m(x) }
END
refused "error E0605: more than 100000 layers" <<END
layer Few {
$(repeat 110 '    layer h%d = Dense(1, 1)\n')
}
layer Some {
    for i in 0..1000 { layer h[i] = Few() }
    fn forward(x: float[1]) -> float[1] { return x }
}
model m = Some()
export fn f(x: float[1]) -> float[1] { return m(x) }
END
refused ":5: error E0605: export \`f\` is too large: it takes the compiler more than 800 MB (stage check)" <<END
export fn f(x: float[2, 3, 4, 5]) -> float[2, 3, 4, 5] {
    for i in 0..99000 {
$(repeat 18 '    x = reshape(x, [5, 4, 3, 2, 1])\n')
    }
    return x
}
END
refused "a chain of 10001 items; at most 10000" <<END
model m = chain($(repeat 10000 'relu, ')relu)
export fn f(x: float) -> float { return m(x) }
END
refused "more than 20000 names in one function" <<END
export fn f(x: float) -> float {
$(repeat 20000 '    y%d = x + %d\n')
    return y7
}
END
refused "nested more than 200 deep" <<END
export fn f(x: float) -> float { return $(repeat 100000 '(')x$(repeat 100000 ')') }
END
refused "nested more than 1000 deep" <<END
export fn f(x: float) -> float { return $(repeat 100000 'x + ')x }
END
refused "at most 256 fields" <<END
data d {
$(repeat 10000 '    x%d: float = csv("x.csv", column=%d)\n')
}
export fn f(x: float) -> float { return x }
END
refused "more than 64 parts of a data block" <<END
data d {
    x: float = csv("x.csv", column=0)
    split($(repeat 10000 'p%d=0.00001, ')q=0.1)
}
export fn f(x: float) -> float { return x }
END
for n in 57 20000; do
    refused "has more than 56 reports" <<END
data d {
    x: float[2] = csv("x.csv", columns=0..2)
    split(train=0.8, test=0.2)
}
model m = Dense(2, 2)
eval t[B](ex in d.test, batch=4) {
    y = mean(m(ex.x))
    report z = y$(repeat $((n - 1)) ', r%d = y')
}
END
done
refused "imports itself" <<'END'
import "large.nn" as a
export fn f(x: float) -> float { return x }
END
for list in "$(repeat 100000 'a%d: float, ')" "$(repeat 100000 's%d: string, ')"; do
    refused "more than 10000 parameters" <<END
fn f(${list}x: float) -> float { return x }
END
done
printf 'export fn f(x: float) -> float { return %sx }\n' "$(repeat 700 'x + ')" >nested.nn
(ulimit -s 512 && "$NNC" check nested.nn) || broken "700 sums do not fit into a small stack"
printf 'export fn f(x: float) -> float { return %sx }\n' "$(repeat 990 '-')" >nested.nn
(ulimit -s 512 && fails 1 "nested too deeply" "$NNC" check nested.nn)
