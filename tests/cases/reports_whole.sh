# SPDX-License-Identifier: MIT
# All of what a run and an evaluation say and write: numbers of every size, tables, logs as CSV and JSON, a run that goes on.
seconds() { sed -E 's/("seconds":|^([a-z]+,[a-z]+,[0-9]+,[0-9]+,[0-9]+,))[0-9.]+/\1S/' "$1"; }
cat >d.csv <<'END'
a,b,c,kind,v
1,0,0,ant,0.5
0,1,0,bee,-0.25
0,0,1,a cat with a long name,3
9,0,0,bee,0.5
0,5,0,bee,100
1,0,0,ant,0
END
program r <<'END'
data d {
    x: float[3] = csv("d.csv", columns=0..3)
    y: int<3> = csv("d.csv", column="kind", labels=["ant", "bee", "a cat with a long name"])
    v: float = csv("d.csv", column="v")
    split(train=0.7, test=0.3, shuffle=false)
}
metric spread {
    state low: float = 1000
    state high: float = -1000
    fn update[B](v: float[B]) {
        low := minimum(low, min(v))
        high := maximum(high, max(v))
    }
    minimize fn value() -> float { return high - low }
    fn both() -> float[2] { return stack([low, high], axis=0) }
    fn cube() -> float[2, 3, 2] { return full(high, 2, 3, 2) + float(range(2))[:, _, _] * 0.5 + float(range(2)) * 1000000 }
}
layer Line {
    param w: float = 2
    fn forward[B](x: float[B]) -> float[B] { return w * x }
}
model net = Line()
train fit[B](ex in d.train, batch=2, epochs=2, log_every=1, validate=d.test, save="run", log="run") {
    loss = mse(net(ex.v), ex.v)
    minimize loss over net using sgd(lr=0)
    report loss, small = loss * 1e-5, spread(ex.v)
}
eval test[B](ex in d.all, batch=4) {
    z = mean(ex.v)
    report confusion(ex.x, ex.y), tiny = 1e-7 * z, whole = 0 * z + 12, part = z / 1000, some = z, hundreds = 20 * z, many = 2222.2 * z, huge = 1e9 * z,
        nothing = 0 / (0 * z), below = -1 / (0 * z), f1(ex.x, ex.y), spread(ex.v)
}
eval table[B](ex in d.all, batch=4) { report confusion(ex.x, ex.y) }
END
gives 'epoch 1/2, step 1/4: loss 0.15625, small 1.562e-06, spread 0.75000
epoch 1/2, step 2/4: loss 4.6250, small 4.625e-05, spread 2.5000
epoch 1/2, step 2/4, validation: loss 5000, small 0.05000, spread 100
epoch 2/2, step 3/4: loss 4.6250, small 4.625e-05, spread 2.5000
epoch 2/2, step 4/4: loss 0.15625, small 1.562e-06, spread 0.75000
epoch 2/2, step 4/4, validation: loss 5000, small 0.05000, spread 100
saved run; the best so far is in run.best.safetensors' ./r fit
gives 'event,entry,step,epoch,examples,seconds,loss,small,spread
train,fit,1,1,2,S,0.15625,1.56249996052793e-06,0.75
train,fit,2,1,2,S,4.625,4.624999928637408e-05,2.5
validate,fit,2,1,2,S,5000,0.04999999701976776,100
train,fit,3,2,2,S,4.625,4.624999928637408e-05,2.5
train,fit,4,2,2,S,0.15625,1.56249996052793e-06,0.75
validate,fit,4,2,2,S,5000,0.04999999701976776,100' seconds run.fit.csv
gives '{"event":"train","entry":"fit","step":1,"epoch":1,"examples":2,"seconds":S,"loss":0.15625,"small":1.56249996052793e-06,"spread":0.75}
{"event":"train","entry":"fit","step":2,"epoch":1,"examples":2,"seconds":S,"loss":4.625,"small":4.624999928637408e-05,"spread":2.5}
{"event":"validate","entry":"fit","step":2,"epoch":1,"examples":2,"seconds":S,"loss":5000,"small":0.04999999701976776,"spread":100}
{"event":"train","entry":"fit","step":3,"epoch":2,"examples":2,"seconds":S,"loss":4.625,"small":4.624999928637408e-05,"spread":2.5}
{"event":"train","entry":"fit","step":4,"epoch":2,"examples":2,"seconds":S,"loss":0.15625,"small":1.56249996052793e-06,"spread":0.75}
{"event":"validate","entry":"fit","step":4,"epoch":2,"examples":2,"seconds":S,"loss":5000,"small":0.04999999701976776,"spread":100}' seconds run.fit.jsonl
gives 'test on all, 6 examples: tiny 1.729e-06, whole 12, part 0.01729, some 17.2917, hundreds 345.83, many 38425.54, huge 1.729e+10, nothing nan, below -inf, f1 0.86667, spread 100.25
confusion (rows: true class, columns: found)
                                         ant                   bee  a cat with a long na
                   ant                     2                     0                     0
                   bee                     1                     2                     0
  a cat with a long na                     0                     0                     1
