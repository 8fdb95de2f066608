// SPDX-License-Identifier: MIT
// curve.mjs: the loss by step in an SVG: each value, and their running average.

const LEFT = 34, TOP = 8, BOTTOM = 138, HEIGHT = 160;

function part(name, attributes, text = "") {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
}

/** At most `most` of the values, each the average of its neighbours. */
function fewer(values, most) {
    const each = Math.ceil(values.length / most);
    if (each < 2) return values;
    return Array.from({ length: Math.ceil(values.length / each) }, (_, i) => {
        const some = values.slice(i * each, (i + 1) * each);
        return some.reduce((a, b) => a + b, 0) / some.length;
    });
}

function smooth(values) {
    let average = values[0];
    return values.map((v, i) => (average += (v - average) * Math.max(0.2, 1 / (i + 1))));
}

/** Gives the function that draws. */
export function lossCurve(svg) {
    return (all) => {
        const width = svg.clientWidth || 400, RIGHT = width - 6; // a unit is a pixel
        svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
        const values = fewer(all.filter(Number.isFinite), 360), last = values.length - 1;
        const highest = Math.max(1, ...values);
        const x = (i) => LEFT + ((RIGHT - LEFT) * i) / Math.max(last, 1), y = (v) => BOTTOM - ((BOTTOM - TOP) * v) / highest;
        const path = (list) => list.map((v, i) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${y(v).toFixed(1)}`).join("");
        const ticks = [0, highest / 2, highest];
        svg.replaceChildren(
            ...ticks.map((v) => part("line", { class: "axis", x1: LEFT, x2: RIGHT, y1: y(v), y2: y(v) })),
            ...ticks.map((v) => part("text", { x: LEFT - 6, y: y(v) + 4, "text-anchor": "end" }, v.toFixed(1))),
            part("text", { x: LEFT, y: BOTTOM + 16 }, "0"),
            part("text", { x: RIGHT, y: BOTTOM + 16, "text-anchor": "end" }, last < 0 ? "steps" : `${all.length} steps`),
            part("path", { class: "raw", d: path(values) }),
            part("path", { class: "smooth", d: path(smooth(values)) }),
        );
        svg.setAttribute("aria-label", last < 0 ? "Loss by step, not trained yet" : `Loss by step: ${values[0].toFixed(2)} at first, now ${values[last].toFixed(2)}`);
    };
}
