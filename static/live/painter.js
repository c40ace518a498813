// Moves the marks of a figure in the SVG that plotly.js has drawn, and touches nothing else. It knows the marks that
// our figures move; of anything else it says no, and plotly.js draws. What it leaves is, to the pixel, what plotly.js
// would have drawn. The first half is arithmetic on numbers and texts; the second finds nodes and writes.

const { lettersOf } = await import(`./letters.js${new URL(import.meta.url).search}`);

const PAD = 3; // pixels between the end of a bar and its text
const FAR = 20; // lengths of an axis beyond which plotly.js cuts a line off
const LINE = 1.3; // height of a line of text, in letters
const AWAY = "translate(-99999,-99999)"; // where a mark is that has no place

// ---- Arithmetic: what stands in the attributes ----

// What is a number on a straight axis is so already: plotly.js would look for letters in it.
const pixel = (axis, value) =>
  axis.c2p(axis.type === "linear" && typeof value === "number" ? value : axis.d2c(value));
const isFar = (axis, p) => p < -FAR * axis._length || p > (1 + FAR) * axis._length;
const moved = (x, y) => (x || y ? `translate(${x},${y})` : "");

const isList = (values) => Array.isArray(values) || ArrayBuffer.isView(values);

/** A property of one mark: its own, or that of all. */
export const at = (values, i) => (isList(values) ? values[i] : values);

/**
 * The parts of a line, each a path with the pixels from `low` to `high` over which it goes; undefined where plotly.js
 * draws something else, because a place is far away.
 */
export function lineParts(xs, ys, xa, ya) {
  const parts = [];
  let part;
  for (let i = 0; i < Math.min(xs.length, ys.length); i++) {
    if (!Number.isFinite(xs[i]) || !Number.isFinite(ys[i])) {
      part = undefined;
      continue;
    }
    const x = pixel(xa, xs[i]);
    const y = pixel(ya, ys[i]);
    // What has no logarithm is far away, too.
    if (x === undefined || y === undefined || isFar(xa, x) || isFar(ya, y)) return undefined;
    if (!part) parts.push((part = { d: `M${x},${y}`, low: x, high: x }));
    else {
      part.d += `L${x},${y}`;
      part.low = Math.min(part.low, x);
      part.high = Math.max(part.high, x);
    }
  }
  return parts;
}

/**
 * Parts that lie side by side, more than `room` apart, as few paths: the browser finds the style of each path anew when
 * its places change. What would lie on another part stays apart, because there both are painted.
 */
export function bundled(parts, room) {
  const bundles = [];
  for (const part of parts) {
    const isBeside = ({ low, high }) => high + room < part.low || part.high + room < low;
    const bundle = bundles.find((others) => others.every(isBeside));
    if (bundle) bundle.push(part);
    else bundles.push([part]);
  }
  return bundles.map((bundle) => bundle.map(({ d }) => d).join(""));
}

/**
 * The sides of a bar in pixels: along it and across. It takes full pixels where it has a rim or can be seen through
 * (`rough`) and where it is thin; without a gap between bars (`tight`) always.
 */
export function barSides([s0, s1], [p0, p1], { rim, rough, tight }) {
  const numbers = [s0, s1, p0, p1].every(Number.isFinite);
  const blank = !numbers || (s1 === s0 && !rim);
  const end = blank ? s0 : s1;
  const offset = Math.round(((rim / 2) % 1) * 100) / 100;
  const round = (v) => (tight ? Math.round((Math.round(v) - offset) * 100) / 100 : v);
  const widened = (v, other, along) => {
    if (along && v === other) return v;
    if (Math.abs(v - other) >= 2) return round(v);
    return v > other ? Math.ceil(v) : Math.floor(v);
  };
  const fix = rough || rim > 0.01 ? round : widened;
  const a0 = fix(s0, end, true);
  const b0 = fix(p0, p1, false);
  return { blank, along: [a0, fix(end, a0, true)], across: [b0, fix(p1, b0, false)] };
}

/** A bar as a path. */
export function barPath([x0, x1], [y0, y1]) {
  return Number.isNaN((x1 - x0) * (y1 - y0)) ? "M0,0Z" : `M${x0},${y0}V${y1}H${x1}V${y0}Z`;
}

