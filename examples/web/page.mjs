// SPDX-License-Identifier: MIT
// page.mjs: drawings become examples, examples train a model of draw.nn, the model guesses what is being drawn.
import { open } from "./draw.mjs";
import { drawingArea } from "./pad.mjs";
import { lossCurve } from "./curve.mjs";

const MOST_CLASSES = 10, BATCH = 32, STEPS_OF_A_RUN = 300;
const $ = (id) => document.getElementById(id);

const state = {
    classes: ["0", "1", "2"],
    chosen: 0,
    examples: [], // { label, pixels: Float32Array(784) }, in the order in which they came
    losses: [],
    training: false,
    left: 0, // steps of this run
    milliseconds: 0,
};

function say(text, wrong = false) {
    $("status").textContent = text;
    $("status").className = wrong ? "wrong" : "";
}

// A page that is one file carries the module with it (README.md).
const inside = $("wasm")?.textContent;
const model = await open({ seed: 1, wasm: inside && Uint8Array.from(atob(inside), (c) => c.charCodeAt(0)) }).catch((e) => {
    say(`The model cannot be loaded: ${e.message}`, true);
    throw e;
});
const pad = drawingArea($("pad"), changed);
const curve = lossCurve($("curve"));

// ---- classes and examples

function thumbnail(pixels) {
    const canvas = Object.assign(document.createElement("canvas"), { width: 28, height: 28 });
    const [r, g, b] = getComputedStyle(document.body).color.match(/\d+/g).map(Number);
    const image = new ImageData(28, 28);
    pixels.forEach((p, i) => image.data.set([r, g, b, 255 * p], 4 * i));
    canvas.getContext("2d").putImageData(image, 0, 0);
    canvas.setAttribute("aria-hidden", "true");
    return canvas;
}

function element(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
}

function classRow(name, label) {
    const own = state.examples.filter((e) => e.label === label);
    const radio = element("input", { type: "radio", name: "class", checked: label === state.chosen });
    radio.setAttribute("aria-label", `Add drawings to ${name}, which has ${own.length}`);
    radio.addEventListener("change", () => choose(label));
    const text = element("input", { type: "text", value: name, maxLength: 12 });
    text.setAttribute("aria-label", `Name of class ${label + 1}`);
    text.addEventListener("change", () => {
        state.classes[label] = text.value.trim() || String(label);
        show();
    });
    const thumbs = element("div", { className: "thumbs" }, ...own.slice(-8).reverse().map((e) => thumbnail(e.pixels)));
    const row = element("label", { className: "class" }, radio, text, thumbs, element("span", { className: "count" }, String(own.length)));
    return row;
}

function showClasses() {
    const focused = document.activeElement?.name === "class";
    $("classes").replaceChildren(...state.classes.map(classRow));
    if (focused) $("classes").querySelectorAll("[type=radio]")[state.chosen].focus();
}

function choose(label) {
    state.chosen = label;
    show();
}

function used() {
    return new Set(state.examples.map((e) => e.label)).size;
}

function add() {
    if (pad.isEmpty()) return;
    state.examples.push({ label: state.chosen, pixels: pad.pixels() });
    say(`Added to ${state.classes[state.chosen]}.`);
    pad.clear();
    show();
}

// ---- training

/** Steps for part of a frame, on rows that are drawn from all examples. */
function trainForAFrame() {
    const start = performance.now();
    const x = new Float32Array(BATCH * 784), y = new Int32Array(BATCH);
    let steps = 0, report;
    do {
        for (let i = 0; i < BATCH; i++) {
            const example = state.examples[Math.floor(Math.random() * state.examples.length)];
            x.set(moved(example.pixels), 784 * i);
            y[i] = example.label;
        }
        report = model.fit_step(x, y);
        state.losses.push(report.loss);
        steps++;
    } while (--state.left > 0 && performance.now() - start < 12);
    state.milliseconds = (performance.now() - start) / steps;
    $("right").textContent = `${Math.round(100 * report.accuracy)} %`;
}

/** A drawing, some pixels aside: the same thing for who looks at it. */
function moved(pixels) {
    const dx = Math.floor(Math.random() * 5) - 2, dy = Math.floor(Math.random() * 5) - 2, out = new Float32Array(784);
    for (let row = Math.max(0, dy); row < Math.min(28, 28 + dy); row++)
        for (let column = Math.max(0, dx); column < Math.min(28, 28 + dx); column++)
            out[28 * row + column] = pixels[28 * (row - dy) + column - dx];
    return out;
}

