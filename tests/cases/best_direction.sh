# SPDX-License-Identifier: MIT
# What is better is said by the program, not guessed from names.
program names <<'PROGRAM'
import "std/sequence.nn" as seq
import "std/vision.nn" as vision
model net = chain(Dense(1, 2))
metric mine {
    state n: float = 0
    fn update(x: float) { n := n + x }
    minimize fn value() -> float { return n }
}
fn plain(x: float) -> float { return x }
maximize fn gain(x: float) -> float { return x }
train fit[B](batch=4, steps=1, save=none) {
    y = randint(2, B)
    rec = cross_entropy(net(ones(B, 1)), y)
    extra = sum(net[0].w ** 2)
    score = -extra
    minimize rec + 0.1 * extra over net using sgd(lr=0.1)
    report recall(net(ones(B, 1)), y), extra, score, rec, count_of_it = plain(mean(net(ones(B, 1))))
}
eval library[B](batch=4) {
    y = randint(2, B)
    logits = net(ones(B, 1))
    one = logits[:, 0]
    t = float(y)
    report recall(logits, y), precision(logits, y), correct = accuracy(logits, y), auc(one, t), wer = seq.error_rate(said=y[_, :], right=y[_, :], said_len=full(1, 1), right_len=full(1, 1))
    report hinge(one, 2 * t - 1), focal = focal_loss(logits, y), bce = binary_cross_entropy(one, t), ce = cross_entropy(logits, y)
    report rmse(one, t), r2(one, t), perplexity(logits, y), iou(logits, y), top = top_k(logits, y, k=1)
}
eval own[B](batch=4) {
    y = randint(2, B)
    each = cross_entropy_each(net(ones(B, 1)), y)
    report loss_that_rises = -mean(each), scaled = 3 * mean(each) + 1, root = exp(mean(each)) / 2, turned = 1 - gain(mean(each))
    report mine(mean(each)), maximize error = plain(mean(each)), minimize accuracy = gain(mean(each)), shown = sin(mean(each))
    report masked_loss = masked_mean(each, y > 0), between = mean(each) + gain(mean(each))
}
PROGRAM
./names info --json >manifest || broken "info --json"
better() {
    for name in $2; do
        grep -q "\"name\":\"$name\",\"dims\":\[\],[^}]*\"better\":$1," manifest || broken "$name is not $1"
    done
}
better '"higher"' "recall precision correct auc r2 iou top score loss_that_rises error"
better '"lower"' "wer hinge focal bce ce rmse perplexity extra rec scaled root turned mine accuracy masked_loss"
better null "count_of_it shown between"

# Checkpoints and early stopping use it. The weight goes up by one with every update; `recall` is best at 3, `error` from 3 on.
program steps <<'PROGRAM'
layer Count { param w: float = 0 }
model net = Count()
train fit(steps=12, validate=look, validate_every=1) {
    minimize -net.w over net using sgd(lr=1)
    report w = net.w
}
eval look(steps=1) {
    report maximize recall = minimum(net.w, 3.0), minimize error = maximum(3 - net.w, 0.0), plain = abs(net.w), minimize far = abs(net.w - 5)
}
train unsaid(steps=2, save=none) {
    minimize -net.w over net using sgd(lr=1)
    report w = net.w, other = abs(net.w)
}
PROGRAM
weight() { ./steps export --load "$1" --out tensors >out 2>&1 && tail -c 4 tensors/net.w.npy | od -An -tf4 | tr -d ' '; }
shows "step 12/12" ./steps fit --save a.safetensors
[ "$(weight a.best.safetensors)" = 3 ] && [ "$(weight a.safetensors)" = 12 ] || broken "the best is $(weight a.best.safetensors)"
for run in recall:1:4 recall:2:5 recall:4:7 error:2:5 far:1:6 far:3:8; do
    rest=${run#*:} name=${run%%:*} patience=${rest%:*} end=${rest#*:}
    shows "stopped early: no better $name in $patience validation" ./steps fit --save b.safetensors --early-stop "$name:$patience"
    grep -q "step $end/12, validation" out || broken "$run does not end at step $end"
    ! grep -q "step $((end + 1))/12" out || broken "$run ends after step $end"
    best=3
    [ $name = far ] && best=5
    [ "$(weight b.safetensors)" = $best ] || broken "$run does not go back to the best"
done
lacks "stopped early" ./steps fit --save c.safetensors --early-stop recall:10
shows "stopped early" ./steps fit --save c.safetensors --early-stop recall:2 --min-delta 1
grep -q "step 3/12, validation" out || broken "a gain of 1 is not more than 1"

# `patience` goes by the first report; the flag has the last word, and --early-stop may name another.
sed 's/validate_every=1) {/validate_every=1, patience=2) {/' steps.nn >patient.nn
"$NNC" patient.nn -o ./patient >out 2>&1 || broken "patient.nn does not compile"
ends() { # STEP FLAGS...
    last=$1
    shift
    shows "step $last/12, validation" ./patient fit --save p.safetensors "$@"
    ! grep -q "step $((last + 1))/12" out || broken "$* goes on behind step $last"
}
ends 5
[ "$(./patient export --load p.safetensors --out tensors >/dev/null && tail -c 4 tensors/net.w.npy | od -An -tf4 | tr -d ' ')" = 3 ] || broken "not the best"
ends 7 --patience 4
ends 12 --patience 0
ends 8 --early-stop far:3
fails 2 "give --patience N or --early-stop NAME:N, not both" ./patient fit --patience 3 --early-stop far:3
fails 2 "patience needs a validation" ./patient fit --validate none
shows "stopped early" ./steps fit --save c.safetensors --patience 2

fails 2 "reports no such number, but recall, error, plain, far" ./steps fit --early-stop nonsense:3
fails 2 "--early-stop needs NAME:N" ./steps fit --early-stop recall:x
fails 2 "--early-stop needs NAME:N" ./steps fit --early-stop recall:0
fails 2 "is more of plain better, or less?" ./steps fit --early-stop plain:3
fails 2 "--early-stop needs a validation" ./steps fit --early-stop recall:3 --validate none
fails 2 "--early-stop needs a validation" ./steps unsaid --early-stop w:3

# A patience that is given stays the run's, with what the file says the best is of.
quietly() { "$@" --log none --quiet >out 2>&1 || broken "\`$*\` ended with status $?"; }
quietly ./patient fit --steps 4 --early-stop far:3 --save d.safetensors
quietly ./patient fit --steps 6 --resume d.safetensors --patience 5 --save e.safetensors
shows '"early_stop":{"value":"far:5"' ./patient fit --steps 7 --resume e.safetensors --json --log none --save f.safetensors