/**
 * Where the text of a bar goes: beyond its end, or into its middle. `size` is the text's box around the place where
 * it is anchored; `zero` the way (1 or -1) in which it lies from the end of a bar without length.
 */
export function barText([x0, x1], [y0, y1], size, { level, inside, zero }) {
  const middle = [size.left + size.width / 2, size.top + size.height / 2];
  const centre = [(x0 + x1) / 2, (y0 + y1) / 2];
  if (!inside) {
    const pad = Math.abs(level ? y1 - y0 : x1 - x0) > 2 * PAD ? PAD : 0;
    const still = zero && (level ? x0 === x1 : y0 === y1);
    // Upwards the pixels count down.
    const way = level ? (still ? -zero : x1 < x0 ? -1 : 1) : still ? zero : y0 < y1 ? 1 : -1;
    if (level) centre[0] = x1 + way * (pad + size.width / 2);
    else centre[1] = y1 + way * (pad + size.height / 2);
  }
  return moved(centre[0] - middle[0], centre[1] - middle[1]);
}

/** A level whisker from its hat to its shoe, or to where the axis ends (`low`); undefined without a place. */
export function errorPath([hat, shoe, low], y, width) {
  const foot = shoe ?? low;
  if (![hat, foot, y].every(Number.isFinite)) return undefined;
  const bar = `M${hat},${y - width}v${2 * width}m0,-${width}H${foot}`;
  return shoe === undefined ? bar : `${bar}m0,-${width}v${2 * width}`;
}

/** A short number at a tick as plotly.js writes it; undefined where it would need thought. */
export function tickText(value) {
  const short = Number(value.toPrecision(4));
  const near = Math.abs(value - short) <= 1e-6 * Math.abs(value); // frames are of single precision
  const size = Math.abs(short);
  return near && (!size || (size >= 1e-3 && size < 1e4)) ? String(short).replace("-", "−") : undefined;
}

/** Which way the texts of bars without length lie, if all the others go one way: 1 or -1 in pixels; else 0. */
export function zeroWay(lengths, [low, high]) {
  const up = lengths.some((s) => s > 0);
  const down = lengths.some((s) => s < 0);
  if (up && down) return 0;
  return (low < high ? -1 : 1) * (down ? -1 : 1);
}

/** Where the text of a point goes, seen from the point. */
export function pointText(position, font, radius, lines) {
  const side = { top: -1, bottom: 1 }[position.split(" ")[0]] ?? 0;
  const [anchor, way] = /left/.test(position)
    ? ["end", -1]
    : /right/.test(position)
      ? ["start", 1]
      : ["middle", 0];
  const away = radius ? radius / 0.8 + 1 : 0;
  const tall = (lines - 1) * LINE + 1;
  return { anchor, transform: moved(way * away, font * 0.75 + side * away + ((side - 1) * tall * font) / 2) };
}

const SHARES = { left: 0.5, top: 0.5, right: -0.5, bottom: -0.5 };

/** How far the middle of a label is from its place, by its side that is anchored: "auto" by where on the paper it is. */
function anchored(anchor, size, where, [first, last]) {
  const side = anchor === "auto" ? (where < 1 / 3 ? first : where > 2 / 3 ? last : "") : anchor;
  return size * (SHARES[side] ?? 0);
}

/** The place of one coordinate of a label or a shape, in pixels of the whole figure. */
function place(ref, value, axes, paper, letter, log) {
  const axis = axes[ref.split(" ")[0]];
  const share = letter === "x" ? value : 1 - value;
  if (!axis) return letter === "x" ? paper.l + paper.w * share : paper.t + paper.h * share;
  if (ref.endsWith("domain")) return axis._offset + axis._length * share;
  return axis._offset + (log ? axis.l2p(axis.d2l(value, true)) : axis.r2p(value));
}

