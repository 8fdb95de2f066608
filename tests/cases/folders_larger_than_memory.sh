# SPDX-License-Identifier: MIT
# Pictures and sounds that are held decoded, or decoded when a batch needs them: the same bits, and as much memory as is allowed.
program paint <<'END'
export fn picture(n: dim, k: int) -> float[n, n, 3] {
    at = float(range(n))
    zero = full(0.0, n, n)
    return stack([zero + at[:, _], zero + at[_, :], zero + float(k)], axis=-1) / float(n)
}
export fn sound(n: dim, k: int) -> float[n] { return sin(float(range(n)) * (0.1 + 0.05 * float(k))) }
END
# six folders of six pictures, each the same six files: 36 pictures, and with one more layer 216, 1296
tower() { # FOLDER OF
    mkdir "$1"
    for k in 0 1 2 3 4 5; do ln -s "../$2" "$1/$k"; done
}
mkdir p1 q1
for k in 0 1 2 3 4 5; do
    ./paint picture 24 $k --out p1/$k.png || broken "no picture"
    ./paint picture 256 $k --out q1/$k.png || broken "no picture"
    ./paint sound 400 $k --rate 8000 --out p1/$k.wav || broken "no sound"
done
tower p2 p1
tower p3 p2

program folders <<'END'
option dir: string = "p3"
data d {
    x: float[24, 24, 3] = image_dir(dir)
    s: float[400]       = wav_dir(dir, rate=8000)
    y: int<6>           = image_dir(dir, labels=true)
    split(train=0.8, valid=0.2, seed=1)
}
model net = Dense(27, 6)
model ear = Dense(400, 6)
train fit[B](ex in d.train, batch=16, epochs=2, validate=d.valid) {
    loss = cross_entropy(net(mean(rearrange(ex.x, "b (y h) (x w) c -> b (y x c) (h w)", y=3, x=3), axis=-1)) + ear(ex.s), ex.y)
    minimize loss over net, ear using sgd(lr=0.1)
    report loss
}
END
./folders fit --threads 1 --log none --save held.safetensors >held || broken "no run"
for threads in 1 2; do
    for cache in 0 100kB; do
        ./folders fit --cache $cache --threads $threads --log none --save read.safetensors >read || broken "no run with --cache $cache"
        sed s/read/held/g read | cmp -s held - || broken "--cache $cache reports other numbers"
        cmp -s held.safetensors read.safetensors || broken "--cache $cache leaves other weights"
    done
done
./folders check-data >held
./folders check-data --cache 0 >read
cmp held read || broken "check-data sees other numbers"
for wrong in much 5mb 1.5.GB -1 1e9; do
    fails 2 "must be a number of bytes, as 300000, 64kB, 500MB or 1.5GB, or 0" ./folders fit "--cache=$wrong"
done

# A file of another kind is told at once, a damaged one where it is met.
mkdir bad
cp p1/*.png p1/*.wav bad
head -c 100 p1/3.png >bad/3.png
fails 1 "bad/3.png: " ./folders fit --dir bad --batch 1 --log none --save none
cp out told
fails 1 "bad/3.png: " ./folders fit --dir bad --batch 1 --log_every 1 --no-shuffle --on all --log none --save none --cache 0
cmp -s out told && broken "the picture was met at once"
[ "$(tail -n 1 out)" = "$(tail -n 1 told)" ] || broken "it is told in other words"
head -c 10 p1/3.wav >bad/3.png
fails 1 "bad/3.png is no PNG file" ./folders fit --dir bad --epochs 1 --log none --save none --cache 0
grep -q step out && broken "the run had begun"

# 255 MB of pictures in 64 MB of address space (sanitizers need more than that).
tower q2 q1
tower q3 q2
tower q4 q3
program large <<'END'
data d {
    x: u8[256, 256, 3] = image_dir("q4", raw=true)
    y: int<6>          = image_dir("q4", labels=true)
}
model net = Dense(3, 6)
train fit[B](ex in d.all, batch=4, epochs=1, save=none) {
    loss = cross_entropy(net(mean(float(ex.x), axis=[1, 2]) / 255), ex.y)
    minimize loss over net using sgd(lr=0.1)
    report loss
}
END
if (ulimit -v 64000 && ./large info) >/dev/null 2>&1; then
    (ulimit -v 64000 && ./large fit --threads 1 --log none --epochs 1) >out 2>&1 || broken "255 MB of pictures do not train in 64 MB"
    grep -q "step 324/324" out || broken "not all pictures were seen"
fi
