# SPDX-License-Identifier: MIT
# print shows values of a run: in the first step and where a report is due, in a condition whenever that holds; in the first batch of an
# evaluation; in every call of an export, beside its results. Neither the threads nor the flags of the compiler change a bit.
cat >shows.nn <<'TEXT'
data d {
    x: float[2] = csv("x.csv", columns=0..2)
    y: int<3> = csv("x.csv", column=2)
    split(train=0.75, test=0.25, shuffle=false)
}
layer Net(n: int) {
    layer a = Dense(2, n)
    layer b = Dense(n, 3)
    layer drop = Dropout(0.5)
    fn forward[B](x: float[B, 2]) -> float[B, 3] {
        h = relu(a(x))
        print("h", h)
        return b(drop(h))
    }
}
model net = Net(32)
train fit[B](ex in d.train, batch=1, steps=8, shuffle=false, save="w.safetensors", log_every=4) {
    print("h", net(ex.x), "and chance", rand(40))
    logits = net(ex.x)
    loss = cross_entropy(logits, ex.y)
    print("first row", ex.x[0], ex.y, rows=B, step)
    if step == 1 or step == 6 { print("asked for", loss > 0, epoch) }
    minimize loss over net using adam(lr=0.01)
    assert isfinite(loss)
    report loss
}
eval test[B](ex in d.all, batch=2, shuffle=false) {
    print("targets", ex.y)
    report accuracy(net(ex.x), ex.y)
}
export fn ask[B](x: float[B, 2]) -> float[B, 3] {
    print(x, "log of x", log(x), "positive", x > 0)
    return softmax(net(x))
}
export fn sums[T](x: float[T]) -> float {
    scan v in x along 0 with h = 0.0 {
        print("draw", rand(30) < 0.5)
        h = halved(h) + v
        print(h)
    }
    return h
}
fn halved(x: float) -> float {
    y = 0.5 * x
    print("half", y)
    return y
} grad (dy) { return 0.5 * dy }
TEXT
printf '1,2,0\n2,1,1\n0,1,2\n1,1,0\n' >x.csv
"$NNC" shows.nn -o a >out 2>&1 || broken "shows.nn does not compile"
"$NNC" --no-debug shows.nn -o b >out 2>&1 || broken "shows.nn does not compile with --no-debug"
./a fit --threads 1 >one || broken "fit fails"
./a export --load w.safetensors --out one.npy >out || broken "export fails"
grep -v 'h float\|chance' one >out
cat >wanted <<'END'
shows.nn:21: step 0: first row float[2]: [1, 2]
shows.nn:21: step 0: ex.y int[1]: [0]
shows.nn:21: step 0: rows int: 1
shows.nn:21: step 0: step int: 0
shows.nn:22: step 1: asked for bool: true
shows.nn:22: step 1: epoch int: 0
shows.nn:21: step 2: first row float[2]: [0, 1]
shows.nn:21: step 2: ex.y int[1]: [2]
shows.nn:21: step 2: rows int: 1
shows.nn:21: step 2: step int: 2
shows.nn:21: step 3: first row float[2]: [1, 2]
shows.nn:21: step 3: ex.y int[1]: [0]
shows.nn:21: step 3: rows int: 1
shows.nn:21: step 3: step int: 3
shows.nn:21: step 5: first row float[2]: [0, 1]
shows.nn:21: step 5: ex.y int[1]: [2]
shows.nn:21: step 5: rows int: 1
shows.nn:21: step 5: step int: 5
shows.nn:22: step 6: asked for bool: true
shows.nn:22: step 6: epoch int: 2
shows.nn:21: step 7: first row float[2]: [2, 1]
shows.nn:21: step 7: ex.y int[1]: [1]
shows.nn:21: step 7: rows int: 1
shows.nn:21: step 7: step int: 7
END
grep '^shows.nn' out | diff - wanted >differences || broken "other values are shown: $(cat differences)"
grep -q '^shows.nn:12: step 7: net: h float\[1, 32\]: min 0, mean 0.[0-9]*, max [0-9.]*$' one || broken "no h in the last step"

# The same lines and bits with more threads, without assert and print; objects have no print.
./a fit --threads 2 >two || broken "fit fails with two threads"
./a export --load w.safetensors --out two.npy >out || broken "export fails"
diff one two >out || broken "two threads show something else"
diff -r one.npy two.npy >out || broken "two threads give other weights"
./b fit >three || broken "fit fails without prints"
./b export --load w.safetensors --out three.npy >out || broken "export fails"
diff -r one.npy three.npy >out || broken "--no-debug gives other weights"
! grep -q '^shows.nn' three || broken "--no-debug prints"
sed '/print(/d; /assert/d' shows.nn >bare.nn
"$NNC" bare.nn -o c >out 2>&1 || broken "bare.nn does not compile: $(cat out)"
./c fit >four && ./c export --load w.safetensors --out four.npy >out || broken "fit fails without these statements"
diff -r one.npy four.npy >out || broken "other weights without these statements"
"$NNC" -c --dump=core --stop-after=check shows.nn >out || broken "shows.nn does not compile"
! grep 'probe "' out | grep -qv 'isfinite(loss)' || broken "an object prints"
grep -q 'probe "isfinite(loss)"' out || broken "an object has no assert"

gives 'shows.nn:28: test: targets int[2]: [0, 1]' sh -c './a test | grep targets'
shows 'evaluation of fit: first row float[2]: [1, 1]' ./a eval fit --on test
lacks 'shows.nn' ./a fit --quiet
lacks 'shows.nn' ./a bench fit
lacks 'shows.nn' ./a test --json

# Of exports: on standard error.
gives '4.25' ./a sums --x 1,2,3
cat >wanted <<'END'
shows.nn:39: h float[3]: [1, 2.5, 4.25]
shows.nn:45: half float[3]: [0, 0.5, 1.25]
END
grep -v draw err | sort | diff - wanted >out || broken "other values of a scan are shown"
grep -q '^shows.nn:37: draw bool\[3, 30\]: [0-9]* of 90 true$' err || broken "no draws are shown"
./a ask --x '1,-1;0,3' 2>err >out || broken "ask fails"
cat >wanted <<'END'
shows.nn:32: x float[2, 2]: [[1, -1], [0, 3]]
shows.nn:32: log of x float[2, 2]: [[0, nan], [-inf, 1.09861]]
shows.nn:32: positive bool[2, 2]: [[true, false], [false, true]]
END
head -3 err | diff - wanted >out || broken "other values of an export are shown"
for flag in --quiet --json; do
    ./a ask --x '1,-1;0,3' $flag 2>err >out || broken "ask $flag fails"
    [ ! -s err ] || broken "ask $flag shows: $(cat err)"
done
awk 'BEGIN { for (i = 0; i < 20; i++) print i - 1 ",1" }' >many.csv
./a ask --x many.csv 2>err >out || broken "ask fails"
grep -qx 'shows.nn:32: log of x float\[20, 2\]: min 0, mean 0.957[0-9]*, max 2.89037, 1 nan, 1 infinite' err || broken "no summary: $(cat err)"
grep -qx 'shows.nn:32: positive bool\[20, 2\]: 38 of 40 true' err || broken "no summary: $(cat err)"

# Derivatives go past what is looked at.
shows 'fit' "$NNC" gradcheck shows.nn