/** Where a label stands: its box, and the middle around which it turns; undefined outside its axes. */
export function labelPlace(note, size, axes, paper) {
  const pad = note.borderwidth + note.borderpad;
  const width = Math.round(size.width + 2 * pad);
  const height = Math.round(size.height + 2 * pad);
  const turn = ((note.textangle || 0) * Math.PI) / 180;
  const middle = {};
  for (const letter of ["x", "y"]) {
    const [ref, value] = [note[`${letter}ref`], note[letter]];
    const onAxis = axes[ref];
    if (onAxis) {
      const share = onAxis.r2fraction(value);
      if (share < 0 || share > 1) return undefined;
    }
    const angle = letter === "x" ? turn : turn - Math.PI / 2;
    const extent = Math.abs(width * Math.cos(angle)) + Math.abs(height * Math.sin(angle));
    const sides = letter === "x" ? ["left", "right"] : ["top", "bottom"];
    const where = onAxis ? 0.5 : letter === "x" ? value : 1 - value;
    const shift = note[`${letter}shift`] * (letter === "x" ? 1 : -1);
    const base = place(ref, value, axes, paper, letter, false);
    middle[letter] = base + anchored(note[`${letter}anchor`], extent, where, sides) + shift;
  }
  const left = Math.round(middle.x - width / 2);
  const top = Math.round(middle.y - height / 2);
  return { left, top, width, height, pad, middle };
}

/** A straight line or a rectangle of the layout as a path. */
export function shapePath(shape, axes, paper) {
  const [x0, x1] = ["x0", "x1"].map((key) => place(shape.xref, shape[key], axes, paper, "x", true));
  const [y0, y1] = ["y0", "y1"].map((key) => place(shape.yref, shape[key], axes, paper, "y", true));
  return shape.type === "line" ? `M${x0},${y0}L${x1},${y1}` : `M${x0},${y0}H${x1}V${y1}H${x0}Z`;
}

// ---- Nodes ----

const UNSEEN = new Set(["customdata", "hovertext", "hovertemplate"]); // of a trace, what only hovering shows
const TAGS = new Set(["<br>", "<b>", "</b>"]);

/** A node, and what stands in the attributes that were written: to ask the page would take as long as to write. */
class Pen {
  constructor(node) {
    this.node = node;
    this.held = {};
  }

  put(name, value) {
    if (this.held[name] === value) return;
    this.held[name] = value;
    if (value === null) this.node.removeAttribute(name);
    else this.node.setAttribute(name, value);
  }

  show(shown) {
    this.put("display", shown ? null : "none");
  }

  /** Another node like this one, which stands nowhere yet. */
  copy() {
    return new Pen(this.node.cloneNode());
  }
}

const penOf = (node) => node && new Pen(node);

const boxes = new Map(); // font and anchor -> text -> its box around the place where it is anchored
const MOST = 20_000;
let measured = 0;

const partsOf = (text) => (text.includes("<") ? text.split(/(<[^<>]*>)/) : [text]);

/** The tags of a text, and between which of them letters stand: texts of one form have the same nodes. */
const formOf = (parts) => parts.map((part, i) => (i % 2 ? part : part && "x")).join("");

/** A text as plotly.js writes it: lines and bold letters, no more. */
class Words extends Pen {
  constructor(node) {
    super(node);
    this.text = node.getAttribute("data-unformatted");
    this.find();
  }

  /** Find what the text is made of. */
  find() {
    this.lines = [...this.node.querySelectorAll(".line")].map(penOf);
    this.letters = lettersOf(this.node);
    this.form = this.text === null ? undefined : formOf(partsOf(this.text));
  }

  /** The boxes of texts of its font. */
  get boxes() {
    if (!this.own) {
      const key = `${this.node.getAttribute("style")}|${this.node.getAttribute("text-anchor")}`;
      if (!boxes.has(key)) boxes.set(key, new Map());
      this.own = boxes.get(key);
    }
    return this.own;
  }

  /** Its box, measured before, around the place where it is anchored. */
  get box() {
    return this.boxes.get(this.text);
  }

  /** Put it, and each of its lines, to a place. */
  lay(x, y) {
    for (const part of [this, ...this.lines]) {
      part.put("x", x);
      part.put("y", y);
    }
  }

  /** Write a text; false where it holds more than can be written. */
  write(text) {
    if (this.text === text) return true;
    const parts = partsOf(text);
    if (/[&\n\r]/.test(text) || parts.some((part, i) => i % 2 && !TAGS.has(part))) return false;
    const form = formOf(parts);
    const said = parts.filter((part, i) => i % 2 === 0 && part);
    this.node.setAttribute("data-unformatted", text);
    this.text = text;
    if (form === this.form && said.length === this.letters.length)
      this.letters.forEach((one, i) => {
        if (one.data !== said[i]) one.data = said[i];
      });
    else this.make(parts);
    return true;
  }

