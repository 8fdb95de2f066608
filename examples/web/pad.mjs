// SPDX-License-Identifier: MIT
// pad.mjs: a canvas to draw on, and the drawing as 28 x 28 numbers from 0 to 1: what was drawn is 20 high or wide and its weight lies in
// the middle, as in MNIST, so that its place and size on the canvas do not matter.

const SIDE = 28, INNER = 20;

/** The drawing of a canvas (its opacity), as numbers; null if there is none. */
function reduced(strokes, pen) {
    const points = strokes.flat();
    if (!points.length) return null;
    const xs = points.map(([x]) => x), ys = points.map(([, y]) => y);
    const left = Math.min(...xs), top = Math.min(...ys);
    const size = Math.max(Math.max(...xs) - left, Math.max(...ys) - top, pen);
    const canvas = new OffscreenCanvas(SIDE, SIDE), c = canvas.getContext("2d", { willReadFrequently: true });
    const scale = (INNER - 2) / size;
    const draw = (dx, dy) => {
        c.clearRect(0, 0, SIDE, SIDE);
        trace(c, strokes.map((s) => s.map(([x, y]) => [(x - left) * scale + dx, (y - top) * scale + dy])), 2.4);
        const { data } = c.getImageData(0, 0, SIDE, SIDE);
        return Float32Array.from({ length: SIDE * SIDE }, (_, i) => data[4 * i + 3] / 255);
    };
    const first = draw(5, 5);
    let sum = 0, x = 0, y = 0;
    first.forEach((p, i) => ((sum += p), (x += p * ((i % SIDE) + 0.5)), (y += p * (Math.floor(i / SIDE) + 0.5))));
    return sum ? draw(5 + SIDE / 2 - x / sum, 5 + SIDE / 2 - y / sum) : first;
}

function trace(c, strokes, width) {
    c.lineWidth = width;
    c.lineCap = c.lineJoin = "round";
    for (const [[x, y], ...rest] of strokes.filter((s) => s.length)) {
        c.beginPath();
        c.moveTo(x, y);
        c.lineTo(x + 0.01, y); // a dot
        for (const [x2, y2] of rest) c.lineTo(x2, y2);
        c.stroke();
    }
}

/** A canvas that is drawn on by pointers and keys; `changed` is called when the drawing is another. */
export function drawingArea(canvas, changed) {
    const c = canvas.getContext("2d"), PEN = 16;
    let strokes = [], down = false, cursor = null, lowered = false, pixels = null;

    function redraw() {
        const { color } = getComputedStyle(canvas);
        c.clearRect(0, 0, canvas.width, canvas.height);
        c.strokeStyle = color;
        trace(c, strokes, PEN);
        if (!cursor) return;
        c.lineWidth = 2;
        c.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue("--accent");
        c.beginPath();
        c.arc(...cursor, lowered ? 4 : 10, 0, 7);
        c.stroke();
    }

    function update() {
        pixels = null;
        redraw();
        changed();
    }

    function clear() {
        strokes = [];
        lowered = false;
        update();
    }

    function place(event) {
        const box = canvas.getBoundingClientRect();
        return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
    }

    canvas.addEventListener("pointerdown", (event) => {
        if (event.button) return;
        event.preventDefault();
        canvas.focus({ preventScroll: true });
        if (event.isTrusted) canvas.setPointerCapture(event.pointerId);
        down = true;
        cursor = null;
        strokes.push([place(event)]);
        update();
    });
    canvas.addEventListener("pointermove", (event) => {
        if (!down) return;
        const all = event.getCoalescedEvents?.() ?? [];
        strokes.at(-1).push(...(all.length ? all : [event]).map(place));
        update();
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (down = false));

    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    canvas.addEventListener("keydown", (event) => {
        const move = moves[event.key], reach = event.shiftKey ? 4 : 12;
        if (!move && ![" ", "Delete", "Backspace"].includes(event.key)) return;
        event.preventDefault();
        if (event.key === "Delete" || event.key === "Backspace") return clear();
        cursor ??= [canvas.width / 2, canvas.height / 2];
        if (move) cursor = cursor.map((v, i) => Math.min(canvas.width - 8, Math.max(8, v + reach * move[i])));
        if (event.key === " ") lowered = !lowered;
        if (event.key === " " && lowered) strokes.push([]);
        if (lowered) strokes.at(-1).push([...cursor]);
        update();
    });
    canvas.addEventListener("blur", () => {
        cursor = null;
        lowered = false;
        redraw();
    });
    redraw();

    return {
        clear,
        redraw,
        isEmpty: () => !strokes.some((s) => s.length),
        pixels: () => (pixels ??= reduced(strokes, PEN)),
    };
}
