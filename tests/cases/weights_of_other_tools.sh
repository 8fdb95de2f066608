# SPDX-License-Identifier: MIT
# Weights under other names and with other axes: rules (map) and PyTorch's layout. Numbers are bytes of half precision, so that each
# can be written with printf: \000\074 is 1, \000\100 is 2, \000\102 is 3, \000\104 is 4.
container() { # FILE HEADER: the tensors follow with `numbers`
    n=${#2}
    {
        # shellcheck disable=SC2059
        printf "\\$(printf %o $((n % 256)))\\$(printf %o $((n / 256)))\\0\\0\\0\\0\\0\\0"
        printf %s "$2"
    } >"$1"
}
numbers() { # FILE NUMBER...: 1 to 4, as f16
    file=$1
    shift
    for v in "$@"; do
        case $v in 0) printf '\0\0' ;; 1) printf '\0\074' ;; 2) printf '\0\100' ;; 3) printf '\0\102' ;; 4) printf '\0\104' ;; esac >>"$file"
    done
}
program pair <<'END'
layer Net {
    layer trunk = Dense(2, 2)
    layer head = chain(Dense(2, 2), Dense(2, 2, bias=false))
    param scale: float[2] = 1
    fn forward[B](x: float[B, 2]) -> float[B, 2] { return head(trunk(x)) * scale }
}
model net = Net()
data d { x: float[2] = csv("x.csv", columns=0..2) }
train fit[B](ex in d.all, batch=1, steps=1, init="torch.st", map="head=top", layout=torch, save="own.safetensors", log="none") {
    minimize mse(net(ex.x), ex.x) over net using sgd(lr=0.0)
}
export fn trunk[B](x: float[B, 2]) -> float[B, 2] { return net.trunk(x) }
export fn top[B](x: float[B, 2]) -> float[B, 2] { return net.head(x) }
END
echo 1,0 >x.csv
container torch.st '{"trunk.weight":{"dtype":"F16","shape":[2,2],"data_offsets":[0,8]},"trunk.bias":{"dtype":"F16","shape":[2],"data_offsets":[8,12]},"top.0.weight":{"dtype":"F16","shape":[2,2],"data_offsets":[12,20]},"top.0.bias":{"dtype":"F16","shape":[2],"data_offsets":[20,24]},"top.1.weight":{"dtype":"F16","shape":[2,2],"data_offsets":[24,32]},"scale":{"dtype":"F16","shape":[2],"data_offsets":[32,36]}}'
numbers torch.st 1 2 3 4 0 0 1 0 0 1 0 0 1 2 3 4 1 1

# y = x W^T there: the rows of the weight are what an output takes of each input.
gives "1,3
2,4" ./pair trunk "1,0;0,1" --load torch.st --layout torch --map head=top
gives "1,3" ./pair top 1,0 --load torch.st --layout torch --map "net.head = top"
gives "1,3" ./pair top 1,0 --load torch.st --layout torch --map "head.0 = top.0, head.1=top.1"
gives "1,3" ./pair top 1,0 --load torch.st --layout torch --map "head.* = top.*"
gives "1,2" ./pair top 1,0 --load torch.st --layout torch --map "head=top, head.1.w = top.1.weight axes 0 1"
# The head of the block says the same; nnc's own file is not turned, whatever is said.
shows "saved own.safetensors" ./pair fit
gives "1,3" ./pair trunk 1,0
gives "1,3" ./pair trunk 1,0 --load own.safetensors --layout torch
gives "1,2" ./pair trunk 1,0 --load own.safetensors --map "trunk.w = net.trunk.w axes 1 0"

# A file of rules; parts, sums, other shapes.
cat >rules.map <<'END'
# two halves of one tensor, one of them turned      and a comment
trunk.w = both axes 0 1 part 1 of 2
trunk.b = shift + more

head.0.w = long as 2 2 axes 1 0  , head.0.b = more
head.1.w = long as 2 2 axes 0 1
END
container parts.st '{"both":{"dtype":"F16","shape":[2,4],"data_offsets":[0,16]},"shift":{"dtype":"F16","shape":[2],"data_offsets":[16,20]},"more":{"dtype":"F16","shape":[2],"data_offsets":[20,24]},"long":{"dtype":"F16","shape":[4],"data_offsets":[24,32]},"net.scale":{"dtype":"F16","shape":[2],"data_offsets":[32,36]}}'
numbers parts.st 0 0 1 2 0 0 3 4 1 2 1 1 1 2 3 4 1 1
gives "3,5" ./pair trunk 1,0 --load parts.st --map rules.map
gives "28,40" ./pair top 1,1 --load parts.st --map rules.map