  /** Make the nodes of a text of another form. */
  make(parts) {
    const { node } = this;
    node.replaceChildren();
    const add = (to, name, value) => {
      const made = to.appendChild(document.createElementNS(node.namespaceURI, "tspan"));
      made.setAttribute(name, value);
      return made;
    };
    let [line, bold, lines] = [node, false, 0];
    const begin = () => {
      line = add(node, "class", "line");
      line.setAttribute("dy", `${LINE * lines++}em`);
      for (const name of ["x", "y"]) line.setAttribute(name, node.getAttribute(name) ?? 0);
    };
    if (parts.includes("<br>")) begin();
    for (const part of parts) {
      if (part === "<br>") begin();
      else if (TAGS.has(part)) bold = part === "<b>";
      else if (part) (bold ? add(line, "style", "font-weight:bold") : line).append(part);
    }
    this.find();
  }
}

const wordsOf = (node) => node && new Words(node);

/**
 * Measure texts, each in the place of another one, that were not yet measured: where plotly.js does it, because far
 * outside the page the last digits are others.
 */
function measure(texts) {
  if (measured > MOST) {
    for (const found of boxes.values()) found.clear();
    measured = 0;
  }
  const wanted = new Map();
  for (const [words, text] of texts)
    if (!words.boxes.has(text))
      wanted.set(words.boxes, (wanted.get(words.boxes) ?? new Map()).set(text, words));
  if (!wanted.size) return;
  const tester = document.getElementById("js-plotly-tester");
  const copies = [];
  for (const [found, each] of wanted)
    for (const [text, words] of each) {
      const copy = new Words(words.node.cloneNode(true));
      if (!copy.write(text)) continue;
      copy.put("transform", null);
      copy.lay(0, 0);
      copies.push([found, text, tester.appendChild(copy.node)]);
    }
  const from = tester.querySelector(".js-reference-point").getBoundingClientRect();
  for (const [found, text, copy] of copies) {
    const { left, top, width, height } = copy.getBoundingClientRect();
    found.set(text, { left: left - from.left, top: top - from.top, width, height });
    measured++;
  }
  for (const [, , copy] of copies) copy.remove();
}

/** The pens of points by the points' numbers: plotly.js leaves out those without a place. */
function byNumber(nodes) {
  const found = [];
  for (const node of nodes) found[node.__data__.i] = new Pen(node);
  return found;
}

/** A trace: what plotly.js made of it, and its present state. */
class Trace {
  constructor(plot, index, now) {
    this.now = now;
    this.points = plot.calcdata[index];
    this.full = plot._fullData[index];
    const { xaxis: x, yaxis: y } = this.full;
    const layout = plot._fullLayout;
    [this.xa, this.ya] = [layout[`xaxis${x.slice(1)}`], layout[`yaxis${y.slice(1)}`]];
    // Where a mark may leave the axes, those outside are taken away one by one.
    this.leaves = Boolean(layout._plots[x + y].layerClipId);
    this.layout = layout;
    const ours = (node) => node.__data__ === this.points;
    this.node = [...plot.querySelectorAll(`.${this.full.type}layer > .trace`)].find(ours);
    this.fits = this.node && this.full.visible === true && !this.full.error_y?.visible;
  }

  within(x, y) {
    return !this.leaves || (this.xa.isPtWithinRange({ x }) && this.ya.isPtWithinRange({ y }));
  }
}

/** Lines with their fills, points, and texts at points. */
class Scatter extends Trace {
  knows = ["x", "y", "text", "textposition"];

  constructor(...given) {
    super(...given);
    const { mode, fill, line, stackgroup } = this.full;
    this.fits &&= !stackgroup && ["none", "toself"].includes(fill) && !this.full.error_x?.visible;
    if (!this.fits) return;
    const all = (query) => [...this.node.querySelectorAll(`:scope > ${query}`)];
    this.lined = mode.includes("lines") || fill !== "none";
    this.fits = !this.lined || (line.shape === "linear" && !line.simplify);
    this.lines = all(".lines > .js-line").map(penOf);
    [this.fill] = all(".fills path.js-fill").map(penOf);
    this.dots = mode.includes("markers") ? byNumber(all(".points > .point")) : undefined;
    this.texts = mode.includes("text") ? byNumber(all(".text > .textpoint")) : undefined;
    this.said = this.texts?.map(({ node }) => wordsOf(node.firstChild));
  }

