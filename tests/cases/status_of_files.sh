# SPDX-License-Identifier: MIT
# What is wrong with the contents of files ends with status 1, what the system does not give or take with 3, whatever the texts
# say. A path that is too long for the system is not cut.
program folder <<'END'
option dir: string = "texts" "a folder"
data d {
    y: int<3> = lines_dir(dir, glob="*: Permission denied", labels=true)
}
model net = Dense(1, 3)
train fit[B](ex in d.all, batch=1, epochs=1, log="none", save=dir + ".safetensors") {
    logits = net(float(ex.y[:, _]))
    loss = cross_entropy(logits, ex.y)
    minimize loss over net using sgd(lr=0)
    report loss
}
END
mkdir texts
long=$(printf '%0300d/' 1 2 3 4 5 6 7 8 9 10 11 12 13 14)
fails 1 "texts: no file matches *: Permission denied" ./folder check-data
fails 3 "nowhere: No such file or directory" ./folder check-data --dir nowhere
fails 3 "File name too long" ./folder check-data --dir "$long"
fails 3 "File name too long" ./folder fit --dir "$long"
fails 3 "File name too long" ./folder fit --load "$long"
fails 3 "File name too long" ./folder fit --save "$long"
fails 3 "File name too long" ./folder fit --log "$long"
fails 3 "File name too long" ./folder fit --resume "$long"
for text in a b c; do echo $text >"texts/$text: Permission denied"; done
shows "saved texts.safetensors" ./folder fit
fails 3 "File name too long" ./folder export --out folder --load "$long"
fails 3 "no/nowhere: cannot save the checkpoint: No such file or directory" ./folder fit --save "$PWD/no/nowhere"
fails 1 "texts.safetensors is no checkpoint" sh -c 'echo >texts.safetensors; ./folder fit --load texts.safetensors'