# What does not fit is listed with names and shapes of both sides; what fits is taken.
container few.st '{"trunk.weight":{"dtype":"F16","shape":[2,2],"data_offsets":[0,8]},"head.1.weight":{"dtype":"F16","shape":[2,3],"data_offsets":[8,20]},"else":{"dtype":"F16","shape":[],"data_offsets":[20,22]}}'
numbers few.st 1 2 3 4 0 0 0 0 0 0 0
shows "few.st: not taken: net.trunk.b [2] is missing: there is no trunk.bias [2]; net.head.0.w [2, 2] is missing: there is no head.0.weight [2, 2]" \
    ./pair fit --init few.st --map none
shows "head.1.weight is [2, 3] but [2, 2] is needed for net.head.1.w [2, 2]; net.scale [2] is missing: there is no scale [2]. Not taken from the file: else [], head.1.weight [2, 3]" \
    ./pair fit --init few.st --map none
fails 1 "Not taken from the file: else []" ./pair trunk 1,0 --load few.st --layout torch
fails 1 "few.st: no tensor of this file fits: net.trunk.w [2, 2] is missing; net.trunk.b [2] is missing" ./pair fit --init few.st --map none --layout none
fails 2 "--map and --layout are of the file of --load FILE" ./pair trunk 1,0 --layout torch

# Where a shape tells that the layout is another one, nothing is guessed.
program wide <<'END'
layer Net {
    layer a = Dense(2, 3)
    layer b = Dense(3, 3)
    fn forward[B](x: float[B, 2]) -> float[B, 3] { return b(a(x)) }
}
model net = Net()
data d { x: float[2] = csv("x.csv", columns=0..2) }
train fit[B](ex in d.all, batch=1, steps=1, init="tf.st", layout=torch, save=none, log="none") {
    minimize sum(net(ex.x)) over net using sgd(lr=0.1)
}
END
container tf.st '{"a.weight":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]},"b.weight":{"dtype":"F16","shape":[3,3],"data_offsets":[12,30]}}'
head -c 30 /dev/zero >>tf.st
fails 1 "tf.st: a.weight is [2, 3], as net.a.w here, but with layout=torch it would lie the other way round" ./wide fit
shows "not taken: net.a.b [3] is missing" ./wide fit --map "a.w = a.weight axes 0 1, b.w = b.weight axes 0 1"

# Behind a sequence that is flattened the order of the numbers is not known.
program flat <<'END'
layer Net {
    layer c = Conv1d(1, 2, kernel=1, bias=false)
    layer a = Dense(6, 1, bias=false)
    fn forward[B](x: float[B, 3, 1]) -> float[B, 1] { return a(reshape(c(x), B, 6)) }
}
model net = Net()
export fn out[B](x: float[B, 3, 1]) -> float[B, 1] { return net(x) }
END
container flat.st '{"c.weight":{"dtype":"F16","shape":[2,1,1],"data_offsets":[0,4]},"a.weight":{"dtype":"F16","shape":[1,6],"data_offsets":[4,16]}}'
numbers flat.st 1 2 1 2 3 4 0 1
fails 1 "net.a.w [6, 1]: its input is flattened, and the order of the numbers before is not known" ./flat out 1,0,0 --load flat.st --layout torch
gives "9" ./flat out 1,0,0 --load flat.st --layout torch --map "a.w = a.weight as 1 2 3 axes 2 1 0"
gives "5" ./flat out 1,0,0 --load flat.st --layout torch --map "a.w = a.weight axes 1 0"

# Of many that do not fit a message names twelve, and how many more there are; --list-weights names all.
program many <<'END'
layer Five { layer c = chain(Dense(1, 1), Dense(1, 1), Dense(1, 1), Dense(1, 1), Dense(1, 1)); fn forward[B](x: float[B, 1]) -> float[B, 1] { return c(x) } }
model net = chain(Five(), Five(), Five())
data d { x: float[1] = csv("x.csv", column=0) }
train fit[B](ex in d.all, batch=1, steps=1, save=none, log="none") { minimize mse(net(ex.x), ex.x) over net using sgd(lr=0.0) }
export fn out[B](x: float[B, 1]) -> float[B, 1] { return net(x) }
END
header='{"net.0.c.0.w":{"dtype":"F16","shape":[1,1],"data_offsets":[0,2]}'
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do header="$header,\"old.$i\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[$((2 * i)),$((2 * i + 2))]}"; done
container many.st "$header}"
numbers many.st 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1
shows 'net.1.c.1.w [1, 1] is missing; and 17 more. Not taken from the file: old.1 [], old.10 [], ' ./many fit --init many.st
shows 'old.7 [], and 2 more (--list-weights names all)' ./many fit --init many.st
fails 1 'and 17 more. Not taken from the file:' ./many out 1 --load many.st
shows 'many: many.st: not taken: 29 tensors of the program do not fit, 14 of the file are not taken (listed above)' \
    ./many fit --init many.st --list-weights