  say() {
    if (!this.texts) return true;
    return this.points.every((_, i) => {
      const text = at(this.now.text, i);
      return this.said[i] ? Boolean(text) && this.said[i].write(text) : !text;
    });
  }

  move() {
    const { x: xs, y: ys } = this.now;
    if (this.lined && !this.drawLine(xs, ys)) return false;
    if (!this.dots && !this.texts) return true;
    if (xs.length !== this.points.length || ys.length !== xs.length) return false;
    return this.points.every((_, i) => this.movePoint(i, xs[i], ys[i]));
  }

  drawLine(xs, ys) {
    const parts = lineParts(xs, ys, this.xa, this.ya);
    if (!parts || (parts.length && !this.lines.length)) return false;
    const paths = bundled(parts, this.full.line.width + 2);
    while (this.lines.length < paths.length) {
      const more = this.lines.at(-1).copy();
      this.lines.at(-1).node.after(more.node);
      this.lines.push(more);
    }
    this.lines.forEach((line, i) => line.put("d", paths[i] ?? "M0,0"));
    this.fill?.put("d", parts.length ? `${parts.map(({ d }) => d).join("Z")}Z` : "M0,0Z");
    return true;
  }

  /** A node for a point that had no place until now, like that of another one; none where they differ. */
  another(i) {
    const like = this.dots.find(Boolean);
    const { color, size, symbol, opacity, line } = this.full.marker;
    if (!like || this.texts || [color, size, symbol, opacity, line.color, line.width].some(isList))
      return undefined;
    const made = like.copy();
    const next = this.dots.slice(i).find(Boolean);
    if (next) next.node.before(made.node);
    else this.dots.findLast(Boolean).node.after(made.node);
    this.dots[i] = made;
    return made;
  }

  movePoint(i, x, y) {
    const left = pixel(this.xa, x);
    const top = pixel(this.ya, y);
    const there = left !== undefined && top !== undefined;
    const text = this.texts?.[i];
    const dot = this.dots?.[i] ?? (there && this.dots && this.another(i));
    if (there && this.dots && !dot) return false;
    if (there && this.texts && !text) return false;
    if (dot) {
      dot.put("transform", there ? moved(left, top) : AWAY);
      if (this.leaves) dot.show(this.within(x, y));
    }
    if (!text) return true;
    if (this.leaves) text.show(this.within(x, y));
    const said = this.said[i];
    if (!said) return true;
    const { anchor, transform } = pointText(
      at(this.now.textposition, i) ?? this.full.textposition,
      this.points[i].ts || this.full.textfont.size,
      this.dots && this.points[i].mrc,
      said.lines.length || 1,
    );
    said.put("text-anchor", anchor);
    text.put("transform", there ? transform : AWAY);
    said.lay(left ?? 0, top ?? 0);
    return true;
  }
}

/** Bars that stand by themselves, with a text at their ends or in their middles. */
class Bars extends Trace {
  constructor(...given) {
    super(...given);
    const { full, layout } = this;
    const { textposition, textangle, insidetextanchor, constraintext } = full;
    this.level = full.orientation === "h";
    const size = this.level ? "x" : "y";
    this.knows = [size, "base", "text"];
    // Where the width is left to plotly.js, it depends on the places; where the offset is, on the width.
    if (full.width !== undefined) this.knows.push(this.level ? "y" : "x");
    if (full.offset !== undefined) this.knows.push("width");
    this.errors = full.error_x?.visible ? full.error_x : undefined;
    if (this.errors) this.knows.push("error_x.array", "error_x.arrayminus");
    this.inside = textposition === "inside";
    const said = this.inside ? textangle === 0 && insidetextanchor === "middle" : textposition === "outside";
    const plain = constraintext === "none" && [0, "auto"].includes(textangle);
    this.fits &&=
      ["overlay", "group"].includes(layout.barmode) &&
      !this.points[0].t.cornerradiusvalue &&
      !full.texttemplate &&
      (!this.errors || (this.level && this.errors.type === "data" && !this.errors.symmetric)) &&
      (!this.now.text || (said && plain));
    if (!this.fits) return;
    const bars = byNumber(this.node.querySelectorAll(".point"));
    this.bars = bars.map(({ node }) => penOf(node.querySelector(":scope > path")));
    this.texts = bars.map(({ node }) => wordsOf(node.querySelector(":scope > text")));
    const errors = byNumber(this.node.querySelectorAll(":scope > .errorbar"));
    this.whiskers = errors.map(({ node }) => penOf(node.firstChild));
    this.tight = layout.bargap === 0 && layout.bargroupgap === 0;
  }

