# SPDX-License-Identifier: MIT
# Programs that are too large are refused by the compiler, which says what is too large.
refused() { # TEXT: the program is standard input
    cat >large.nn
    fails 1 "$1" "$NNC" -c large.nn
}
refused "float[N, 4000000000, 4000000000] has at least 6.4e+19 bytes" <<'EOF'
export fn f[N](x: float[N, 4000000000, 4000000000]) -> float { return sum(x) }
EOF
refused "float[2147483648, 2147483648, 16] has 2.95e+20 bytes" <<'EOF'
export fn f(x: float[2147483648, 2147483648, 16]) -> float[2147483648, 2147483648, 16] { return x + 1 }
EOF
refused "large.nn:2:11: error E0605: a value of type float[4611686018427387904] has 1.84e+19 bytes" <<'EOF'
layer L {
    param w: float[4611686018427387904] = 0.0
    fn forward(x: float) -> float { return x + sum(w) }
}
model m = L()
export fn f(x: float) -> float { return m(x) }
EOF
for n in 10000000000 4294967296 3037000500; do
    refused "float[$n, $n] has" <<EOF
model m = Dense($n, $n)
export fn f[B](x: float[B, $n]) -> float[B, $n] { return m(x) }
EOF
done
refused "the model up to \`m.layers.1.w\` has" <<'EOF'
layer L {
    layer layers = chain(Dense(4000000, 8000000), Dense(8000000, 4000000))
    fn forward[B](x: float[B, 4000000]) -> float[B, 4000000] { return layers(x) }
}
model m = L()
export fn f[B](x: float[B, 4000000]) -> float[B, 4000000] { return m(x) }
EOF
refused "the start value of \`m.w\` takes 2.7e+10 steps to compute" <<'EOF'
layer L {
    param w: float[3000, 3000] = eye(3000) @ eye(3000)
    fn forward(x: float) -> float { return x + sum(w) }
}
model m = L()
export fn f(x: float) -> float { return m(x) }
EOF
refused "there is no axis 7" <<'EOF'
export fn f(x: float[3]) -> float { return sum(stack([x, x], axis=7)) }
EOF
# Large, but no more than memory could be: a program, also where rows are long and scans have many steps.
program long <<'EOF'
export fn rows[N](x: float[N, 2147483648]) -> float { return sum(x) }
export fn steps(x: float[1000000000000]) -> float {
    scan v in x with h = 0.0 { h = h + v }
    return h
}
export fn cube[N](x: float[N, N, N, N, N, N, N, N]) -> float { return sum(x) }
EOF
# what the tables of a call hold
letters() { # FIRST LAST FORMAT: the format for every number, with commas
    i=$1
    while [ "$i" -le "$2" ]; do
        # shellcheck disable=SC2059
        printf "$3" "$i"
        [ "$i" -lt "$2" ] && printf ', '
        i=$((i + 1))
    done
}
refused "has 57 arguments and results, but at most 56" <<EOF
export fn f($(letters 1 56 'x%d: float')) -> float { return x1 }
EOF
refused "has 17 sizes, but at most 16" <<EOF
export fn f[$(letters 1 17 'N%d')]($(letters 1 17 'x: float[N%d]' | sed 's/x: float\[N\([0-9]*\)\]/x\1: float[N\1]/g')) -> float { return sum(x1) }
EOF
refused "scans are nested more than 4 deep" <<'EOF'
export fn f(x: float[2]) -> float {
    h = 0.0
    scan a in x with h = h {
        scan b in x with h = h {
            scan c in x with h = h {
                scan d in x with h = h { h = h + prod(x) }
            }
        }
    }
    return h
}
EOF
program most <<EOF
export fn f($(letters 1 55 'x%d: float')) -> float { return x1 + x55 }
EOF
# shellcheck disable=SC2046
near 0 8 ./most f $(letters 1 55 ' --x%d=4' | tr -d ,)

# An extern function may have many arguments and results.
cat >many.c <<EOF
void many($(letters 1 140 'const float *x%d'), $(letters 1 20 'float *y%d')) {
    $(letters 1 20 '*y%d = *x1 + *x140 + 1;' | tr -d ,)
}
EOF
cc -c many.c -o many.o
cat >many.nn <<EOF
extern fn many($(letters 1 140 'x%d: float[1]')) -> ($(letters 1 20 'float[1]%.0s'))
export fn f(x: float[1]) -> float {
    $(letters 1 20 'y%d') = many($(letters 1 140 'x * %d'))
    return sum(y1 + y20)
}
EOF
"$NNC" many.nn many.o -o many >out 2>&1 || broken "an extern function with many arguments does not compile"
near 0 284 ./many f 1