function frame() {
    if (!state.training) return;
    try {
        trainForAFrame();
    } catch (e) {
        state.training = false;
        say(e.message, true);
    }
    if (state.left <= 0) {
        state.training = false;
        say(`Trained: ${state.losses.length} steps. Draw something new.`);
    }
    refresh();
    if (state.training) requestAnimationFrame(frame);
}

function toggleTraining() {
    state.training = !state.training;
    if (state.training) {
        state.left = STEPS_OF_A_RUN;
        say(`Training on ${state.examples.length} drawings …`);
        requestAnimationFrame(frame);
    }
    refresh();
}

// ---- what is seen

function showGuess() {
    const trained = state.losses.length > 0, names = state.classes;
    const p = trained && !pad.isEmpty() ? model.predict(pad.pixels()) : new Float32Array(MOST_CLASSES);
    const best = names.reduce((most, _, i) => (p[i] > p[most] ? i : most), 0);
    $("answer").textContent = !trained ? "Train first." : pad.isEmpty() ? "Draw something." : `This is ${names[best]}.`;
    $("bars").replaceChildren(
        ...names.map((name, i) => {
            const bar = element("div", { className: "bar" }, element("div"));
            bar.firstChild.style.width = `${100 * p[i]}%`;
            bar.setAttribute("aria-hidden", "true");
            const percent = element("span", { className: "percent" }, `${(100 * p[i]).toFixed(0)} %`);
            return element("li", {}, element("span", { className: "name", title: name }, name), bar, percent);
        }),
    );
}

function show() {
    showClasses();
    refresh();
}

/** What changes as it trains. */
function refresh() {
    const { losses, training, examples } = state;
    curve(losses);
    $("step").textContent = losses.length;
    $("loss").textContent = losses.length ? losses.at(-1).toPrecision(3) : "–";
    $("speed").textContent = losses.length ? `${state.milliseconds.toFixed(1)} ms` : "–";
    if (!losses.length) $("right").textContent = "–";
    $("train").textContent = training ? "Pause" : losses.length ? "Train more" : "Train";
    $("train").disabled = !training && used() < 2;
    $("train").title = used() < 2 ? "Two classes with examples are needed" : "";
    $("reset").disabled = !losses.length && !examples.length;
    $("undo").disabled = !examples.length;
    $("more").disabled = state.classes.length === MOST_CLASSES;
    $("add").textContent = `Add to ${state.classes[state.chosen]}`;
    changed();
}

function changed() {
    $("add").disabled = $("clear").disabled = pad.isEmpty();
    $("pad").setAttribute("aria-label", pad.isEmpty() ? "Drawing area, empty" : "Drawing area, with a drawing");
    showGuess();
}

// ---- buttons and keys

$("add").addEventListener("click", add);
$("clear").addEventListener("click", () => pad.clear());
$("train").addEventListener("click", toggleTraining);
$("more").addEventListener("click", () => {
    state.classes.push(String(state.classes.length));
    choose(state.classes.length - 1);
});
$("undo").addEventListener("click", () => {
    state.examples.pop();
    show();
});
$("reset").addEventListener("click", () => {
    model.reset(1 + Math.floor(Math.random() * 1e6));
    Object.assign(state, { losses: [], examples: [], training: false });
    pad.clear();
    say("Everything is as at the start.");
    show();
});
$("save").addEventListener("click", () => {
    const address = URL.createObjectURL(new Blob([model.save()]));
    element("a", { href: address, download: "draw.safetensors" }).click();
    URL.revokeObjectURL(address);
    say("Saved: ./draw of the same program reads these weights, too.");
});
$("load").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    try {
        model.load(await file.arrayBuffer());
        state.losses.push(NaN); // trained elsewhere
        say(`${file.name} is loaded.`);
    } catch (e) {
        say(`${file.name}: ${e.message}`, true);
    }
    event.target.value = "";
    show();
});
document.addEventListener("keydown", (event) => {
    if (event.target.type === "text" || event.ctrlKey || event.metaKey || event.altKey) return;
    const label = "0123456789".indexOf(event.key);
    if (label >= 0 && label < state.classes.length) choose(label);
    if (event.key === "Enter" && !["BUTTON", "INPUT"].includes(event.target.tagName)) add();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (pad.redraw(), show()));
addEventListener("resize", refresh);

show();
say("Ready.");