  say() {
    if (!this.now.text) return true;
    return this.bars.every((_, i) => {
      const text = at(this.now.text, i);
      return this.texts[i] ? !text || this.texts[i].write(text) : !text;
    });
  }

  get measured() {
    return this.texts.filter(Boolean);
  }

  /** Move the whisker of a level bar. */
  moveError(i, end, middle) {
    const { array, arrayminus } = this.now.error_x;
    const shoe = end - arrayminus[i];
    const path = this.whiskers[i];
    const found = errorPath(
      [pixel(this.xa, end + array[i]), pixel(this.xa, shoe), this.xa.c2p(shoe, true)],
      this.ya.c2p(middle),
      this.errors.width,
    );
    if (path && found) path.put("d", found);
    return Boolean(path && found);
  }

  move() {
    const { now, level, xa, ya, full } = this;
    const [lengths, places] = level ? [now.x, now.y] : [now.y, now.x];
    if (lengths.length !== this.bars.length || places.length !== this.bars.length) return false;
    const [along, across] = level ? [xa, ya] : [ya, xa];
    const { poffset, barwidth } = this.points[0].t;
    const zero = now.text && zeroWay([...lengths], along.range);
    return this.bars.every((bar, i) => {
      const base = at(now.base, i) ?? 0;
      const start = places[i] + at(poffset, i);
      const width = at(now.width ?? barwidth, i);
      const colour = at(full.marker.color, i);
      const named = typeof colour === "string";
      const sides = barSides(
        [along.c2p(base, true), along.c2p(base + along.d2c(lengths[i]), true)],
        [across.c2p(start, true), across.c2p(start + width, true)],
        {
          rim: at(full.marker.line.width, i),
          rough: !named || (colour.startsWith("rgba") && !/, *1\)$/.test(colour)),
          tight: this.tight,
        },
      );
      // Of a colour on a scale it is not known here whether it lets the ground through.
      if (!named && [sides.along, sides.across].some(([from, to]) => Math.abs(to - from) < 2)) return false;
      const xs = level ? sides.along : sides.across;
      const ys = level ? sides.across : sides.along;
      bar.put("d", barPath(xs, ys));
      if (this.errors && !this.moveError(i, base + lengths[i], start + width / 2)) return false;
      const text = this.texts[i];
      if (!text) return true;
      const flat = sides.blank || xs[0] === xs[1] || ys[0] === ys[1];
      const there = at(now.text, i) && !(this.inside && flat) && [...xs, ...ys].every(Number.isFinite);
      const { inside } = this;
      text.put("transform", there ? barText(xs, ys, text.box, { level, inside, zero }) : AWAY);
      if (this.leaves) {
        const [end, middle] = [base + lengths[i], start + width / 2];
        text.show(level ? this.within(end, middle) : this.within(middle, end));
      }
      return true;
    });
  }
}

const CLEAR = "rgba(0,0,0,0)";

const pick = (whole, keys) => Object.fromEntries(keys.map((key) => [key, whole[key]]));

/** What stands of a label or a shape, with its newest places. */
function take({ stands, knows, now }) {
  for (const key of knows) if (now[key] !== undefined) stands[key] = now[key];
  return stands;
}

/** A label without an arrow. */
class Note {
  knows = ["text", "x", "y", "xanchor", "yanchor", "xshift", "yshift"];

