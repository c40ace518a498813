// The figures by hand, as with D3: nodes that are made once and moved, an attribute written where it changed. It
// knows what the figures of these lessons hold, and no more.

const NAMESPACE = "http://www.w3.org/2000/svg";
const GAP = 4; // between a tick and its label
const DASHES = { dot: [1, 1], dash: [3, 3] };
const ANCHORS = { left: "start", center: "middle", right: "end" };
// How far below a place the baseline stands, in letters.
const BASELINES = { top: 1.07, middle: 0.35, bottom: -0.37 };
const { PI } = Math;

const round = (value) => Math.round(100 * value) / 100;

function make(parent, tag, attributes = {}) {
  const node = document.createElementNS(NAMESPACE, tag);
  node.held = {};
  put(node, attributes);
  parent.append(node);
  return node;
}

/** Write the attributes that changed. */
function put(node, attributes) {
  for (const name in attributes) {
    if (node.held[name] === attributes[name]) continue;
    node.held[name] = attributes[name];
    node.setAttribute(name, attributes[name]);
  }
}

/** Write a text, of whose lines one says something. */
function say(node, text) {
  if (node.said === text) return;
  node.said = text;
  const rows = text.split("<br>");
  node.line = rows.findIndex((row) => row.trim());
  node.below = rows.length - 1 - node.line;
  const line = rows[node.line] ?? "";
  const bare = line.replace(/<\/?b>/g, "");
  if (bare !== line) node.setAttribute("font-weight", "bold");
  if (node.firstChild) node.firstChild.data = bare;
  else node.append(bare);
}

function words(parent, { size, color, family }) {
  const style = family ? { "font-family": family } : {};
  return make(parent, "text", {
    class: "words",
    "font-size": size,
    fill: color,
    "xml:space": "preserve",
    ...style,
  });
}

class Axis {
  constructor(name, given, { margin, width, height }) {
    this.name = name;
    this.across = name[0] === "x";
    this.log = given.type === "log";
    const [from, to] = given.domain ?? [0, 1];
    const whole = this.across ? width - margin.l - margin.r : height - margin.t - margin.b;
    this.offset = this.across ? margin.l + from * whole : margin.t + (1 - to) * whole;
    this.length = (to - from) * whole;
    this.take(given);
  }

  take(given) {
    this.given = given;
    this.range = given.range;
  }

  /** The pixel of a place, of which a logarithmic axis takes the power. */
  at(place) {
    const share = (place - this.range[0]) / (this.range[1] - this.range[0]);
    return this.offset + (this.across ? share : 1 - share) * this.length;
  }

  of(value) {
    return this.at(this.log ? Math.log10(value) : value);
  }

  ticks() {
    const { tickvals, dtick, nticks = 8 } = this.given;
    if (tickvals) return tickvals;
    const [low, high] = this.range;
    const rough = (high - low) / nticks;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = dtick ?? power * [2, 5, 10].find((digit) => digit * power >= rough);
    const first = Math.ceil(low / step - 1e-9);
    return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => {
      return Number(((first + i) * step).toPrecision(12));
    });
  }

  /** Draw what stands: lines, ticks and their labels, the title. Only a new range draws it again. */
  draw(back, front, crossing, { font, margin }) {
    this.back?.remove();
    this.front?.remove();
    this.back = make(back, "g");
    this.front = make(front, "g");
    const { given, across } = this;
    const labels = [];
    const [start, end] = [crossing.offset, crossing.offset + crossing.length];
    const line = (parent, place, from, to, color, thick = 1) => {
      const ends = across
        ? { x1: place, x2: place, y1: from, y2: to }
        : { x1: from, x2: to, y1: place, y2: place };
      make(parent, "line", {
        ...ends,
        stroke: color,
        "stroke-width": thick,
        "shape-rendering": "crispEdges",
      });
    };
    const edge = across ? end : start;
    const outwards = across ? 1 : -1;
    const length = given.ticks === "outside" ? given.ticklen : 0;
    this.ticks().forEach((value, i) => {
      const place = round(this.of(value));
      const zero = given.zeroline && value === 0;
      if (zero) line(this.back, place, start, end, given.zerolinecolor, given.zerolinewidth);
      else if (given.showgrid !== false && value !== this.range[0])
        line(this.back, place, start, end, given.gridcolor);
      if (length) line(this.front, place, edge, edge + outwards * length, given.tickcolor);
      if (given.showticklabels === false) return;
      const label = words(this.front, font);
      labels.push(label);
      say(label, given.ticktext?.[i] ?? String(value).replace("-", "−"));
      const shift = outwards * (length + GAP + (given.ticklabelstandoff ?? 0));
      if (across) {
        const y = edge + shift - GAP + font.size * (1.2 + 1.3 * label.line);
        put(label, { x: place, y: round(y), "text-anchor": "middle" });
      } else put(label, { x: edge + shift, y: round(place + 0.35 * font.size), "text-anchor": "end" });
    });
    // Where the crossing axis has its line is its own; this one's runs along itself.
    const own = across ? crossing.offset + crossing.length : crossing.offset;
    const ends = across
      ? { x1: this.offset, x2: this.offset + this.length, y1: own, y2: own }
      : { x1: own, x2: own, y1: this.offset, y2: this.offset + this.length };
    make(this.front, "line", { ...ends, stroke: given.linecolor, "shape-rendering": "crispEdges" });
    if (!given.title.text) return;
    const title = words(this.front, { ...font, size: 1.2 * font.size });
    say(title, given.title.text);
    const middle = this.offset + this.length / 2;
    put(title, { "text-anchor": "middle" });
    if (across) put(title, { x: middle, y: edge + Math.min(47, margin.b - 4) });
    else {
      const left = Math.min(...labels.map((label) => label.getBBox().x));
      put(title, { transform: `translate(${Math.max(17, left - 15.5)},${middle}) rotate(-90)` });
    }
  }
}

