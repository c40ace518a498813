// Draws figures with plotly.js on nodes that stay, and lets a hand take hold of their grips.

const query = new URL(import.meta.url).search;
const [{ Numbers, keep }, { Painter }] = await Promise.all(
  ["text", "painter"].map((name) => import(`./${name}.js${query}`)),
);

// Its one button stands beside the caption: what is a picture holds no button, and no number lies under it.
const CONFIG = { displayModeBar: false, scrollZoom: false, doubleClick: false };

// Which way a key moves a ring along its first and its second axis, in steps; Home and End go to the ends.
const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowDown: [0, -1],
  ArrowUp: [0, 1],
  PageDown: [-10, 0],
  PageUp: [10, 0],
  Home: [-Infinity, 0],
  End: [Infinity, 0],
};

/** Replace colour roles ("@q", "@loss/0.2") by the palette's colours; in parts that are written by those of its inks. */
export function coloured(node, palette, written = false) {
  if (typeof node === "string") {
    if (node[0] !== "@") return node;
    const [role, opacity] = node.slice(1).split("/");
    const colour = (written && palette.inks[role]) || palette[role];
    if (!colour || !opacity) return colour ?? node;
    const [r, g, b] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
    return `rgba(${r},${g},${b},${opacity})`;
  }
  if (ArrayBuffer.isView(node)) return node;
  if (Array.isArray(node)) return node.map((item) => coloured(item, palette, written));
  if (node && typeof node === "object") {
    const made = {};
    for (const key in node) {
      // What people read stays: a name that they typed may begin with "@" and is no colour.
      if (palette.verbatim.has(key)) made[key] = node[key];
      // A sign of a key has a font of its own, and the colour that is drawn.
      else
        made[key] = coloured(node[key], palette, written || (palette.written.has(key) && !node[key].family));
    }
    return made;
  }
  return node;
}

/** Let plotly.js draw every place of a line, as the painter does. */
function whole(trace) {
  if (trace.line && trace.type === "scatter") trace.line.simplify = false;
  return trace;
}

const arrays = new WeakMap();

/**
 * Let plotly remember which properties of a trace are arrays. It asks at every redraw, with many small
 * concatenations, which in Streamlit's page cost five times as much as elsewhere.
 */
export function rememberArrays({ PlotSchema }) {
  const find = PlotSchema.findArrayAttributes;
  PlotSchema.findArrayAttributes = (trace) => {
    const key = trace._input ?? trace;
    if (!arrays.has(key)) arrays.set(key, find(trace));
    return arrays.get(key);
  };
}

export class Figure {
  constructor(name, host) {
    this.name = name;
    this.node = document.createElement("figure");
    this.node.className = "ll-figure";
    this.node.innerHTML =
      '<h3></h3><div class="ll-plotbox"><div class="ll-plot" role="img"></div></div><figcaption></figcaption>';
    [this.title, this.box, this.caption] = this.node.children;
    this.plot = this.box.firstChild;
    this.plot.setAttribute("aria-describedby", `ll-now-${name}`);
    this.numbers = new Numbers(name, host, () => this.download());
    this.node.append(...this.numbers.nodes);
    this.grips = [];
    this.cells = [];
    this.host = host;
    this.seen = false;
    this.stale = false;
    this.painted = false; // since plotly.js has drawn
    this.drawn = { painted: 0, plotted: 0 };
    // What hovering shows is plotly.js's, which knows of nothing painted.
    this.plot.addEventListener("pointermove", () => this.rest());
    this.sizes = new ResizeObserver(() => this.fit());
    this.sizes.observe(this.box);
  }

  /** Take a new state; it is drawn when it can be seen. Whoever sets it has it `measure` its room once. */
  set(model, palette, font) {
    this.model = model;
    this.palette = palette;
    this.font = font;
    this.stale = true;
    this.words();
  }

  /** Keep room for the longest title and caption of a control's stops, so that nothing below moves with it. */
  reserve(key, frames) {
    const { title, caption } = this.model;
    const said = { title: new Set(), caption: new Set() };
    for (const one of frames({ title, caption })) for (const part in said) said[part].add(one[part]);
    for (const part in said) {
      if (said[part].size < 2) continue;
      const node = this[part];
      let most = 0;
      for (const text of said[part]) {
        node.textContent = text;
        most = Math.max(most, node.offsetHeight);
      }
      node.textContent = this.model[part];
      keep(node, most);
      this.reserved = said;
    }
  }

  /** Take its room: as wide as there is, in units that are larger where the page's letters are. */
  measure(wide = this.box.clientWidth) {
    const letters = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    // Narrower than on a phone it is a phone's, made smaller: its words would lie on each other.
    this.scale = Math.min(Math.max(1, letters), wide / 340);
    this.width = wide / this.scale;
    this.height = this.tall();
    this.box.style.height = `${this.height * this.scale}px`;
    // No wider than what is drawn: a larger one would lie over what stands beside it.
    this.plot.style.width = `${this.width}px`;
    this.plot.style.transform = this.scale !== 1 ? `scale(${this.scale})` : "";
  }

