# SPDX-License-Identifier: MIT
# --dry-run makes one update, validates, saves, loads, tells the memory, and leaves no trace.
awk 'BEGIN { for (i = 0; i < 60; i++) print i / 10 "," i / 5 }' >points.csv
program line <<'PROGRAM'
option lr: float = 0.01
data points {
    x: float[1] = csv("points.csv", columns=0..1)
    y: float[1] = csv("points.csv", columns=1..2)
    split(train=0.8, test=0.2)
}
model net = chain(Dense(1, 1))
train fit[B](ex in points.train, batch=4, epochs=5, validate=points.test, patience=1) {
    loss = mse(net(ex.x), ex.y) * (1 + float(step) / float(steps))
    minimize loss over net using sgd(lr=lr)
    report loss
}
PROGRAM
mkdir temporary
TMPDIR=$(pwd)/temporary
export TMPDIR
rm -f out err
before=$(ls)
shows 'dry run: an update of 60 was made, saved (' ./line fit --dry-run
grep -qF 'epoch 1/5, step 1/60: loss ' out || broken "no report"
grep -qF 'epoch 1/5, step 1/60, validation: loss ' out || broken "no validation"
grep -qE '^memory: model [0-9]+ bytes, training [0-9]+ bytes, work [0-9.]+ (bytes|kB); the whole process [0-9.]+ MB$' out || broken "no memory"
rm -f out err
[ "$(ls)" = "$before" ] || broken "something is left: $(ls)"
[ -z "$(ls temporary)" ] || broken "left in TMPDIR: $(ls temporary)"
./line fit --dry-run --json >json || broken "--json"
grep -qE '^\{"event":"dry_run","entry":"fit","steps":60,"checkpoint_bytes":[0-9]+,"model_bytes":[0-9]+,"training_bytes":[0-9]+,"work_bytes":[0-9]+,"process_bytes":[0-9]+\}$' json || broken "$(cat json)"

# What a run would fail with it fails with; files stay as they are.
fails 4 "is not finite; nothing was saved" ./line fit --dry-run --lr 3e38
fails 3 "nowhere/a.safetensors" ./line fit --dry-run --save nowhere/a.safetensors
fails 1 "points.csv" sh -c 'mv points.csv away; ./line fit --dry-run; code=$?; mv away points.csv; [ $code = 3 ] && exit 1; exit $code'
[ -z "$(ls temporary)" ] || broken "left in TMPDIR: $(ls temporary)"
lacks error ./line fit --epochs 2
sum=$(cksum line.safetensors line.best.safetensors line.fit.csv line.fit.jsonl line.run.json)
shows 'an update of 24 was made' ./line fit --dry-run --resume
lacks error ./line fit --dry-run
[ "$(cksum line.safetensors line.best.safetensors line.fit.csv line.fit.jsonl line.run.json)" = "$sum" ] || broken "a file has changed"

# The sizes are those of a run: of its first checkpoint, of the model, of what trains; and a process is not tiny.
lacks error ./line fit --save_every 1 --keep 1000 --epochs 5 --validate none --patience 0 --save sizes.safetensors
number() { sed "s/.*\"$1\":\([0-9]*\).*/\1/" json; }
./line fit --dry-run --json --validate none --patience 0 >json || broken "--json"
gives "$(number checkpoint_bytes)" sh -c 'wc -c <sizes.step-1.safetensors'
shows "$(number model_bytes) bytes" ./line info
grep -qF "training area of fit: $(number training_bytes) bytes" out || broken "$(cat json)"
[ "$(number process_bytes)" -gt 1000000 ] && [ "$(number work_bytes)" -gt 0 ] || broken "$(cat json)"
