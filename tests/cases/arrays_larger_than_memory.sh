# SPDX-License-Identifier: MIT
# Arrays that lie in memory, or in their files until a batch needs their rows: the same bits. What becomes of a file during a run.
octets() { # N FORMULA: N bytes, as the formula says for byte i
    # shellcheck disable=SC2059
    printf "$(awk "BEGIN { for (i = 0; i < $1; i++) printf \"\\\\%03o\", $2 }")"
}
header="{'descr': '<i2', 'fortran_order': False, 'shape': (1000, 6), }"
{
    # shellcheck disable=SC2059
    printf "\223NUMPY\1\0\\$(printf %o ${#header})\0%s" "$header"
    octets 12000 'i % 2 ? i % 3 : i * 7 % 251'
} >x.npy
octets 9000 'i * i % 113' >bytes
{ printf '\0\0\010\002\0\0\003\350\0\0\0\011' && cat bytes; } >z.idx
{ printf '\0\0\010\001\0\0\003\350' && octets 1000 'i * i % 5'; } >y.idx
program arrays <<'END'
option x: string = "x.npy"
data d {
    x: float[6] = npy(x) / 512
    z: float[9] = float(idx("z.idx")) / 255
    y: int<5>   = idx("y.idx")
    r: u8[3]    = raw("bytes", offset=2, stride=9)
    split(train=0.8, valid=0.2, seed=1)
}
data w { x: float[3, 6] = npy(x, window=3, stride=2) }
data t { x: u8[9] = bytes("bytes", stride=4) }
model net = Dense(18, 5)
train fit[B](ex in d.train, batch=16, epochs=2, validate=d.valid, save="held.safetensors") {
    loss = cross_entropy(net(concat([ex.x, ex.z, float(ex.r) / 100], axis=-1)), ex.y)
    minimize loss over net using sgd(lr=0.1)
    report loss
}
eval windows[B](ex in w.all, batch=7) { report mean(ex.x * ex.x) }
eval pieces[B](ex in t.all, batch=7) { report mean(float(ex.x)) }
END
./arrays fit --threads 1 --log none >held || broken "no run"
for threads in 1 2; do
    for cache in 0 10kB; do
        ./arrays fit --cache $cache --threads $threads --log none --save read.safetensors >read || broken "no run with --cache $cache"
        sed s/read/held/g read | cmp -s held - || broken "--cache $cache reports other numbers"
        cmp -s held.safetensors read.safetensors || broken "--cache $cache leaves other weights"
    done
done
gives "$(./arrays windows)" ./arrays windows --cache 0
gives "$(./arrays pieces)" ./arrays pieces --cache 0
gives "$(./arrays check-data)" ./arrays check-data --cache 0
gzip -c x.npy >packed.npy.gz
gives "$(./arrays windows)" ./arrays windows --cache 0 --x packed.npy
mkfifo pipe
cat x.npy >pipe &
gives "$(./arrays windows)" ./arrays windows --cache 0 --x pipe

# What is wrong is told in the same words before the run.
head -c 10000 x.npy >short.npy
fails 1 "short.npy: the header promises 6000 numbers, the file ends before" ./arrays fit --x short.npy --cache 0
(cat x.npy && echo) >long.npy
fails 1 "long.npy: the header promises 6000 numbers, the file has more" ./arrays fit --x long.npy --cache 0
fails 3 "nowhere.npy: No such file or directory" ./arrays fit --x nowhere.npy --cache 0

# During the run a file may lose its name, but not its contents.
run_while() { # COMMAND: what is done when the run has begun
    cp x.npy y.npy && : >out
    ./arrays fit --x y.npy --cache 0 --epochs 1000000 --max-time 20s --log none --save none --progress plain >out 2>&1 &
    run=$!
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        grep -q "epoch 3/" out && break
        sleep 0.25
    done
    eval "$1"
}
ends() { # STATUS TEXT
    wait $run
    got=$?
    [ $got = "$1" ] || broken "the run ended with status $got, not $1"
    grep -qF "$2" out || broken "it does not say: $2"
}
run_while 'truncate -s 9000 y.npy' && ends 3 "y.npy was changed during the run: it had 12072 bytes and has 9000"
run_while 'printf x | dd of=y.npy bs=1 seek=11000 conv=notrunc status=none' && ends 3 "y.npy was changed during the run"
run_while 'rm y.npy && sleep 0.5 && kill -INT $run' && ends 130 "stopped by a signal"

# 256 MB in 64 MB of address space (sanitizers need more than that), rows in any order.
printf '\0\0\010\002\0\0\020\0\0\001\0\0' >large.idx
head -c 1000000 /dev/zero | tr '\0' '\100' >>large.idx
truncate -s $((12 + 4096 * 65536)) large.idx
program large <<'END'
data d { x: u8[65536] = idx("large.idx") }
model net = Dense(1, 1)
train fit[B](ex in d.all, batch=16, epochs=1) {
    loss = mse(net(mean(float(ex.x), axis=-1, keep=true)), full(1.0, B, 1))
    minimize loss over net using sgd(lr=0.0001)
    report loss
}
END
if (ulimit -v 64000 && ./large info) >/dev/null 2>&1; then
    (ulimit -v 64000 && ./large fit --threads 1 --log none --save read.safetensors) >out 2>&1 || broken "256 MB of numbers do not train in 64 MB"
    grep -q "step 256/256" out || broken "not all rows were seen"
    ./large fit --threads 1 --cache 1GB --log none --save held.safetensors >out 2>&1 || broken "256 MB of numbers do not train"
    cmp -s held.safetensors read.safetensors || broken "other weights"
fi
