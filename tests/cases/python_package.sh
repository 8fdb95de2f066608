# SPDX-License-Identifier: MIT
# `nnc --python`: a package for arrays of numpy. It is imported, called with right and wrong arguments, and gives what the program gives.
python=/usr/bin/python3
"$python" -c 'import numpy, sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null || { echo "skipped: $python has no numpy"; exit 77; }
! grep -q "__[at]san_init" "${NNC%/*}/runtime/libnnrt.a" || { echo "skipped: Python cannot load a library with sanitizers"; exit 77; }
export PYTHONDONTWRITEBYTECODE=1
printf 'a,b,kind\n1,0.5,bee\n2,-1,ant\n3,0,ant\n4,9,bee\n' >t.csv
cat >odd.nn <<'END'
option rate: float = 0.5 "how \"much\""
option lambda: int = 3
option flag: bool = true
option label: string = "x"
data rows {
    v: float[2] = csv("t.csv", columns=0..2)
    kind: int<2> = csv("t.csv", column=2, labels=true)
}
layer Net {
    layer body = chain(Dense(2, 3), tanh, Dense(3, 2))
    fn forward[B](x: float[B, 2]) -> float[B, 2] { return body(x) }
}
model net = Net()
train fit[B](ex in rows.all, batch=4, epochs=20, save="odd.safetensors", log="none") {
    loss = cross_entropy(net(ex.v), ex.kind)
    minimize loss over net using adam(lr=0.05)
    report loss
}
eval quality[B](ex in rows.all) {
    report accuracy(net(ex.v), ex.kind), confusion(net(ex.v), ex.kind)
}
export fn scores[B](v: float[B, 2]) -> float[B, 2] { return net(v) }
export fn twice[B, T](lambda: float[B, T, 2], self: float = 2.0, k: int = 1, plus: bool = true) -> (float[B, 2 * T, 2], int[B]) {
    a = concat([lambda * self, lambda + float(k)], axis=1)
    return where(plus, a, -a), argmax(lambda[:, 0, :], axis=-1)
}
export fn pick[B](x: float[2 * B, 3], keep: bool[B], by: u8[B]) -> float[B] {
    return where(keep, reshape(x, B, 6)[:, 0] + float(by), rate)
}
export fn noise[B](x: float[B]) -> float[B] { return x + randn(B) }
export fn count(n: dim = 3) -> int[n] { return range(n) * lambda }
export fn halves[B](x: float[B]) -> float[B // 2] requires B % 2 == 0 { return x[0:B // 2] }
export fn total[B](x: float[B]) -> float { return sum(x) }
END
"$NNC" odd.nn -o odd && ./odd fit --seed 3 --quiet || broken "the program does not train"
gives "" "$NNC" --python odd.nn
export PYTHONPATH=$PWD/odd-python

# the same numbers, from a checkpoint, inside of the package, and from a run of its own
cat >scores.py <<'END'
import sys
import numpy
package = __import__(sys.argv[1])
m = package.Model(*sys.argv[2:])
for row in m.scores([[1, 2], [0.25, -3]]):
    print(*(str(x) for x in row), sep=",")
END
numbers=$(./odd scores "1,2;0.25,-3")
gives "$numbers" "$python" scores.py odd odd.safetensors
gives "" "$NNC" --python --weights=odd.safetensors --prefix=inside odd.nn -o odd-python
gives "$numbers" "$python" scores.py inside
gives "" "$python" -c 'import odd; odd.Model(seed=3).fit(odd.Run(seed=3, save="again.safetensors"))'
gives "$numbers" "$python" scores.py odd again.safetensors

cat >good.py <<'END'
import gc, pickle, threading
import numpy as np
import odd
f = np.float32
m = odd.Model("odd.safetensors")
x = np.arange(8, dtype=f).reshape(4, 2)
scores = m.scores(x)
assert scores.dtype == f and scores.shape == (4, 2)

# taken where they lie: right arrays, also read-only ones; other orders are copied
call = odd._native.Call(m, "scores", True)
take = lambda a: call.take("v", a, "float[B, 2]", odd._native.float32, 2)
x.flags.writeable = False
assert take(x) is x and take(x[1:3]).base is not None and np.shares_memory(take(x[1:3]), x)
wide = np.zeros((4, 5), f)
wide[:, 1:3] = x
for other in (wide[:, 1:3], np.asfortranarray(x), x[::-1][::-1], x.tolist(), list(x), tuple(map(tuple, x.tolist()))):
    assert np.array_equal(m.scores(other), scores)
assert np.array_equal(m.scores(x[::-1]), scores[::-1])
odd_bytes = np.zeros(x.nbytes + 1, np.uint8)[1:].view(f).reshape(4, 2)  # not aligned
odd_bytes[:] = x
assert np.array_equal(m.scores(odd_bytes), scores)
out = np.full((4, 2), 9, f)
assert m.scores(x, out=out) is out and np.array_equal(out, scores)

# several results, words of Python, numbers and sizes, with their defaults
y = np.arange(12, dtype=f).reshape(2, 3, 2)
a, b = m.twice(y)
assert np.array_equal(a, np.concatenate([y * 2, y + 1], axis=1)) and np.array_equal(b, [1, 1]) and b.dtype == np.int32
a, b = m.twice(lambda_=y, self_=0.5, k=3, plus=False)
assert np.array_equal(a, -np.concatenate([y / 2, y + 3], axis=1))
outs = np.zeros((2, 6, 2), f), np.zeros(2, np.int32)
assert m.twice(y, out=outs)[1] is outs[1] and outs[0].any()
assert m.count().tolist() == [0, 3, 6] and m.count(np.int64(2)).tolist() == [0, 3]
assert m.halves([1, 2, 3, 4]).tolist() == [1, 2] and m.total([1, 2, 3.5]).shape == () and float(m.total([1, 2, 3.5])) == 6.5
assert np.array_equal(m.noise([0] * 5, seed=4), m.noise([0] * 5, seed=4)) and not np.array_equal(m.noise([0] * 5), m.noise([0] * 5, seed=1))
z = np.arange(12, dtype=f).reshape(4, 3)
pick = lambda: m.pick(z, np.array([True, False]), np.array([200, 0], np.uint8)).tolist()
assert pick() == [200, 0.5] and m.pick(z, [True, False], [255, 0]).tolist() == [255, 0.5]

# options
assert (m.options.rate, m.options.lambda_, m.options.flag, m.options.label) == (0.5, 3, True, "x")
m.options.rate, m.options.lambda_, m.options.flag, m.options.label = 0.25, np.int32(7), False, "\u00fc" * 3
gc.collect()
assert pick() == [200, 0.25] and m.count(2).tolist() == [0, 7] and m.options.flag is False and m.options.label == "\u00fc" * 3

# training, step by step; sums of several steps
t = odd.Model(seed=5)
v, kind = np.array([[1, 0.5], [2, -1], [3, 0], [4, 9]], f), np.array([1, 0, 0, 1], np.int32)
losses = [t.fit_step(v, kind).loss for _ in range(60)]
assert losses[-1] < losses[0] / 2 and t.fit_step(v, kind).examples == 4
assert t.quality_step(v, kind, report=False) is None
r = t.quality_step(v[:2], kind[:2])
assert r.examples == 6 and r.accuracy == 1 and r.confusion.tolist() == [[3, 0], [0, 3]]
lines = []
report = t.fit(odd.Run(epochs=2, save="t.safetensors", line=lines.append))
assert len(lines) == 3 and "epoch 2/2" in lines[1] and report.examples == 4, lines
assert t.quality().accuracy == 1 and np.array_equal(odd.Model("t.safetensors").scores(x), t.scores(x))

# tensors where they lie; they keep their model
assert "net.body.0.w" in odd.TENSORS
w = t.tensor("net.body.0.w")
assert w.shape == (2, 3) and all(t.tensor(name).size for name in odd.TENSORS)
before = t.scores(x)
w *= 2
assert not np.array_equal(t.scores(x), before)
w /= 2
assert np.array_equal(t.scores(x), before)
kept = w.copy()
del t
gc.collect()
assert np.array_equal(w, kept)

# threads
wrong = []
def calls(step):
    for _ in range(200):
        if step:
            u.fit_step(v, kind)
        elif not np.array_equal(m.scores(x), scores):
            wrong.append(1)
u = odd.Model()
threads = [threading.Thread(target=calls, args=(k > 3,)) for k in range(6)]
[t.start() for t in threads], [t.join() for t in threads]
assert not wrong and u.fit_step(v, kind).loss < 0.1
print("good")
END
gives good "$python" good.py

cat >bad.py <<'END'
import pickle
import numpy as np
import odd
f = np.float32
m = odd.Model("odd.safetensors")
v, kind, z = np.zeros((2, 2), f), np.zeros(2, np.int32), np.zeros((4, 3), f)
keep, by = np.ones(2, bool), np.zeros(2, np.uint8)
def options(**settings):
    for name, value in settings.items():
        setattr(m.options, name, value)
def stop(line):
    raise KeyError(line)
cases = [
    (ValueError, "scores: v is float[B, 2], here (2, 2), but the array has the shape (2, 3)", lambda: m.scores(np.zeros((2, 3), f))),
    (ValueError, "scores: v is float[B, 2] with 2 axes, but the array has the shape (2,)", lambda: m.scores(np.zeros(2, f))),
    (TypeError, "scores: v is an array of float64, not of float32; .astype(numpy.float32) converts it", lambda: m.scores(np.zeros((2, 2)))),
    (TypeError, "scores: v is an array of >f4, not of float32", lambda: m.scores(np.zeros((2, 2), ">f4"))),
    (TypeError, "scores: v is an array of object", lambda: m.scores(None)),
    (TypeError, "scores: v is a list of <U1, not of float32", lambda: m.scores([["a", "b"]])),
    (TypeError, "scores: v is a list of bool, not of float32", lambda: m.scores([[True, False]])),
    (ValueError, "scores: v has a number that is too large for float32", lambda: m.scores([[1e60, 0]])),
    (ValueError, "scores: v ", lambda: m.scores([[1, 2], [3]])),
    (ValueError, "scores: v has the shape (0, 2): every size must be at least 1", lambda: m.scores(np.zeros((0, 2), f))),
    (ValueError, "scores: v is float[B, 2] with 2 axes, but the array has the shape (0,)", lambda: m.scores([])),
    (ValueError, "pick: x is float[2*B, 3], here (4, 3), but the array has the shape (5, 3)", lambda: m.pick(np.zeros((5, 3), f), keep, by)),
    (TypeError, "pick: keep is an array of int64, not of bool", lambda: m.pick(z, np.ones(2, np.int64), by)),
    (ValueError, "pick: by has a number that is none of uint8", lambda: m.pick(z, keep, [256, 0])),
    (TypeError, "pick: by is a list of float64, not of uint8", lambda: m.pick(z, keep, [1.5, 0])),
    (ValueError, "must satisfy B % 2 == 0", lambda: m.halves(np.zeros(3, f))),
    (TypeError, "count: n is 2.0, not a whole number", lambda: m.count(2.0)),
    (ValueError, "count: n is 0, not in 1..", lambda: m.count(0)),
    (TypeError, "twice: self is 'a', not a number", lambda: m.twice(np.zeros((1, 1, 2), f), "a")),
    (TypeError, "twice: plus is 1, not True or False", lambda: m.twice(np.zeros((1, 1, 2), f), plus=1)),
    (ValueError, "twice: k is 2147483648, not in -2147483648..2147483647", lambda: m.twice(np.zeros((1, 1, 2), f), k=2**31)),
    (ValueError, "seed is -1, not in 0..", lambda: m.noise([1.0], seed=-1)),
    (TypeError, "scores: out is an array of float64, not an array of float32", lambda: m.scores(v, out=np.zeros((2, 2)))),
    (TypeError, "scores: out is list, not an array of float32", lambda: m.scores(v, out=[[0, 0], [0, 0]])),
    (ValueError, "scores: out is float[B, 2], here (2, 2), but the array has the shape (3, 2)", lambda: m.scores(v, out=np.zeros((3, 2), f))),
    (ValueError, "scores: out must be contiguous and writeable", lambda: m.scores(v, out=np.zeros((2, 4), f)[:, ::2])),
    (ValueError, "scores: out lies in the memory of v", lambda: m.scores(v, out=v)),
    (ValueError, "fit_step: kind is int<2>[B], here (2,), but the array has the shape (3,)", lambda: m.fit_step(v, np.zeros(3, np.int32))),
    (ValueError, "must be in 0..1", lambda: m.fit_step(v, [0, 2])),
    (TypeError, "fit_step: kind is an array of int64, not of int32", lambda: m.fit_step(v, np.array([0, 1], np.int64))),
    (FloatingPointError, "loss", lambda: odd.Model().fit_step(np.full((2, 2), np.nan, f), kind)),
    (OSError, "none.safetensors: cannot read", lambda: odd.Model("none.safetensors")),
    (ValueError, "there is no tensor net.x", lambda: m.tensor("net.x")),
    (AttributeError, "there is no option speed, only rate, lambda_, flag, label", lambda: options(speed=1)),
    (AttributeError, "there is no option speed", lambda: m.options.speed),
    (TypeError, "option flag is True or False", lambda: options(flag=1)),
    (TypeError, "option label is a text", lambda: options(label=3)),
    (ValueError, "option lambda_ is 4294967296, not in", lambda: options(lambda_=2**32)),
    (ValueError, "option label: there is a zero byte in it", lambda: options(label="a\0b")),
    (ValueError, "a file's name: there is a zero byte in it", lambda: m.save("a\0b")),
    (TypeError, "a model cannot be copied or pickled", lambda: pickle.dumps(m)),
    (KeyError, "epoch 1/100000", lambda: m.fit(odd.Run(epochs=100000, save="stopped.safetensors", line=stop))),
    (KeyError, "epoch 2/100000", lambda: m.fit(odd.Run(epochs=100000, resume="stopped.safetensors", save="none", line=stop))),
]
for kind_of, text, call in cases:
    try:
        call()
    except kind_of as wrong:
        assert text in str(wrong), "%s\nis not: %s" % (wrong, text)
    else:
        raise SystemExit("not refused: " + text)
print(len(cases))
END
gives 43 "$python" bad.py

# Ctrl-C ends a run and saves it
cat >interrupted.py <<'END'
import os, signal, threading
import odd
signal.signal(signal.SIGINT, signal.default_int_handler)
threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    odd.Model().fit(odd.Run(epochs=1000000000, save="interrupted.safetensors"))
except KeyboardInterrupt:
    print("interrupted")
END
gives interrupted timeout 60 "$python" interrupted.py
[ -s interrupted.safetensors ] || broken "an interrupted run is not saved"

# schedules read what fit_plan says
cat >planned.nn <<'END'
data rows { x: float[1] = csv("t.csv", columns=0..1) }
model net = Dense(1, 1)
train fit[B](ex in rows.all, batch=2, save=none, log="none") {
    minimize mean(net(ex.x) ** 2) over net using sgd(lr=0.1 * 0.5 ** epoch / float(steps))
}
END
"$NNC" --python planned.nn -o odd-python || broken "planned.nn does not compile"
cat >schedule.py <<'END'
import numpy as np
import planned
def change(*plan):
    m = planned.Model(seed=1)
    before = m.tensor("net.w").copy()
    if plan:
        m.fit_plan(*plan)
    m.fit_step(np.array([[1], [2]], np.float32))
    return float((m.tensor("net.w") - before)[0, 0])
for plan in ((-1, 1), (0, 0), (1.5, 1)):
    try:
        change(*plan)
    except (ValueError, TypeError):
        continue
    print("taken:", plan)
assert planned.Model().fit_eval_step(B=5).examples == 5  # no argument has the size
print(round(change() / change(0, 1), 3), round(change() / change(2, 1), 3), round(change() / change(1, 10), 3))
END
gives "1.0 4.0 20.0" "$python" schedule.py

# texts, and what the document shows
cat >texts.nn <<'END'
data d {
    c: int<256>[3] = bytes("t.csv")
}
model net = Embedding(256, 2)
export fn f[T](x: int<256>[T] as d.c) -> float[T, 2] { return net(x) }
END
"$NNC" --python texts.nn -o odd-python || broken "texts.nn does not compile"
gives "[195, 184, 120]" "$python" -c 'import texts; print(texts.Model().text_codes("d.c", "\u00f8x").tolist())'
"$NNC" "$SOURCE/examples/iris/iris.nn" -o iris && ./iris fit --epochs 1 --quiet && "$NNC" --python "$SOURCE/examples/iris/iris.nn" -o odd-python
gives Iris-virginica "$python" -c 'import iris; m = iris.Model(); m.load("iris.safetensors"); print(m.code_name("iris.y", 2))'
sed -n '/^```python$/,/^```$/p' "$SOURCE/docs/embedding.md" | grep -v '^```' >document.py
shows "epoch 5/5, step 40/40, validation: " "$python" document.py
grep -q '^(1, 3) float32$' out || broken "document.py shows no shape"

# a wheel, without other packages and without a network
mkdir wheels site
(cd odd-python && "$python" -c 'import nnc_build; print(nnc_build.build_wheel("../wheels"))') >out 2>&1 || broken "no wheel"
"$python" -m zipfile -e "wheels/$(cat out)" site || broken "the wheel is no archive"
cp site/odd-0.1.0.dist-info/RECORD out
grep -q '^odd/libodd.so,sha256=' out && grep -q '^inside/__init__.py,' out && grep -q '^odd/py.typed,' out || broken "the wheel lacks files"
gives "$numbers" env PYTHONPATH="$PWD/site" "$python" scores.py inside
if "$python" -m pip --version >/dev/null 2>&1; then
    "$python" -m pip -q wheel --no-index --no-deps -w made ./odd-python >out 2>&1 || broken "pip makes no wheel"
    "$python" -m pip -q install --no-index --no-deps --target installed made/*.whl >out 2>&1 || broken "pip does not install it"
    gives "$numbers" env PYTHONPATH="$PWD/installed" "$python" scores.py inside
fi
echo 'license = "MIT"' >>odd-python/pyproject.toml
cd odd-python || exit 1
fails 1 "does not know license of [project]" "$python" -c 'import nnc_build; nnc_build.build_wheel("..")'
cd ..
if command -v mypy >/dev/null; then gives "Success: no issues found in 2 source files" mypy --strict odd-python/odd; fi

# made again: what is the user's stays; nothing that nnc did not make is written over; nothing is left of what fails
gives "" "$NNC" --python odd.nn
grep -q '^license' odd-python/pyproject.toml || broken "pyproject.toml was written again"
mkdir -p mine/odd && echo "# mine" >mine/odd/__init__.py
fails 2 "mine/odd/__init__.py: this file is there and was not made by nnc" "$NNC" --python odd.nn -o mine
gives "# mine" cat mine/odd/__init__.py
fails 3 "t.csv: this is a file; a folder is wanted" "$NNC" --python odd.nn -o t.csv
fails 2 "a package \`numpy\` would hide a module of Python" "$NNC" --python --prefix=numpy odd.nn -o new
sed 's/tanh/tahn/' odd.nn >wrong.nn
fails 1 "E0101" "$NNC" --python wrong.nn -o new
fails 1 "linking failed" "$NNC" --python odd.nn --cc=false -o new
[ ! -e new ] || broken "left: $(find new)"

# double precision, a const, and a name that is a word of Python
printf 'const n = 2\nexport fn third[B](x: float[B, n]) -> float[B, n] { return x / 3 }\n' >lambda.nn
gives "" "$NNC" --python --float=f64 -D n=1 lambda.nn -o odd-python
gives "float64 0.3333333333333333" "$python" -c 'import lambda_; y = lambda_.Model().third([[1]]); print(y.dtype, float(y[0, 0]))'
"$NNC" --python odd.nn -o rule --depfile=odd.d
gives "rule/odd/libodd.so: odd.nn" cat odd.d