f1.per_class
                   ant  0.80000
                   bee  0.80000
  a cat with a long na  1
spread.both
  0  -0.25000
  1  100
spread.cube
  100 1000100 100 1000100 100 1000100 100.50 1e+06 100.50 1e+06
  100.50 1e+06' ./r test
gives '{"event":"eval","entry":"test","part":"all","examples":6,"confusion":[[2,0,0],[1,2,0],[0,0,1]],"tiny":1.7291666267738037e-06,"whole":12,"part":0.017291666901049513,"some":17.291666666666668,"hundreds":345.8333333333333,"many":38425.541666666664,"huge":17291666346.666668,"nothing":null,"below":null,"f1":0.8666666666666667,"f1.per_class":[0.8,0.8,1],"spread":100.25,"spread.both":[-0.25,100],"spread.cube":[[[100,1.0001e+06],[100,1.0001e+06],[100,1.0001e+06]],[[100.5,1000100.5],[100.5,1000100.5],[100.5,1000100.5]]],"labels":{"confusion":["ant","bee","a cat with a long name"],"f1.per_class":["ant","bee","a cat with a long name"]}}' ./r test --json
gives "table on all, 6 examples
$(./r test | sed -n '/^confusion/,/^f1/p' | sed '$d')" ./r table
lacks cannot ./r test --log ev
gives 'event,entry,step,epoch,examples,seconds,tiny,whole,part,some,hundreds,many,huge,nothing,below,f1,spread
eval,test,4,2,6,S,1.7291666267738037e-06,12,0.017291666901049513,17.291666666666668,345.8333333333333,38425.541666666664,17291666346.666668,nan,-inf,0.8666666666666667,100.25' seconds ev.test.csv
gives '{"event":"eval","entry":"test","step":4,"epoch":2,"examples":6,"seconds":S,"confusion":[[2,0,0],[1,2,0],[0,0,1]],"tiny":1.7291666267738037e-06,"whole":12,"part":0.017291666901049513,"some":17.291666666666668,"hundreds":345.8333333333333,"many":38425.541666666664,"huge":17291666346.666668,"nothing":null,"below":null,"f1":0.8666666666666667,"f1.per_class":[0.8,0.8,1],"spread":100.25,"spread.both":[-0.25,100],"spread.cube":[[[100,1.0001e+06],[100,1.0001e+06],[100,1.0001e+06]],[[100.5,1000100.5],[100.5,1000100.5],[100.5,1000100.5]]]}' seconds ev.test.jsonl

# What fails is not made good by a log; a run that goes on writes what a whole one does.
fails 3 "nowhere: cannot read: No such file" ./r test --load nowhere --log ev
lacks error ./r fit --steps 2 --save part --log part
lacks error ./r fit --steps 4 --resume part --log part
for end in csv jsonl; do
    gives "$(seconds run.fit.$end)" seconds part.fit.$end
done
