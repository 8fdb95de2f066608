# SPDX-License-Identifier: MIT
# What commands say where little is there, or where something is wrong: the whole of it.
printf '1\n2\n3\n4\n' >a.csv
printf '5\n6\n7\n' >b.csv
program r <<'END'
option fast: bool = true "quick"
option lr: float = 0.1
data a {
    x: float[1] = csv("a.csv", columns=0..1)
    split(train=0.5, test=0.5)
}
data b { z: float[1] = csv("b.csv", columns=0..1) }
model net = chain(Dense(1, 1))
train fit[B](ex in a.train, batch=2, epochs=2, save="r.st", log="none", validate=other) {
    loss = mean(net(ex.x) ** 2)
    minimize loss over net using sgd(lr=lr)
    report loss
}
train more[B](ex in a.train, batch=2, epochs=2, save="r.st", log="none") {
    loss = mean(net(ex.x) ** 2)
    minimize loss over net using sgd(lr=lr)
    report loss
}
eval other[B](ex in b.all, batch=2) { report minimize off = mean(net(ex.z)), n = sum(ex.z) }
export fn ask(x: float[1], t: float = 2) -> float[1] { return net(x[_, :])[0] * t }
export fn count[N](x: float[N, 3], loud: bool, k: int) -> (int[N], float[3]) { return range(N), sum(x, axis=0) * float(k) * float(loud) }
END
info() { ./r info | sed -E 's/nnc [0-9.]+/nnc V/; s/hash .*/hash H/; s/^code for .*/code for P/'; }
gives 'r, made from r.nn by nnc V, single precision
model: 2 parameters, 192 bytes; program hash H
code for P
entry points:
  train  fit[B](x: float[B, 1]) reports loss, on a.train
  train  more[B](x: float[B, 1]) reports loss, on a.train
  eval   other[B](z: float[B, 1]) reports off, n, on b.all
  export ask(x: float[1], t: float) -> float[1]
  export count[N](x: float[N, 3], loud: bool, k: int) -> (int[N], float[3])
options:
  --fast bool = true  quick
  --lr float = 0.1  
training area of fit: 320 bytes
training area of more: 320 bytes' info
gives 'layer   type   result       parameters          FLOPs       bytes
 net.0  Dense  float[B, 1]           2             10          20
net     chain  float[B, 1]           2             10          20
for B = 5, N = 7: forward, all calls of a layer together; a multiplication with its addition is 2; bytes are those of the result

tensors:
  net.0.w               [1, 1]
  net.0.b               [1]

bytes of a call             B        model     training         work     together
train  fit                  5          192          320          192          704
train  more                 5          192          320          192          704
eval   other                5          192          128            0          320
export ask                  5          192            0            0          192
export count                5          192            0            0          192
eval   fit                  5          192          128            0          320
eval   more                 5          192          128            0          320
2 parameters, model 192 bytes, 10 FLOPs' ./r summary --batch 5 --N 7
gives 'digraph "r ask" {
  node [shape=box, fontname="sans-serif"];
  edge [fontname="sans-serif", fontsize=10];
  n0 [label="x", shape=oval];
  n1 [label="t", shape=oval];
  n2 [label="reshape", shape=plaintext];
  n4 [label="slice, reshape", shape=plaintext];
  n5 [label="mul", shape=plaintext];
  n6 [label="result", shape=oval];
  subgraph cluster_1 {
    label="net\nchain";
    n3 [label="net.0\nDense"];
  }
  n0 -> n2 [label="float[1]"];
  n3 -> n4 [label="float[1, 1]"];
  n4 -> n5 [label="float[1]"];
  n1 -> n5 [label="float"];
  n2 -> n3 [label="float[1, 1]"];
  n5 -> n6 [label="float[1]"];
}' ./r graph ask

# A picture is drawn by `dot`, of this text.
mkdir bin
export PATH="$PWD/bin:$PATH"
printf '#!/bin/sh\n[ "$*" = -Tsvg ] && sed s/digraph/svg/\n' >bin/dot
chmod +x bin/dot
gives "$(./r graph fit --depth 0 | sed s/digraph/svg/)" ./r graph fit --depth 0 --svg
printf '#!/bin/sh\ncat >/dev/null\nexit 1\n' >bin/dot
fails 3 'r: dot: failed' ./r graph --svg
fails 2 '--depth is 101, but must be at most 100' ./r graph --depth 101

