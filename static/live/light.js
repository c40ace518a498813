// What belongs together lights up together: a term of a formula and the marks of its colour, and back. A term has the
// role of its marks, and marks are known by their colour, so no lesson says which belongs to which.

const TERM = ".ll-lines [class*='ll-role-'], .ll-table [class*='ll-role-']";
const QUIET = new Set(["soft", "rest", "ink", "tool"]); // roles of what is beside the point

const at = (values, i) => (Array.isArray(values) ? values[i] : values);

function roleOf(node) {
  const [, role] = /\bll-role-(\w+)/.exec(node?.className ?? "") ?? [];
  return QUIET.has(role) ? undefined : role;
}

/** A colour as "r,g,b", whatever it lets through. */
function solid(colour) {
  if (typeof colour !== "string") return "";
  if (/^#[0-9a-f]{6}/i.test(colour)) return [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16)).join();
  return (colour.match(/[\d.]+/g) ?? []).slice(0, 3).join();
}

/** The colours of one mark of a trace, or of its line where it is none of its points. */
function coloursOf(trace, i) {
  const { marker = {}, line = {}, fillcolor } = trace;
  if (i === undefined) return [line.color, fillcolor];
  return [at(marker.color, i), at(marker.line?.color, i), at(marker.pattern?.fgcolor, i)];
}

const inColour = (colours, wanted) => colours.some((colour) => solid(colour) === wanted);

/** Each mark of a figure: its node, and its colours. */
function* marksOf(plot) {
  for (const group of plot.querySelectorAll(".cartesianlayer .trace")) {
    const trace = plot.data[group.__data__?.[0]?.trace?.index];
    if (!trace) continue;
    for (const node of group.querySelectorAll(".js-line, .js-fill")) yield [node, coloursOf(trace)];
    for (const node of group.querySelectorAll(".point")) yield [node, coloursOf(trace, node.__data__.i)];
  }
  for (const group of plot.querySelectorAll(".shape-group")) {
    const shape = plot.layout.shapes?.[group.dataset.index];
    if (shape) yield [group, [shape.line?.color, shape.fillcolor]];
  }
}

export class Light {
  constructor(host) {
    this.host = host;
    const { root } = host;
    const on = (name, act) => root.addEventListener(name, act);
    on("pointerover", ({ target, pointerType }) => {
      if (pointerType === "mouse") this.point(target.closest(TERM));
    });
    on("pointerout", ({ target, pointerType }) => {
      if (pointerType === "mouse" && target.closest(TERM)) this.out();
    });
    // A finger does not hover: what it taps stays lit until it taps something else.
    on("click", ({ target }) => this.point(target.closest(TERM)));
    on("keydown", (event) => this.walk(event));
    on("focusin", ({ target }) => {
      if (target.matches(".ll-terms:focus-visible")) this.point(this.terms(target)[0]);
    });
    on("focusout", () => this.out());
  }

  terms(lines) {
    return [...lines.querySelectorAll(TERM)].filter(roleOf);
  }

  /** Arrows go from term to term of the lines that have the focus. */
  walk(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step || !event.target.matches(".ll-terms")) return;
    event.preventDefault();
    const terms = this.terms(event.target);
    if (terms.length) this.point(terms.at((terms.indexOf(this.term) + step) % terms.length));
  }

  /** Light the marks of a term, wherever in its section they are; nothing where there are none. */
  point(term) {
    this.out();
    const role = roleOf(term);
    if (!role || this.host.held) return;
    const place = term.closest(".ll-section");
    const wanted = solid(this.host.palette[role]);
    const found = [];
    let some = false;
    // A figure without such marks stays as it is.
    for (const { plot } of Object.values(this.host.views)) {
      if (!plot?.data || !place.contains(plot)) continue;
      const marks = [...marksOf(plot)];
      const others = marks.filter(([, colours]) => !inColour(colours, wanted));
      if (others.length === marks.length) continue;
      some = true;
      found.push(...others.map(([node]) => node));
    }
    if (!some) return;
    this.term = term;
    term.classList.add("ll-lit");
    for (const node of found) node.classList.add("ll-dim");
  }

  /** Light the terms that belong to a mark under the pointer. */
  back(plot, { curveNumber, pointNumber }) {
    this.out();
    const place = plot.closest(".ll-section");
    const trace = plot.data[curveNumber];
    const colours = [...coloursOf(trace, pointNumber), ...coloursOf(trace)];
    for (const term of place.querySelectorAll(TERM)) {
      const role = roleOf(term);
      if (role && inColour(colours, solid(this.host.palette[role]))) term.classList.add("ll-lit");
    }
  }

  out() {
    this.term = undefined;
    for (const name of ["ll-lit", "ll-dim"])
      for (const node of this.host.root.querySelectorAll(`.${name}`)) node.classList.remove(name);
  }
}
