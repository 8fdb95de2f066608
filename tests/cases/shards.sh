# SPDX-License-Identifier: MIT
# --shards N: a batch in N parts. The bits depend on N alone, and go on after a resume; the numbers are those of whole batches where
# an example does not depend on the others.
awk 'BEGIN { for (i = 0; i < 83; i++) print i / 10 "," i / 5 + 0.3 "," i % 3 }' >points.csv
program line <<'PROGRAM'
data points {
    x: float[1] = csv("points.csv", columns=0..1)
    y: float[1] = csv("points.csv", columns=1..2)
}
model net = chain(Dense(1, 3), tanh, Dense(3, 1))
train fit[B](ex in points.all, batch=20, epochs=3, log_every=3, save="line", log="log") {
    loss = mse(net(ex.x), ex.y)
    minimize loss over net using momentum(lr=0.002, clip=1)
    report loss, off = rmse(net(ex.x), ex.y)
}
export fn ask(x: float[1]) -> float[1] { return reshape(net(reshape(x, 1, 1)), 1) }
PROGRAM

# Two statements, the second of two groups and only in some steps; states that are means, states that are counts; dropout.
program many <<'PROGRAM'
data points {
    x: float[1] = csv("points.csv", columns=0..1)
    y: float[1] = csv("points.csv", columns=1..2)
    split(train=0.8, test=0.2)
}
layer Counted {
    state calls: int = 0
    state scale: float[2] = 1
    fn forward[B](x: float[B, 8]) -> float[B, 8] {
        if training {
            calls := calls + 1
            scale := scale + 0.5
        }
        return x
    }
}
model a = chain(Dense(1, 8), BatchNorm(8), relu, Counted(), Dropout(0.3), Dense(8, 1))
model b = chain(Dense(1, 4), tanh, Dense(4, 1))
train fit[B](ex in points.train, batch=8, epochs=2, log_every=5, validate=points.test, save="many", log="log") {
    first = mse(a(ex.x), ex.y)
    minimize first over a using adamw(lr=0.01, clip=0.5, decay=0.01)
    if step % 3 != 1 {
        second = mse(b(ex.x) + a(ex.x), ex.y)
        minimize second over b[0] using sgd(lr=0.01) over b[2] using lion(lr=0.001)
    }
    report first, noise = mean(randn(B))
}
PROGRAM

# The numbers of whole batches, with a last one that is smaller than the number of shards.
lacks error ./line fit --seed 3 --batch 20 --save one.safetensors --log one
cp out wanted
for n in 2 4 32; do
    lacks error ./line fit --seed 3 --batch 20 --shards $n --save s$n.safetensors --log s$n
    near 1e-5 "$(./line ask --load one.safetensors --x 2.5)" ./line ask --load s$n.safetensors --x 2.5
    near 1e-4 "$(tail -1 one.fit.csv | cut -d, -f3-5,7-)" sh -c "tail -1 s$n.fit.csv | cut -d, -f3-5,7-"
done
! cmp -s s2.safetensors s4.safetensors || broken "shards change nothing"

# Neither threads nor a resume change a bit: log, weights, states, slots, sums of the open report.
rows() { sed -E 's/("seconds":|,)[0-9]+\.[0-9]{3},/\1S,/' "$1"; }
same() { # PROGRAM FLAGS...
    name=$1
    shift
    lacks error ./"$name" fit --threads 1 --save a.safetensors --log a "$@"
    lacks error ./"$name" fit --threads 2 --save b.safetensors --log b "$@"
    cmp -s a.safetensors b.safetensors || broken "$name $*: threads change the checkpoint"
    rows a.fit.jsonl >wanted
    rows b.fit.jsonl | cmp -s - wanted || broken "$name $*: threads change the log"
    lacks error ./"$name" fit --threads 1 --save c.safetensors --save_every 4 --keep 9 --log c "$@"
    lacks error ./"$name" fit --resume c.step-4.safetensors --save c.safetensors --log c
    cmp -s a.safetensors c.safetensors || broken "$name $*: a resume changes the checkpoint"
    rows c.fit.jsonl | cmp -s - wanted || broken "$name $*: a resume changes the log"
}
same line --shards 4 --epochs 2
same many --shards 1
same many --shards 2
same many --shards 8 --batch 11
same many --shards 4 --accumulate 3 --ema 0.9

# States that every shard changes in the same way are as without shards, counts too.
for n in 1 8; do
    lacks error ./many fit --batch 11 --shards $n --save s$n.safetensors --log none
    lacks error ./many export --load s$n.safetensors --out w$n
done
for state in calls scale; do
    [ -s w1/a.3.$state.npy ] || broken "there is no $state: $(ls w1)"
    cmp w1/a.3.$state.npy w8/a.3.$state.npy || broken "$state differs with shards"
done

# What is refused.
program odd <<'PROGRAM'
data points {
    x: float[1] = csv("points.csv", columns=0..1)
    y: float[1] = csv("points.csv", columns=1..2)
}
metric highest {
    state most: float = 0
    fn update[B](x: float[B]) { most := maximum(most, max(x)) }
    fn value() -> float { return most }
}
model net = Dense(1, 1)
train fit[B](ex in points.all, batch=20, save=none, log="odd") {
    loss = mse(net(ex.x), ex.y)
    minimize loss over net using sgd(lr=0.001)
    report loss, high = highest(reshape(ex.y, B))
}
PROGRAM
fails 2 'a metric that fit reports does more with a state than add to it' ./odd fit --shards 2
lacks error ./odd fit --shards 1
fails 2 'must be a power of two' ./line fit --shards 3
fails 2 'shards' ./line fit --shards 2048
fails 2 'shards is 2, but the run of a.safetensors has 4' ./many fit --resume a.safetensors --shards 2

# A shard that cannot go on: the message is that of a whole batch.
printf '1,2\n3,4\n5,nan\n7,8\n' >points.csv
fails 4 'points.csv:3, number 0: nan is in y' ./line fit --batch 4 --shards 4 --save none --no-shuffle