# No command.
gives 'r: a command is needed; `help` lists them' sh -c './r --json 2>&1; [ $? = 2 ]'
gives 'r: a command is needed: fit is the value of --resume here; put the command in front' sh -c './r --resume fit 2>&1; [ $? = 2 ]'
gives "$(./r help)
r: a command is needed" sh -c './r 2>err; [ $? = 2 ] && cat err'
gives "$(./r help fit)" ./r fit -h
gives "$(./r help fit)" ./r -h fit
gives "$(./r help)" ./r -h
gives "$(./r version)" ./r --version
fails 2 'r: -x: flags begin with two dashes' ./r fit -x
fails 2 'fit takes no word -.5' ./r fit -.5
fails 2 'fit takes no word -' ./r fit -
fails 3 'r: cannot write to standard output' sh -c './r help >/dev/full'
fails 2 'no such part; its parts are all, train, test' ./r fit --on none
fails 2 '--map and --layout are of the file of --init FILE or --load FILE, and none is given' ./r fit --layout torch
fails 2 '--map and --layout are of the file of --init FILE or --load FILE, and none is given' ./r fit --map 'a = b'
fails 2 '--progress is auto, bar, plain or none, not "fancy"' ./r fit --progress fancy
fails 2 '--ema is 1, but must be at least 0 and below 1' ./r fit --ema 1
fails 2 '--min_delta is -1, but must be at least 0 and finite' ./r fit --min_delta -1 --patience 1
fails 2 '--batch 99999999999999999999: this integer is too large' ./r fit --batch 99999999999999999999
fails 2 '--batch is 2147483648, but must be at most 2147483647' ./r fit --batch 2147483648
fails 2 '--fast is true or false, not "maybe"' ./r fit --fast=maybe

# Numbers of a table of kernels fit together, the slowest one first.
lacks error ./r profile fit --threads 1
awk 'NR == 1 { if ($0 !~ /^fit, 2 rows, 1 thread: [0-9.]+ ms per call \(the fastest [0-9]+ of [0-9]+ calls\), [0-9.]+ ms in [0-9]+ kernels; peak [0-9]+ GFLOP\/s$/) exit 1
        for (i = 1; i < NF; i++) if ($i == "in") n = $(i + 1); else if ($i == "(the") { fast = $(i + 2); of = $(i + 4) }
        if (fast != int((of + 1) / 2)) exit 1 }
    NR > 2 { sub("%", "", $2); if ($2 > last && NR > 3 || $3 != 1) exit 1; last = $2; sum += $2; line[$(NF - 1)]++ }
    END { if (NR != n + 2 || n < 2 || sum < 99 || sum > 101 || line[10] != 1 || line[11] != 1 || line[12] != 1) exit 1 }' out || broken "the table of a profile"

# Derivatives that are wrong are told: ten of them, and how many there are.
program w --float=f64 <<'END'
fn wrong[N](x: float[N]) -> float[N] { return x * x } grad (dy) { return dy * x }
layer Net {
    param w: float[13] = 1.5
    param b: float = 1
}
model net = Net()
train fit(steps=1, save=none) {
    loss = sum(wrong(net.w)) + net.b
    minimize loss over net using sgd(lr=0.1)
    report loss
}
train idle(steps=1, save=none) {
    loss = 2 * net.b ** 2 + 0 * sum(net.w)
    minimize loss over net using sgd(lr=0.1)
    report loss
}
END
fails 4 'gradcheck found wrong derivatives' ./w gradcheck --elements 0
sed 's/largest error 498 of/largest error E of/' out | sort >sorted
gives '  net.w: every derivative is 0
  net.w[0]: derivative 1.5, by differences 3
  net.w[1]: derivative 1.5, by differences 3
  net.w[2]: derivative 1.5, by differences 3
  net.w[3]: derivative 1.5, by differences 3
  net.w[4]: derivative 1.5, by differences 3
  net.w[5]: derivative 1.5, by differences 3
  net.w[6]: derivative 1.5, by differences 3
  net.w[7]: derivative 1.5, by differences 3
  net.w[8]: derivative 1.5, by differences 3
  net.w[9]: derivative 1.5, by differences 3