// ---- Marks: each moves its nodes to a trace ----

function bars(mark, { x, y, base, orientation, width, text, textposition, marker }, xa, ya, chart) {
  const across = orientation === "h";
  const [values, places, along, over] = across ? [x, y, xa, ya] : [y, x, ya, xa];
  const thick = width ?? 1 - (chart.layout.bargap ?? 0.2);
  const labelled = textposition === "outside";
  values.forEach((value, i) => {
    const from = base?.[i] ?? 0;
    const [a, b] = [along.of(from), along.of(from + value)];
    const [c, d] = [over.of(places[i] - thick / 2), over.of(places[i] + thick / 2)];
    const long = [round(Math.min(a, b)), round(Math.abs(b - a)) || 0];
    const wide = [round(Math.min(c, d)), round(Math.abs(d - c))];
    const [[left, w], [top, h]] = across ? [long, wide] : [wide, long];
    mark.nodes[i] ??= make(mark.group, "rect", { class: "bar", ...chart.filled(marker, i) });
    put(mark.nodes[i], { x: left, y: top, width: w, height: h });
    if (!labelled || !text[i]) return;
    mark.labels[i] ??= words(mark.group, chart.font);
    const label = mark.labels[i];
    say(label, text[i]);
    const { size } = chart.font;
    put(label, {
      x: round((c + d) / 2),
      y: round(top - 7 - 1.3 * size * label.below),
      "text-anchor": "middle",
    });
  });
}

function lines(mark, { x, y, line, fill, fillcolor }, xa, ya) {
  // A line with gaps is one for each piece.
  const paths = [];
  let path = "";
  for (let i = 0; i <= x.length; i++) {
    if (i < x.length && x[i] !== null && y[i] !== null && !Number.isNaN(y[i]))
      path += `${path ? "L" : "M"}${round(xa.of(x[i]))},${round(ya.of(y[i]))}`;
    else if (path) {
      paths.push(path);
      path = "";
    }
  }
  if (fill) {
    mark.area ??= make(mark.group, "path", { class: "fill", fill: fillcolor });
    put(mark.area, { d: `${paths.join("Z")}Z` });
  }
  const thick = Math.max(3, line.width);
  const dashes = DASHES[line.dash]?.map((part) => part * thick).join(" ") ?? "none";
  const style = { fill: "none", stroke: line.color, "stroke-width": line.width, "stroke-dasharray": dashes };
  for (let i = 0; i < Math.max(paths.length, mark.nodes.length); i++) {
    mark.nodes[i] ??= make(mark.group, "path", { class: "line", ...style });
    put(mark.nodes[i], { d: paths[i] ?? "" });
  }
}