  constructor(plot, index, now) {
    this.now = now;
    const layout = plot._fullLayout;
    this.full = layout.annotations[index];
    this.axes = axesOf(layout);
    this.paper = layout._size;
    const { showarrow, width, height, visible } = this.full;
    this.fits = visible && !showarrow && !width && !height;
    this.turned = penOf(
      plot.querySelector(`.infolayer > .annotation[data-index="${index}"] > .annotation-text-g`),
    );
    this.inner = penOf(this.turned?.node.firstChild);
    this.stands = pick(this.full, ["xref", "yref", "borderwidth", "borderpad", "textangle", ...this.knows]);
    if (!this.inner) return;
    this.text = wordsOf(this.inner.node.querySelector(".annotation-text"));
    // What cannot be seen need not move.
    const { bgcolor, bordercolor, borderwidth } = this.full;
    const seen = [bgcolor, borderwidth ? bordercolor : CLEAR].some((colour) => colour !== CLEAR);
    this.ground = seen ? penOf(this.inner.node.querySelector(".bg")) : undefined;
  }

  say() {
    // Outside its axes a label is not drawn.
    return !this.inner || this.text.write(this.now.text);
  }

  get measured() {
    return this.inner ? [this.text] : [];
  }

  move() {
    const { inner, ground, text } = this;
    const note = take(this);
    const size = inner ? text.box : { width: 0, height: 0 };
    const found = labelPlace(note, size, this.axes, this.paper);
    if (!found) inner?.put("transform", AWAY);
    if (!found || !inner) return !found;
    const { left, top, width, height, pad, middle } = found;
    inner.put("transform", moved(left, top));
    ground?.put("width", width - note.borderwidth);
    ground?.put("height", height - note.borderwidth);
    text.lay(pad - size.left, pad - size.top);
    if (note.textangle) this.turned.put("transform", `rotate(${note.textangle},${middle.x},${middle.y})`);
    return true;
  }
}

/** A line or a rectangle of the layout. */
class Shape {
  knows = ["x0", "x1", "y0", "y1"];

  constructor(plot, index, now) {
    this.now = now;
    const layout = plot._fullLayout;
    this.full = layout.shapes[index];
    this.axes = axesOf(layout);
    this.paper = layout._size;
    this.path = penOf(plot.querySelector(`.shape-group[data-index="${index}"] > path`));
    this.stands = pick(this.full, ["type", "xref", "yref", ...this.knows]);
    const { type, xsizemode, ysizemode } = this.full;
    this.fits =
      this.path && ["line", "rect"].includes(type) && xsizemode === "scaled" && ysizemode === "scaled";
  }

  say() {
    return true;
  }

  move() {
    this.path.put("d", shapePath(take(this), this.axes, this.paper));
    return true;
  }
}

/** The axes by the names under which a layout refers to them. */
function axesOf(layout) {
  const found = {};
  for (const key in layout) {
    const [, letter, number] = /^([xy])axis(\d*)$/.exec(key) ?? [];
    if (letter) found[letter + number] = layout[key];
  }
  return found;
}

/** An axis whose ticks stay where they are and say something else: its marks move with it. */
class Axis {
  constructor(plot, name, now) {
    this.now = now;
    this.axis = plot._fullLayout[name];
    const { _id: id, type, tickmode, ticktext, visible, matches, scaleanchor, tickangle } = this.axis;
    this.labels = [...plot.querySelectorAll(`g.${id}tick > text`)].map(wordsOf);
    this.title = wordsOf(plot.querySelector(`.infolayer .${id}title`));
    const bound = Boolean(matches || scaleanchor || Object.values(plot._fullLayout).some(follows(id)));
    const plain = type === "linear" && tickmode === "array" && !ticktext && [0, "auto"].includes(tickangle);
    this.fits = visible && plain && !bound && this.labels.length === now.tickvals.length;
    this.knows = ["range", "range.0", "range.1", "tickvals", "title.text"];
    for (const i of now.tickvals?.keys() ?? []) this.knows.push(`tickvals.${i}`);
  }

  /** Whether a mark stands on this axis. */
  holds({ full, axis }) {
    const { xaxis, yaxis, xref, yref } = full ?? {};
    return !axis && [xaxis, yaxis, xref, yref].some((ref) => ref?.split(" ")[0] === this.axis._id);
  }

  say() {
    const texts = this.now.tickvals.map(tickText);
    const titled = !this.title || this.title.write(this.now.title.text);
    return titled && texts.every((text, i) => text && this.labels[i].write(text));
  }

  /** Take the new range; false where a tick would move. */
  move() {
    const { axis, now, labels } = this;
    const before = labels.map(({ node }) => node.getAttribute("transform"));
    axis.range = [...now.range];
    axis.setScale();
    return now.tickvals.every((value, i) => {
      const tick = axis._offset + axis.l2p(value);
      return before[i] === (axis._id[0] === "x" ? `translate(${tick},0)` : `translate(0,${tick})`);
    });
  }
}

