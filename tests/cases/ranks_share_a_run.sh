# SPDX-License-Identifier: MIT
# nnc --dist=mpi: what mpirun makes of a run with 1, 2 and 4 ranks is what one process makes of it, bit for bit.
command -v mpirun >/dev/null || { echo "skipped: there is no mpirun (Debian: openmpi-bin)"; exit 77; }
[ -f "${NNC%/*}/runtime/libnnrt-mpi.a" ] || { echo "skipped: nnc was built without Open MPI (Debian: libopenmpi-dev)"; exit 77; }
[ -z "$sanitize" ] || { echo "skipped: Open MPI does not run with sanitizers"; exit 77; }
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_btl_vader_single_copy_mechanism=none
ranks() { # N COMMAND...
    n=$1
    shift
    mpirun -n "$n" --bind-to none "$@"
}
rows() { sed -E 's/("seconds":|,)[0-9]+\.[0-9]{3},/\1S,/' "$1"; }

awk 'BEGIN { for (i = 0; i < 83; i++) print i / 10 "," i / 5 + 0.3 "," i % 3 }' >points.csv
program many --dist=mpi <<'PROGRAM'
option bad: int = 0
data points {
    x: float[1] = csv("points.csv", columns=0..1)
    y: float[1] = csv("points.csv", columns=1..2)
    split(train=0.8, test=0.2)
}
layer Counted {
    state calls: int = 0
    fn forward[B](x: float[B, 8]) -> float[B, 8] {
        if training { calls := calls + 1 }
        return x
    }
}
model a = chain(Dense(1, 8), BatchNorm(8), relu, Counted(), Dropout(0.3), Dense(8, 1))
model b = chain(Dense(1, 4), tanh, Dense(4, 1))
train fit[B](ex in points.train, batch=9, epochs=3, log_every=4, validate=points.test, save="many", log="log") {
    first = mse(a(ex.x), ex.y)
    assert step < bad or bad == 0 or sum(ex.x) > 100
    minimize first over a using adamw(lr=0.01, clip=0.5, decay=0.01)
    if step % 3 != 1 {
        second = mse(b(ex.x) + a(ex.x), ex.y)
        minimize second over b[0] using sgd(lr=0.01) over b[2] using lion(lr=0.001)
    }
    report first, noise = mean(randn(B))
}
train drawn[B](batch=8, steps=30, save="drawn") {
    x = randn(B, 1)
    loss = mse(b(x), sin(x))
    minimize loss over b using adam(lr=0.01)
    report loss
}
layer Point { param w: float[40] = 0 }
model point = Point()
train steep[B](batch=8, steps=3, save=none) {
    loss = mean((point.w ** 2) ** 0.25) + 0 * mean(randn(B)) # the slope at 0 is no number
    minimize loss over point using sgd(lr=0.01)
    report loss
}
export fn ask(x: float[1]) -> float[1] { return reshape(b(reshape(x, 1, 1)), 1) }
PROGRAM

# The same bits, whatever the number of ranks: checkpoints, logs, what is shown.
same() { # FLAGS...
    lacks error ./many "$@" --threads 1 --progress plain --save one.safetensors --log one
    cp out shown
    rows one."$1".jsonl >wanted
    for n in 1 2 4; do
        lacks error ranks $n ./many "$@" --threads 1 --progress plain --save r$n.safetensors --log r$n
        cmp one.safetensors r$n.safetensors || broken "$*: $n ranks make another checkpoint"
        rows r$n."$1".jsonl | cmp - wanted || broken "$*: $n ranks write another log"
        sed "/^mpirun: Forw/d; s/r$n\\./one./g" out | diff - shown || broken "$*: $n ranks show something else"
    done
}
same fit --shards 4
same fit --shards 8 --accumulate 2 --ema 0.9 --epochs 2
same drawn --shards 4
"$NNC" --dist=mpi --float=f64 many.nn -o ./many >out 2>&1 || broken "many.nn does not compile in double precision"
same fit --shards 4 --epochs 1
"$NNC" --dist=mpi many.nn -o ./many >out 2>&1 || broken "many.nn does not compile"

