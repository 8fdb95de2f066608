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
