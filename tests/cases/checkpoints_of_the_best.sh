# SPDX-License-Identifier: MIT
# --keep-best N: the checkpoints of the N best validations stay, whatever happens in between.
awk 'BEGIN { for (i = 0; i < 24; i++) print i / 24 }' >d.csv
program k <<'PROGRAM'
option up: bool = false
data d {
    x: float[1] = csv("d.csv", columns=0..1)
    split(train=0.75, test=0.25)
}
layer Net {
    param w: float[1] = 1
    fn forward[B](x: float[B, 1]) -> float[B, 1] { return w * x }
}
model net = Net()
train fit[B](ex in d.train, batch=6, epochs=8, validate=close, save="s/a.safetensors", log="none") {
    loss = mean(net(ex.x))
    minimize loss over net using sgd(lr=cos(float(step)))
    report loss
}
# w falls and rises with the steps
eval close[B](ex in d.test, batch=99) { report minimize off = abs(mean(net(ones([B, 1])))), w = mean(net(ones([B, 1]))) }
eval more[B](ex in d.test, batch=99) { report maximize w = mean(net(ones([B, 1]))) }
PROGRAM
mkdir s
kept() { ls "$1" | grep best-step | sed 's/.*step-//; s/\..*//' | sort -n | tr '\n' ' '; }
./k fit --json --threads 1 --keep-best 3 | sed -n 's/.*"event":"validate".*"step":\([0-9]*\),.*"off":\([^,]*\),.*/\2 \1/p' >values
[ "$(wc -l <values)" = 8 ] || broken "not eight validations"
cp values out
best() { sort -g values | head -n "$1" | cut -d ' ' -f 2 | sort -n | tr '\n' ' '; }
[ "$(kept s)" = "$(best 3)" ] || broken "kept are $(kept s), not $(best 3)"
first=$(sort -g values | head -n 1 | cut -d ' ' -f 2)
shows "off $(sort -g values | head -n 1 | cut -c 1-5)" ./k close --load s/a.best-step-"$first".safetensors
./k export --out a --load s/a.best.safetensors && ./k export --out b --load "s/a.best-step-$first.safetensors" && cmp -s a/net.w.npy b/net.w.npy || broken "the best one is another"

# a run in two pieces has the same ones, and the same bytes; wherever it stopped
mkdir whole && mv s/* whole
for steps in 3 6 12 15 21; do
    mkdir -p s
    lacks error ./k fit --threads 1 --keep-best 3 --steps $steps --quiet
    lacks error ./k fit --threads 1 --keep-best 3 --resume --epochs 8 --quiet
    [ "$(kept s)" = "$(best 3)" ] || broken "in two pieces ($steps) kept are $(kept s), not $(best 3)"
    for file in s/*.best-step-*; do
        ./k export --out a --load "$file" && ./k export --out b --load "whole/${file#s/}" && cmp -s a/net.w.npy b/net.w.npy || broken "$file is another"
    done
    rm -r s
done

# more or fewer of them after a resume; what a run before left goes with the first new one
mkdir s
lacks error ./k fit --keep-best 4 --steps 12 --quiet
[ "$(kept s | wc -w)" = 4 ] || broken "four of four validations stay"
lacks error ./k fit --keep-best 1 --resume --steps 24 --quiet
[ "$(kept s)" = "$(best 1)" ] || broken "kept are $(kept s), not $(best 1)"
cp "s/a.best-step-$first.safetensors" s/a.best-step-2.safetensors
cp "s/a.best-step-$first.safetensors" s/a.best-step-200.safetensors
cp "s/a.best-step-$first.safetensors" s/ab.best-step-2.safetensors
cp "s/a.best-step-$first.safetensors" s/a.best-step-2.txt
lacks error ./k fit --keep-best 2 --quiet
rm s/ab.best-step-2.safetensors s/a.best-step-2.txt
[ "$(kept s)" = "$(best 2)" ] || broken "of a run before are left $(kept s), not $(best 2)"

# the other direction; another value than before begins anew
./k fit --json --validate more --keep-best 2 | sed -n 's/.*"event":"validate".*"step":\([0-9]*\),.*"w":\([^,}]*\).*/\2 \1/p' >values
most() { sort -gr values | head -n "$1" | cut -d ' ' -f 2 | sort -n | tr '\n' ' '; }
[ "$(kept s)" = "$(most 2)" ] || broken "kept are $(kept s), not $(most 2)"

# --keep and --keep-best side by side
lacks error ./k fit --keep 2 --keep-best 1 --quiet --save s/c.safetensors
[ "$(ls s | grep -c '^c\.step-')" = 2 ] && [ "$(ls s | grep -c '^c\.best-step-')" = 1 ] || broken "$(ls s)"
fails 2 '--keep-best needs a validation' ./k fit --keep-best 2 --validate none
fails 2 '--keep_best is -1, but must be at least 0' ./k fit --keep-best -1
lacks error ./k fit --keep-best 2 --steps 12 --quiet --save s/d.safetensors
for file in s/d.best-step-*; do cp "$file" saved; head -c 100 saved >"$file"; done
fails 1 'd.best-step-' ./k fit --keep-best 2 --resume s/d.safetensors --epochs 8
