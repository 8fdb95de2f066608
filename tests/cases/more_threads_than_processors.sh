# SPDX-License-Identifier: MIT
# Steps of a few microseconds with many threads: the run ends, with the bits of one thread, and says that processors are shared.
program small <<'END'
data iris {
    x: float[4] = csv("data/iris.csv", columns=0..4)
    y: int<3>   = csv("data/iris.csv", column=4, labels=true)
    split(train=0.8, test=0.2, seed=7)
}
layer Net {
    layer fc1 = Dense(4, 24)
    layer norm = BatchNorm(24)
    layer fc2 = Dense(24, 3)
    fn forward[B](x: float[B, 4]) -> float[B, 3] { return fc2(relu(norm(fc1(x)))) }
}
model net = Net()
train fit[B](ex in iris.train, batch=32, steps=3000, seed=3) {
    loss = cross_entropy(net(ex.x), ex.y)
    minimize loss over net using adam(lr=0.01)
    report loss
}
END
shows saved ./small fit --threads 1 --log none --save 1.safetensors
for n in 2 3 16; do
    within 30 ./small fit --threads $n --log none --save $n.safetensors
    cmp 1.safetensors $n.safetensors || broken "$n threads give other bits"
done
shows "1000 threads share the" ./small fit --threads 1000 --steps 2 --log none --save none

# A long scan of small steps is one thread's work: no thread waits for another in every step.
program steps <<'END'
export fn run(n: dim, a: float) -> float {
    scan t in 0..n with h = a { h = 0.5 * h + 0.001 }
    return h
}
END
within 5 ./steps run --n 3000000 --a 1 --threads 16
gives 0.0020000003 ./steps run --n 3000000 --a 1 --threads 16

# A signal ends it at once, also where no thread can have a processor of its own.
./small fit --threads 64 --steps 100000000 --log none --save stopped.safetensors >out 2>&1 &
run=$!
sleep 0.5
kill -TERM $run
within 5 tail --pid=$run -f /dev/null
wait $run
[ $? = 143 ] || broken "SIGTERM does not end a run of 64 threads"
[ -s stopped.safetensors ] || broken "the run that was stopped has not saved"
