# SPDX-License-Identifier: MIT
# The loss is finite, its gradient is not: every optimizer leaves weights, slots and files as they were.
program root <<'PROGRAM'
option power: float = 0.25 "the slope at 0 is infinite below 0.5"
option rate: float = 0.01 "learning rate"
layer Point {
    param free: float[20] = 1
    param w: float[2] = 0.5
}
model net = Point()
optimizer slow = adam(lr=0)
train start(steps=1, save="good.safetensors") {
    loss = sum(net.w) + sum(net.free)
    minimize loss over net using sgd(lr=0.5)
    report loss
}
train sgd_run(steps=2, save="good.safetensors") {
    loss = mean((net.w ** 2) ** power) + sum(net.free)
    minimize loss over net using sgd(lr=rate)
    report loss
}
train momentum_run(steps=2, save="good.safetensors") {
    loss = mean((net.w ** 2) ** power) + sum(net.free)
    minimize loss over net using momentum(lr=rate)
    report loss
}
train nesterov_run(steps=2, save="good.safetensors") {
    loss = mean((net.w ** 2) ** power) + sum(net.free)
    minimize loss over net using nesterov(lr=rate)
    report loss
}
train adam_run(steps=2, save="good.safetensors") {
    loss = mean((net.w ** 2) ** power) + sum(net.free)
    minimize loss over net using adam(lr=rate)
    report loss
}
train adamw_run(steps=2, save="good.safetensors") {
    loss = mean((net.w ** 2) ** power) + sum(net.free)
    minimize loss over net using adamw(lr=rate, decay=0.1)
    report loss
}
train rmsprop_run(steps=2, save="good.safetensors") {
    loss = mean((net.w ** 2) ** power) + sum(net.free)
    minimize loss over net using rmsprop(lr=rate, mu=0.5, centered=true)
    report loss
}
train adagrad_run(steps=2, save="good.safetensors") {
    loss = mean((net.w ** 2) ** power) + sum(net.free)
    minimize loss over net using adagrad(lr=rate)
    report loss
}
train lamb_run(steps=2, save="good.safetensors") {
    loss = mean((net.w ** 2) ** power) + sum(net.free)
    minimize loss over net using lamb(lr=rate, decay=0.1)
    report loss
}
train lamb_clip_run(steps=2, save="good.safetensors") {
    loss = mean((net.w ** 2) ** power) + sum(net.free)
    minimize loss over net using lamb(lr=rate, clip=1)
    report loss
}
train amsgrad_run(steps=2, save="good.safetensors") {
    loss = mean((net.w ** 2) ** power) + sum(net.free)
    minimize loss over net using adamw(lr=rate, amsgrad=true)
    report loss
}
train clip_run(steps=2, save="good.safetensors") {
    loss = mean((net.w ** 2) ** power) + sum(net.free)
    minimize loss over net using adam(lr=rate, clip=1)
    report loss
}
train limit_run(steps=2, save="good.safetensors") {
    loss = mean((net.w ** 2) ** power) + sum(net.free)
    minimize loss over net using adam(lr=rate, clip_value=1)
    report loss
}
train both_run(steps=2, save="good.safetensors") {
    loss = mean((net.w ** 2) ** power) + sum(net.free)
    minimize loss over net using adam(lr=rate, clip_value=1, clip=inf)
    report loss
}
train second_run(steps=2, save="good.safetensors") {
    first = sum(net.free)
    minimize first over net.free using sgd(lr=rate)
    loss = mean((net.w ** 2) ** power)
    minimize loss over net.w using sgd(lr=rate)
    report loss
}
train overflow(steps=1, save="good.safetensors") {
    loss = 10 * sum(net.free)
    minimize loss over net.free using sgd(lr=1e38)
    report loss
}
PROGRAM
./root start >out 2>&1 || broken "start"
cp good.safetensors kept
line() { grep -n "minimize loss" root.nn | sed -n "$1p" | cut -d: -f1; }
k=1
for run in sgd_run momentum_run nesterov_run adam_run adamw_run rmsprop_run adagrad_run lamb_run lamb_clip_run amsgrad_run clip_run limit_run both_run; do
    k=$((k + 1))
    fails 4 "$run, step 0: the gradient of net.w (root.nn:5) is not finite, at the minimize of root.nn:$(line $k); no update" \
        ./root $run --load kept
    cmp -s good.safetensors kept || broken "$run changed the checkpoint"
    ./root $run --load kept --power 1 --save fine >out 2>&1 || broken "$run with a finite gradient"
done
fails 4 "second_run, step 0: the gradient of net.w" ./root second_run --load kept
fails 4 "it updated nothing, but those before it in this step did" ./root second_run --load kept
cmp -s good.safetensors kept || broken "second_run changed the checkpoint"
fails 4 "the gradient of net.w" ./root sgd_run --load kept --accumulate 3
fails 4 "the gradient of net.w" ./root adam_run --load kept --threads 3

# A learning rate that is no number; an update that overflows, which no loss would tell.
fails 4 "lr of adam is not finite" ./root adam_run --load kept --power 1 --rate inf
fails 4 "lr of sgd is not finite" ./root sgd_run --load kept --power 1 --rate -inf
fails 4 "overflow, step 1: net.free is not finite; nothing was saved" ./root overflow --load kept
cmp -s good.safetensors kept || broken "an overflow changed the checkpoint"
