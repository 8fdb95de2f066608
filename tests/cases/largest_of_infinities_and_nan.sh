# SPDX-License-Identifier: MIT
# top_k takes every place once, whatever the entries are; minus infinity and NaN in logsumexp, losses, ctc and boxes.
program k <<'END'
import "std/vision.nn" as vision
import "std/sequence.nn" as seq
export fn top(x: float[5]) -> (float[3], int[3], float[5]) {
    a, i = top_k(x, 3)
    return a, i, grad(sum(a), wrt=x)
}
export fn many(x: float[2, 12]) -> (float[2, 10], int[2, 10], float[2, 12]) {   # long ones are found in a loop
    a, i = top_k(x, 10)
    return a, i, grad(sum(a), wrt=x)
}
export fn whole(x: float[200]) -> float {
    a, _ = top_k(x, 200)
    return sum(a * float(range(200)))
}
export fn rows[B](x: float[B, 3]) -> (float[B], float[B, 3]) { return logsumexp(x), grad(sum(logsumexp(x)), wrt=x) }
export fn focal[B](x: float[B, 3], y: int<3>[B]) -> float[B, 3] { return grad(focal_loss(x, y, gamma=0.5), wrt=x) }
fn first(n: dim) -> int<3>[n] {
    label: int<3>[n] = full(0, n)
    return label
}
export fn masked(x: float[1, 3], t: float[1, 3]) -> (float[4], float[3, 3]) {
    a, b, c = soft_cross_entropy(x, t), kl_categorical(x, x + t), cross_entropy(x, first(1))
    slopes = stack([reshape(grad(a, wrt=x), 3), reshape(grad(b, wrt=x), 3), reshape(grad(c, wrt=x), 3)], axis=0)
    return stack([a, b, c, multi_hinge(x, first(1))], axis=0), slopes
}
export fn ctc(x: float[1, 2, 3]) -> (float, float[6]) {
    y: int<3>[1, 1] = full(1, 1, 1)
    loss = seq.ctc(x, y)
    return loss, reshape(grad(loss, wrt=x), 6)
}
export fn left(boxes: float[4, 4], scores: float[4]) -> bool[4] { return vision.nms(boxes, scores) }
export fn draw(x: float[4], temperature: float) -> int[3] {
    return stack([int(categorical(x, temperature=temperature)), int(categorical(x, temperature=temperature)), int(categorical(x, temperature=0))], axis=0)
}
END
fed() { # ROWS TOLERANCE WANTED COMMAND...
    printf '%b\n' "$1" >x.csv
    shift
    near "$@"
}
fed 5,-inf,-inf,-inf,-inf 0 "5 -inf -inf  0 1 2  1 1 1 0 0" ./k top --x x.csv
fed -inf,-inf,-inf,-inf,-3e38 0 "-3e38 -inf -inf  4 0 1  1 1 0 0 1" ./k top --x x.csv
fed 2,nan,-inf,3,nan 0 "nan nan 3  1 4 3  0 1 0 1 1" ./k top --x x.csv
fed 4,4,4,5,4 0 "5 4 4  3 0 1  1 1 0 1 0" ./k top --x x.csv
fed '-inf,-inf,-inf\ninf,1,2\n1,-inf,1\nnan,0,0' 1e-6 "-inf inf 1.6931472 nan  0 0 0  0 0 0  0.5 0 0.5  nan nan nan" ./k rows --x x.csv
near 1e-6 "0 0 0 0.1734583 -0.3469166 0.1734583" ./k focal --x "20,0,0;0,0,0" --y 0,1
fed 1,-inf,1 1e-6 "0.6931472 0 0.6931472 1  0 0 0  0 0 0  -0.5 0 0.5" ./k masked --x x.csv --t 0.5,0,0.5
fed 0,0,-inf,0,0,-inf 1e-6 "0.2876821 0.1666667 -0.1666667 0 0.1666667 -0.1666667 0" ./k ctc --x x.csv
fed '1,2,3,-inf,5,5,-inf,-inf,9,nan,0,-1\n12,11,10,9,8,7,6,5,4,3,2,1' 0 "nan 9 5 5 3 2 1 0 -1 -inf  12 11 10 9 8 7 6 5 4 3
    9 8 4 5 2 1 0 10 11 3  0 1 2 3 4 5 6 7 8 9  1 1 1 1 1 1 0 0 1 1 1 1  1 1 1 1 1 1 1 1 1 1 0 0" ./k many --x x.csv
fed "$(seq -s , 200)" 1e-6 1333300 ./k whole --x x.csv
same="0,0,1,1;0,0,1,1;0,0,1,1;5,5,6,6"
gives "1
0
0
1" ./k left --boxes "$same" --scores 0.5,0.5,0.5,0.5
printf 'nan,0.5,nan,nan\n' >x.csv
gives "0
1
0
1" ./k left --boxes "$same" --scores x.csv
printf 'nan,-inf,-inf,nan\n' >x.csv # NaN is behind -inf
gives "0
1
0
1" ./k left --boxes "$same" --scores x.csv
for seed in 1 2 3; do
    gives "2
2
2" ./k draw --x 1,2,2.001,-5 --temperature 0 --seed $seed
    gives "3
3
2" ./k draw --x 1,2,2.001,-5 --temperature=-0.001 --seed $seed
done
