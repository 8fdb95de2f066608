# SPDX-License-Identifier: MIT
# JPEG pictures: in programs whose data names them. Halves of one colour each: (200, 40, 40) and (100, 100, 220); grey 200 and 100;
# plain, progressive, of one channel, of four inks.
mkdir -p j/a j/b
base64 -d >j/a/1.jpg <<'END'
/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAg
ICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wAARCAAQABADASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAA
AAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRk
dISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3
+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNO
El8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU
1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwD5fr2ivF69or9C+jD/AMzb/uB/7mP6M+lH/wAyj/uY/wDcB//Z
END
base64 -d >j/a/2.jpeg <<'END'
/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAg
ICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wgARCAAQABADAREAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAA
AAAABgf/xAAVAQEBAAAAAAAAAAAAAAAAAAAIBv/aAAwDAQACEAMQAAABl8SoGiuJYsorRoriX//EABQQAQAAAAAAAAAAAAAAAAAAACD/2gAIAQEAAQUCH//EABQRAQAAAA
AAAAAAAAAAAAAAACD/2gAIAQMBAT8BH//EABQRAQAAAAAAAAAAAAAAAAAAACD/2gAIAQIBAT8BH//EABQQAQAAAAAAAAAAAAAAAAAAACD/2gAIAQEABj8CH//EABQQAQAA
AAAAAAAAAAAAAAAAACD/2gAIAQEAAT8hH//aAAwDAQACAAMAAAAQAA//xAAUEQEAAAAAAAAAAAAAAAAAAAAg/9oACAEDAQE/EB//xAAUEQEAAAAAAAAAAAAAAAAAAAAg/9
oACAECAQE/EB//xAAUEAEAAAAAAAAAAAAAAAAAAAAg/9oACAEBAAE/EB//2Q==
END
base64 -d >j/b/3.JPG <<'END'
/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/wAALCAAQAB
ABAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkK
FhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1N
XW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/AP0gr8b6/ZCvxvr/2Q==
END
base64 -d >inks.jpg <<'END'
/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYHCQcGBggLCAkKCgoKCgYICwwLCgwJCgoK/8AAFAgACAAIBE
MRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHw
JDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxs
fIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkASwAAPwD1j/grX/zT/wD7iv8A7Z18L/sS/wDMzf8Abl/7Xqx/wa5f81z/AO5Z/wDctXwv+xL/
AMzN/wBuX/tev//Z
END
program pictures <<'END'
option dir: string = "j"
data d {
    x: float[16, 16, 3] = image_dir(dir, glob="*.jpg|*.jpeg|*.JPG")
    y: int<2>           = image_dir(dir, glob="*.jpg|*.jpeg|*.JPG", labels=true)
}
data grey { x: float[16, 16] = image_dir(dir, glob="*.jp*|*.JPG", gray=true) }
data small { x: float[4, 4, 4] = image_dir(dir, glob="*.[jJ][pP]*[gG]", resize=[4, 4]) }
data stored { x: int[16, 16] = image_dir("j/b", glob="*.JPG", raw=true) }
data one { x: float[16, 16] = image_dir(dir, glob="*.jpg") }
export fn colours[B](x: float[B, 16, 16, 3]) -> float[B, 6] { return 255 * concat([x[:, 3, 3], x[:, 3, 12]], axis=1) }
export fn greys[B](x: float[B, 16, 16]) -> float[B, 2] { return 255 * x[:, 3, 3:16:9] }
export fn corner[B](x: float[B, 4, 4, 4]) -> float[B, 4] { return 255 * x[:, 1, 0] }
export fn classes[B](y: int<2>[B]) -> int<2>[B] as d.y { return y }
export fn numbers[B](x: int[B, 16, 16]) -> int[B, 2] { return x[:, 3, 3:16:9] }
END
near 0.01 "200 40 40 100 100 220  200 40 40 100 100 220  200 200 200 100 100 100" ./pictures colours d.x
gives "$(printf 'a\na\nb')" ./pictures classes d.y
near 0.01 "74 109 74 109 200 100" ./pictures greys grey.x
near 0.01 "200 40 40 255 200 40 40 255 200 200 200 255" ./pictures corner small.x
gives "200,100" ./pictures numbers stored.x
near 0.01 "200 40 40 100 100 220" ./pictures colours j/a/2.jpeg
near 0.01 "200 200 200 100 100 100" ./pictures colours j/b/3.JPG
fails 1 "j/a/1.jpg holds [16, 16, 3] per example, but x is [16, 16] (gray=true makes colours grey)" ./pictures greys one.x
# Read when they are asked for they are the same.
sed '/^data one/d' pictures.nn >held.nn
"$NNC" held.nn -o held >out 2>&1 || broken "held.nn does not compile"
./held check-data >all || broken "check-data does not read them"
gives "$(cat all)" ./held check-data --cache 0
fails 1 "inks.jpg: it has the four inks of print (CMYK)" ./pictures colours inks.jpg

# A program whose data names no JPEG files has no code for them.
program without <<'END'
data d { x: float[16, 16, 3] = image_dir("j/a") }
export fn out[B](x: float[B, 16, 16, 3]) -> float[B, 3] { return x[:, 0, 0] }
END
fails 1 'j/a/1.jpg is a JPEG file, which a program reads whose data says so: image_dir(..., glob="*.jpg")' ./without out j/a/1.jpg
grep -q "JPEGMEM\|Bogus" pictures || broken "the library is not in the program"
! grep -q "JPEGMEM\|Bogus" without || broken "the library is in a program that names no JPEG files"

# Cut or damaged: an error that names the file, or a picture of the right shape; never more.
size=$(wc -c <j/a/2.jpeg)
for k in 2 3 20 100 200 $((size / 2)) $((size - 3)); do
    head -c "$k" j/a/2.jpeg >cut.jpg
    fails 1 "cut.jpg" ./pictures colours cut.jpg
done
for k in $(seq 4 23 "$size"); do
    { head -c "$k" j/a/2.jpeg && printf '\377' && tail -c +$((k + 2)) j/a/2.jpeg; } >cut.jpg
    ./pictures colours cut.jpg >out 2>&1
    case $? in
    0) ;;
    1) grep -q "cut.jpg" out || broken "the damaged file is not named" ;;
    *) broken "a damaged file at byte $k" ;;
    esac
done
# Sizes that the file cannot have: 65000 x 65000, 16000 x 16000.
place=158 # of the header with the sizes
for sides in '\375\350\375\350' '\076\200\076\200'; do
    # shellcheck disable=SC2059
    { head -c $((place + 5)) j/a/1.jpg && printf "$sides" && tail -c +$((place + 10)) j/a/1.jpg; } >huge.jpg
    cp huge.jpg j/a/huge.jpg
    fails 1 "huge.jpg" ./pictures colours huge.jpg
done
program any <<'END'
data d[H, W] { x: float[H, W, 3] = image_dir("j/a", glob="huge.*") }
END
fails 1 "huge.jpg: the file is too short for its width and height" ./any check-data