28 derivatives checked, 13 wrong (largest error E of what is allowed)
4 tensors with 28 elements, 1 without effect
fit, statement 1: loss 30.25
idle, statement 1: loss 2
w: gradcheck found wrong derivatives' cat sorted
gives '{"tensors":2,"elements":14,"idle":0,"skipped":0,"checked":4,"wrong":3,"worst":E}' sh -c './w gradcheck fit --json --elements 3 2>err | sed "s/498[.0-9]*/E/"'
gives '{"tensors":2,"elements":14,"idle":1,"skipped":0,"checked":2,"wrong":0,"worst":E}' sh -c './w gradcheck idle --json --elements 1 2>err | sed "s/\"worst\":.*/\"worst\":E}/"'

# Help says the same of a flag as text, as JSON and as a man page; and that is all it says.
cat >help.py <<'END'
import json, re, subprocess, sys
def of(*words):
    return subprocess.run(["./r", *words], stdout=subprocess.PIPE, check=True, text=True).stdout
def man(text):
    return "".join({"\\": "\\e", "-": "\\-", "'": "\\(aq", "\n": " "}.get(c, c) for c in text)
def flag_line(f):
    left = "--" + f["name"] + (" " + f["value"] if f["value"] else "")
    return f"  {left:<26} {f['help']}" + ((" " if f["help"] else "") + f"[{f['default']}]" if f["default"] else "")
all_of = json.loads(of("help", "--json"))
page = of("help", "--man")
wanted, also = "", ["entry points:"]
assert all_of["program"] == "r" and [c["name"] for c in all_of["commands"]] == sys.argv[1].split()
for c in all_of["commands"]:
    one = json.loads(of(c["name"], "--help", "--json"))
    entry = c["kind"] != "command"
    tells = c["kind"] if entry else c["help"]
    assert one == {"command": c["name"], "help": tells, "flags": c["flags"]} and not (entry and c["help"]), one
    text = of(c["name"], "--help")
    head, flags, example = re.fullmatch(r"(usage: r .*)\n\n((?:  --.*\n)*)\nexample:\n(  \./r [^\n]*\n)(?:\n.*)?", text, re.S).groups()
    assert flags.splitlines() == [flag_line(f) for f in c["flags"]], flags
    words = re.fullmatch(rf"usage: r {c['name']}(.*) \[--flag value\]", head)[1]
    if c["name"] == "train": also += ["", "also:"]
    also.append(f"  {c['name']:<12}{words}" + (":" if words else "") + " " + tells)
    wanted += f".SS {man(c['name'])}\n\\&{man(tells)}"
    for f in c["flags"]:
        wanted += f"\n.TP\n\\fB\\-\\-{man(f['name'])}\\fR \\fI{man(f['value'])}\\fR\n\\&{man(f['help'])}"
        if f["default"]: wanted += f"\n[{man(f['default'])}]"
    wanted += f"\n.PP\nExample:\n.PP\n.nf\n\\&{example}.fi\n"
head, body = page.split(".SH COMMANDS\n")
assert re.fullmatch(r'\.TH "R" 1 "20\d\d-\d\d-\d\d" "nnc [0-9.]+" "User Commands"\n\.SH NAME\nr \\- a program that nnc made\n'
                    r"\.SH SYNOPSIS\n\\fBr\\fR \\fICOMMAND\\fR \[\\fIFLAGS\\fR\]\n", head), head
assert body == wanted, body
text = of("help")
assert text.startswith("r COMMAND [--flag value]\n\n" + "\n".join(also) + "\n\noptions of all commands:\n"), text
END
if command -v python3 >/dev/null; then
    python3 help.py "fit more other ask count train eval info summary graph check-data bench profile gradcheck export help version completion" >out 2>&1 ||
        broken "help is not the same everywhere"