const polygon = (points) => `M${points.map((point) => point.map(round).join(",")).join("L")}Z`;

const SYMBOLS = {
  circle: (r) => `M${r},0A${r},${r} 0 1,1 0,${-r}A${r},${r} 0 0,1 ${r},0Z`,
  square: (r) => `M${r},${r}H${-r}V${-r}H${r}Z`,
  "triangle-right": (r) => {
    const [side, height] = [(2 * r) / Math.sqrt(3), r];
    return polygon([
      [-height / 2, -side],
      [-height / 2, side],
      [height, 0],
    ]);
  },
  star: (r) =>
    polygon(
      Array.from({ length: 10 }, (_, i) => {
        const [turn, far] = [(i * PI) / 5, i % 2 ? 0.535 * r : 1.4 * r];
        return [far * Math.sin(turn), -far * Math.cos(turn)];
      }),
    ),
};

const each = (given, i) => (Array.isArray(given) ? given[i] : given);

function dots(mark, { x, y, marker }, xa, ya) {
  for (let i = 0; i < x.length; i++) {
    const shown = x[i] !== null && y[i] !== null;
    if (!shown && !mark.nodes[i]) continue;
    mark.nodes[i] ??= make(mark.group, "path", {
      class: "marker",
      d: SYMBOLS[each(marker.symbol, i) ?? "circle"](marker.size / 2),
      fill: each(marker.color, i),
      stroke: marker.line?.color ?? "none",
      "stroke-width": marker.line?.width ?? 0,
    });
    put(mark.nodes[i], { display: shown ? "" : "none" });
    if (shown) put(mark.nodes[i], { transform: `translate(${round(xa.of(x[i]))},${round(ya.of(y[i]))})` });
  }
}

function texts(mark, { x, y, text, textposition }, xa, ya, chart) {
  text.forEach((said, i) => {
    mark.nodes[i] ??= words(mark.group, chart.font);
    say(mark.nodes[i], said);
    const anchor = each(textposition, i).endsWith("left") ? "end" : "start";
    const baseline = ya.of(y[i]) + 0.25 * chart.font.size;
    put(mark.nodes[i], { x: round(xa.of(x[i])), y: round(baseline), "text-anchor": anchor });
  });
}

const KINDS = { lines, markers: dots, text: texts };

class Chart {
  constructor(figure, { data, layout }) {
    const { width, height, margin } = layout;
    this.font = layout.font;
    this.layout = layout;
    this.svg = make(figure, "svg", { width, height, "font-family": layout.font.family });
    this.defs = make(this.svg, "defs");
    const [back, middle, front, top] = Array.from({ length: 4 }, () => make(this.svg, "g"));
    this.layers = { back, front };
    this.axes = {};
    for (const name in layout)
      if (name.slice(1, 5) === "axis") {
        const short = name.replace("axis", "");
        this.axes[short] = new Axis(short, layout[name], layout);
      }
    this.widen();
    const { x, y } = this.axes;
    const clip = make(this.defs, "clipPath", { id: `${figure.id}-clip` });
    make(clip, "rect", { x: x.offset, y: y.offset, width: x.length, height: y.length });
    this.marks = data.map(({ cliponaxis, xaxis = "x", yaxis = "y" }) => {
      const clipped = cliponaxis !== false && xaxis === "x" && yaxis === "y";
      const group = make(middle, "g", clipped ? { "clip-path": `url(#${figure.id}-clip)` } : {});
      return { group, nodes: [], labels: [], axes: [this.axes[xaxis], this.axes[yaxis]] };
    });
    this.paper = {
      x: { at: (share) => margin.l + share * (width - margin.l - margin.r) },
      y: { at: (share) => margin.t + (1 - share) * (height - margin.t - margin.b) },
    };
    this.shapes = (layout.shapes ?? []).map(() => ({ group: front, nodes: [] }));
    this.notes = (layout.annotations ?? []).map(() => ({ group: top, nodes: [] }));
    for (const axis of Object.values(this.axes)) this.drawAxis(axis);
  }

  /** Give both axes one scale, where the layout asks for it. */
  widen() {
    const { x, y } = this.axes;
    if (!y.given.scaleanchor) return;
    const units = [x, y].map(({ range, length }) => (range[1] - range[0]) / length);
    [x, y].forEach((axis, i) => {
      const [low, high] = axis.range;
      const more = ((high - low) * (Math.max(...units) / units[i] - 1)) / 2;
      axis.range = [low - more, high + more];
    });
  }

