# SPDX-License-Identifier: MIT
# `summary` counts what a layer computes for one example: products with their additions two, functions one for each element, reductions
# one for each element that they read; parameters; bytes of the result. Here against counts by hand. (Convolutions of three axes are
# sums over the planes of the kernel.)
#   layer | argument without B | expression of its result | FLOPs | parameters | bytes
cat >table <<'END'
Dense(4, 16)|float[B, 4]|m(x)|2*4*16 + 16|4*16 + 16|4*16
Dense(4, 16, bias=false)|float[B, 4]|m(x)|2*4*16|4*16|4*16
Own()|float[B, 4]|m(x)|2*4*4 + 4 + 4|16|4*4
Conv2d(3, 8, 3)|float[B, 9, 9, 3]|m(x)|2*27*392 + 392|27*8 + 8|4*7*7*8
Conv2d(3, 8, 3, stride=2, pad=1)|float[B, 9, 9, 3]|m(x)|2*27*200 + 200|27*8 + 8|4*5*5*8
Conv2d(8, 12, 3, groups=4)|float[B, 9, 9, 8]|m(x)|2*9*2*588 + 588|9*2*12 + 12|4*7*7*12
Conv2d(3, 8, 3, dilation=2)|float[B, 9, 9, 3]|m(x)|2*27*200 + 200|27*8 + 8|4*5*5*8
Conv2d(8, 8, 3, pad=1, groups=8)|float[B, 9, 9, 8]|m(x)|2*9*648 + 648|9*8 + 8|4*9*9*8
Conv2d(8, 4, 1, bias=false)|float[B, 9, 9, 8]|m(x)|2*8*324|8*4|4*9*9*4
ConvT2d(8, 4, 4, stride=2, pad=1)|float[B, 5, 5, 8]|m(x)|2*5*5*8*16*4 + 400|16*8*4 + 4|4*10*10*4
Conv1d(3, 6, 5, stride=2)|float[B, 11, 3]|m(x)|2*15*24 + 24|15*6 + 6|4*4*6
ConvT1d(3, 2, 4, stride=2)|float[B, 5, 3]|m(x)|2*5*3*4*2 + 24|4*3*2 + 2|4*12*2
volume.Conv3d(2, 4, 2)|float[B, 5, 5, 5, 2]|m(x)|2*16*256 + (2 - 1)*256 + 256|16*4 + 4|4*4*4*4*4
volume.ConvT3d(2, 3, 2, stride=2)|float[B, 3, 3, 3, 2]|m(x)|2*27*2*8*3 + (2 - 1)*648 + 648|8*2*3 + 3|4*6*6*6*3
MaxPool2d(2)|float[B, 8, 8, 3]|m(x)|4*48|0|4*4*4*3
AvgPool2d(2)|float[B, 8, 8, 3]|m(x)|4*48 + 48|0|4*4*4*3
MaxPool1d(3, stride=2)|float[B, 9, 2]|m(x)|3*8|0|4*4*2
BatchNorm(8)|float[B, 5, 5, 8]|m(x)|3*200 + 8 + 2*8 + 8|16|4*200
LayerNorm(8)|float[B, 5, 8]|m(x)|(40 + 5) + 40 + 40 + (40 + 5) + 5 + 2*5 + 3*40|16|4*40
RMSNorm(8)|float[B, 5, 8]|m(x)|40 + (40 + 5) + 5 + 2*5 + 2*40|8|4*40
GroupNorm(8, 2)|float[B, 5, 5, 8]|m(x)|(200 + 2) + 200 + 200 + (200 + 2) + 2 + 2*2 + 3*200|16|4*200
Embedding(50, 8)|int<50>[B, 7]|m(x)|0|400|4*7*8
Dropout(0.5)|float[B, 6]|m(x)|0|0|4*6
RNN(3, 4)|float[B, 5, 3]|m(x)|5*(2*12 + 4 + 2*16 + 4 + 4 + 4)|12 + 4 + 16|4*5*4 + 4*4
GRU(3, 4)|float[B, 5, 3]|m(x)|5*(2*36 + 12 + 2*48 + 12 + 11*4 + 4)|3*12 + 12 + 4*12 + 12|4*5*4 + 4*4
LSTM(3, 4)|float[B, 5, 3]|m(x)|5*(2*48 + 16 + 2*64 + 16 + 9*4 + 2*4)|3*16 + 16 + 4*16|4*5*4 + 4*4
MultiHeadAttention(8, 2)|float[B, 5, 8]|m(x, x)|4*(2*5*64 + 40) + 2*2*200 + 50 + 5*50 + 2*5|4*72|4*40
END
{
    echo 'import "std/volume.nn" as volume'
    echo 'layer Own {'
    echo '    param w: float[4, 4] = glorot(4, 4)'
    echo '    fn forward[B](x: float[B, 4]) -> float[B, 4] { return relu(x @ w) + x }'
    echo '}'
    i=0
    while IFS='|' read -r layer argument call _; do
        i=$((i + 1))
        echo "model m$i = $layer"
        call=$(echo "$call" | sed "s/^m/m$i/")
        case $layer in
        RNN* | GRU* | LSTM*) call="use(y)" first="    y, _ = m$i(x)" ;;
        *) first= ;;
        esac
        case $layer in
        RNN* | GRU* | LSTM*) printf 'export fn e%d[B](x: %s) -> float[B] {\n%s\n    return y[:, 0, 0]\n}\n' $i "$argument" "$first" ;;
        *) printf 'export fn e%d[B](x: %s) -> float[B] { return reduce(%s, "b ... -> b", sum) }\n' $i "$argument" "$call" ;;
        esac
    done <table
} >counts.nn
"$NNC" counts.nn -o counts >out 2>&1 || broken "counts.nn does not compile"
./counts summary --json | tr '{' '\n' >rows
i=0
while IFS='|' read -r layer _ _ flops parameters bytes; do
    i=$((i + 1))
    wanted="\"params\":$(($parameters)),\"flops\":$(($flops)),\"bytes\":$(($bytes)),"
    grep "^\"path\":\"m$i\"," rows >row || broken "$layer has no row"
    grep -qF -e "$wanted" row || broken "$layer: $(cat row) is not $wanted"
