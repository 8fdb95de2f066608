# SPDX-License-Identifier: MIT
# When reports, validations and checkpoints are due, what they say and which files are left. w is the number of updates; the loss is
# the mean of x, which is 1.5, 3.5 ... 9.5 in the batches of two, less w before the update.
printf '%s\n' 1 2 3 4 5 6 7 8 9 10 >a.csv
printf '5\n6\n7\n' >b.csv
program d <<'END'
option rate: float = 1
data a { x: float[1] = csv("a.csv", columns=0..1) }
data b { z: float[1] = csv("b.csv", columns=0..1) }
layer Net {
    param w: float = 0
    fn forward[B](x: float[B, 1]) -> float[B, 1] { return x + 0 * w }
}
model net = Net()
train fit[B](ex in a.all, batch=2, epochs=2, shuffle=false, save="d.st", log="none", validate=other) {
    loss = mean(net(ex.x)) - net.w
    minimize loss over net using sgd(lr=rate)
    report loss, at = float(step), of = float(epoch), n = float(B), w = net.w
}
eval other[B](ex in b.all, batch=2) { report maximize w = mean(net.w + 0 * net(ex.z)), n = sum(ex.z) }
train drawn[B](batch=4, steps=3, save="n.st", log="none") {
    loss = mean(net(ones([B, 1]))) - net.w
    minimize loss over net using sgd(lr=1)
    report loss, at = float(step), n = float(B)
}
train kept[B](ex in a.all, batch=10, epochs=9, save="k.st", log="none", validate=a.all, patience=2) {
    loss = mean(net(ex.x)) - net.w
    minimize loss over net using sgd(lr=1)
    report loss, minimize up = net.w, flat = 0 * loss
}
END
# A run, and behind a line the files of it.
run() {
    rm -f ./*.st*
    ./d "$@" 2>&1
    ls ./*.st* 2>/dev/null | sed 's,^\./,,' | tr '\n' ' '
}
gives 'epoch 1/2, step 5/10: loss 3.5000, at 2, of 0, n 2, w 3
epoch 1/2, step 5/10, validation: w 5, n 9.6667
epoch 2/2, step 10/10: loss -1.5000, at 7, of 1, n 2, w 8
epoch 2/2, step 10/10, validation: w 10, n 9.6667
saved d.st; the best so far is in d.st.best.safetensors
d.st d.st.best.safetensors d.st.run.json ' run fit
gives 'epoch 1/2, step 2/7, validation: w 2, n 9.6667
epoch 1/2, step 3/7: loss 2.5000, at 1, of 0, n 2, w 2
epoch 1/2, step 4/7, validation: w 4, n 9.6667
epoch 1/2, step 5/7: loss 5, at 3.5000, of 0, n 2, w 4.5000
epoch 2/2, step 6/7: loss -3.5000, at 5, of 1, n 2, w 6
epoch 2/2, step 6/7, validation: w 6, n 9.6667
epoch 2/2, step 7/7: loss -2.5000, at 6, of 1, n 2, w 7
epoch 2/2, step 7/7, validation: w 7, n 9.6667
saved d.st; the best so far is in d.st.best.safetensors
d.st d.st.best.safetensors d.st.run.json d.st.step-4.safetensors d.st.step-7.safetensors ' run fit --log_every 3 --validate_every 2 --save_every 4 --keep 9 --steps 7
gives 'epoch 1/2, step 2/6: loss 4, at 0.50000, of 0, n 2, w 1
epoch 1/2, step 3/6: loss 7.5000, at 2, of 0, n 2, w 3
epoch 1/2, step 3/6, validation: w 3, n 9.6667
epoch 2/2, step 4/6: loss -0.50000, at 3, of 1, n 2, w 3.5000
epoch 2/2, step 6/6: loss 3.1667, at 4.3333, of 1, n 2, w 5
epoch 2/2, step 6/6, validation: w 6, n 9.6667
saved d.st; the best so far is in d.st.best.safetensors
d.st d.st.best.safetensors d.st.run.json d.st.step-2.safetensors d.st.step-4.safetensors d.st.step-6.safetensors ' run fit --log_every 2 --accumulate 2 --save_every 2 --keep 9
gives 'epoch 1/2, step 2/4: loss 5.1000, at 0.40000, of 0, n 2, w 0.80000
epoch 2/2, step 4/4: loss 3.1000, at 2.4000, of 1, n 2, w 2.8000
saved d.st
d.st d.st.run.json ' run fit --steps 4 --accumulate 3 --validate none
gives 'epoch 1/1, step 1/4: loss 2, at 0, of 0, n 3, w 1
epoch 1/1, step 2/4: loss 4, at 1, of 0, n 3, w 2
epoch 1/1, step 3/4: loss 6, at 2, of 0, n 3, w 3
epoch 1/1, step 4/4: loss 7, at 3, of 0, n 1, w 4
epoch 1/1, step 4/4, validation: w 4, n 9.6667
saved d.st; the best so far is in d.st.best.safetensors
d.st d.st.best.safetensors d.st.run.json ' run fit --steps 4 --batch 3 --log_every 1
gives 'epoch 1/4, step 3/20, validation: w 3, n 9.6667
epoch 1/4, step 5/20: loss 3.5000, at 2, of 0, n 2, w 3
epoch 2/4, step 6/20, validation: w 6, n 9.6667
epoch 2/4, step 9/20, validation: w 9, n 9.6667
epoch 2/4, step 10/20: loss -1.5000, at 7, of 1, n 2, w 8
epoch 3/4, step 12/20, validation: w 12, n 9.6667
epoch 3/4, step 15/20: loss -6.5000, at 12, of 2, n 2, w 13
epoch 3/4, step 15/20, validation: w 15, n 9.6667
epoch 4/4, step 18/20, validation: w 18, n 9.6667
epoch 4/4, step 20/20: loss -11.5000, at 17, of 3, n 2, w 18
epoch 4/4, step 20/20, validation: w 20, n 9.6667
saved d.st; the best so far is in d.st.best.safetensors
d.st d.st.best-step-18.safetensors d.st.best-step-20.safetensors d.st.best.safetensors d.st.run.json ' run fit --epochs 4 --validate_every 3 --keep-best 2
gives 'step 3/3: loss 0, at 1, n 4
saved n.st
n.st n.st.run.json ' run drawn
gives 'step 2/5: loss 0.50000, at 0.50000, n 4
step 4/5: loss -1.5000, at 2.5000, n 4
step 5/5: loss -3, at 4, n 4
saved n.st
n.st n.st.run.json n.st.step-5.safetensors ' run drawn --steps 5 --log_every 2 --save_every 2 --keep 1 --accumulate 2
gives 'step 1/1: loss 1, at 0, n 4
step 1/1, validation: w 1, n 9.6667
saved n.st; the best so far is in n.st.best.safetensors
n.st n.st.best.safetensors n.st.run.json ' run drawn --steps 1 --validate other

# A run that goes on in the middle of an epoch, and one that has nothing left to do.
lacks error ./d fit --save_every 3 --keep 9 --quiet
gives 'epoch 1/2, step 5/10: loss 3.5000, at 2, of 0, n 2, w 3
epoch 1/2, step 5/10, validation: w 5, n 9.6667
epoch 2/2, step 10/10: loss -1.5000, at 7, of 1, n 2, w 8
epoch 2/2, step 10/10, validation: w 10, n 9.6667
saved d.st; the best so far is in d.st.best.safetensors' ./d fit --resume d.st.step-3.safetensors --save d.st
lacks error ./d fit --steps 3 --quiet
gives 'epoch 1/2, step 5/10: loss 5, at 3.5000, of 0, n 2, w 4.5000
epoch 1/2, step 5/10, validation: w 5, n 9.6667
epoch 2/2, step 10/10: loss -1.5000, at 7, of 1, n 2, w 8
epoch 2/2, step 10/10, validation: w 10, n 9.6667
saved d.st; the best so far is in d.st.best.safetensors' ./d fit --resume --epochs 2
gives 'saved d.st; the best so far is in d.st.best.safetensors' ./d fit --resume
fails 2 'the run is at its end: nothing is left to be tried' ./d fit --resume --dry-run

# As events.
events() { "$@" | sed -E 's/"seconds":[0-9.]+/"seconds":S/'; }
gives '{"event":"validate","entry":"other","step":2,"epoch":1,"examples":3,"seconds":S,"w":2,"n":9.666666666666666}
{"event":"checkpoint","entry":"fit","step":2,"epoch":1,"seconds":S,"file":"d.st.best.safetensors"}
{"event":"train","entry":"fit","step":3,"epoch":1,"examples":6,"seconds":S,"loss":2.5,"at":1,"of":0,"n":2,"w":2}
{"event":"validate","entry":"other","step":4,"epoch":1,"examples":3,"seconds":S,"w":4,"n":9.666666666666666}
{"event":"checkpoint","entry":"fit","step":4,"epoch":1,"seconds":S,"file":"d.st.best.safetensors"}
{"event":"checkpoint","entry":"fit","step":4,"epoch":1,"seconds":S,"file":"d.st.step-4.safetensors"}
{"event":"checkpoint","entry":"fit","step":4,"epoch":1,"seconds":S,"file":"d.st"}
{"event":"train","entry":"fit","step":5,"epoch":1,"examples":4,"seconds":S,"loss":5,"at":3.5,"of":0,"n":2,"w":4.5}
{"event":"train","entry":"fit","step":6,"epoch":2,"examples":2,"seconds":S,"loss":-3.5,"at":5,"of":1,"n":2,"w":6}
{"event":"validate","entry":"other","step":6,"epoch":2,"examples":3,"seconds":S,"w":6,"n":9.666666666666666}
{"event":"checkpoint","entry":"fit","step":6,"epoch":2,"seconds":S,"file":"d.st.best.safetensors"}
{"event":"train","entry":"fit","step":7,"epoch":2,"examples":2,"seconds":S,"loss":-2.5,"at":6,"of":1,"n":2,"w":7}
{"event":"validate","entry":"other","step":7,"epoch":2,"examples":3,"seconds":S,"w":7,"n":9.666666666666666}
{"event":"checkpoint","entry":"fit","step":7,"epoch":2,"seconds":S,"file":"d.st.best.safetensors"}
{"event":"checkpoint","entry":"fit","step":7,"epoch":2,"seconds":S,"file":"d.st.step-7.safetensors"}
{"event":"checkpoint","entry":"fit","step":7,"epoch":2,"seconds":S,"file":"d.st"}
{"event":"end","entry":"fit","step":7,"epoch":2,"seconds":S,"signal":0,"stopped":null,"saved":"d.st","best":"d.st.best.safetensors","examples":2,"loss":-2.5,"at":6,"of":1,"n":2,"w":7}' \
    sh -c "./d fit --json --log_every 3 --validate_every 2 --save_every 4 --keep 1 --steps 7 | sed 1d | sed -E 's/\"seconds\":[0-9.]+/\"seconds\":S/'"

# Logs: the columns of the run, then what its validation reports beside them. A run that goes on cuts what lies behind its checkpoint.
seconds() { sed -E 's/("seconds":|^([a-z]+,[a-z]+,[0-9]+,[0-9]+,[0-9]+,))[0-9.]+/\1S/' "$1"; }
lacks error ./d fit --log run --log_every 3 --validate_every 2 --save_every 4 --keep 9 --steps 7 --quiet
gives 'event,entry,step,epoch,examples,seconds,loss,at,of,n,w
validate,other,2,1,3,S,,,,9.666666666666666,2
train,fit,3,1,6,S,2.5,1,0,2,2
validate,other,4,1,3,S,,,,9.666666666666666,4
train,fit,5,1,4,S,5,3.5,0,2,4.5
train,fit,6,2,2,S,-3.5,5,1,2,6
validate,other,6,2,3,S,,,,9.666666666666666,6
train,fit,7,2,2,S,-2.5,6,1,2,7
validate,other,7,2,3,S,,,,9.666666666666666,7' seconds run.fit.csv
seconds run.fit.csv >whole.csv
seconds run.fit.jsonl >whole.jsonl
printf 'train,fit,4,1' >>run.fit.csv
printf '{"step":4}\nno line\n{"step":1' >>run.fit.jsonl
lacks error ./d fit --resume d.st.step-4.safetensors --save d.st --log run --log_every 3 --quiet
seconds run.fit.csv | cmp -s - whole.csv || broken "the log of a run that goes on: $(cat run.fit.csv)"
sed '/{"step":4}/d' run.fit.jsonl >cut.jsonl
seconds cut.jsonl | cmp -s - whole.jsonl && [ "$(grep -c '{"step":4}' run.fit.jsonl)" = 1 ] || broken "the log of a run that goes on: $(cat run.fit.jsonl)"
program l <<'END'
layer Net { param w: float = 1 }
model net = Net()
train alone[B](steps=2, batch=4, log_every=1, save=none, log="alone", validate=rows) {
    minimize net.w over net using sgd(lr=0.5)
    report a = float(step), both = net.w
}
eval rows[B](steps=2, batch=4) { report both = float(B), c = net.w }
END
gives 'step 1/2: a 0, both 0.50000
step 2/2: a 1, both 0
step 2/2, validation: both 4, c 0' ./l alone
gives 'event,entry,step,epoch,examples,seconds,a,both,c
train,alone,1,0,4,S,0,0.5,
train,alone,2,0,4,S,1,0,
validate,rows,2,0,8,S,,4,0' seconds alone.alone.csv
lacks error ./l alone --save l.st --validate none --log none
gives 'rows on all, 8 examples: both 4, c 0' ./l rows --load l.st
gives 'rows on all, 15 examples: both 3, c 0' ./l rows --load l.st --steps 5 --batch 3
gives '{"event":"eval","entry":"rows","part":"all","examples":8,"both":4,"c":0}' ./l rows --load l.st --json

# Checkpoints that are of something else.
rm -f ./*.st*
lacks error ./d fit --save_every 4 --keep 9 --quiet
cp d.st d.st.best-step-3.safetensors
fails 1 'd.st.best-step-3.safetensors: it does not tell the value that it was kept for; move it away to go on without it' ./d fit --resume --epochs 3 --keep-best 2
cp a.csv ten.csv
head -n 6 ten.csv >a.csv
fails 1 'd.st.step-4.safetensors: "batch" is 4, but an epoch has 3 batches: the data or the batch size has changed, or the file is damaged' ./d fit --resume d.st.step-4.safetensors
cp ten.csv a.csv

# Which value decides, and when nothing gets better. A run that goes on may say it anew.
up() { "$@" 2>&1 | sed -n '/^epoch/!{ p; d; }; s/^epoch .*\(step .*validation\):.*, \(up .*\), .*/\1 \2/p'; }
gives 'step 1/9, validation up 1
step 2/9, validation up 2
step 3/9, validation up 3
stopped early: no better up in 2 validations
saved k.st; the best so far is in k.st.best.safetensors' up ./d kept --early-stop up:2
gives 'step 1/2, validation up 1
step 2/2, validation up 2
saved k.st; the best so far is in k.st.best.safetensors' up ./d kept --early-stop up:3 --epochs 2
cp k.st part
gives 'step 3/20, validation up 3
step 4/20, validation up 4
stopped early: no better up in 3 validations
saved k.st; the best so far is in k.st.best.safetensors' up ./d kept --resume --epochs 20
cp part k.st
gives 'step 3/20, validation up 3
stopped early: no better up in 2 validations
saved k.st; the best so far is in k.st.best.safetensors' up ./d kept --resume --epochs 20 --patience 2
cp part k.st
gives 'step 3/4, validation up 3
step 4/4, validation up 4
saved k.st; the best so far is in k.st.best.safetensors' up ./d kept --resume --patience 0 --epochs 4
gives 'step 1/2, validation up 1
step 2/2, validation up 2
saved k.st; the best so far is in k.st.best.safetensors' up ./d kept --epochs 2
fails 2 '--early-stop nope: the validation reports no such number, but loss, up, flat' ./d kept --early-stop nope:3
fails 2 'is more of flat better, or less?' ./d kept --early-stop flat:3
for text in :3 up: up:0 up:x up:-1 3x; do fails 2 "--early-stop needs NAME:N, not \"$text\"" ./d kept --early-stop "$text"; done
fails 2 'give --patience N or --early-stop NAME:N, not both' ./d kept --early-stop up:3 --patience 2
fails 2 'patience needs a validation: --validate PART' ./d kept --validate none

# What cannot be removed, and a step that cannot go on, are told with what is there.
rm -f ./*.st*
mkdir d.st.step-0.safetensors
fails 3 'd.st.step-0.safetensors: cannot remove this checkpoint: Is a directory' ./d fit --keep 1 --save_every 1
rmdir d.st.step-0.safetensors
mkdir d.st.best-step-3.safetensors
fails 3 'd.st.best-step-3.safetensors: cannot remove this checkpoint: Is a directory' ./d fit --keep-best 1
rmdir d.st.best-step-3.safetensors
gives 'd: fit, step 2: net.w is not finite; nothing was saved' sh -c './d fit --rate 3e38 --save_every 2 --validate none 2>&1; [ $? = 4 ]'
printf '%s\n' 1 2 3 4 nan 6 >a.csv
gives 'd: fit, step 2: loss is not finite, at the minimize of d.nn:11; no update was made. a.csv:5, number 0: nan is in x. Last checkpoint: d.st (epoch 1, step 2)' sh -c './d fit --save_every 2 --validate none 2>&1; [ $? = 4 ]'
gives 'd: fit, step 0: loss is not finite, at the minimize of d.nn:11; no update was made. a.csv:5, number 0: nan is in x.' sh -c './d fit --batch 6 2>&1; [ $? = 4 ]'

# An average of the weights in double precision: w is 1, 0.5, 0, -0.5, -1; 0.75 of the average stays each time.
program e --float=f64 <<'END'
layer Net { param w: float = 1 }
model net = Net()
train fit(steps=4, save="e.st", log="none", ema=0.75) {
    minimize net.w over net using sgd(lr=0.5)
}
export fn w() -> float { return net.w }
END
gives "step 4/4
saved e.st" ./e fit
gives 0.025390625 ./e w
gives "step 1/2
step 2/2
saved e.st" ./e fit --ema 0 --steps 2 --log_every 1
lacks error ./e fit --resume --steps 4
gives -1 ./e w
