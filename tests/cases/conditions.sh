# SPDX-License-Identifier: MIT
# An `if` over step, epoch, steps and options decides as the same expression does in `where`: every scalar function.
printf '1\n2\n3\n4\n5\n6\n7\n8\n' >rows.csv
conditions() { # NAME: three conditions, a line each, on standard input; every step reports where one of them was decided otherwise
    n=0
    body=
    while IFS= read -r c; do
        n=$((n + 1))
        body="$body
    a$n = loss * 0
    if $c { a$n = loss * 0 + 1 }
    other = other + abs(a$n - where($c, 1.0, 0.0))"
    done
    program "$1" <<EOF
option rate: float = 0.5
option count: int = 3
option slow: bool = false
data d { v: float[1] = csv("rows.csv", columns=0..1) }
model m = Dense(1, 1)
train fit[B](ex in d.all, batch=1, epochs=2, save=none) {
    x = float(step) * 0.37
    loss = mean(m(ex.v) ** 2)
    other = 0.0$body
    minimize loss over m using sgd(lr=0.001)
    report other, first = a1, second = a2, third = a3
}
EOF
}
conditions plain <<'EOF'
abs(epoch - 1) < 1
sqrt(step) < 3
-epoch < 0 and slow
EOF
conditions curves <<'EOF'
(floor(exp(x) * 8) + floor(log(x + 1) * 64) + floor(log1p(x) * 64) + floor(rsqrt(x + 1) * 64) + floor(expm1(x) * 8)) % 2 < 1
(floor(sin(x) * 64) + floor(cos(x) * 64) + floor(tanh(x) * 64) + floor(erf(x) * 64) + floor(erfc(x) * 64) + floor(sigmoid(x) * 64)) % 2 < 1
not (sign(x - rate) > 0 and x ** 1.5 < 2.0) or step // count == 4
EOF
conditions arcs <<'EOF'
(floor(tan(x) * 8) + floor(atan(x) * 64) + floor(asin(x / 8) * 64) + floor(acos(x / 8) * 64)) % 2 < 1
ceil(x) + round(x) < 2 * trunc(x) + 2 and isfinite(x)
isnan(x - rate) or clip(x, rate, 2.0) < 1.9
EOF
conditions whole <<'EOF'
int(x) % 2 == 1 and step // count != 2
minimum(x, 3.0) < maximum(rate, 2.0) or stop_gradient(x) // 1.5 >= 3.0
where(slow, float(step), x) <= 4.0 and float(-step // 2) % 3.0 > 0.5
EOF
shows "step 8/16: other 0, first 0, second 1, third 0" ./plain fit --log-every 16
shows "step 16/16: other 0, first 1, second 0.12500, third 0" ./plain fit --log-every 16
shows "step 16/16: other 0, first 1, second 0.12500, third 1" ./plain fit --log-every 16 --slow
shows "step 16/16: other 0, first 0.50000, second 0.87500, third 1" ./curves fit --log-every 16
for flags in "" --slow "--count 2 --rate 3.5"; do
    for name in curves arcs whole; do
        for step in 8 16; do
            # shellcheck disable=SC2086
            shows "step $step/16: other 0," "./$name" fit --log-every 16 $flags
        done
    done
done

# What the compiler knows it decides itself, as tables of truth have it.
program known <<'END'
layer Of(a: bool, b: bool) {
    fn forward() -> float[5] {
        both, either, same, other, neither = 0.0, 0.0, 0.0, 0.0, 0.0
        if a and b { both = 1.0 }
        if a or b { either = 1.0 }
        if a == b { same = 1.0 }
        if a != b { other = 1.0 }
        if not (a or b) { neither = 1.0 }
        return [both, either, same, other, neither]
    }
}
model nn = Of(false, false)
model ny = Of(false, true)
model yn = Of(true, false)
model yy = Of(true, true)
export fn table() -> float[4, 5] { return stack([nn(), ny(), yn(), yy()], axis=0) }
END
gives '0,0,1,0,1
0,1,0,1,0
0,1,0,1,0
1,1,1,0,0' ./known table
