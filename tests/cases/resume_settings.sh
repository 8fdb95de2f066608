# SPDX-License-Identifier: MIT
# A resumed run goes on as it began, whatever the command line leaves out, and refuses what would make it another run.
awk 'BEGIN { for (i = 0; i < 60; i++) print i / 10 "," (i * 7 % 13) / 5 }' >points.csv
program line <<'PROGRAM'
option lr: float = 0.05
option curved: bool = false
option power: int = 2
option file: string = "points.csv"
data points {
    x: float[1] = csv(file, columns=0..1)
    y: float = csv(file, column=1)
    split(train=0.8, test=0.2)
}
layer Line {
    param w: float = 0.1
    param b: float = 0
    fn forward[B](x: float[B, 1]) -> float[B] { return w * x[:, 0] + b + 0.01 * randn(B) }
}
model net = Line()
train fit[B](ex in points.train, batch=4, epochs=3, validate=points.test, seed=1) {
    loss = mse(net(ex.x), ex.y)
    away = mae(net(ex.x), ex.y)
    minimize loss over net using adam(lr=lr * (1 + float(power)))
    report loss, away
}
train planned[B](ex in points.train, batch=4, epochs=3) {
    loss = mse(net(ex.x), ex.y)
    minimize loss over net using adam(lr=polynomial_decay(lr, step, steps))
    report loss
}
PROGRAM
flags="--seed 5 --batch 3 --accumulate 2 --no-shuffle --ema 0.9 --lr 0.02 --power 3 --log none --quiet"
# shellcheck disable=SC2086
./line fit $flags --steps 9 --save whole.st >out 2>&1 || broken "fit"
# shellcheck disable=SC2086
./line fit $flags --steps 4 --save part.st >out 2>&1 || broken "fit"
cp part.st begun.st
./line fit --resume part.st --steps 9 --log none --quiet >out 2>&1 || broken "--resume"
cmp -s whole.st part.st || broken "a resumed run has other bits, or is saved elsewhere"
[ ! -e line.safetensors ] || broken "--resume part.st saves to the default file"
cp begun.st part.st
# shellcheck disable=SC2086
./line fit $flags --resume part.st --steps 9 --save other.st >out 2>&1 || broken "--resume with the same flags"
cmp -s whole.st other.st || broken "the same flags again make another run"
cmp -s begun.st part.st || broken "--save other.st writes to part.st"

refuse() { fails 2 "$2" ./line fit --resume part.st --steps 9 $1; }
refuse "--seed 6" "seed is 6, but the run of part.st has 5"
refuse "--batch 8" "batch is 8, but the run of part.st has 3"
refuse "--accumulate 1" "accumulate is 1, but the run of part.st has 2"
refuse "--shuffle" "shuffle is true, but the run of part.st has false"
refuse "--ema 0.99" "ema is 0.99"
refuse "--on all" "on is all, but the run of part.st has train"
refuse "--lr 0.05" "lr is 0.05"
refuse "--power 2" "power is 2, but the run of part.st has 3"
refuse "--curved" "curved is true, but the run of part.st has false"
refuse "--load whole.st" "--load does not go with it"
cmp -s begun.st part.st || broken "a refused run wrote its checkpoint"

# Files may have moved; the length may change unless a schedule reads it.
mv points.csv moved.csv
./line fit --resume part.st --file moved.csv --epochs 1 --quiet --log none >out 2>&1 || broken "--file moved.csv"
./line planned --file moved.csv --epochs 2 --save planned.st --quiet --log none >out 2>&1 || broken "planned"
fails 2 "the run of planned.st has 24 steps, which its step reads as \`steps\`: it cannot go on as one of 36" \
    ./line planned --file moved.csv --resume planned.st --epochs 3
gives "" ./line planned --file moved.csv --resume planned.st --quiet --log none
fails 1 "planned.st is a checkpoint of planned, so fit cannot go on from it; --load takes its weights" \
    ./line fit --file moved.csv --resume planned.st