done <table

# A layer is counted with all its calls, with the layers inside, in an evaluation rather than in a training, for the sizes that are said.
program two <<'END'
data rows {
    x: float[6] = csv("none.csv", columns=0..6)
    y: float[3] = csv("none.csv", columns=6..9)
}
layer Two {
    layer fc = Dense(3, 3, bias=false)
    layer drop = Dropout(0.5)
    fn forward[B](x: float[B, 6]) -> float[B, 3] { return drop(fc(x[:, 0:3]) + fc(x[:, 3:6])) }
}
model net = Two()
model line = chain(Dense(3, 2), relu)
model only = Dropout(0.5)
train fit[B](ex in rows.all, batch=16) {
    y = net(ex.x)
    report near = mean(line(y))
    report value = mse(y, ex.y)
    minimize mse(only(net(ex.x)), ex.y) over net using sgd(lr=0.1)
}
export fn steps[B, T](x: float[B, T, 6]) -> float[B] {
    scan xt in x along 1 with h = zeros(B, 3) { h = net(xt) + h }
    return h[:, 0]
}
END
cat >wanted <<'END'
layer      type     result       parameters          FLOPs       bytes
 net.fc    Dense    float[B, 3]           9             36          12
 net.drop  Dropout  float[B, 3]           0              0          12
net        Two      float[B, 3]           9             39          12
 line.0    Dense    float[B, 2]           8             14           8
line       chain    float[B, 2]           8             16           8
only       Dropout  float[B, 3]           0              9          12
END
./two summary | sed -n '1,/^for/p' | sed '$d' >shown
cmp -s wanted shown || broken "the summary is not as wanted: $(diff wanted shown)"
shows 'for B = 1, T = 32: forward' ./two summary
shows 'no evaluation or export computes only: its numbers are those of training' ./two summary
shows 'for B = 4, T = 7: forward' ./two summary --T 7 --batch 4
shows '"path":"net","type":"Two","out":"float[B, 3]","params":9,"flops":156,"bytes":48,"entry":"fit","training":false}' \
    ./two summary --json --batch 4
fails 2 '--T' ./two summary --T 0

# The memory is what the functions of the header say.
printf '#define TWO_CORE_ONLY\n#include "two.h"\n#include <stdio.h>\n' >main.c
printf 'int main(void) { printf("%%zu %%zu %%zu ", (size_t)TWO_FIT_TRAIN_BYTES, two_core_fit_work(16, 1), two_core_steps_work(1, 32, 1)); ' \
    >>main.c
printf 'printf("%%zu %%zu", (size_t)TWO_FIT_EVAL_SUM_BYTES, two_core_fit_eval_work(16, 1)); }' >>main.c
gives "" "$NNC" -c two.nn
gives "" cc main.c two.o -o main
./main >sizes
read -r training work steps sums evaluation <sizes
shows "\"entry\":\"fit\",\"kind\":\"train\",\"batch\":16,\"model\":256,\"area\":$training,\"work\":$work}" ./two summary --json
shows "\"entry\":\"steps\",\"kind\":\"export\",\"batch\":1,\"model\":256,\"area\":0,\"work\":$steps}" ./two summary --json
shows "\"entry\":\"fit\",\"kind\":\"eval\",\"batch\":16,\"model\":256,\"area\":$sums,\"work\":$evaluation}" ./two summary --json
