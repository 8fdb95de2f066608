# SPDX-License-Identifier: MIT
# --config makes a run again from what it wrote of itself, bit for bit; --set gives any option or setting.
awk 'BEGIN { for (i = 0; i < 60; i++) print i / 10 "," i / 5 "," i % 3 }' >points.csv
program line <<'PROGRAM'
option lr: float = 0.01 "step size"
option file: string = "points.csv"
option wide: int = 1
option bent: bool = false
data points {
    x: float[1] = csv(file, columns=0..1)
    y: float[1] = csv(file, columns=1..2)
    split(train=0.8, test=0.2)
}
model net = chain(Dense(1, 1))
train fit[B](ex in points.train, batch=4, epochs=2, validate=points.test, save="line", log="log") {
    loss = mse(net(ex.x), ex.y) * float(wide)
    minimize loss over net using adam(lr=lr)
    report loss, noise = mean(randn(B)), is_bent = float(bent)
}
eval test[B](ex in points.test, batch=4) { report minimize loss = mse(net(ex.x), ex.y) * lr }
PROGRAM
rows() { sed -E 's/("seconds":|,)[0-9]+\.[0-9]{3},/\1S,/' "$1"; }
again() { # FLAGS...: a run, and the same of its file alone
    rm -f a.* b.* run.*
    lacks error ./line fit --save a.safetensors --log run "$@"
    cp run.fit.jsonl first.jsonl
    lacks "another program" ./line fit --config a.run.json --save b.safetensors
    cmp -s a.safetensors b.safetensors || broken "fit $*: the run of a.run.json has another checkpoint"
    [ ! -e a.best.safetensors ] && [ ! -e b.best.safetensors ] || cmp -s a.best.safetensors b.best.safetensors || broken "fit $*: the run of a.run.json has another best checkpoint"
    rows first.jsonl >wanted
    rows run.fit.jsonl | cmp -s - wanted || broken "fit $*: the run of a.run.json has another log"
}
again
again --epochs 3 --batch 5 --seed 9007199254740995 --no-shuffle --lr 0.123456789 --wide 2 --bent --log_every 3
again --steps 17 --accumulate 2 --ema 0.9 --validate none --threads 1
again --early-stop loss:2 --epochs 30 --min-delta 0.1 --validate_every 3 --save_every 4 --lr 0.3
again --patience 2 --epochs 30 --validate test --on test
cp a.safetensors start
again --load start --lr 1e-3
again --init start --seed -3

# Where values are from; what the command line gives wins, also in another form.
lacks error ./line fit --steps 5 --lr 0.5 --save a.safetensors
lacks error ./line fit --config a.run.json --epochs 1 --set seed=4 --save b.safetensors
cp b.run.json out
grep -qF '"epochs": {"value": 1, "from": "flag"}' b.run.json || broken "epochs"
grep -qF '"steps": {"value": null, "from": "program"}' b.run.json || broken "steps"
grep -qF '"seed": {"value": 4, "from": "flag"}' b.run.json || broken "seed"
grep -qF '"lr": {"value": 0.5, "from": "a.run.json"}' b.run.json || broken "lr"
lacks error ./line fit --config a.run.json --resume a.safetensors --steps 7

# A file by hand; mistakes are told with the file and the name.
echo '{"epochs": 1, "lr": {"value": 0.25}, "bent": true, "file": "points.csv", "wide": null}' >own.json
lacks error ./line fit --config own.json --save b.safetensors
grep -qF '"bent": {"value": true, "from": "own.json"}' b.run.json || broken "bent"
bad() { # TEXT FILE
    printf '%s' "$2" >bad.json
    fails 2 "$1" ./line fit --config bad.json
}
bad 'bad.json: there is no option or setting "epoch"; did you mean epochs?' '{"epoch": 1}'
bad 'bad.json: there is no option or setting "json"' '{"json": true}'
bad 'bad.json: "lr" is no number, text or truth value' '{"lr": [1]}'
bad 'bad.json: "lr" is no number, text or truth value' '{"lr": {"from": "flag"}}'
bad 'bad.json: this is no JSON: ' '{"lr": }'
bad 'bad.json: this is no JSON: ' ''
bad 'bad.json: an object of names and values is expected' '[1]'
bad '--lr needs a number, not "fast"' '{"lr": "fast"}'
bad '--batch is 0, but must be at least 1' '{"batch": 0}'
fails 3 'nowhere.json: cannot read' ./line fit --config nowhere.json
sed 's/"entry": "fit"/"entry": "other"/' a.run.json >bad.json
fails 2 'bad.json is of a run of other, not of fit' ./line fit --config bad.json
fails 2 'a.resumed.json is of a run that went on from a.safetensors' ./line fit --config a.resumed.json
sed 's/"settings"/"setings"/' a.run.json >bad.json
fails 2 'bad.json: a run has "settings" and "options", each an object; its "settings" is missing' ./line fit --config bad.json
bad 'bad.json: a run has "settings" and "options", each an object; its "options" is none' '{"event": "start", "settings": {}, "options": []}'
sed 's/"hash": "[0-9a-f]*"/"hash": "0123456789abcdef"/' a.run.json >other.json
shows 'other.json is of another program (hash 0123456789abcdef)' ./line fit --config other.json
fails 2 '--set needs NAME=VALUE, not "lr"' ./line fit --set lr
fails 2 '--set: there is no option or setting "rl"; did you mean lr?' ./line fit --set rl=1
fails 2 '--set: there is no option or setting "help"' ./line fit --set help=1
fails 2 'there is no option or setting "epochs"' ./line test --set epochs=1
shows 'loss 0' ./line test --load start --set lr=0
