// Draws figures with plotly.js on nodes that stay, and lets a hand take hold of their grips.

const CONFIG = { displaylogo: false, displayModeBar: "hover", scrollZoom: false, doubleClick: false };

// What is written has darker colours than what is drawn.
const WRITTEN = new Set(["font", "textfont", "insidetextfont", "outsidetextfont", "tickfont"]);
// What people read: a name that they typed may begin with "@" and is no colour.
const WORDS = new Set(["text", "ticktext", "customdata", "hovertext"]);

/** Replace colour roles ("@q", "@loss/0.2") by the palette's colours. */
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
      made[key] = WORDS.has(key) ? node[key] : coloured(node[key], palette, written || WRITTEN.has(key));
    }
    return made;
  }
  return node;
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
    this.grips = [];
    this.host = host;
    this.seen = false;
    this.stale = false;
    this.sizes = new ResizeObserver(() => this.fit());
    this.sizes.observe(this.box);
  }

  /** Take a new state; it is drawn when it can be seen. */
  set(model, palette, font) {
    this.model = model;
    this.palette = palette;
    this.font = font;
    this.stale = true;
    this.words();
    // Its room is kept free before it is drawn, so that nothing below it jumps when it is.
    const width = this.box.clientWidth;
    if (width && !this.width) this.box.style.height = `${this.tall(width)}px`;
  }

  /** The height at a width: a phone must hold the figure and the controls under it. */
  tall(width) {
    const { height, narrow } = this.model;
    return innerWidth <= 640 ? Math.min(height, Math.max(narrow ?? 200, 0.68 * width)) : height;
  }

  /** Draw the whole figure in its present state. */
  draw() {
    if (!this.box.clientWidth) return;
    this.stale = false;
    this.width = this.box.clientWidth;
    this.data = this.model.data.map((trace) => coloured(trace, this.palette));
    this.layout = this.dressed();
    this.box.style.height = `${this.layout.height}px`;
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
    layout.height = this.tall(width);
    this.height = layout.height;
    return layout;
  }

  react() {
    // One configuration for a language: with another, plotly would begin the figure anew.
    if (this.said !== this.host.words.download) {
      this.said = this.host.words.download;
      this.config = { ...CONFIG, modeBarButtons: [[this.download()]] };
    }
    globalThis.Plotly.react(this.plot, this.data, this.layout, this.config);
    this.placeGrips();
  }

  /** The only button of a figure: its picture as a file. */
  download() {
    return {
      name: "download",
      title: this.host.words.download,
      icon: globalThis.Plotly.Icons.camera,
      click: (plot) =>
        globalThis.Plotly.downloadImage(plot, { filename: this.name, format: "png", scale: 2 }),
    };
  }

  words() {
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
    // The trace objects stay, their arrays are new: plotly looks only at what changed.
    for (const i of traces) Object.assign(this.data[i], coloured(this.model.data[i], this.palette));
    if (layout) this.layout = this.dressed();
    this.react();
  }

  fit() {
    if (this.model && this.seen && Math.abs(this.box.clientWidth - this.width) > 1) this.draw();
  }

  axes(grip) {
    const full = this.plot._fullLayout;
    const [, x, y] = /^(x\d*)(y\d*)$/.exec(grip.on);
    return [full[`xaxis${x.slice(1)}`], full[`yaxis${y.slice(1)}`]];
  }

  placeGrips() {
    const wanted = this.model.grips ?? [];
    while (this.grips.length > wanted.length) this.grips.pop().remove();
    wanted.forEach((grip, i) => {
      if (!this.grips[i]) {
        const node = document.createElement("div");
        node.className = "ll-grip";
        node.addEventListener("pointerdown", (event) => this.take(event, i));
        this.box.append(node);
        this.grips.push(node);
      }
      const node = this.grips[i];
      if (node.title !== grip.label) node.title = grip.label;
      if (node.dataset.axes !== grip.axes) node.dataset.axes = grip.axes;
      const [xa, ya] = this.axes(grip);
      const x = xa._offset + xa.l2p(grip.x);
      const y = ya._offset + ya.l2p(grip.y);
      const inside = x > -20 && x < this.width + 20 && y > -20 && y < this.height + 20;
      if (node.hidden === inside) node.hidden = !inside;
      node.style.transform = `translate(${x}px, ${y}px)`;
    });
  }

  /** Follow the pointer from a grip; the host decides what a place means. */
  take(event, index) {
    // A figure that has just come into sight may still show a grip that its new state has not.
    if (event.button || !this.model.grips[index]) return;
    event.preventDefault();
    const node = this.grips[index];
    const grip = { ...this.model.grips[index] };
    const [xa, ya] = this.axes(grip);
    const left = event.clientX - xa.l2p(grip.x);
    const top = event.clientY - ya.l2p(grip.y);
    const from = { x: grip.x, y: grip.y };
    node.setPointerCapture(event.pointerId);
    node.classList.add("ll-held");
    this.host.gripTaken(grip, this.name);
    const move = (e) =>
      this.host.gripMoved(grip, from, { x: xa.p2l(e.clientX - left), y: ya.p2l(e.clientY - top) });
    const drop = (e) => {
      node.removeEventListener("pointermove", move);
      node.removeEventListener("pointerup", drop);
      node.removeEventListener("pointercancel", drop);
      node.classList.remove("ll-held");
      if (e.type === "pointerup") move(e);
      this.host.gripDropped(grip);
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
