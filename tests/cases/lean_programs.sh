# SPDX-License-Identifier: MIT
# `nnc --lean`: a program without the commands that look at it says so, and does all else with the same bits. What no program of its kind can
# use is in none.
printf '1,0\n2,1\n3,0\n4,1\n' >t.csv
cat >m.nn <<'END'
data d {
    x: float[1] = csv("t.csv", columns=0..1)
    y: int<2> = csv("t.csv", column=1)
    split(train=0.5, test=0.5)
}
model net = Dense(1, 2)
train fit[B](ex in d.train, batch=2, seed=3, save="m.safetensors") {
    loss = cross_entropy(net(ex.x), ex.y)
    minimize loss over net using adam(lr=0.1)
    report loss
}
export fn scores[B](x: float[B, 1]) -> float[B, 2] { return net(x) }
END
gives "" "$NNC" m.nn -o m
gives "" "$NNC" --lean m.nn -o lean
[ "$(wc -c <lean)" -lt "$(wc -c <m)" ] || broken "it is not smaller"
for command in "summary" "graph" "check-data" "bench fit" "profile fit --threads 1" "completion bash" "help graph" "graph --help"; do
    fails 2 "made by \`nnc --lean\`" ./lean $command
done
fails 2 'made by `nnc --lean`' ./lean completion words fi
fails 2 "--dry-run is not in this program: it was made by" ./lean fit --dry-run
fails 2 "--worst is not in this program: it was made by" ./lean eval fit --worst 2
lacks "summary" ./lean help
lacks "profile" ./lean help --man
lacks "--dry_run" ./lean fit --help
shows "--dry_run" ./m fit --help
lacks "--worst" ./lean help --json
fails 2 "there is no command grap; did you mean graph?" ./m grap
fails 2 "there is no command grap; " ./lean grap
lacks "did you mean" ./lean help
gives "" ./m fit --quiet
mv m.safetensors usual.safetensors
gives "" ./lean fit --quiet
cmp m.safetensors usual.safetensors || broken "other weights"
./m scores --x 1,2 >usual
gives "$(cat usual)" ./lean scores --x 1,2
shows "loss" ./lean eval fit --on test
fails 2 "gradcheck needs a program compiled with --float=f64" ./m gradcheck --elements 0
fails 2 "gradcheck needs a program compiled with --float=f64" ./lean gradcheck fit
gives "" "$NNC" --lean --float=f64 m.nn -o exact
shows "fit" ./exact gradcheck

# without training
echo 'export fn twice[B](x: float[B, 2]) -> float[B, 2] { return x * 2 }' >twice.nn
gives "" "$NNC" twice.nn -o twice
fails 2 "this program has no train block" ./twice train --epochs=3
fails 2 "this program has no eval block" ./twice eval
shows "usage: twice train" ./twice train --help
shows "no data blocks" ./twice check-data
gives "2,4" ./twice twice --x 1,2
