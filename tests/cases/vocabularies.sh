# SPDX-License-Identifier: MIT
# Words and classes are numbered by a training run on their own data; without weights, by the checkpoint or the data.
cat >second.nn <<'END'
data a[T] {
    w: int<20>[T] = csv("a.csv", column=0, words=true)
    y: int<2> = csv("a.csv", column=1, labels=true)
}
data b[T] {
    w: int<20>[T] = csv("b.csv", column=0, words=true)
    y: int<2> = csv("b.csv", column=1, labels=true)
}
layer Net { layer e = Embedding(20, 2)
    fn forward[B, T](w: int<20>[B, T]) -> float[B, 2] { return mean(e(w), axis=1) } }
model net = Net()
train fit[B, T](ex in a.all, batch=4, epochs=1, save="m.safetensors") {
    loss = cross_entropy(net(ex.w), ex.y)
    minimize loss over net using sgd()
    report loss
}
eval test[B, T](ex in b.all, batch=4) { report accuracy(net(ex.w), ex.y) }
export fn guess[B, T](w: int<20>[B, T] as b.w) -> int<2>[B] as b.y { return argmax(net(w), axis=-1) }
END
fails 1 'test needs the numbers of the words of b.w, but no training run reads data b' "$NNC" check second.nn
grep -q 'words=true, like=a.w' out || broken "the help does not name a.w"
grep -q 'guess needs the numbers of the classes of b.y' out || broken "the result of the export is not seen"
sed -e '/b.csv/s/words=true/words=true, like=a.w/' -e '/b.csv/s/labels=true/labels=true, like=a.y/' second.nn >shared.nn
"$NNC" shared.nn -o shared >out 2>&1 || broken "sharing does not compile"

program plain <<'END'
data a {
    x: float[1] = csv("n.csv", columns=0..1)
    y: int<3> = csv("n.csv", column=1, labels=true)
}
data b {
    x: float[1] = csv("n.csv", columns=0..1)
    y: int<3> = csv("n.csv", column=1, labels=["red", "green", "blue"])
}
data words[T] {
    w: int<9>[T] = lines("w.txt", words=true)
}
model net = Dense(1, 3)
train fit[B](ex in a.all, batch=3, epochs=1, save="m.safetensors") {
    loss = cross_entropy(net(ex.x), ex.y)
    minimize loss over net using sgd()
    report loss
}
export fn number[B](y: int<3>[B] as a.y) -> int[B] { return y + 0 }
export fn name[B](y: int<3>[B]) -> int<3>[B] as a.y { return y }
export fn given[B](y: int<3>[B] as b.y) -> int[B] { return y + 0 }
export fn of[B, T](w: int<9>[B, T] as words.w) -> int[B, T] { return w + 0 }
export fn classes[B](x: float[B, 1]) -> int<3>[B] as a.y { return argmax(net(x), axis=-1) }
END
printf 'x,y\n1,red\n2,green\n3,blue\n' >n.csv
printf '\357\273\277one two two\n' >w.txt
gives '2
0' ./plain number --y red --y blue          # by the data: sorted
gives 'red' ./plain name --y 2
gives '0' ./plain given --y red
gives '3,2,2' ./plain of --w w.txt            # "two" is the most frequent; the byte order mark is no letter
shows 'saved' ./plain fit
printf 'x,y\n1,ash\n2,red\n3,oak\n' >n.csv
gives '2' ./plain number --y red            # by the checkpoint: as in the training
fails 1 '"ash" is no class of y; there are blue, green, red' ./plain number --y ash
fails 1 '"geren" is no class of y; did you mean green?' ./plain number --y geren
fails 1 '"ash" is no class of y' ./plain number a.y

# An evaluation without weights numbers what no training does, as an export without weights.
printf 'x,y\n1,red\n2,green\n3,blue\n4,red\n' >n.csv
program alone <<'END'
data a { x: float = csv("n.csv", column="x")
         y: int<3> = csv("n.csv", column="y", labels=true) }
eval test[B](ex in a.all, batch=2) { report of_x = mean(ex.x), of_y = mean(float(ex.y)) }
END
gives 'test on all, 4 examples: of_x 2.5000, of_y 1.2500' ./alone test

# Of two checkpoints nobody knows whose numbers are meant, once one is there.
program two <<'END'
data a { x: float[1] = csv("n.csv", column="x")
         y: int<3> = csv("n.csv", column="y", labels=true) }
model net = Dense(1, 3)
train one[B](ex in a.all, save="one.safetensors", log="none") {
    loss = cross_entropy(net(ex.x), ex.y)
    minimize loss over net using sgd(lr=0.1)
}
train other[B](ex in a.all, save="other.safetensors", log="none") {
    loss = cross_entropy(net(ex.x), ex.y)
    minimize loss over net using sgd(lr=0.1)
}
export fn number[B](y: int<3>[B] as a.y) -> int[B] { return y + 0 }
END
gives '2' ./two number --y red # by the data, as long as none is there
gives '' ./two other --quiet
printf 'x,y\n1,ash\n2,red\n3,oak\n' >n.csv
fails 2 "--load FILE is needed: the program does not name one checkpoint" ./two number --y red
gives '2' ./two number --y red --load other.safetensors
