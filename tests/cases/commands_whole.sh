# SPDX-License-Identifier: MIT
# All that the commands beside training say of a program.
printf '1 2 3\n4\n5 6\n7 8 9 10\n' >x.txt
printf 'a,v,kind\n1,0.5,ant\n2,-1,bee\n3,nan,bee\n4,9,ant\n' >t.csv
program c <<'END'
option rate: float = 0.25 "how fast"
option table: string = "t.csv"
data words[T] {
    x: int<100>[T] = lines("x.txt", numbers=true)
    n: int = length(x)
}
data rows {
    v: float[2] = csv(table, columns=0..2)
    kind: int<2> = csv(table, column=2, labels=true)
    split(train=0.5, test=every(4))
}
layer Net {
    layer body = chain(Dense(2, 3), tanh, Dense(3, 2))
    state seen: int = 0
    fn forward[B](x: float[B, 2]) -> float[B, 2] { return body(x) }
}
model net = Net()
train fit[B](ex in rows.train, batch=2, epochs=1, save=none, log="none") {
    loss = cross_entropy(net(ex.v), ex.kind)
    minimize loss over net using sgd(lr=rate)
    report loss
}
export fn doubled[B, T](x: int<100>[B, T]) -> int[B, T] { return 2 * x }
export fn shout[N](s: int<100>[N] as words.x, loud: bool = false) -> int<100>[N] as words.x { return where(loud, s, s) }
export fn guess[B](v: float[B, 2]) -> int<2>[B] as rows.kind { return argmax(net(v), axis=-1) }
END
# An option that is called as a flag about results is the option.
gives 4 ./c doubled 2 --rate 0.5
info() { ./c info | sed -E 's/nnc [0-9.]+/nnc V/; s/[0-9]+ bytes/N bytes/; s/hash .*/hash H/; s/^code for .*/code for P/'; }
gives 'c COMMAND [--flag value]

entry points:
  fit          train
  doubled      export
  shout        export
  guess        export

also:
  train        [NAME]: runs the first or the named train block
  eval         [NAME]: the same for eval; a train block is evaluated on --on PART
  info         entry points, options, sizes in bytes
  summary      layers with shapes, parameters, operations; memory of calls
  graph        [NAME]: layers of an entry point and what flows between them, as DOT text
  check-data   reads all data blocks: counts, ranges, classes
  bench        NAME: throughput of an entry point
  profile      NAME: time per kernel of an entry point
  gradcheck    [NAME]: derivatives against differences (--float=f64 builds)
  export       the weights as NPY files
  help         [COMMAND]: this text, or the flags of a command
  version      what made this program
  completion   SHELL: completes command lines in bash, zsh or fish

options of all commands:
  --rate         how fast
  --table        

c COMMAND --help lists the flags of a command, with an example.' ./c help
gives 'usage: c shout [--flag value]

  --rate float               how fast [0.25]
  --table string             [t.csv]
  --json                     output for programs
  --quiet                    no progress
  --help                     this text
  --s TEXT                   a text or a file of texts
  --loud N                   a number [0]
  --header                   a line of names above the columns of a CSV result
  --out FILE                 result: the end of the name is the format (again for further results)
  --over NAME                argument whose pictures lie under a class map in .png results
  --load FILE                checkpoint
  --map RULES                HERE = THERE, ... or FILE.map: names in a file of another tool
  --layout torch             ... and its axes are those of PyTorch
  --list_weights             all weights that do not fit, not the first ones
  --threads N                at most N; 0: one per processor [0]
  --seed N                   random numbers [0]

example:
  ./c shout --s "a text"' ./c shout --help
gives 'usage: c guess [--flag value]

  --rate float               how fast [0.25]
  --table string             [t.csv]
  --json                     output for programs
  --quiet                    no progress
  --help                     this text
  --v VALUE                  a file (CSV NPY NPZ IDX PNG WAV, -), data like d.test.x:0..8, or 1,2;3,4
  --columns LIST             columns of CSV files: 0,2,5..8 or names (x=LIST: of the argument x)
  --decimal ,                numbers of CSV files have a decimal comma
  --scale X                  what numbers of files are multiplied by, such as 1/255 (x=X: of the argument x)
  --header                   a line of names above the columns of a CSV result
  --out FILE                 result: the end of the name is the format (again for further results)
  --over NAME                argument whose pictures lie under a class map in .png results
  --load FILE                checkpoint
  --map RULES                HERE = THERE, ... or FILE.map: names in a file of another tool
  --layout torch             ... and its axes are those of PyTorch
  --list_weights             all weights that do not fit, not the first ones
  --threads N                at most N; 0: one per processor [0]
  --seed N                   random numbers [0]

example:
  ./c guess --v v.npy

