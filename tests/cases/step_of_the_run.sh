# SPDX-License-Identifier: MIT
# In the evaluation derived from a train block `step`, `epoch` and `steps` are those of the run, not its own.
awk 'BEGIN { for (i = 0; i < 30; i++) print i / 10 "," i / 5 }' >points.csv
program line <<'PROGRAM'
data points {
    x: float[1] = csv("points.csv", columns=0..1)
    y: float[1] = csv("points.csv", columns=1..2)
    split(train=0.8, test=0.2)
}
model net = chain(Dense(1, 1))
train fit[B](ex in points.train, batch=4, epochs=2, validate=points.test, validate_every=4, log="run") {
    share = float(step) / float(steps)
    loss = mse(net(ex.x), ex.y) * (1 + share)
    minimize loss over net using sgd(lr=0.01)
    if epoch >= 1 { late = 1.0 } else { late = 0.0 }
    noise = mean(randn(B))
    report loss, share, late = late * (1 + 0 * loss), at = float(step), noise
}
PROGRAM
./line fit --log_every 4 >out 2>&1 || broken "fit"
grep '"event":"validate"' run.fit.jsonl >validations
[ "$(wc -l <validations)" = 3 ] || broken "there are $(wc -l <validations) validations"
shown() { sed -n "$1p" validations | grep -qF "$2" || broken "validation $1 does not show $2: $(sed -n "$1p" validations)"; }
shown 1 '"share":0.3333'
shown 1 '"late":0,"at":4,'
shown 2 '"late":1,"at":8,'
shown 3 '"share":1,"late":1,"at":12,'
# What it draws is the same each time, whatever the step.
[ "$(grep -o '"noise":[-0-9.e]*' validations | sort -u | wc -l)" = 1 ] || broken "draws of an evaluation depend on the step"
shows '"share":1,"late":1,"at":12,' ./line eval fit --on test --json