# Goes on with another number of ranks, and alone.
lacks error ./many fit --shards 4 --save one.safetensors --log one
lacks error ranks 4 ./many fit --shards 4 --save c.safetensors --save_every 3 --keep 99 --log c
lacks error ranks 2 ./many fit --resume c.step-6.safetensors --save d.safetensors --save_every 3 --keep 99 --log c
cmp d.safetensors one.safetensors || broken "2 ranks go on with other bits"
lacks error ./many fit --resume d.step-9.safetensors --save e.safetensors --log c
cmp e.safetensors one.safetensors || broken "a process alone goes on with other bits"

# Ranks that do not write ask for no checkpoint either: short epochs have one a second.
lacks error ranks 2 ./many fit --shards 2 --epochs 60 --save s.safetensors --keep 99 --log none
saved=$(ls s.step-*.safetensors | wc -l)
[ "$saved" -lt 30 ] || broken "$saved checkpoints in 60 short epochs"

# Errors are told once, and end all ranks.
once() { [ "$(grep -c "$1" out)" = 1 ] || broken "not told once: $1"; }
fails 2 '4 ranks cannot divide 1 shard: --shards 4' ranks 4 ./many fit --save none
once 'ranks cannot divide'
fails 2 'there are 3 ranks, but it must be a power of two' ranks 3 ./many fit --save none
once 'power of two'
fails 1 'assert does not hold' ranks 2 ./many fit --shards 2 --save none --bad 3
once 'assert does not hold'
fails 4 'many: steep, step 0: the gradient of point.w (many.nn:32) is not finite, at the minimize of many.nn:36; no update was made.' ./many steep --shards 4
cp out told
for n in 2 4; do
    fails 4 'not finite' ranks $n ./many steep --shards 4
    grep '^many: ' out | cmp - told || broken "$n ranks tell of a gradient that is not finite in another way"
done
fails 3 'cannot save the checkpoint' ranks 2 ./many fit --shards 2 --save missing/x.safetensors
once 'cannot save'
fails 2 'epoch' ranks 2 ./many fit --shards 2 --epoch 3
once 'did you mean --epochs'

# What is not training does rank 0 alone.
gives "$(./many ask --load one.safetensors --x 2.5)" ranks 4 ./many ask --load one.safetensors --x 2.5

# A signal ends all ranks behind the same step. A rank that is killed ends the others; the first one that lives writes the only
# checkpoint that there is. Both go on with the bits of a run that was not interrupted, with any number of ranks.
begin() { # FILE: 4 ranks, until they are at work
    rm -f "$1" log.drawn.jsonl
    mpirun -n 4 --bind-to none ./many drawn --shards 4 --steps 100000000 --save_every 100000000 --threads 1 --save "$1" \
        --log log >out 2>&1 &
    job=$!
    i=0
    while [ ! -s log.drawn.jsonl ] && [ $((i += 1)) -lt 600 ]; do sleep 0.1; done
    sleep 0.5
}
ended() { # WHAT FILE
    i=0
    while kill -0 $job 2>/dev/null && [ $((i += 1)) -lt 50 ]; do sleep 0.1; done
    ! kill -0 $job 2>/dev/null || broken "$1: the ranks go on after 5 seconds"
    wait $job
    [ $? != 0 ] || broken "$1: status 0"
    [ -s "$2" ] || broken "$1: there is no checkpoint"
}
goes_on() { # FILE WHAT
    at=$(tr ',' '\n' <"$1" | grep -a -m1 '^"step":' | tr -dc 0-9)
    lacks error ranks 2 ./many drawn --resume "$1" --steps $((at + 30)) --save end.safetensors --log none
    lacks error ./many drawn --shards 4 --steps $((at + 30)) --save_every 1000000 --save whole.safetensors --log none
    cmp end.safetensors whole.safetensors || broken "$2: other bits from step $at on"
}
begin stopped.safetensors
kill -TERM $job
ended "a signal" stopped.safetensors
grep -q 'stopped by a signal at step' out || broken "a signal: what it says"
goes_on stopped.safetensors "a signal"
for number in 1 2 4; do
    begin killed.safetensors
    kill -KILL "$(pgrep -P $job -x many | sort -n | sed -n ${number}p)"
    ended "rank $((number - 1)) is killed" killed.safetensors
    grep -q 'another rank of the run has ended; saved killed.safetensors' out || broken "rank $((number - 1)) is killed: what is said"
    goes_on killed.safetensors "rank $((number - 1)) is killed"
    echo "rank $((number - 1)) is killed: saved at step $at"
done
