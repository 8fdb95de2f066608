# SPDX-License-Identifier: MIT
# Where files go: links are followed, pipes and devices written as they are or refused, nothing is left beside.
cat >rows.csv <<'ROWS'
0,1
1,0
ROWS
program small <<'END'
data d { x: float[2] = csv("rows.csv", columns=0..2) }
model net = Dense(2, 1)
train fit[B](ex in d.all, batch=2, epochs=1, log="none") {
    loss = mean(net(ex.x) ** 2)
    minimize loss over net using sgd(lr=0.1)
    report loss
}
export fn twice[B](x: float[B, 2]) -> float[B, 2] { return x + x }
END

# A checkpoint behind links, one of which leads nowhere yet; the folder is another one.
mkdir far && ln -s far/a.st near.st && ln -s near.st link.st
shows "saved link.st" ./small fit --save link.st
[ -L link.st ] && [ -L near.st ] && [ -f far/a.st ] || broken "a link was replaced"
first=$(cksum <far/a.st)
chmod 600 far/a.st
shows "saved link.st" ./small fit --save link.st --seed 3
[ -L link.st ] && [ "$(cksum <far/a.st)" != "$first" ] || broken "the target of the link is the old one"
[ "$(ls -l far/a.st | cut -c 1-10)" = "-rw-------" ] || broken "the file has other permissions"
[ "$(ls far)" = a.st ] || broken "something is left beside the checkpoint"
ln -s loop.st loop.st
fails 3 "loop.st" ./small fit --save loop.st

# What cannot be replaced as a whole.
mkfifo pipe
for target in /dev/null /dev/stdout pipe; do
    fails 3 "$target is no file but a device or a pipe" ./small fit --save "$target"
done
fails 3 "far: cannot save the checkpoint: Is a directory" ./small fit --save far
fails 3 "No such file or directory" ./small fit --save nowhere/c.st
fails 3 "pipe is a device or a pipe" ./small fit --load pipe --save none
fails 3 "far is a folder" ./small fit --load far --save none

# The program that runs: it would be gone.
ln -s small itself
for target in small ./small itself; do
    fails 3 "the file $target is this program itself" ./small fit --save "$target"
done
fails 3 "the file small is this program itself" ./small twice 1,2 --out small

# Results: the same, but streams are written.
ln -s far/b.csv b.csv
gives "" ./small twice 1,2 --out b.csv
[ -L b.csv ] && gives 2,4 cat far/b.csv
gives 2,4 ./small twice 1,2 --out /dev/stdout
gives "" ./small twice 1,2 --out /dev/null
echo before >both
./small twice 1,2 --out /dev/stdout >>both
gives "before
2,4" cat both
cat pipe >through &
./small twice 1,2 --out pipe || broken "a pipe is not written"
wait
gives 2,4 cat through
fails 3 "far: cannot write: Is a directory" ./small twice 1,2 --out far
if [ -e /dev/full ]; then fails 3 "No space left on device" ./small twice 1,2 --out /dev/full; fi

# What a killed run left is taken away; a file of that name which is a link is not followed.
echo half >c.nnc.tmp && echo half >c.best.safetensors.nnc.tmp
shows "saved c" ./small fit --save c
[ ! -e c.nnc.tmp ] && [ ! -e c.best.safetensors.nnc.tmp ] || broken "a .nnc.tmp is still there"
echo precious >precious && ln -s precious far/a.st.nnc.tmp
fails 3 "cannot save the checkpoint" ./small fit --save link.st
gives precious cat precious
rm far/a.st.nnc.tmp

# Two runs that save to one file take turns.
for i in 1 2 3 4; do ./small fit --save same.st --steps 40 --save_every 1 --seed $i >run$i 2>&1 & done
wait
for i in 1 2 3 4; do grep -q "saved same.st" run$i || { cat run$i >out; broken "run $i failed"; }; done
shows "step 1/1" ./small fit --load same.st --save none
[ ! -e same.st.nnc.tmp ] || broken "same.st.nnc.tmp is still there"
