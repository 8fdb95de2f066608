# SPDX-License-Identifier: MIT
"""chart.py: a bar chart as SVG: how many times as fast as the best peer."""
from xml.sax.saxutils import escape

LABELS = ["training step, 1 thread", "training step, 2 threads", "inference of 1, 1 thread", "inference of 64, 1 thread"]
COLOURS = ["#2563a8", "#7fb0e0", "#c2571a", "#eeb081"]
LEFT, WIDTH, BAR, GAP, TOP = 110, 560, 9, 12, 76
STYLE = """<style>
text { font: 12px sans-serif; fill: #24292f } .small { font-size: 10px } .title { font-size: 14px; font-weight: bold }
line { stroke: #8c959f; stroke-width: 1; opacity: 0.4 } .one { stroke: #24292f; stroke-width: 1.5; opacity: 1 } .back { fill: #ffffff }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .one { stroke: #e6edf3 } .back { fill: #0d1117 } }
</style>"""


def text(x, y, words, more=""):
    return '<text x="%.1f" y="%.1f"%s>%s</text>' % (x, y, more, escape(words))


def legend():
    for i, (label, colour) in enumerate(zip(LABELS, COLOURS)):
        x = 15 + 175 * i
        yield '<rect x="%d" y="38" width="12" height="12" fill="%s"/>' % (x, colour)
        yield text(x + 17, 48, label)


def scale(most):
    """Pixels of a ratio; the lines behind the bars are whole numbers."""
    return WIDTH / max(2.0, most)


def bars_of(name, values, y, unit):
    yield text(LEFT - 8, y + len(values) * BAR / 2 + 4, name, ' text-anchor="end"')
    for i, value in enumerate(values):
        if value is None:
            continue
        yield '<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>' % (LEFT, y + i * BAR, value * unit, BAR - 1, COLOURS[i])
        yield text(LEFT + value * unit + 4, y + i * BAR + BAR - 1, "%.2f" % value, ' class="small"')


def draw(rows, machine):
    """rows: (name, ratios in the order of LABELS, None where there is none)."""
    unit = scale(max([v for _, values in rows for v in values if v], default=2.0))
    step = len(LABELS) * BAR + GAP
    height = TOP + len(rows) * step + 20
    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d">' % ((LEFT + WIDTH + 60, height) * 2), STYLE,
           '<rect class="back" width="100%" height="100%"/>']
    out.append(text(15, 22, "Times as fast as the best peer (%s)" % ", ".join(machine.get("peers", [])), ' class="title"'))
    out += legend()
    for k in range(int(WIDTH / unit) + 1):
        x = LEFT + k * unit
        out.append('<line x1="%.1f" y1="%d" x2="%.1f" y2="%d"%s/>' % (x, TOP - 10, x, height - 20, ' class="one"' if k == 1 else ""))
        out.append(text(x, TOP - 14, str(k), ' text-anchor="middle" class="small"'))
    for i, (name, values) in enumerate(rows):
        out += bars_of(name, values, TOP + i * step, unit)
    out.append(text(15, height - 5, "%s, %s, nnc %s" % (machine.get("processor"), machine.get("date"), machine.get("commit")), ' class="small"'))
    return "\n".join(out + ["</svg>"]) + "\n"
