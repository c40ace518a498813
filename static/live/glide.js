// Shows a change of state that nobody's hand made: the marks go to their new places in a short while. Every figure is
// drawn in its new state before; a glide leads there from the old one, and ends, whenever it ends, in just that drawing.

const LASTS = 300; // ms
const MOST = 20_000; // numbers of a trace beyond which it is there at once

const MOVED = { data: ["x", "y", "base"], shapes: ["x0", "x1", "y0", "y1"], annotations: ["x", "y"] };

const isList = (value) => Array.isArray(value) || ArrayBuffer.isView(value);
const finite = (values) => values.every((value) => Number.isFinite(value));

/** What a figure shows now, to be gone from. */
export function seenIn(figure) {
  const { data, layout, model } = figure;
  return { figure, data, layout, grips: model.grips ?? [] };
}

/** The scales of a layout: where they change, places of before mean something else. */
function scales(layout) {
  const axes = Object.entries(layout).filter(([key]) => /^[xy]axis/.test(key));
  return JSON.stringify(axes.map(([key, { range, type }]) => [key, range, type]));
}

function differ(from, to) {
  if (typeof from === "number" && typeof to === "number") return from !== to && finite([from, to]);
  if (!isList(from) || !isList(to) || from.length !== to.length || to.length > MOST) return false;
  return finite([...from]) && finite([...to]) && to.some((value, i) => value !== from[i]);
}

const between = (from, to, share) =>
  typeof to === "number"
    ? from + (to - from) * share
    : Float64Array.from(to, (value, i) => from[i] + (value - from[i]) * share);

/** The parts of a figure that go from one place to another: the object that has them, the path to it, both values. */
function partsOf({ figure, data, layout }) {
  const lists = [
    ["data", ["", "data"], data, figure.data],
    ...["shapes", "annotations"].map((name) => [
      name,
      ["", "layout", name],
      layout[name],
      figure.layout[name],
    ]),
  ];
  const parts = [];
  for (const [name, path, before = [], after = []] of lists) {
    if (before.length !== after.length) continue;
    after.forEach((now, i) => {
      for (const key of MOVED[name]) {
        const place = [...path, i, key];
        if (before[i].type === now.type && differ(before[i][key], now[key]) && figure.painter.markOf(place))
          parts.push({ now, key, place, from: before[i][key], to: now[key] });
      }
    });
  }
  return parts;
}

export class Glide {
  /** @param {object[]} seen what figures showed before, as `seenIn` says, now that they are drawn anew */
  constructor(seen) {
    this.ways = seen
      .filter(
        ({ figure, data, layout }) =>
          data && figure.data !== data && scales(layout) === scales(figure.layout),
      )
      .map((one) => Object.assign(one, { parts: partsOf(one) }))
      .filter(({ parts }) => parts.length);
  }

  /** Set out, if there is a way to go; `done` is called there. */
  start(done) {
    this.done = done;
    this.begin = performance.now();
    this.step(this.begin);
  }

  step(now) {
    const t = Math.min(1, Math.max(0, now - this.begin) / LASTS);
    // A figure that the painter does not know is there at once.
    this.ways = this.ways.filter((way) => this.go(way, t * t * (3 - 2 * t)) || this.settle(way));
    if (t === 1 || !this.ways.length) this.stop();
    else this.frame = requestAnimationFrame((then) => this.step(then));
  }

  go({ figure, parts, grips }, share) {
    const changes = parts.map(({ place, from, to }) => [place, between(from, to, share)]);
    if (!figure.paint(changes)) return false;
    const { grips: wanted = [] } = figure.model;
    if (wanted.length === grips.length)
      figure.placeGrips(
        wanted.map((grip, i) => {
          const [x, y] = ["x", "y"].map((axis) => between(grips[i][axis], grip[axis], share));
          return Object.assign({}, grip, { x, y });
        }),
      );
    return true;
  }

  /** Let plotly.js draw the new state, and nothing of the way there. */
  settle({ figure, parts }) {
    for (const { now, key, to } of parts) now[key] = to;
    if (figure.plot.isConnected && figure.seen) figure.react();
    else figure.stale = true;
    return false;
  }

  /** Be there: at the end, or because a hand has something else to do. */
  stop() {
    cancelAnimationFrame(this.frame);
    for (const way of this.ways) this.settle(way);
    this.ways = [];
    this.done();
  }
}