  /** The height: a phone must hold the figure and the controls under it, or beside it where it is held sideways. */
  tall() {
    const { height, narrow } = this.model;
    const low = innerHeight / this.scale;
    if (innerWidth / this.scale > 640 && low > 600) return height;
    return Math.min(height, Math.max(narrow ?? 200, Math.min(0.68 * this.width, low - 150)));
  }

  /** Draw the whole figure in its present state. */
  draw() {
    if (!this.box.clientWidth) return;
    this.stale = false;
    this.measure();
    this.data = this.model.data.map((trace) => whole(coloured(trace, this.palette)));
    this.layout = this.dressed();
    this.react();
  }

  /** The layout in the page's colours, font and width. */
  dressed() {
    const { model, palette, width } = this;
    const layout = coloured(model.layout, palette);
    layout.font.family = this.font;
    layout.width = width;
    layout.hoverlabel.bgcolor = palette.ground;
    layout.hoverlabel.bordercolor = palette.soft;
    layout.hoverlabel.font.color = palette.ink;
    layout.height = this.height;
    return layout;
  }

  react() {
    // What was painted plotly.js has not seen: it draws all, whatever it finds changed.
    this.layout.datarevision = ++this.drawn.plotted;
    globalThis.Plotly.react(this.plot, this.data, this.layout, CONFIG);
    this.painted = false;
    this.painter = new Painter(this.plot, this.data, this.layout, (part) => coloured(part, this.palette));
    this.placeGrips();
    this.placeCells();
    if (this.listens) return;
    this.listens = true;
    this.plot.on("plotly_hover", ({ points }) => this.host.light.back(this.plot, points[0]));
    this.plot.on("plotly_unhover", () => this.host.light.out());
  }

  /** Move what a frame changes in what is drawn, if it is nothing but marks that can be moved. */
  paint(changes) {
    if (this.plot._hoverdata) globalThis.Plotly.Fx.unhover(this.plot);
    this.painted = true;
    if (!this.painter.paint(changes)) return false;
    this.drawn.painted++;
    this.placeGrips();
    return true;
  }

  /** Let plotly.js draw what was painted: what hovering shows and the picture as a file are then its own. */
  rest() {
    if (this.painted && !this.stale) this.react();
  }

  /** The picture as a file. */
  download() {
    this.host.arriveNow();
    this.rest();
    globalThis.Plotly.downloadImage(this.plot, { filename: this.name, format: "png", scale: 2 });
  }

  /** What frames write, each as tall at one stop as at another. */
  get texts() {
    return ["title", "caption"].filter((part) => this.reserved?.[part].size > 1).map((part) => this[part]);
  }

  words() {
    for (const part in this.reserved)
      if (!this.reserved[part].has(this.model[part])) this[part].style.minHeight = "";
    if (this.title.textContent !== this.model.title) this.title.textContent = this.model.title;
    if (this.caption.textContent !== this.model.caption) this.caption.textContent = this.model.caption;
    if (this.plot.getAttribute("aria-label") !== this.model.alt)
      this.plot.setAttribute("aria-label", this.model.alt);
  }

  /** Draw a frame: only the traces and the parts of the layout that changed. */
  update(changes) {
    if (!this.seen) this.stale = true;
    if (this.stale) {
      this.words();
      if (this.seen) this.draw();
      return;
    }
    const traces = new Set();
    let layout = false;
    for (const [[, kind, index]] of changes) {
      if (kind === "data") traces.add(index);
      else if (kind === "layout") layout = true;
    }
    this.words();
    if (traces.has(undefined)) {
      this.draw();
      return;
    }
    if (!traces.size && !layout) return;
    if (this.paint(changes)) return;
    // The trace objects stay, their arrays are new: plotly looks only at what changed.
    for (const i of traces) Object.assign(this.data[i], whole(coloured(this.model.data[i], this.palette)));
    if (layout) this.layout = this.dressed();
    this.react();
  }

  /** Take another room: at once where it can be seen, and else when it comes to sight. */
  fit() {
    if (!this.width || !this.box.clientWidth) return;
    const { width, height, scale } = this;
    if (Math.abs(this.box.clientWidth - width * scale) <= 1 && height === this.tall()) return;
    if (this.seen) this.draw();
    else {
      this.stale = true;
      this.measure();
    }
  }

  axes(grip) {
    const full = this.plot._fullLayout;
    const [, x, y] = /^(x\d*)(y\d*)$/.exec(grip.on);
    return [full[`xaxis${x.slice(1)}`], full[`yaxis${y.slice(1)}`]];
  }