# Early stopping is part of it; the best of another value is not the best of this one.
./line fit --file moved.csv --steps 4 --validate_every 1 --early-stop loss:50 --save stop.st --quiet --log none >out 2>&1 || broken "fit"
head -c 3000 stop.st | grep -qF 'early_stop\":\"loss:50' || broken "the checkpoint does not keep --early-stop"
./line fit --resume stop.st --file moved.csv --steps 5 --early-stop away:1 --quiet --log none >out 2>&1 || broken "another --early-stop"
head -c 3000 stop.st | grep -qF '"stale"' && broken "the best of loss was compared with away"

# The optimizer goes on with its numbers: another one would lack some, or leave some out.
sed 's/using adam(lr=lr \* (1 + float(power)))/using sgd(lr=lr)/' line.nn >plain
program plain <plain
./line fit --file moved.csv --steps 4 --save adam.st --quiet --log none >out 2>&1 || broken "fit"
./plain fit --file moved.csv --steps 4 --save sgd.st --quiet --log none >out 2>&1 || broken "fit"
fails 1 "adam.st: optimizer.fit.0.slot0 [32] is of an optimizer that fit does not have: --resume goes on as it began" \
    ./plain fit --file moved.csv --resume adam.st --steps 5
fails 1 "sgd.st: optimizer.fit.0.slot0 [32] is missing" ./line fit --file moved.csv --resume sgd.st --steps 5
sed 's/using adam(lr=lr \* (1 + float(power)))/using adadelta(lr=lr)/' line.nn >delta
program delta <delta
fails 1 "adam.st: fit was trained using adam, but uses adadelta now: --resume goes on as it began" \
    ./delta fit --file moved.csv --resume adam.st --steps 5
shows "saved other.st" ./plain fit --file moved.csv --load adam.st --steps 5 --save other.st

# An empty name is a variable that a script has not set.
for flag in save load init resume log validate on early-stop save-every; do
    fails 2 "needs a value" ./line fit "--$flag" "" --steps 1
    fails 2 "needs a value" ./line fit "--$flag=" --steps 1
done
[ ! -e line.safetensors ] || broken "a refused run was saved"

# Ranges of numbers, from flags and from the head.
fails 2 "--accumulate is 9223372036854775807, but must be at most 2147483647" ./line fit --accumulate 9223372036854775807
fails 2 "--batch is -1, but must be at least 1" ./line fit --batch -1
fails 2 "--batch is 4294967296, but must be at most 2147483647" ./line fit --batch 4294967296
fails 2 "--epochs is 9223372036854775807, but must be at most" ./line fit --epochs 9223372036854775807
fails 2 "--steps is 9223372036854775807, but must be at most" ./line fit --steps 9223372036854775807
fails 2 "--log_every is 0, but must be at least 1" ./line fit --log_every 0
fails 2 "--ema is 1, but must be at least 0 and below 1" ./line fit --ema 1
fails 2 "--ema needs a number" ./line fit --ema nan
fails 2 "--min_delta is -1, but must be at least 0" ./line fit --min-delta -1
fails 2 "--lr needs a number, not \"nan\"" ./line fit --lr nan
fails 2 "--lr 1e39: this number is too large" ./line fit --lr 1e39
fails 2 "--power is 2147483648, but must be at most 2147483647" ./line fit --power 2147483648
fails 2 "--threads is 1025" ./line fit --threads 1025

# What the file says of an option must be a value of its type.
said() {
    header="{\"__metadata__\":{\"run\":\"{\\\"options\\\":{\\\"$1\\\":\\\"$2\\\"}}\"}}"
    printf "$(printf '\\%03o' ${#header})\0\0\0\0\0\0\0%s" "$header" >said.st
    fails 1 "said.st: its run has \"$2\" for $1, which is no $3" ./line fit --resume said.st --log none --quiet
}
said lr much float
said lr 1x float
said power 1.5 int
said power 3000000000 int
said curved 1 bool
