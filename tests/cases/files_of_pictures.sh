# SPDX-License-Identifier: MIT
# Pictures and sounds of folders: made with a program of the language itself and with printf.
program paint <<'TEXT'
export fn grey(h: dim, w: dim, at: float) -> float[h, w] { return full(at, h, w) }
export fn colour(h: dim, w: dim, at: float) -> float[h, w, 3] { return full(at, h, w, 3) }
TEXT
paint() { gives '' ./paint "$1" "$2" "$3" "$4" --out "$5"; }
mkdir i m n
paint grey 2 2 0.2 i/a.png
paint grey 2 2 0.4 i/b.png
paint grey 2 2 0.6 m/b.png
paint grey 2 2 0.8 m/c.png
cp i/a.png n/a_mask.png
cp i/b.png n/b_mask.png

# Files of two folders belong together by name.
program pairs <<'TEXT'
option images: string = "i"
option masks: string = "m"
data d {
    x: float[2, 2] = image_dir(images)
    y: float[2, 2] = image_dir(masks)
}
export fn both(x: float[2, 2], y: float[2, 2]) -> float { return x[0, 0] + y[0, 0] }
TEXT
fails 1 "example 0 is m/b.png for y but i/a.png for x: names must agree" ./pairs check-data
shows "d: 2 examples" ./pairs check-data --masks n
near 1e-6 0.8 ./pairs both d.x:1 d.y:1 --masks n
fails 1 "examples are numbers :N or :N..M" ./pairs both d.x:99999999999999999999 d.y:1 --masks n
cp i/b.png n/c_mask.png
fails 1 "has 3 examples but x has 2 (n" ./pairs check-data --masks n
mv n/b_mask.png n/0_mask.png
fails 1 "names must agree" ./pairs check-data --masks n
# In one order too, which 10.png < 2.png and 10_mask.png < 1_mask.png would not be.
mkdir e o
for k in 1 2 10; do
    paint grey 2 2 0.0 e/$k.png
    paint grey 2 2 0.$k o/${k}_mask.png
done
shows "d: 3 examples" ./pairs check-data --images e --masks o
near 1e-2 0.2 ./pairs both d.x:2 d.y:2 --images e --masks o

# One folder per class: pictures and labels are the same files in the same order.
mkdir -p d/cat/more d/dog d/eel
cp i/a.png d/cat/2.png
cp i/a.png d/cat/more/1.png
cp i/b.png d/dog/3.png
cp m/b.png d/dog/4.png
cp m/c.png d/eel/5.png
program classes <<'TEXT'
data d {
    x: float[2, 2] = image_dir("d/")
    y: int<3> = image_dir("d/", labels=["cat", "dog", "eel"])
}
export fn value[B](x: float[B, 2, 2]) -> float[B] { return x[:, 0, 0] }
export fn class[B](y: int<3>[B] as d.y) -> int<3>[B] as d.y { return y }
export fn ranks[B](y: int<3>[B] as d.y) -> int<3>[B, 2] as d.y { return stack([y, full(1, B)], axis=1) }
TEXT
near 1e-6 "0.2 0.2 0.4 0.6 0.8" ./classes value d.x
gives "$(printf 'cat\ncat\ndog\ndog\neel')" ./classes class d.y
# Several labels of an example: a line, or an array.
gives "$(printf 'dog\tdog\neel\tdog')" ./classes ranks d.y:3..5
gives '' ./classes ranks d.y:3..5 --out ranks.txt
gives "$(printf 'dog\tdog\neel\tdog')" cat ranks.txt
gives '{"entry":"ranks","results":[[["cat","dog"],["eel","dog"]]]}' ./classes ranks --y cat --y eel --json
gives '{"entry":"class","results":[["eel"]]}' ./classes class eel --json

# Pictures and sounds that no reader of the block takes are told of; a pattern leaves out its own kind on purpose.
mkdir l photos
cp i/a.png l/1.png
cp i/a.png l/1_mask.png
touch l/2.jpg l/3.JPG l/notes.txt l/.4.jpg photos/1.JPEG photos/2.jpeg
program left <<'TEXT'
option at: string = "l"
data d { x: float[2, 2] = image_dir(at) }
data e {
    x: float[2, 2] = image_dir("l", glob="?.png")
    y: float[2, 2] = image_dir("l", glob="*_mask.png")
}
TEXT
program heard <<'TEXT'
data s { x: float[4] = wav_dir("l") }
TEXT
shows 'left: l: pictures are left out, 2 in all, such as l/2.jpg: glob="*.png|*.jpg" would take them' ./left check-data
rm l/2.jpg l/3.JPG
touch l/scan.tif l/a.mp3
shows 'left: l: pictures are left out, 1 in all, such as l/scan.tif: PNG and JPEG files are read only' ./left check-data
fails 1 'l: no file matches *.wav; sounds are left out, 1 in all, such as l/a.mp3: WAV files are read only' ./heard check-data
rm l/scan.tif
lacks 'left out' ./left check-data
fails 1 'photos: no file matches *.png; pictures are left out, 2 in all, such as photos/1.JPEG: glob="*.png|*.JPEG" would take them' \
    ./left check-data --at photos

