// SPDX-License-Identifier: MIT
// drive.mjs: in the page of examples/web, draws three classes as a hand would, trains, draws new ones; tells the server of page.py what
// the page says of each, and what else was looked at.
const $ = (id) => document.getElementById(id);
const pad = $("pad");
let state = Number(new URLSearchParams(location.search).get("seed") ?? 1);
const draw = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 16777216;
};
const between = (low, high) => low + (high - low) * draw();
const frame = () => new Promise((done) => setTimeout(done, 15));

async function until(what, condition) {
    const end = Date.now() + 60000;
    while (!condition()) {
        if (Date.now() > end) throw new Error(`${what}: waited for a minute; status: ${$("status").textContent}`);
        await frame();
    }
}

const shapes = [
    () => Array.from({ length: 25 }, (_, i) => [0.7 * Math.cos(i / 3.8), Math.sin(i / 3.8)]), // 0
    () => [[-0.3, -0.6], [0, -1], [0, -0.5], [0, 0], [0, 0.5], [0, 1]], // 1
    () => [[-0.6, -0.7], [-0.2, -1], [0.4, -0.9], [0.6, -0.5], [0.2, 0.1], [-0.3, 0.6], [-0.7, 1], [0, 0.95], [0.7, 1]], // 2
];

function pointer(type, [x, y]) {
    const box = pad.getBoundingClientRect();
    const at = { clientX: box.left + x, clientY: box.top + y, pointerId: 1, pointerType: "pen", bubbles: true, cancelable: true };
    pad.dispatchEvent(new PointerEvent(type, at));
}

/** A shape of some size, at some place, a bit askew. */
function stroke(shape) {
    const side = pad.getBoundingClientRect().width, size = side * between(0.18, 0.4), turn = between(-0.25, 0.25), wide = between(0.7, 1.2);
    const cx = side * between(0.42, 0.58), cy = side * between(0.42, 0.58);
    const points = shapes[shape]().map(([x, y]) => {
        const px = x * wide + between(-0.06, 0.06), py = y + between(-0.06, 0.06);
        return [cx + size * (px * Math.cos(turn) - py * Math.sin(turn)), cy + size * (px * Math.sin(turn) + py * Math.cos(turn))];
    });
    pointer("pointerdown", points[0]);
    points.slice(1).forEach((p) => pointer("pointermove", p));
    pointer("pointerup", points.at(-1));
}

const key = (target, name, options = {}) => target.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...options }));
const expect = (truth, text) => {
    if (!truth) throw new Error(text);
};

async function play() {
    await until("the page", () => $("status").textContent === "Ready.");
    expect($("add").disabled && $("train").disabled && $("clear").disabled, "buttons are there before there is a drawing");
    for (let round = 0; round < 5; round++)
        for (let shape = 0; shape < 3; shape++) {
            if (round % 2) key(document.body, String(shape));
            else document.querySelectorAll("#classes [type=radio]")[shape].click();
            stroke(shape);
            await frame();
            $("add").click();
        }
    expect(document.querySelectorAll("#classes canvas").length === 15, "15 drawings are not shown");
    $("train").click();
    await until("training", () => $("train").textContent === "Train more");
    const loss = Number($("loss").textContent);
    const guesses = [];
    for (let i = 0; i < 10; i++) {
        $("clear").click();
        stroke(i % 3);
        await frame();
        guesses.push($("answer").textContent);
    }
    const right = guesses.filter((text, i) => text === `This is ${i % 3}.`).length;

    // With keys alone: a vertical line.
    $("clear").click();
    pad.focus();
    for (let i = 0; i < 7; i++) key(pad, "ArrowUp");
    key(pad, " ");
    for (let i = 0; i < 14; i++) key(pad, "ArrowDown");
    key(pad, " ");
    const by_keys = $("answer").textContent;

    // A file that is none.
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(40)], "wrong.safetensors"));
    $("load").files = transfer.files;
    $("load").dispatchEvent(new Event("change"));
    await until("a wrong file", () => $("status").className === "wrong");
    const wrong = $("status").textContent;

    $("clear").click();
    stroke(2);
    $("more").click();
    $("status").className = "";
    $("status").textContent = `Trained: ${$("step").textContent} steps.`;
    await frame();
    const wide = document.documentElement.scrollWidth > innerWidth;
    return { right, guesses, loss, steps: Number($("step").textContent), speed: $("speed").textContent, by_keys, wrong, wide };
}

const result = await play().catch((e) => ({ error: String(e?.stack ?? e) }));
await fetch("/result", { method: "POST", body: JSON.stringify(result) });
