# SPDX-License-Identifier: MIT
# Values lie in the gradient block until gradients are made there. The bits are those of a program whose values have memory of their own:
# with the batch of the head, with a smaller last one, with larger ones, for which there is no room; with gaps in rows of weights (512
# columns) and behind tensors (500), which updates read; with several statements in a step, and with groups of batches.
awk 'BEGIN { srand(3); for (i = 0; i < 1200; i++) { for (k = 0; k < 64; k++) printf "%.3f,", rand() - 0.5; print i % 4 } }' >x.csv
cat >rows.nn <<'END'
data rows {
    x: float[64] = csv("x.csv", columns=0..64)
    y: int<4> = csv("x.csv", column=64)
}
END
cat rows.nn - >deep.nn <<'END'
model net = chain(Dense(64, 512), relu, Dense(512, 512), LayerNorm(512), tanh, Dense(512, 500), relu, Dense(500, 512), tanh, Dense(512, 4))
train fit[B](ex in rows.all, batch=512, steps=5) {
    loss = cross_entropy(net(ex.x), ex.y)
    minimize loss over net using adamw(lr=0.001, decay=0.1, clip=0.5)
    report loss
}
END
cat rows.nn - >pair.nn <<'END'
model maker = chain(Dense(16, 512), BatchNorm(512), tanh, Dense(512, 512), BatchNorm(512), tanh, Dense(512, 64))
model judge = chain(Dense(64, 512), LeakyRelu(0.2), Dense(512, 512), LeakyRelu(0.2), Dense(512, 1))
train fit[B](ex in rows.all, batch=512, steps=5) {
    made = maker(randn(B, 16))
    real = mean(softplus(-judge(ex.x))) + mean(softplus(judge(made)))
    minimize real over judge using adam(lr=0.001)
    if step % 2 == 1 { minimize mean(softplus(-judge(made))) over maker using lamb(lr=0.001) }
    report real
}
END
work_of() { # PROGRAM [FLAG...]: of a step
    "$@" summary --json | tr '{' '\n' | sed -n 's/.*"kind": *"train".*"work": *\([0-9]*\).*/\1/p'
}
for model in deep pair; do
    shows "of them where gradients will be" "$NNC" --dump=memory --stop-after=kernel $model.nn
    gives "" "$NNC" $model.nn -o $model
    gives "" "$NNC" --no-reuse $model.nn -o apart
    [ "$(work_of ./$model)" -lt "$(work_of ./apart)" ] || broken "$model has as much work memory as without reuse"
    for flags in "" "--batch 100" "--batch 1100" "--batch 300 --accumulate 2" "--shards 2"; do
        # shellcheck disable=SC2086 # words
        shows "" ./apart fit --seed 5 $flags --save apart.safetensors
        for threads in 1 2; do
            # shellcheck disable=SC2086 # words
            shows "" ./$model fit --seed 5 $flags --threads $threads --save $model.safetensors
            cmp $model.safetensors apart.safetensors || broken "$model $flags with $threads threads gives other bits"
        done
    done
done