[ "$(grep -c ' is missing$' out)" = 29 ] || broken "not all are listed"
[ "$(grep -c 'many.st: not taken from the file: old.* \[\]$' out)" = 14 ] || broken "not all of the file are listed"
fails 1 'many.st: 29 tensors of the program do not fit, 14 of the file are not taken' ./many out 1 --load many.st --list-weights

# Rules that say nothing, or what cannot be.
wrong() { fails "$1" "$2" ./pair trunk 1,0 --load torch.st --layout torch --map "$3"; }
wrong 2 'map "haed=top": no tensor of this program is, or begins with, haed' "haed=top"
wrong 2 'a rule is written HERE = THERE, not head top' "head top"
wrong 2 'one name of the program stands in front of =' "= top"
wrong 2 '+, as, axes or part may follow a name, not axis' "trunk.w = trunk.weight axis 0"
wrong 2 'axes are the numbers from 0 on, each once' "trunk.w = trunk.weight axes 0 0"
wrong 2 'axes are the numbers from 0 on, each once' "trunk.w = trunk.weight axes 0 9"
wrong 2 'there are as many axes as the tensor has here' "trunk.b = trunk.weight axes 0 1"
wrong 2 '`as` needs sizes' "trunk.w = trunk.weight as axes 0 1"
wrong 2 '`as` needs sizes' "trunk.w = trunk.weight as 2000000000 2000000000 2000000000 axes 2 1 0"
wrong 2 '`as` needs `axes` too' "trunk.w = trunk.weight as 2 2"
wrong 2 'a part is written `part 0 of 3`' "trunk.w = trunk.weight part 3 of 3"
wrong 2 'each * there stands for one here' "trunk.w = trunk.*"
wrong 2 '+, as, axes and part are for a tensor' "trunk = trunk part 0 of 2"
wrong 1 'net.trunk.w [2, 2] does not come from trunk.weight what can be read as [4, 2] with these axes' "trunk.w = trunk.weight as 4 2 axes 1 0, head=top"
wrong 3 'none.map: cannot read' none.map
printf 'head=top\ntrunk.w = trunk.weight axes 1 1\n' >bad.map
wrong 1 'map bad.map:2: axes are the numbers' bad.map
fails 2 '--layout is torch or none, not "keras"' ./pair trunk 1,0 --load torch.st --layout keras

cat >bad.nn <<'END'
model net = Dense(2, 2)
data d { x: float[2] = csv("x.csv", columns=0..2) }
train fit[B](ex in d.all, layout=keras) { minimize sum(net(ex.x)) over net using sgd(lr=0.1) }
END
fails 1 "E0506: layout is \`torch\`" "$NNC" check bad.nn

# A rule that names no tensor there, or no axes, is wrong; it was taken for a tensor without a name, or for nothing.
program ruled <<'END'
layer Two {
    param w: float[2] = 1
    param b: float[2] = 0
    fn forward[B](x: float[B, 2]) -> float[B, 2] { return x * w + b }
}
model net = Two()
train fit[B](batch=2, steps=1, log="none") {
    loss = mean(net(randn([B, 2])) ** 2)
    minimize loss over net using sgd(lr=0)
}
export fn f[B](x: float[B, 2]) -> float[B, 2] { return net(x) }
END
gives "" ./ruled fit --quiet
for rule in b= net.b= "w=w,b="; do
    fails 2 "map \"$rule\": no name behind = for net.b" ./ruled f 1,2 --load ruled.safetensors --map "$rule"
    fails 2 "no name behind =" ./ruled fit --init ruled.safetensors --map "$rule" --save none
done
fails 2 "axes are the numbers from 0 on, each once" ./ruled f 1,2 --load ruled.safetensors --map "b=b axes"
fails 2 "no tensor of this program is, or begins with, c" ./ruled f 1,2 --load ruled.safetensors --map "c=b"
fails 1 "net.b [2] is missing: there is no c [2]" ./ruled f 1,2 --load ruled.safetensors --map "b=c"
