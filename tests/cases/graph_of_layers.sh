# SPDX-License-Identifier: MIT
# `graph` draws what flows: which result reaches which argument, with what is between layers.
# Two inputs, a connection around a layer, a layer that is called twice, a scan, two results of one layer.
program small <<'END'
layer Skip {
    layer fc = Dense(4, 4)
    layer drop = Dropout(0.1)
    fn forward[B](x: float[B, 4]) -> float[B, 4] { return drop(relu(fc(x))) + x }
}
layer Cell {
    layer fc = Dense(4, 4)
    fn forward[B](x: float[B, 4], h: float[B, 4]) -> float[B, 4] { return tanh(fc(x + h)) }
}
layer Two {
    layer fc = Dense(4, 8)
    fn forward[B](x: float[B, 4]) -> (float[B, 4], float[B, 4]) {
        a, b = split(fc(x), 2, axis=-1)
        return a, b
    }
}
model first = Skip()
model cell = Cell()
model two = Two()
export fn run[B, T](x: float[B, T, 4], u: float[B, 4]) -> (float[B, 4], float[B, 4]) {
    scan xt in x along 1 with h = first(first(u)) { h = cell(xt, h) }
    a, b = two(h)
    return a, b * 2
}
END
gives 'digraph "small run" {
  node [shape=box, fontname="sans-serif"];
  edge [fontname="sans-serif", fontsize=10];
  n0 [label="x", shape=oval];
  n1 [label="u", shape=oval];
  n14 [label="mul", shape=plaintext];
  n15 [label="result 1", shape=oval];
  n16 [label="result 2", shape=oval];
  subgraph cluster_1 {
    label="first\nSkip";
    n2 [label="first.fc\nDense\ncall 1 of 2"];
    n3 [label="relu()", shape=plaintext];
    n4 [label="add", shape=plaintext];
  }
  subgraph cluster_2 {
    label="first\nSkip";
    n5 [label="first.fc\nDense\ncall 2 of 2"];
    n6 [label="relu()", shape=plaintext];
    n7 [label="add", shape=plaintext];
  }
  subgraph cluster_3 {
    label="scan";
    style=dashed;
    subgraph cluster_4 {
      label="cell\nCell";
      n8 [label="add", shape=plaintext];
      n9 [label="cell.fc\nDense"];
      n10 [label="tanh", shape=plaintext];
    }
  }
  subgraph cluster_5 {
    label="two\nTwo";
    n11 [label="two.fc\nDense"];
    n12 [label="slice", shape=plaintext];
    n13 [label="slice", shape=plaintext];
  }
  n13 -> n14 [label="float[B, 4]"];
  n1 -> n2 [label="float[B, 4]"];
  n2 -> n3 [label="float[B, 4]"];
  n3 -> n4 [label="float[B, 4]"];
  n1 -> n4 [label="float[B, 4]"];
  n4 -> n5 [label="float[B, 4]"];
  n5 -> n6 [label="float[B, 4]"];
  n6 -> n7 [label="float[B, 4]"];
  n4 -> n7 [label="float[B, 4]"];
  n0 -> n8 [label="float[B, T, 4]"];
  n7 -> n8 [label="float[B, 4]"];
  n10 -> n8 [label="float[B, 4]", style=dashed, constraint=false];
  n8 -> n9 [label="float[B, 4]"];
  n9 -> n10 [label="float[B, 4]"];
  n10 -> n11 [label="float[B, 4]"];
  n11 -> n12 [label="float[B, 8]"];
  n11 -> n13 [label="float[B, 8]"];
  n12 -> n15 [label="float[B, 4]"];
  n14 -> n16 [label="float[B, 4]"];
}' ./small graph
# Boxes as one node each, as JSON; what goes into a scan, and none of its steps.
gives '{"program":"small","entry":"run","boxes":[],"nodes":[{"name":"x","kind":"input","box":-1},{"name":"u","kind":"input","box":-1},{"name":"first","kind":"layer","type":"Skip","box":-1},{"name":"first","kind":"layer","type":"Skip","box":-1},{"name":"scan","kind":"operation","box":-1},{"name":"two","kind":"layer","type":"Two","box":-1},{"name":"mul","kind":"operation","box":-1},{"name":"result 1","kind":"output","box":-1},{"name":"result 2","kind":"output","box":-1}],"edges":[{"from":1,"to":2,"next_step":false,"shape":"float[B, 4]"},{"from":2,"to":3,"next_step":false,"shape":"float[B, 4]"},{"from":3,"to":4,"next_step":false,"shape":"float[B, 4]"},{"from":0,"to":4,"next_step":false,"shape":"float[B, T, 4]"},{"from":4,"to":5,"next_step":false,"shape":"float[B, 4]"},{"from":5,"to":6,"next_step":false,"shape":"float[B, 4]"},{"from":5,"to":7,"next_step":false,"shape":"float[B, 4]"},{"from":6,"to":8,"next_step":false,"shape":"float[B, 4]"}]}' ./small graph run --depth 0 --json
fails 2 'there is no entry point walk' ./small graph walk
# The picture is drawn by Graphviz, or it is said that there is none.
if command -v dot >/dev/null; then shows '<svg' ./small graph --svg; else fails 3 'Graphviz, which is not installed' ./small graph --svg; fi

