# SPDX-License-Identifier: MIT
# What a run tells programs: --json is an object per line as things happen, --log - the log's lines, ….run.json what it was made with.
awk 'BEGIN { for (i = 0; i < 30; i++) print i / 10 "," i / 5 }' >points.csv
program line <<'PROGRAM'
option lr: float = 0.01 "step size"
option file: string = "points.csv"
data points {
    x: float[1] = csv(file, columns=0..1)
    y: float[1] = csv(file, columns=1..2)
    split(train=0.8, test=0.1)
}
model net = chain(Dense(1, 1))
train fit[B](ex in points.train, batch=4, epochs=2, validate=points.test) {
    loss = mse(net(ex.x), ex.y)
    minimize loss over net using sgd(lr=lr)
    report loss
    if step == 0 { print("first", float(step)) }
}
PROGRAM
seconds() { sed -E 's/"(seconds":|time":)("[^"]*"|[0-9.]+)/"\1S/'; }
events() { "$@" 2>err | seconds >events; }
events ./line fit --json --seed 3 --threads 1 --lr 0.02 --save a.safetensors --log run
cp events out
kinds=$(sed 's/^{"event":"\([a-z]*\)".*/\1/' events | tr '\n' ' ')
[ "$kinds" = "start note note train validate checkpoint checkpoint train validate checkpoint checkpoint end " ] || broken "the events are $kinds"
grep -F '"event":"note"' events | grep -qF '"text":"data points: 3 of 30 examples are in no part"' || broken "no note of unused examples"
grep -E '"event":"(train|validate)"' events >lines
seconds <run.fit.jsonl | cmp -s - lines || broken "the log's lines are others"
hash=$(sed -n 's/.*"hash":"\([0-9a-f]*\)".*/\1/p' events)
[ -n "$hash" ] || broken "no hash"
started=$(date -u -d "$(sed -n 's/.*"time": "\([-0-9T:]*Z\)".*/\1/p' a.run.json)" +%s) || broken "no time"
now=$(date +%s)
[ "$started" -le "$now" ] && [ "$started" -gt $((now - 600)) ] || broken "it is $now, but the run began at $started"
gives '{"event":"start","program":"line","hash":"'"$hash"'","nnc":"'"$("$NNC" version | sed 's/nnc //')"'","entry":"fit","time":S,"threads":1,"step":0,"steps":12,"resumed":null,"settings":{"batch":{"value":4,"from":"program"},"epochs":{"value":2,"from":"program"},"steps":{"value":null,"from":"program"},"accumulate":{"value":1,"from":"program"},"shards":{"value":1,"from":"program"},"seed":{"value":3,"from":"flag"},"shuffle":{"value":true,"from":"program"},"ema":{"value":0,"from":"program"},"on":{"value":"train","from":"program"},"log_every":{"value":100,"from":"program"},"validate":{"value":"test","from":"program"},"validate_every":{"value":null,"from":"program"},"save_every":{"value":null,"from":"program"},"keep":{"value":0,"from":"program"},"keep_best":{"value":0,"from":"program"},"max_time":{"value":null,"from":"program"},"tfevents":{"value":null,"from":"program"},"progress":{"value":null,"from":"program"},"patience":{"value":0,"from":"program"},"early_stop":{"value":null,"from":"program"},"min_delta":{"value":0,"from":"program"},"save":{"value":"a.safetensors","from":"flag"},"load":{"value":"none","from":"program"},"init":{"value":"none","from":"program"},"log":{"value":"run","from":"flag"},"map":{"value":null,"from":"program"},"layout":{"value":null,"from":"program"},"threads":{"value":1,"from":"flag"}},"options":{"lr":{"value":0.02,"from":"flag"},"file":{"value":"points.csv","from":"program"}},"data":[{"name":"points","examples":30,"files":["points.csv"]}]}' head -n 1 events
tail -n 1 events | sed 's/"loss":[-0-9.e]*}/"loss":L}/' >last
gives '{"event":"end","entry":"fit","step":12,"epoch":2,"seconds":S,"signal":0,"stopped":null,"saved":"a.safetensors","best":"a.best.safetensors","examples":24,"loss":L}' cat last
tail -n 1 events | sed 's/.*"loss"/"loss"/' >loss
sed -n 's/.*"event":"train".*"step":12,.*"loss"/"loss"/p' events | cmp -s - loss || broken "the end has another loss"

