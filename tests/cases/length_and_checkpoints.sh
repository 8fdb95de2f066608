# SPDX-License-Identifier: MIT
# --max-time ends a run that can go on, with status 0; --save-every takes a time; --keep N leaves N checkpoints with their steps.
program long <<'END'
layer Net {
    param w: float[4] = 1
    fn forward[B](x: float[B, 4]) -> float[B, 4] { return w * x }
}
model net = Net()
train fit[B](batch=64, steps=100000000, log="none") {
    x = randn([B, 4])
    loss = mean(net(x) ** 2)
    minimize loss over net using sgd(lr=0.000001)
    report loss
}
END
shows "stopped after 0.5s at step " ./long fit --max-time 0.5s --threads 1
grep -q -- '--resume long.safetensors goes on' out || broken "not told how it goes on"
step=$(sed -n 's/.*stopped after 0.5s at step \([0-9]*\);.*/\1/p' out)
[ "$step" -gt 0 ] && [ "$step" -lt 100000000 ] || broken "it ends at step $step"
shows "step $((step + 2))/$((step + 2))" ./long fit --resume --steps $((step + 2)) --max-time 1h
lacks error ./long fit --steps $((step + 2)) --save whole.safetensors --threads 1
./long export --load long.safetensors --out . >out 2>&1 || broken "export"
mv net.w.npy two.npy
./long export --load whole.safetensors --out . >out 2>&1 || broken "export"
cmp -s net.w.npy two.npy || broken "a run in two pieces has other bits"
for time in 10 0s 1x -1s 1h-5m h 1e999s ''; do
    ./long fit --max-time="$time" >out 2>&1
    [ $? = 2 ] || broken "--max-time='$time' is taken"
done
fails 2 '--max-time needs a time as 90s, 10min or 1h30m, not "10"' ./long fit --max-time 10
./long fit --json --max-time 0.1s --save none >events
tail -n 1 events >last
grep -q '"signal":0,"stopped":"time","saved":null' last || broken "the end does not tell of the time: $(cat last)"

# Checkpoints by time.
./long fit --max-time 1.2s --save-every 0.25s --save t.safetensors --json >events
n=$(grep -c '"event":"checkpoint"' events)
[ "$n" -ge 2 ] && [ "$n" -le 6 ] || broken "$n checkpoints in 1.2 seconds, one each 0.25"
fails 2 '--save_every needs an integer, not "10x"' ./long fit --save-every 10x

# The last ones stay; a run that goes on counts those before.
mkdir k
kept() { ls k | grep step | tr '\n' ' '; }
shows "saved k/a.safetensors" ./long fit --steps 10 --save-every 2 --keep 3 --save k/a.safetensors
[ "$(kept)" = "a.step-10.safetensors a.step-6.safetensors a.step-8.safetensors " ] || broken "kept are $(kept)"
cmp -s k/a.safetensors k/a.step-10.safetensors || broken "the last one is another"
lacks error ./long fit --resume k/a.step-8.safetensors --steps 11 --save-every 1 --keep 2 --save k/a.safetensors
[ "$(kept)" = "a.step-10.safetensors a.step-11.safetensors " ] || broken "kept are $(kept)"
lacks error ./long fit --steps 3 --save-every 1 --keep 1 --save k/a.safetensors
[ "$(kept)" = "a.step-10.safetensors a.step-11.safetensors a.step-3.safetensors " ] || broken "kept are $(kept)"
cd k || exit 1
lacks error ../long fit --steps 5 --save-every 1 --keep 2 --save b
rm out
[ "$(ls | grep '^b' | tr '\n' ' ')" = "b b.run.json b.step-4.safetensors b.step-5.safetensors " ] || broken "$(ls)"
cd ..
fails 2 '--keep is -1, but must be at least 0' ./long fit --keep -1
cat >clash.nn <<'END'
option keep: float = 0.5
model net = chain(Dense(1, 1))
train fit[B](batch=4, steps=3) {
    x = randn([B, 1])
    loss = mean(net(x) ** 2) * keep
    minimize loss over net using sgd(lr=0.1)
}
END
fails 1 'option `keep` would hide the flag --keep of train fit' "$NNC" check clash.nn

# A flag that changes nothing says why.
fails 2 '--keep has no effect: nothing is saved: --save FILE' ./long fit --steps 2 --save none --keep 2
fails 2 '--save_every has no effect: nothing is saved: --save FILE' ./long fit --steps 2 --save none --save-every 1
fails 2 '--min_delta has no effect: no run ends early without --patience or --early-stop' ./long fit --steps 2 --min-delta 0.1
fails 2 '--validate_every has no effect: there is no validation: --validate PART' ./long fit --steps 2 --validate-every 1 --validate none
fails 2 '--keep_best has no effect: nothing is saved: --save FILE' ./long fit --steps 2 --save none --keep-best 2
fails 2 '--epochs has no effect: without data there are no epochs: --steps N' ./long fit --epochs 2
lacks "--epochs" ./long fit --help
lacks "--shuffle" ./long help --json
shows "--steps" ./long fit --help
fails 2 '--shuffle has no effect: no data is read' ./long fit --steps 2 --no-shuffle
fails 2 '--on has no effect: no data is read' ./long eval fit --on test
fails 2 '--validate test: there is no eval of this name, and no data is read, of which it could be a part' ./long fit --steps 2 --validate test
shows './long fit --steps 1000 --save long.safetensors' ./long fit --help

# Nothing that was not saved goes on.
shows "; nothing was saved, so no run can go on from there" ./long fit --max-time 0.1s --save none

# `ulimit -t` sets both limits: the soft one is lowered, so that there is time to save.
rm -f long.safetensors
timed() { (ulimit -t 2 && exec ./long fit --threads 1); }
[ -n "$sanitize" ] || fails 152 "stopped by a signal at step" timed
[ -n "$sanitize" ] || [ -s long.safetensors ] || broken "the end of ulimit -t saves nothing"