# The edges of the rest by name.
cat >names.awk <<'END'
/ -> / { from[++n] = $1; to[n] = $3; next }
/\[label="/ { split($0, part, "\""); split(part[2], line, "\\\\n"); name[$1] = line[1] }
END { for (i = 1; i <= n; i++) print name[from[i]] " -> " name[to[i]] }
END
edges() {
    "$@" >out || broken "$* fails"
    awk -f names.awk out >named
}
has() {
    grep -qxF -e "$1" named || broken "there is no edge $1"
}

# A scan inside of the library: its state comes back from the step before; a model and a function of it.
program gru <<'END'
layer Coder {
    layer gru = GRU(3, 4)
    layer back = Dense(4, 3)
    fn encode[B, T](x: float[B, T, 3]) -> float[B, 4] {
        _, last = gru(x)
        return last
    }
    fn forward[B, T](x: float[B, T, 3]) -> float[B, 3] { return back(encode(x)) }
}
model net = Coder()
export fn code[B, T](x: float[B, T, 3]) -> float[B, 4] { return net.encode(x) }
export fn again[B, T](x: float[B, T, 3]) -> float[B, 3] { return net(x) }
END
edges ./gru graph code
has 'x -> net.gru.fwd.0.xz'
has 'where -> net.gru.fwd.0.hz'
shows 'label="net\nCoder.encode"' ./gru graph code
shows 'style=dashed, constraint=false' ./gru graph code
lacks 'net.back' ./gru graph code
edges ./gru graph again --depth 1
has 'net.gru -> net.back'

# Around the layers of residual blocks go connections; dense blocks join all earlier features.
for name in resnet_densenet gan; do
    cp "$SOURCE/examples/$name/$name.nn" .
    gives "" "$NNC" "$name.nn" -o "$name"
done
edges ./resnet_densenet graph fit_resnet
has 'relu() -> add'
has 'resnet.block.0.0.b.norm -> add'
has 'resnet.block.1.0.skip.norm -> add'
[ "$(grep -c -- ' -> add$' named)" = "$((2 * $(grep -c '^add -> ' named)))" ] || broken "every sum has two operands"
edges ./resnet_densenet graph fit_densenet
has 'densenet.stem -> concat'
has 'concat -> concat'
has 'densenet.dense.0.conv.3.conv -> concat'
# What the generator makes is looked at twice, once for each loss.
edges ./gan graph
has 'randn -> gen.body.0'
[ "$(grep -cx 'gen.body.6 -> blurred()' named)" = 2 ] || broken "the generator is looked at twice"
[ "$(grep -c -- ' -> minimize$' named)" = 2 ] || broken "two losses are minimized"
shows 'call 3 of 3' ./gan graph
lacks 'disc' ./gan graph sample
