# SPDX-License-Identifier: MIT
# A signal does not wait for a long validation: that is made when the run goes on, which then ends as if nothing had happened.
i=0
while [ $i -lt 400 ]; do echo "$i,1" && i=$((i + 1)); done >x.csv
program long <<'END'
data points {
    x: float[1] = csv("x.csv", columns=0..1)
    split(train=0.5, valid=0.5, shuffle=false)
}
layer Net {
    param w: float = 0.5
    fn forward[B](x: float[B, 1]) -> float[B, 1] { return w * x }
}
model net = Net()
train fit[B](ex in points.train, batch=100, epochs=2, validate=slow, save="w.safetensors") {
    loss = mean(((net(ex.x) - 2 * ex.x) / 400) ** 2)
    minimize loss over net using sgd(lr=0.01)
    report minimize loss
}
eval slow[B](ex in points.valid, batch=1) {
    scan i in 0..80000 with h = net(ex.x) { h = sin(h) + 1 }
    report minimize loss = mean(h)
}
END
./long fit --threads 1 --save whole.safetensors --log whole >out 2>&1 || broken "a run"
./long fit --threads 1 --save cut.safetensors --log cut >run 2>&1 &
child=$!
for _ in $(seq 200); do
    grep -q '"train"' cut.fit.jsonl 2>/dev/null && break
    sleep 0.02
done

kill -s TERM $child
wait $child
got=$?
cp run out
[ $got = 143 ] || broken "SIGTERM in a validation ends with $got"
grep -q '"validate"' cut.fit.jsonl && broken "the validation was waited for"
shows "saved cut.safetensors" ./long fit --resume cut.safetensors --threads 1 --log cut
cmp -s whole.safetensors cut.safetensors || broken "the resumed run has other weights"
cmp -s whole.best.safetensors cut.best.safetensors || broken "the resumed run has another best"
for file in whole cut; do sed 's/"\(seconds\|time\)":[^,}]*//g; s/whole\|cut//g' $file.slow.jsonl >$file.log 2>/dev/null || sed 's/"\(seconds\|time\)":[^,}]*//g' $file.fit.jsonl >$file.log; done
cmp -s whole.log cut.log || broken "the resumed run has another log: $(diff whole.log cut.log)"
