# SPDX-License-Identifier: MIT
# A run that the end of its terminal or of its reader stops has saved, and goes on where it stood.
program long <<'END'
layer Net {
    param w: float[4] = 1
    fn forward[B](x: float[B, 4]) -> float[B, 4] { return w * x }
}
model net = Net()
train fit[B](batch=64, steps=100000000, log_every=1000, log="none") {
    x = randn([B, 4])
    loss = mean(net(x) ** 2)
    minimize loss over net using sgd(lr=0.000001)
    report loss
}
END
stopped() { # SIGNAL STATUS
    rm -f long.safetensors run
    ./long fit --threads 1 >run 2>&1 &
    child=$!
    for _ in $(seq 100); do
        grep -q step run && break
        sleep 0.05
    done
    kill -s "$1" $child
    wait $child
    got=$?
    cp run out
    [ $got = "$2" ] || broken "SIG$1 ends with $got"
    grep -q "stopped by a signal at step" run || broken "SIG$1 stops without a word"
    step=$(sed -n 's/.*stopped by a signal at step \([0-9]*\);.*/\1/p' run)
    shows "step $((step + 1))/$((step + 1))" ./long fit --resume --steps $((step + 1))
}
stopped HUP 129
stopped TERM 143
stopped XCPU 152
stopped INT 130
stopped USR1 138

# One that only saves.
rm -f long.safetensors run
./long fit --threads 1 >run 2>&1 &
child=$!
for _ in $(seq 200); do
    grep -q step run && kill -s USR2 $child && [ -s long.safetensors ] && break
    sleep 0.05
done
[ -s long.safetensors ] || broken "SIGUSR2 saves nothing"
sleep 0.1
! grep -q stopped run || broken "SIGUSR2 stops"
kill -s TERM $child
wait $child
[ $? = 143 ] || broken "SIGTERM after SIGUSR2"

# nohup: the signal stays ignored.
(trap '' HUP; ./long fit --threads 1 --steps 200000 >run 2>&1; echo $? >status) &
child=$!
for _ in $(seq 100); do
    grep -q step run && break
    sleep 0.05
done
pid=$(ps -o pid= --ppid $child 2>/dev/null | head -n 1)
[ -z "$pid" ] || kill -s HUP $pid 2>/dev/null
wait
cp run out
[ "$(cat status)" = 0 ] || broken "an ignored SIGHUP ends the run"

# Nobody reads.
rm -f long.safetensors
(./long fit --threads 1; echo $? >status) 2>/dev/null | head -n 1 >/dev/null
[ "$(cat status)" = 141 ] || broken "a closed pipe ends with $(cat status)"
shows "saved long.safetensors" ./long fit --resume --steps 2

# A file that may not grow any more is an error as on a full disk: it is told, and nothing is left over.
program wide <<'END'
layer Net { param w: float[4096] = 1 }
model net = Net()
train fit(steps=100, save="wide.st", log="wide") {
    loss = sum(net.w ** 2)
    minimize loss over net using sgd(lr=0.001)
    report loss
}
export fn weights() -> float[4096] { return net.w }
END
limited() { # BLOCKS TEXT COMMAND... (the thread sanitizer ends with a signal there: it cannot write what it wants of its own)
    [ "$sanitize" != -fsanitize=thread ] || return 0
    size=$1 wanted=$2
    shift 2
    (ulimit -f "$size" && "$@") >out 2>&1
    [ $? = 3 ] || broken "\`$*\` does not end with 3 at ulimit -f $size"
    grep -qF "$wanted: File too large" out || broken "\`$*\` does not show: $wanted"
}
limited 16 "wide.st: cannot save the checkpoint" ./wide fit --log none
limited 64 "saved wide.st: cannot write the log" ./wide fit --log_every 1 --steps 4000 --quiet
limited 16 "weights.csv: cannot write" ./wide weights --load wide.st --out weights.csv
[ ! -e weights.csv ] || broken "a result is there in part"
! ls | grep -F .tmp || broken "a temporary file is left"