/** Whether an axis goes along with another one. */
const follows = (id) => (part) => part && (part.matches === id || part.scaleanchor === id);

const KINDS = { bar: Bars, scatter: Scatter, annotations: Note, shapes: Shape };

/** Paints one figure, from one drawing of plotly.js to the next. */
export class Painter {
  constructor(plot, data, layout, colour) {
    Object.assign(this, { plot, data, layout, colour });
    this.marks = new Map();
    this.found = new WeakMap(); // of a path the mark, or none
  }

  /** Whether a list is the one that is drawn: every stop brings its own. */
  isDrawn(path, value) {
    if (!Array.isArray(value)) return false;
    let node = this;
    for (const part of path.slice(1)) node = node?.[part];
    return JSON.stringify(node) === JSON.stringify(this.colour(value));
  }

  /** A trace, a label, a shape or an axis. */
  mark(part, index) {
    const key = `${part}${index ?? ""}`;
    if (!this.marks.has(key)) {
      const now = index === undefined ? this.layout[part] : (this[part] ?? this.layout[part])[index];
      const Kind = index === undefined ? Axis : KINDS[part === "data" ? (now.type ?? "scatter") : part];
      this.marks.set(key, Kind && new Kind(this.plot, index ?? part, now));
    }
    return this.marks.get(key);
  }

  /** The mark to which a changed path belongs, if it can be moved. */
  markOf(path) {
    if (!this.found.has(path)) this.found.set(path, this.find(path));
    return this.found.get(path);
  }

  find([, part, first, ...more]) {
    const trace = part === "data";
    const isAxis = !trace && /^[xy]axis\d*$/.test(first);
    const index = isAxis ? undefined : trace ? first : more.shift();
    if (!isAxis && (index === undefined || !Array.isArray(trace ? this.data : this.layout[first])))
      return undefined;
    const mark = this.mark(trace ? "data" : first, index);
    const leaf = more.join(".");
    return mark?.fits && (mark.knows.includes(leaf) || (trace && UNSEEN.has(leaf))) ? mark : undefined;
  }

  /** All that stands on an axis; undefined where a part of it cannot be moved. */
  marksOn(axis) {
    const lists = { data: this.data, annotations: this.layout.annotations, shapes: this.layout.shapes };
    const all = Object.entries(lists).flatMap(([part, list = []]) => list.map((_, i) => this.mark(part, i)));
    if (!all.every(Boolean)) return undefined;
    const held = all.filter((mark) => axis.holds(mark));
    return held.every((mark) => mark.fits) ? held : undefined;
  }

  /** Measure texts that the stops of a slider will bring to a mark: what is measured in a drag, lays all out anew. */
  foresee(path, values) {
    if (path.at(-1) !== "text") return;
    const mark = this.markOf(path);
    if (!mark) return;
    const texts = [...new Set(values.flat())];
    measure((mark.measured ?? []).flatMap((words) => texts.map((text) => [words, text])));
  }

  /** Move what changed, also in the data and the layout that are drawn; false where plotly.js must draw. */
  paint(changes) {
    const touched = new Set();
    for (const [path, value] of changes) {
      if (path[1] !== "data" && path[1] !== "layout") continue;
      const mark = this.markOf(path);
      if (!mark && this.isDrawn(path, value)) continue;
      if (!mark) return false;
      let node = this;
      for (const step of path.slice(1, -1)) node = node[step];
      node[path.at(-1)] = value;
      if (!UNSEEN.has(path.at(-1))) touched.add(mark);
    }
    const axes = [...touched].filter((mark) => mark instanceof Axis);
    for (const axis of axes) {
      const held = this.marksOn(axis);
      if (!held || !axis.move()) return false;
      for (const mark of held) touched.add(mark);
    }
    // All texts first, then their sizes, then all places: the browser lays the letters out once.
    for (const mark of touched) if (!mark.say()) return false;
    const texts = [];
    for (const mark of touched) for (const words of mark.measured ?? []) texts.push([words, words.text]);
    measure(texts);
    for (const mark of touched) if (!(mark instanceof Axis) && !mark.move()) return false;
    return true;
  }
}