fi
gives "$(printf 'bash\t\nzsh\t\nfish\t')" ./r completion words completion ''
gives "$(printf 'fit\t\nmore\t\nother\t\nask\t\ncount\t')" ./r completion words bench ''
gives "" ./r completion words
gives 'fit	train
more	train
other	eval
ask	export
count	export
train	runs the first or the named train block
eval	the same for eval; a train block is evaluated on --on PART
info	entry points, options, sizes in bytes
summary	layers with shapes, parameters, operations; memory of calls
graph	layers of an entry point and what flows between them, as DOT text
check-data	reads all data blocks: counts, ranges, classes
bench	throughput of an entry point
profile	time per kernel of an entry point
gradcheck	derivatives against differences (--float=f64 builds)
export	the weights as NPY files
help	this text, or the flags of a command
version	what made this program
completion	completes command lines in bash, zsh or fish' ./r completion words ''
gives "$(./r completion words '')" ./r completion words nothing ''
gives '' ./r completion words fit ''
gives '' ./r completion words fit --epochs ''
gives '' ./r completion words nothing -
gives '--fast	quick
--lr	
--json	output for programs
--quiet	no progress
--help	this text
--man	as a page for man(1)' ./r completion words help --
gives 'fit	train
more	train
other	eval
ask	export
count	export' sh -c "./r completion words he | sed 5q"

# Words that a command has no use for.
fails 2 'info takes no word x; flags begin with two dashes' ./r info x
fails 2 'help takes no word x' ./r help fit x
fails 2 'completion takes no word fish' ./r completion bash fish
fails 2 'export needs --out FOLDER' ./r export

# Options, and the weights that a command begins with.
program o <<'END'
option whole: int = 3
option part: float = 0.5
option yes: bool = false
option name: string = "n"
layer Net { param w: float = 1 }
model net = Net()
train one(steps=1, save="one.st", log="none") { minimize net.w over net using sgd(lr=0.5) }
train two(steps=1, save="two.st", log="none") { minimize net.w over net using sgd(lr=0.5) }
export fn w() -> float { return net.w }
export fn sum(x: float = 0) -> float { return float(whole) + part + float(yes) + x }
END
gives 3.5 ./o sum
gives -2.1474836e+09 ./o sum --whole -2147483648 --part 0
gives 2.1474836e+09 ./o sum --whole 2147483647 --part 1
gives 5 ./o sum --yes --part -1 --x 2
gives 4.25 ./o sum --no-yes --whole=4 --part=.25
fails 2 '--whole is 2147483648, but must be at most 2147483647' ./o sum --whole 2147483648
fails 2 '--whole is -2147483649, but must be at least -2147483648' ./o sum --whole -2147483649
fails 2 '--whole needs an integer, not "1.5"' ./o sum --whole 1.5
fails 2 '--part 1e39: this number is too large' ./o sum --part 1e39
fails 2 '--part needs a number, not "nan"' ./o sum --part nan
fails 2 '--yes is true or false, not "2"' ./o sum --yes=2
fails 2 'o: --load FILE is needed: the program does not name one checkpoint' ./o w
fails 3 'none.st: cannot read: No such file' ./o w --load none.st
fails 2 '--map and --layout are of the file of --load FILE, which is not given' ./o w --layout torch
fails 3 'no weights: train first, or give --load FILE; r.st' sh -c 'rm -f r.st; ./r ask 1'
gives 'step 1/1
saved one.st' ./o one
gives 0.5 ./o w --load one.st
gives '{"files":["weights/net.w.npy"]}' ./o export --load one.st --out weights --json
gives '' ./o export --load one.st --block block
[ "$(wc -c <block)" = 128 ] || broken "the model block has $(wc -c <block) bytes"

# --cache is of commands that read data, where they are files that can be read again.
for reader in 'npy("x.npy")' 'csv("x.csv", columns=0..2)'; do
    program cached <<END
data d { x: float[2] = $reader }
model net = chain(Dense(2, 1))
train fit[B](ex in d.all, batch=2) { minimize mean(net(ex.x)) over net using sgd(lr=0.1) }
eval test[B](ex in d.all, batch=2) { report mean = mean(net(ex.x)) }
export fn ask[B](x: float[B, 2]) -> float[B, 1] { return net(x) }
END
    for name in $(./cached completion words '' | cut -f 1); do
        ./cached help "$name" | grep -q -- '--cache SIZE .*\[a quarter of the memory\]' && printf '%s %s\n' "${reader%(*}" "$name"
    done
done >found
gives 'npy fit
npy test
npy train
npy eval
npy check-data
npy bench
npy profile
npy gradcheck' cat found