Numbers in CSV, NPY and IDX files are taken as they are stored. What a data block
computes (such as / 255) is done for d.x only; --scale 1/255 does it for files. Pictures
give 0..1, sounds -1..1.' ./c guess --help
gives 'usage: c fit [--flag value]

  --rate float               how fast [0.25]
  --table string             [t.csv]
  --json                     output for programs
  --quiet                    no progress
  --help                     this text
  --batch N                  rows per step [2]
  --epochs N                 length of the run [1]
  --steps N                  length of the run in updates; eval: batches, where no data is read
  --accumulate N             batches per update [1]
  --shards N                 parts of each batch, a power of two, whose gradients are added (docs/cluster.md) [1]
  --seed N                   random numbers, initial weights, order of rows [0]
  --shuffle                  order of rows (--no-shuffle: as they are) [yes]
  --ema X                    decay of an average of the weights [none]
  --on PART                  part of the data [train]
  --log_every N              updates between reports [100]
  --validate NAME            part or eval, or none [none]
  --validate_every N         updates between validations [an epoch]
  --save_every N             updates, or a time as 10min, between checkpoints [an epoch]
  --keep N                   checkpoints that stay, with the step in their names, beside the last [0]
  --keep_best N              checkpoints of the best validations that stay, beside the best [0]
  --max_time TIME            as 90s, 10min or 1h30m; then the run is saved and ends [none]
  --tfevents FOLDER          event files for TensorBoard, in FOLDER/train and FOLDER/validation [none]
  --progress HOW             bar, plain, none; auto: bar on a terminal, else plain lines [auto]
  --patience N               stop after N validations without a better first report; 0: never [0]
  --early_stop NAME:N        the same with another report than the first [none]
  --min_delta X              better is what is so by more than this [0]
  --threads N                at most N; 0: one per processor [0]
  --load FILE                weights to start from
  --map RULES                HERE = THERE, ... or FILE.map: names in a file of another tool
  --layout torch             ... and its axes are those of PyTorch
  --list_weights             all weights that do not fit, not the first ones
  --log NAME                 NAME.ENTRY.jsonl and .csv; -: lines to standard output; none [none]
  --set NAME=VALUE           any option or setting
  --dry_run                  one update, saved and loaded, of which nothing is kept; memory
  --config FILE              options and settings, as a run wrote them beside its checkpoint
  --save FILE                checkpoint, or none [none]
  --resume [FILE]            continue the run of a checkpoint
  --init FILE                weights by name, as far as they fit

example:
  ./c fit --epochs 5 --save c.safetensors' ./c fit --help
gives 'words: 4 examples
    x: int<100>[T] from x.txt, values 1 .. 10, mean 5.5
    n: int, values 1 .. 4, mean 2.5
rows: 4 examples, train 2, test 1, 1 in no part
    v: float[2] from t.csv, values -1 .. 9, mean 2.64286, 1 NOT FINITE in 1 examples: 2
    kind: int<2> from t.csv, values 0 .. 1, mean 0.5
      classes: ant 2 bee 2' ./c check-data
gives '{"data":[{"name":"words","examples":4,"unused":0,"parts":{},"fields":[{"name":"x","elem":"int","bound":100,"file":"x.txt","numbers":10,"least":1,"most":10,"mean":5.5,"not_finite":0,"rows_not_finite":0,"rows":[]},{"name":"n","elem":"int","bound":0,"file":null,"numbers":4,"least":1,"most":4,"mean":2.5,"not_finite":0,"rows_not_finite":0,"rows":[]}]},{"name":"rows","examples":4,"unused":1,"parts":{"train":2,"test":1},"fields":[{"name":"v","elem":"float","bound":0,"file":"t.csv","numbers":8,"least":-1,"most":9,"mean":2.642857142857143,"not_finite":1,"rows_not_finite":1,"rows":[2]},{"name":"kind","elem":"int","bound":2,"file":"t.csv","numbers":4,"least":0,"most":1,"mean":0.5,"not_finite":0,"rows_not_finite":0,"rows":[],"classes":[{"name":"ant","examples":2},{"name":"bee","examples":2}]}]}]}' ./c check-data --json
gives 'layer         type   result       parameters          FLOPs       bytes
  net.body.0  Dense  float[B, 3]           9             15          12
  net.body.2  Dense  float[B, 2]           8             14           8
 net.body     chain  float[B, 2]          17             32           8
net           Net    float[B, 2]          17             32           8
for B = 1, T = 32, N = 32: forward, all calls of a layer together; a multiplication with its addition is 2; bytes are those of the result

tensors:
  net.body.0.w          [2, 3]
  net.body.0.b          [3]
  net.body.2.w          [3, 2]
  net.body.2.b          [2]
  net.seen              state []' sh -c "./c summary | sed '/^bytes of a call/,\$d'"
shows '17 parameters, model 384 bytes, 32 FLOPs' ./c summary
gives '{"program":"c","parameters":17,"model_bytes":384,"batch":1,"flops":32,"layers":[{"path":"net.body.0","type":"Dense","out":"float[B, 3]","params":9,"flops":15,"bytes":12,"entry":"fit","training":false},{"path":"net.body.2","type":"Dense","out":"float[B, 2]","params":8,"flops":14,"bytes":8,"entry":"fit","training":false},{"path":"net.body","type":"chain","out":"float[B, 2]","params":17,"flops":32,"bytes":8,"entry":"fit","training":false},{"path":"net","type":"Net","out":"float[B, 2]","params":17,"flops":32,"bytes":8,"entry":"fit","training":false}]' \
    sh -c "./c summary --json | sed 's/,\"memory\".*//'"
gives 'c, made from c.nn by nnc V, single precision
model: 17 parameters, N bytes; program hash H
code for P
entry points:
  train  fit[B](v: float[B, 2], kind: int<2>[B]) reports loss, on rows.train
  export doubled[B, T](x: int<100>[B, T]) -> int[B, T]
  export shout[N](s: int<100>[N], loud: bool) -> int<100>[N]
  export guess[B](v: float[B, 2]) -> int<2>[B]
options:
  --rate float = 0.25  how fast
  --table string = "t.csv"  
training area of fit: N bytes' info

# Names of results: a dot in front of a name, or in a folder's, is no ending.
mkdir dir dir.x
for name in dir/.y dir.x/y .hidden dot. none; do
    gives "" ./c doubled 1,2 --out $name
    gives "2,4" cat $name
done
fails 2 '--out a.xyz: results of this program are written as .csv .npy .json .txt' ./c doubled 1,2 --out a.xyz
fails 2 '--out dir/b.xyz: results of this program' ./c doubled 1,2 --out dir/b.xyz
fails 2 'doubled has 1 result, but --out is given 2 times' ./c doubled 1,2 --out a --out b
