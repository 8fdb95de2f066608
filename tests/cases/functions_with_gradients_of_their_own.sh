# SPDX-License-Identifier: MIT
# A function with a gradient of its own, and that gradient, use their arguments only: said once, where it is called.
refused() { # FUNCTION
    {
        echo 'layer Net {'
        echo '    param w: float = 1'
        echo "    fn f(x: float) -> float $1"
        echo '    fn forward(x: float) -> float { return f(x) }'
        echo '}'
        echo 'model net = Net()'
        echo 'export fn g(x: float) -> float { return net(x) }'
    } >own.nn
    fails 1 'own.nn:4:44: error E0603' "$NNC" -c own.nn
    [ "$(grep -c E0603 out)" = 1 ] || broken "E0603 is not said once of: $1"
}
refused '{ return x * w } grad (dy) { return dy }'
refused '{ return x } grad (dy) { return dy * w }'
refused '{ return x * w } grad (dy) { return dy * w }'

# gradcheck compares each one by itself, whoever calls it
cat >one.nn <<'END'
fn f[N](x: float[N]) -> float[N] { return x * x } grad (dy) { return 3 * x * dy }
export fn g[N](x: float[N]) -> float[N] { return grad(sum(f(x)), wrt=x) }
END
fails 4 'one.nn:1: grad block of f: 4 derivatives checked, 4 wrong' "$NNC" gradcheck one.nn
grep -q 'one.nn:1: f: argument 1, element 0: derivative [0-9.]*, by differences [0-9.]*' out || broken "the element is not named"
printf '1,2,3\n' >t.csv
cat >many.nn <<'END'
fn right[N](x: float[N], k: float) -> float[N] requires N >= 2 { return log(x) * k } grad (dy) { return dy * k / x, sum(dy * log(x)) }
fn two[N](x: float[N], n: int) -> (float, float[N]) { return sum(x) / float(n), x + 1 } grad (da, db) { return full(da / float(n), N) + db }
fn evals[N](x: float[N]) -> float[N] { return x * x } grad (dy) { return x * dy }
fn inner[N](x: float[N]) -> float[N] { return x * x } grad (dy) { return 5 * x * dy }
fn outer[N](x: float[N]) -> float[N] { return x ** 3 / 3 } grad (dy) { return inner(x) * dy }
fn slope[N](x: float[N]) -> float[N] { return x ** 3 / 3 } grad (dy) { return grad(sum(x ** 3) / 3, wrt=x) * dy }
fn meant[N](x: float[N]) -> float[N] { return floor(x) } grad surrogate (dy) { return dy }
fn nobody(x: float) -> float { return x } grad (dy) { return dy }
fn never(x: float) -> float { return sqrt(-1 - x ** 2) } grad (dy) { return dy }
extern fn outside(x: float) -> float
fn foreign(x: float) -> float { return outside(x) } grad (dy) { return dy }
fn taught(x: float) -> float { return outside(x) } grad (dy) { return 2 * x * dy }
layer Net {
    param w: float = 0.5
    fn own[N](x: float[N]) -> float[N] { return x * 2 } grad (dy) { return dy }
    fn forward[N](x: float[N]) -> float[N] { return own(x) }
}
model net = Net()
export fn a[N, M](x: float[N], y: float[M]) -> float[N] requires N == 2 * M + 1 {
    s, t = two(x, 3)
    return right(x, 2.0) + outer(x) + slope(x) + net(x) + meant(x) + s + t + sum(y) + never(x[0]) + foreign(x[0])
}
data d { x: float[3] = csv("t.csv", columns=0..3) }
eval test[B](ex in d.all) { report sum(evals(ex.x[0])) }
train fit(steps=1, save=none) {
    loss = taught(net.w)
    minimize loss over net using sgd()
    report loss
}
END
echo 'void outside(double x, double *out) { *out = x * x; }' >outside.c
cc -c outside.c -o outside.o || broken "outside.c"
fails 4 'nnc: gradcheck: 6 grad blocks are wrong, or could not be checked' "$NNC" gradcheck many.nn outside.o
grep -q '^1 derivatives checked, 0 wrong' out || broken "the train is right"
sed -n 's/^many.nn:\([0-9]*\): grad block of /\1 /p' out | sort -n >said
cat >wanted <<'END'
1 right: 13 derivatives checked, 0 wrong
2 two: 12 derivatives checked, 0 wrong
3 evals: 3 derivatives checked, 3 wrong
4 inner: 12 derivatives checked, 12 wrong
5 outer: 12 derivatives checked, 0 wrong
6 slope: 12 derivatives checked, 0 wrong
8 nobody: not checked: nothing calls it
9 never: not checked by itself: it is not finite with any arguments that were tried
11 foreign: not checked by itself: extern fn `outside` cannot be evaluated
12 taught: not checked by itself, but in the train that uses it: extern fn `outside` cannot be evaluated
15 own: 12 derivatives checked, 12 wrong
END
diff wanted said || broken "other functions are checked"

# functions that are right: the status says so; of one that computes much fewer elements are compared
sed -e 's/3 \* x/2 * x/' one.nn >fine.nn
cat >>fine.nn <<'END'
fn wide[N](x: float[N, 700], y: float[700, 700]) -> float[N, 700] { return x @ y } grad (dy) {
    return dy @ transpose(y), transpose(x) @ dy
}
export fn much[N](x: float[N, 700], y: float[700, 700]) -> float[N, 700] { return wide(x, y) }
END
shows 'fine.nn:1: grad block of f: 4 derivatives checked, 0 wrong' "$NNC" gradcheck fine.nn
grep -q 'fine.nn:3: grad block of wide: 4 derivatives checked, 0 wrong' out || broken "the large one"
sed -e 's/700/9000/g' fine.nn >large.nn
fails 4 'grad block of wide: not checked by itself: it computes too much for that' "$NNC" gradcheck large.nn