# The file is the same object, and a run that goes on leaves it.
tr -d ' \n' <a.run.json | seconds >file
printf '\n' >>file
head -n 1 events | cmp -s - file || broken "a.run.json is another object"
cp a.run.json before
events ./line fit --json --resume a.safetensors --epochs 3 --log run
head -n 1 events >out
grep -qF '"step":12,"steps":18,"resumed":"a.safetensors"' events || broken "not told that it goes on"
grep -qF '"seed":{"value":3,"from":"checkpoint"}' events || broken "the seed is not from the checkpoint"
grep -qF '"lr":{"value":0.02,"from":"checkpoint"}' events || broken "lr is not from the checkpoint"
cmp -s a.run.json before || broken "a run that goes on has written a.run.json"
[ -s a.resumed.json ] || broken "no a.resumed.json"

# Without a checkpoint beside the log, without both nowhere.
rm -f ./*.json
lacks error ./line fit --save none --log alone
[ "$(ls ./*.json)" = ./alone.fit.run.json ] || broken "the file is not beside the log"
rm -f ./*.json
lacks error ./line fit --save none --log none
! ls ./*.json 2>/dev/null || broken "a file for a run that keeps nothing"

# The log alone.
./line fit --save none --log - | seconds | sed 's/"loss":.*//' >lines
gives '{"event":"train","entry":"fit","step":6,"epoch":1,"examples":24,"seconds":S,
{"event":"validate","entry":"fit","step":6,"epoch":1,"examples":3,"seconds":S,
{"event":"train","entry":"fit","step":12,"epoch":2,"examples":24,"seconds":S,
{"event":"validate","entry":"fit","step":12,"epoch":2,"examples":3,"seconds":S,' cat lines
! ls ./-.* 2>/dev/null || broken "--log - makes files"
./line eval fit --on test --load a.safetensors --log - | seconds | sed 's/"loss":.*//' >lines
gives '{"event":"eval","entry":"fit","step":18,"epoch":3,"examples":3,"seconds":S,' cat lines

# A run that fails has no end; one that a signal ends tells which.
fails 4 "loss is not finite" ./line fit --lr 1e30 --json --save none --log none
! grep -q '"event":"end"' out || broken "a run that fails has an end"
rm -f events # what is waited for is of this run
./line fit --json --steps 100000000 --save none --log none >events &
child=$!
for _ in $(seq 100); do
    grep -q '"event":"train"' events && break
    sleep 0.05
done
kill -s TERM $child
wait $child
[ $? = 143 ] || broken "SIGTERM"
tail -n 1 events >out
grep -q '"event":"end".*"signal":15,"stopped":"signal","saved":null,"best":null' out || broken "the end does not tell of the signal"

# A run that is killed has told of all that it wrote: of a line before the log has it, of a checkpoint as soon as its file is there.
checkpoints() { find killed -name '*.step-*.safetensors' | wc -l; } # whole ones: one being written has another name
killed() { # FLAGS: when killed/ holds five checkpoints, or as many lines
    rm -rf killed && mkdir killed
    ./line fit --json --batch 1 --steps 100000000 "$@" >events &
    child=$!
    for _ in $(seq 200); do
        [ "$(cat killed/*.jsonl 2>/dev/null | wc -l)" -lt 5 ] && [ "$(checkpoints)" -lt 5 ] || break
        sleep 0.05
    done
    kill -s KILL $child
    wait $child 2>/dev/null
}
killed --save none --log_every 1 --log killed/run
lines=$(grep -c '}$' killed/run.fit.jsonl)
[ "$lines" -ge 5 ] && [ "$(grep -cE '"event":"(train|validate)".*}$' events)" -ge "$lines" ] || broken "$lines lines in the log, fewer events"
killed --log none --log_every 1000 --save killed/a.safetensors --save_every 1 --keep 1000
files=$(checkpoints)
[ "$files" -ge 5 ] && [ "$(grep -c '"event":"checkpoint".*}$' events)" -ge $((files - 1)) ] || broken "$files checkpoints, fewer events"