  drawAxis(axis) {
    const other = axis.across ? "y" : "x";
    const crossing = this.axes[axis.given.anchor ?? other];
    axis.draw(this.layers.back, this.layers.front, crossing, this.layout);
  }

  /** The attributes of what is filled, with stripes where a trace has them. */
  filled({ color, line, pattern }, i) {
    const edge = line ? { stroke: line.color, "stroke-width": line.width } : {};
    const fill = each(color, i);
    if (!pattern?.shape) return { fill, ...edge };
    const id = `stripes-${fill.slice(1)}`;
    if (!document.getElementById(id)) {
      const { size, solidity, fgcolor, fgopacity } = pattern;
      const stripes = make(this.defs, "pattern", {
        id,
        width: size,
        height: size,
        patternUnits: "userSpaceOnUse",
        patternTransform: "rotate(45)",
      });
      make(stripes, "rect", { width: size, height: size, fill });
      make(stripes, "rect", { width: size * solidity, height: size, fill: fgcolor, opacity: fgopacity });
    }
    return { fill: `url(#${id})`, ...edge };
  }

  update({ data, layout }) {
    const moved = new Set();
    for (const [name, axis] of Object.entries(this.axes)) {
      const given = layout[`${name[0]}axis${name.slice(1)}`];
      const { range, title } = axis.given;
      const same = range[0] === given.range[0] && range[1] === given.range[1];
      if (same && title.text === given.title.text) continue;
      axis.take(given);
      this.drawAxis(axis);
      moved.add(axis);
    }
    data.forEach((trace, i) => {
      const mark = this.marks[i];
      if (mark.trace === trace && !mark.axes.some((axis) => moved.has(axis))) return;
      mark.trace = trace;
      (trace.type === "bar" ? bars : KINDS[trace.mode])(mark, trace, ...mark.axes, this);
    });
    this.shapes.forEach((mark, i) => this.rule(mark, layout.shapes[i]));
    this.notes.forEach((mark, i) => this.note(mark, layout.annotations[i]));
  }

  /** The scales of a shape or an annotation. */
  refs({ xref = "x", yref = "y" }) {
    return [
      xref === "paper" ? this.paper.x : this.axes[xref],
      yref === "paper" ? this.paper.y : this.axes[yref],
    ];
  }

  rule(mark, shape) {
    const [xa, ya] = this.refs(shape);
    const { color, width, dash } = shape.line;
    mark.nodes[0] ??= make(mark.group, "line", {
      class: "rule",
      stroke: color,
      "stroke-width": width,
      "stroke-dasharray": DASHES[dash]?.map((part) => 3 * part).join(" ") ?? "none",
    });
    // Unlike an annotation a shape on a logarithmic axis stands at the value.
    const x = (value) => round((xa.of ?? xa.at).call(xa, value));
    const y = (value) => round((ya.of ?? ya.at).call(ya, value));
    put(mark.nodes[0], { x1: x(shape.x0), x2: x(shape.x1), y1: y(shape.y0), y2: y(shape.y1) });
  }

  note(mark, given) {
    const [xa, ya] = this.refs(given);
    const { xanchor = "center", yanchor = "middle", xshift = 0, yshift = 0, font, bgcolor } = given;
    mark.nodes[0] ??= words(mark.group, font);
    const [node] = mark.nodes;
    say(node, given.text);
    const inset = { left: 1, center: 0, right: -2 }[xanchor];
    put(node, {
      x: round(xa.at(given.x) + xshift + inset),
      y: round(ya.at(given.y) - yshift + BASELINES[yanchor] * font.size),
      "text-anchor": ANCHORS[xanchor],
    });
    if (!bgcolor || mark.ground) return;
    const { x, y, width, height } = node.getBBox();
    mark.ground = make(mark.group, "rect", { x, y, width, height, fill: bgcolor });
    node.before(mark.ground);
  }
}

export function draw(figure, picture) {
  figure.chart ??= new Chart(figure, picture);
  figure.chart.update(picture);
}

/** The pixels of a place on the first axes. */
export function spot(figure, [x, y]) {
  const { axes } = figure.chart;
  return [axes.x.at(x), axes.y.at(y)];
}
