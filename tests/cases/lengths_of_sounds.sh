# SPDX-License-Identifier: MIT
# A sound that is given to an export is cut, or goes on with silence, to the length that the program declares.
program sounds <<'TEXT'
data d {
    x: float[6] = wav_dir("w/", rate=8000)
}
export fn echo(x: float[6]) -> float[6] { return x }
export fn tone(n: dim) -> float[n] { return 0.5 * ones(n) }
TEXT
gives "" ./sounds tone --n 4 --out short.wav
gives "" ./sounds tone --n 9 --out long.wav
near 1e-4 "0.5 0.5 0.5 0.5 0 0" ./sounds echo short.wav
near 1e-4 "0.5 0.5 0.5 0.5 0.5 0.5" ./sounds echo long.wav

# Sounds of other rates are refused, or resampled: what both rates can hold stays as it is, what the lower one cannot goes away.
program rates <<'TEXT'
option at: string = "tones/"
data d { x: float[400] = wav_dir(at, rate=8000, resample=true) }
data e { x: float[400] = wav_dir(at, rate=8000) }
export fn sine(n: dim, step: float) -> float[n] { return 0.5 * sin(step * float(range(n))) }
# How far from the sine of that step, with which share, in the middle; how loud.
export fn off(x: float[400], step: float) -> float[2] {
    y = x[100:300]
    return stack([max(abs(y - 0.5 * sin(step * float(range(200) + 100)))), max(abs(y))], axis=0)
}
TEXT
mkdir tones
two_pi=6.283185307179586
# 1000 Hz at 16000, 44100, 5000 samples a second; at 8000 it has the step 2 pi / 8.
for rate in 16000 44100 5000 8000; do
    rm -f tones/*
    gives "" ./rates sine --n 4000 --step "$(awk "BEGIN { print $two_pi * 1000 / $rate }")" --rate $rate --out tones/a.wav
    near 1e-3 "0 0.5" ./rates off d.x:0 --step "$(awk "BEGIN { printf \"%.9f\", $two_pi / 8 }")"
    near 1e-3 "0 0.5" ./rates off tones/a.wav --step "$(awk "BEGIN { printf \"%.9f\", $two_pi / 8 }")"
done
gives "" ./rates sine --n 4000 --step "$(awk "BEGIN { print $two_pi * 6000 / 16000 }")" --rate 16000 --out tones/a.wav
./rates off d.x:0 --step 0 >out 2>&1 || broken "a tone that 8000 samples a second cannot hold: $(cat out)"
awk 'NR == 2 && $1 > 1e-3 { exit 1 }' out || broken "a tone above 4000 Hz is heard at 8000 samples a second: $(cat out)"
fails 1 "tones/a.wav has 16000 samples a second, but rate is 8000 (resample=true turns them into so many)" ./rates off e.x:0 --step 0
printf '\0\0\0\0' | dd of=tones/a.wav bs=1 seek=24 conv=notrunc 2>/dev/null
for field in d e; do
    fails 1 "tones/a.wav has 0 samples a second, but rate is 8000" ./rates off $field.x:0 --step 0
    ! grep -q resample out || broken "resample= is said to help a sound without a rate"
done

# Floats of 64 bits; rates that no filter has.
wave64() { # FILE RATE as printf writes it
    {
        printf 'RIFF\114\0\0\0WAVEfmt \20\0\0\0\3\0\1\0'
        # shellcheck disable=SC2059
        printf "$2"
        printf '\0\175\0\0\10\0\100\0data\50\0\0\0'
        for _ in 1 2 3 4 5; do printf '\0\0\0\0\0\0\340\077'; done
    } >"$1"
}
program wide <<'TEXT'
data d { x: float[6] = wav_dir("doubles", rate=8000, resample=true) }
export fn echo(x: float[6]) -> float[6] { return x }
TEXT
mkdir doubles
wave64 doubles/a.wav '\100\37\0\0'
near 1e-6 "0.5 0.5 0.5 0.5 0.5 0" ./wide echo d.x:0
near 1e-6 "0.5 0.5 0.5 0.5 0.5 0" ./wide echo doubles/a.wav
wave64 doubles/a.wav '\377\377\377\377'
fails 1 "doubles/a.wav has 4294967295 samples a second, which are not resampled to 8000" ./wide echo d.x:0
fails 1 "doubles/a.wav has 4294967295 samples a second, which are not resampled to 8000" ./wide echo doubles/a.wav
wave64 doubles/a.wav '\0\0\0\0'
fails 1 "doubles/a.wav has 0 samples a second" ./wide echo d.x:0
wave64 doubles/a.wav '\1\0\0\0'
within 5 ./wide echo d.x:0

# Every width of samples: 0.5 and -0.5 in integers of 8 to 32 bits and in floats.
little() { # VALUE BYTES
    value=$(($1)) left=$2
    while [ "$left" -gt 0 ]; do
        printf "\\$(printf %03o $((value & 255)))"
        value=$((value >> 8)) left=$((left - 1))
    done
}
wide() { # FORMAT BITS SAMPLE...
    bytes=$(($2 / 8)) format=$1 bits=$2
    shift 2
    printf RIFF && little $((36 + $# * bytes)) 4 && printf 'WAVEfmt ' && little 16 4 && little "$format" 2 && little 1 2
    little 8000 4 && little $((8000 * bytes)) 4 && little $bytes 2 && little "$bits" 2 && printf data && little $(($# * bytes)) 4
    for sample in "$@"; do little $((sample)) $bytes; done
}
wide 1 8 192 64 >8.wav
wide 1 16 0x4000 0xC000 >16.wav
wide 1 24 0x400000 0xC00000 >24.wav
wide 1 32 0x40000000 0xC0000000 >32.wav
wide 3 32 0x3F000000 0xBF000000 >f32.wav
{ wide 3 64 0 0 | head -c 44 && little 0 4 && little 0x3FE00000 4 && little 0 4 && little 0xBFE00000 4; } >f64.wav
for width in 8 16 24 32 f32 f64; do
    near 1e-6 "0.5 -0.5 0 0 0 0" ./sounds echo $width.wav
done
wide 1 12 64 >12.wav
fails 1 "12.wav is no WAV file that can be read" ./sounds echo 12.wav

# What is louder than a file can hold is as loud as it can; what is no number is silent.
program loud <<'TEXT'
export fn loud() -> float[5] { return [1.5, -1.5, -1.00001, 1.00001, log(-1.0)] }
data d { x: float[5] = wav_dir("w/", rate=8000) }
export fn echo(x: float[5]) -> float[5] { return x }
TEXT
gives "" ./loud loud --out loud.wav
near 4e-5 "1 -1 -1 1 0" ./loud echo loud.wav

# The mean of all channels, of 64 at most.
channels() { # N: a frame whose first channel is 0.5 and whose last is -0.25
    printf RIFF && little $((36 + 2 * $1)) 4 && printf 'WAVEfmt ' && little 16 4 && little 1 2 && little "$1" 2
    little 8000 4 && little $((16000 * $1)) 4 && little $((2 * $1)) 2 && little 16 2 && printf data && little $((2 * $1)) 4
    little 0x4000 2 && little 0 $((2 * $1 - 4)) && little 0xE000 2
}
for n in 2 6 64; do
    channels $n >many.wav
    near 1e-6 "$(awk "BEGIN { printf \"%.9f\", 0.25 / $n }") 0 0 0 0 0" ./sounds echo many.wav
done
channels 65 >many.wav
fails 1 "many.wav is no WAV file that can be read" ./sounds echo many.wav
