# SPDX-License-Identifier: MIT
# An answer with NaN is wrong in every metric, and top_k of equal logits agrees with accuracy.
program m <<'END'
data d { x: float[3] = csv("x.csv", columns=0..3, header=false)
         y: int<3> = csv("x.csv", column=3, header=false)
         t: float = csv("x.csv", column=4, header=false) }
eval test[B](ex in d.all, batch=2) {
    z = ex.x[:, 0]
    report accuracy(ex.x, ex.y), one = top_k(ex.x, ex.y, k=1), two = top_k(ex.x, ex.y, k=2), precision(ex.x, ex.y), recall(ex.x, ex.y), f1(ex.x, ex.y),
        iou(ex.x, ex.y), binary_accuracy(z, ex.t), auc(z, ex.t), confusion(ex.x, ex.y), perplexity(ex.x, ex.y)
}
END
printf 'nan,nan,nan,0,0\nnan,nan,nan,0,1\nnan,1,1,0,0\n' >x.csv
for name in accuracy one two precision recall f1 iou binary_accuracy auc; do
    shows "\"$name\":0," ./m test --json
done
shows '"confusion":[[0,0,0],[0,0,0],[0,0,0]]' ./m test --json
printf 'nan,5,1,1,0\nnan,5,1,2,0\n5,nan,1,0,0\n5,1,nan,0,0\n' >x.csv
for name in accuracy one two; do
    shows "\"$name\":0," ./m test --json
done
printf '2,2,2,0,1\n2,2,2,1,1\n2,2,2,2,0\n2,2,2,2,0\n' >x.csv
shows '"accuracy":0.25,"one":0.25,"two":0.5' ./m test --json
# NaN has no sign, whatever the processor makes of inf - inf.
printf 'inf,inf,inf,0,1\n' >x.csv
shows 'perplexity nan' ./m test