  /** Lay what is pressed over its place. It is for pointers: keys have the controls that it sets. */
  placeCells() {
    const wanted = this.model.cells ?? [];
    while (this.cells.length > wanted.length) this.cells.pop().remove();
    if (!wanted.length) return;
    const { xaxis, yaxis } = this.plot._fullLayout;
    wanted.forEach(({ label, x0, x1, y0, y1 }, i) => {
      if (!this.cells[i]) {
        const node = document.createElement("div");
        node.className = "ll-cell";
        node.addEventListener("click", () => this.host.setAll(this.model.cells[i].sets));
        this.cells.push(node);
        this.box.append(node);
      }
      const node = this.cells[i];
      if (node.title !== label) node.title = label;
      const [left, right] = [x0, x1].map((x) => xaxis._offset + xaxis.l2p(x)).toSorted((a, b) => a - b);
      const [top, bottom] = [y0, y1].map((y) => yaxis._offset + yaxis.l2p(y)).toSorted((a, b) => a - b);
      const places = { left, top, width: right - left, height: bottom - top };
      for (const side in places) node.style[side] = `${places[side] * this.scale}px`;
    });
  }

  placeGrips(wanted = this.model.grips ?? []) {
    while (this.grips.length > wanted.length) this.grips.pop().remove();
    wanted.forEach((grip, i) => {
      if (!this.grips[i]) {
        const node = document.createElement("div");
        node.className = "ll-grip";
        node.innerHTML = "<div><div></div></div>";
        node.tabIndex = 0;
        node.setAttribute("role", "slider");
        node.addEventListener("pointerdown", (event) => this.take(event, i));
        node.addEventListener("keydown", (event) => this.press(event, i));
        node.addEventListener("focus", () => this.host.gripNear(this.model.grips[i]));
        node.addEventListener("blur", () => this.host.gripLeft(this.model.grips[i]));
        this.box.append(node);
        this.grips.push(node);
      }
      const node = this.grips[i];
      if (node.called !== grip.label) {
        node.title = node.called = grip.label;
        node.setAttribute("aria-label", grip.label);
      }
      if (node.goes !== grip.axes) node.dataset.axes = node.goes = grip.axes;
      // What a hand moves elsewhere it says at rest.
      if (!this.painted || node === document.activeElement) this.host.gripSays(node, grip);
      const [xa, ya] = this.axes(grip);
      const x = xa._offset + xa.l2p(grip.x);
      const y = ya._offset + ya.l2p(grip.y);
      const inside = x > -20 && x < this.width + 20 && y > -20 && y < this.height + 20;
      if (node.inside !== inside) node.hidden = !(node.inside = inside);
      const shrunk = this.scale < 1 ? ` scale(${this.scale})` : "";
      const place = `translate(${x * this.scale}px, ${y * this.scale}px)${shrunk}`;
      if (node.place !== place) node.style.transform = node.place = place;
    });
  }

  /** Move a grip by a key: its controls by their stops, or its place by a share of its axes. */
  press(event, index) {
    const grip = this.model.grips[index];
    const way = ARROWS[event.key];
    if (!grip || !way || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const span = this.axes(grip).map(({ range }) => [Math.min(...range), Math.max(...range)]);
    this.host.gripPressed({ ...grip }, this.name, way, span);
  }

  /** Follow the pointer from a grip; the host decides what a place means. */
  take(event, index) {
    // A figure that has just come into sight may still show a grip that its new state has not.
    if (event.button || !this.model.grips[index]) return;
    event.preventDefault();
    this.host.arriveNow();
    const node = this.grips[index];
    const grip = { ...this.model.grips[index] };
    const [xa, ya] = this.axes(grip);
    const { scale } = this;
    const left = event.clientX - xa.l2p(grip.x) * scale;
    const top = event.clientY - ya.l2p(grip.y) * scale;
    const from = { x: grip.x, y: grip.y };
    node.setPointerCapture(event.pointerId);
    node.classList.add("ll-held");
    this.host.gripTaken(grip, this.name);
    // Of a finger it is not yet known whether it drags or scrolls: until it moves along the ring's way, the ring stays.
    let open = event.pointerType === "mouse";
    const along = (x, y) => (grip.axes === "x" ? x > y : grip.axes === "y" ? y > x : x + y > 0);
    const move = (e) => {
      open ||= along(Math.abs(e.clientX - event.clientX), Math.abs(e.clientY - event.clientY));
      if (!open) return;
      this.host.gripMoved(grip, from, {
        x: xa.p2l((e.clientX - left) / scale),
        y: ya.p2l((e.clientY - top) / scale),
      });
    };
    const drop = (e) => {
      node.removeEventListener("pointermove", move);
      node.removeEventListener("pointerup", drop);
      node.removeEventListener("pointercancel", drop);
      node.classList.remove("ll-held");
      if (e.type === "pointerup") move(e);
      this.host.gripDropped(grip, e.type === "pointercancel");
    };
    node.addEventListener("pointermove", move);
    node.addEventListener("pointerup", drop);
    node.addEventListener("pointercancel", drop);
  }

  purge() {
    this.sizes.disconnect();
    if (globalThis.Plotly && this.plot) globalThis.Plotly.purge(this.plot);
  }
}