# Pictures of another size, and files that are none.
mkdir sized
paint colour 2 2 0.5 sized/a.png
paint colour 3 2 0.5 sized/b.png
program odd <<'TEXT'
data d { x: float[2, 2, 3] = image_dir("sized") }
TEXT
fails 1 'sized/b.png holds [3, 2, 3] per example, but x is [2, 2, 3] (resize=[2, 2] makes all pictures so)' ./odd check-data
program first <<'TEXT'
data d { x: float[1, 3, 2] = image_dir("sized", glob="b.png") }
TEXT
"./first" check-data >out 2>&1 && broken "3 x 2 is taken for 1 x 3"
grep -q 'b.png has colours, but x is \[1, 3, 2\] (2 channels are grey and transparency)$' out || broken "no resize= makes a picture that"
: >sized/b.png
fails 1 'sized/b.png is empty' ./odd check-data
echo text >sized/b.png
fails 1 'sized/b.png is no PNG file' ./odd check-data
cp sized/b.png sized/d.png
: >sized/c.png
fails 1 'sized/b.png is no PNG file; 2 more of the 4 files cannot be taken, such as sized/c.png' ./odd check-data
rm sized/c.png sized/d.png
head -c 40 sized/a.png >sized/b.png
fails 1 'sized/b.png: the file ends too early' ./odd check-data

# A folder of which a part cannot be read is an error, not a smaller folder.
ln -s d/none.png d/dog/5.png
fails 3 "d/dog/5.png: No such file or directory" ./classes check-data
mv d/dog/5.png d/dog/5.txt
shows "d: 5 examples" ./classes check-data
ln -s .. d/dog/round
fails 1 "d/dog/round leads back to d, which it lies in" ./classes check-data
rm d/dog/round d/dog/5.txt
ln -s 6.png d/dog/6.png
fails 3 "d/dog/6.png: Too many levels of symbolic links" ./classes check-data
rm d/dog/6.png
chmod 0 d/dog
if [ "$(id -u)" != 0 ]; then
    fails 3 "d/dog: Permission denied" ./classes check-data
elif command -v setpriv >/dev/null && chmod 755 . && setpriv --reuid=65534 --clear-groups true 2>/dev/null; then
    fails 3 "d/dog: Permission denied" setpriv --reuid=65534 --clear-groups ./classes check-data
fi
chmod 755 d/dog

# The passes of an interlaced picture are one picture: pixel (x, y) is 29 x + 7 y.
mkdir whole passes
base64 -d >whole/a.png <<'PNG'
iVBORw0KGgoAAAANSUhEUgAAAAkAAAAJCAAAAADF+lnMAAAAZUlEQVR42gFaAKX/AAAdOld0ka7L6AAHJEFee5i10u8ADitIZYKfvNn2ABUyT2yJpsPg/QAcOVZzkK3K5wQAI0Bdepe00e4LACpHZIGeu9j1EgAxTmuIpcLf/BkAOFVyj6zJ5gMgxzAnkUgieJEAAAAASUVORK5CYII=
PNG
base64 -d >passes/a.png <<'PNG'
iVBORw0KGgoAAAANSUhEUgAAAAkAAAAJCAAAAAGy/WlaAAAAb0lEQVR42gFkAJv/AADoADggAHQArAAckAQAOq4AVsoAcuYADkiCvPYAKmSe2BIAHVeRywArZZ/ZADlzrecAR4G79QBVj8kDAAckQV57mLXS7wAVMk9siabD4P0AI0Bdepe00e4LADFOa4ilwt/8GeDOJ5Hc0K2aAAAAAElFTkSuQmCC
PNG
program nine <<'TEXT'
option at: string = "whole"
data d {
    x: float[9, 9] = image_dir(at)
}
export fn bytes(x: float[9, 9]) -> float[4] { return 255 * stack([x[0, 1], x[1, 0], x[4, 4], x[8, 3]], axis=0) }
TEXT
for at in whole passes; do near 1e-3 "29 7 144 143" ./nine bytes d.x:0 --at $at; done

# As an argument a picture is one example where the axes behind the first are its own; only otherwise it is the whole argument.
mkdir shown_to
paint grey 2 3 0.2 shown_to/a.png
paint grey 2 3 0.6 shown_to/b.png
paint colour 2 3 1 shown_to/c.png
program arg <<'TEXT'
export fn grey[B](x: float[B, 2, 3]) -> float[B] { return sum(x, axis=[1, 2]) }
export fn colour[B](x: float[B, 2, 3, 3]) -> float[B] { return sum(x, axis=[1, 2, 3]) }
export fn sized[H, W](x: float[H, W, 3]) -> float[2] { return [float(H), float(W)] }
TEXT
near 1e-2 1.2 ./arg grey shown_to/a.png
near 1e-2 "1.2 3.6" ./arg grey shown_to/a.png shown_to/b.png
near 1e-2 18 ./arg colour shown_to/c.png
gives "$(printf '2\n3')" ./arg sized shown_to/c.png