# Layers, tensors and memory: operations of all calls of a layer together, 2 for a multiplication with its addition. What calls work in
# depends on the machine; it is the same in both forms, and part of the sum.
program s <<'END'
layer Deep(n: int) {
    layer a = Dense(n, n)
    layer b = Dense(n, n, bias=false)
    state seen: float[n] = 0
    fn forward[N, T](x: float[N, T, n]) -> float[N, T, n] {
        if training { seen := seen + 1 }
        return b(b(relu(a(x))))
    }
}
model ab = Deep(3)
model only = chain(Dense(3, 2))
train fit[N](batch=6, steps=2, save=none) {
    x = rand([N, 4, 3])
    loss = mean(ab(x)) + mean(only(x[:, 0, :]))
    minimize loss over ab, only using adam(lr=0.1)
    report loss
}
export fn ask[N, T](x: float[N, T, 3]) -> float[N, T, 3] { return ab(x) }
END
./s summary --T 5 --batch 2 >text || broken "summary"
./s summary --T 5 --batch 2 --json >json || broken "summary --json"
work=$(awk '/^bytes of a call/ { inside = 1; next } NF == 7 && inside && /^[a-z]/ { if ($7 != $4 + $5 + $6) exit 1; print $6; $6 = "W"; $7 = "S" } { print >"masked" }' text) || broken "memory that does not add up"
gives 'layer    type   result          parameters          FLOPs       bytes
 ab.a    Dense  float[N, 4, 3]          12            168          96
 ab.b    Dense  float[N, 4, 3]           9            288          96
ab       Deep   float[N, 4, 3]          21            480          96
 only.0  Dense  float[N, 2]              8             28          16
only     chain  float[N, 2]              8             28          16
for N = 2, T = 5: forward, all calls of a layer together; a multiplication with its addition is 2; bytes are those of the result

tensors:
  ab.a.w                [3, 3]
  ab.a.b                [3]
  ab.b.w                [3, 3]
  ab.seen               state [3]
  only.0.w              [3, 2]
  only.0.b              [2]

train fit 2 448 1152 W S
export ask 2 448 0 W S
eval fit 2 448 128 W S
29 parameters, model 448 bytes, 508 FLOPs' cat masked
gives '{"program":"s","parameters":29,"model_bytes":448,"batch":2,"flops":508,"layers":[{"path":"ab.a","type":"Dense","out":"float[N, 4, 3]","params":12,"flops":168,"bytes":96,"entry":"fit","training":false},{"path":"ab.b","type":"Dense","out":"float[N, 4, 3]","params":9,"flops":288,"bytes":96,"entry":"fit","training":false},{"path":"ab","type":"Deep","out":"float[N, 4, 3]","params":21,"flops":480,"bytes":96,"entry":"fit","training":false},{"path":"only.0","type":"Dense","out":"float[N, 2]","params":8,"flops":28,"bytes":16,"entry":"fit","training":false},{"path":"only","type":"chain","out":"float[N, 2]","params":8,"flops":28,"bytes":16,"entry":"fit","training":false}],"memory":[{"entry":"fit","kind":"train","batch":2,"model":448,"area":1152,"work":W},{"entry":"ask","kind":"export","batch":2,"model":448,"area":0,"work":W},{"entry":"fit","kind":"eval","batch":2,"model":448,"area":128,"work":W}]}' sed -E 's/"work":[0-9]+/"work":W/g' json
gives "$work" sh -c 'sed "s/.*memory//" json | tr "{" "\n" | sed -n "s/.*work[^0-9]*\([0-9]*\).*/\1/p"'
shows 'for N = 1, T = 32: forward' ./s summary
grep -qE '^train  fit  +6 ' out && grep -qE '^export ask  +1 ' out && grep -qE '^eval   fit  +6 ' out || broken "the batches of the heads"
fails 1 's: ask: a call of these sizes takes more memory than there can be' ./s summary --batch 2147483647 --T 2147483647
fails 2 '--T is 0, but must be at least 1' ./s summary --T 0

# How fast something is: the numbers fit together.
gives '1 1
1 7
1 2' sh -c '{ ./r bench ask --json --threads 1; ./r bench count --N 7 --json --threads 1; ./r bench fit --json --threads 1; } |
    sed -E "s/.*\"calls\":([0-9]+),\"median\":([^,]*),\"least\":([^,]*),\"rows_per_second\":([^}]*)}/\1 \2 \3 \4/" |
    awk "{ print (\$1 >= 5 && \$1 <= 10000 && \$3 > 0 && \$2 >= \$3), int(\$2 * \$4 + 0.5) }"'
