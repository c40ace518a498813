// Where everybody stands, on the teacher's screen: a tick for each person's value on each slider's track, and where
// the lesson says so a dot for each in a figure, with what it is worth as the server computes it. Arrows go from dot
// to dot: sideways in the order of the first axis, up and down in that of the second.

const query = new URL(import.meta.url).search;
const [{ element }, { nearest }] = await Promise.all(
  ["controls", "numbers"].map((name) => import(`./${name}.js${query}`)),
);

const GAP = 500; // ms between two questions what the guesses are worth
// Along which axis a key goes, and how far.
const WAYS = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowDown: [1, -1],
  ArrowUp: [1, 1],
  Home: [0, -Infinity],
  End: [0, Infinity],
};

export class Standing {
  constructor(room) {
    this.room = room;
    this.tracks = new Map(); // range -> its ticks
    this.dots = element("div", "ll-class-dots", { role: "listbox", tabindex: 0 });
    this.dots.addEventListener("keydown", (event) => this.walk(event));
    this.dots.addEventListener("focus", () => this.choose(this.chosen ?? this.order(0)[0]));
    this.dots.addEventListener("blur", () => this.choose(undefined));
    this.dots.addEventListener("click", ({ target }) => {
      const i = [...this.dots.children].indexOf(target);
      if (i < 0) return;
      this.dots.focus({ preventScroll: true });
      this.choose(i);
    });
    this.said = element("p", "ll-class-said");
    room.addEventListener("change", () => this.show());
  }

  update(words, language) {
    this.words = words;
    this.language = language;
    this.show();
  }

  /** What is to be seen: the ticks of the lesson that is open. */
  get ticks() {
    const { live, role, state, status, ticks } = this.room;
    const on = status !== "out" && role === "teacher" && state?.standing;
    return on && ticks?.lesson === live?.lesson ? ticks.values : {};
  }

  show() {
    const { live } = this.room;
    if (!live?.model) return;
    const { ticks } = this;
    for (const [range, row] of this.tracks) {
      if (range.isConnected && ticks[range.dataset.control]) continue;
      row.remove();
      this.tracks.delete(range);
    }
    for (const key in ticks) {
      const control = live.controls[key];
      if (control?.range?.isConnected && control.spec?.stops) this.mark(control, ticks[key]);
    }
    this.guess(live, ticks);
  }

  /** Put ticks under a slider's thumb, each at the stop that is nearest to somebody's value. */
  mark({ range, spec }, values) {
    let row = this.tracks.get(range);
    if (!row) {
      row = element("div", "ll-class-track", { "aria-hidden": "true" });
      this.tracks.set(range, row);
    }
    range.dataset.control = range.closest("[data-key]").dataset.key;
    if (range.nextSibling !== row) range.after(row);
    const last = Math.max(1, spec.stops.length - 1);
    const places = values.filter((value) => value !== null).map((value) => nearest(spec.stops, value) / last);
    while (row.children.length > places.length) row.lastChild.remove();
    places.forEach((place, i) => {
      const tick = row.children[i] ?? row.appendChild(element("span"));
      tick.style.setProperty("--ll-place", String(place));
    });
  }

  /** Ask what the guesses are worth, one question after another, the newest wins. */
  guess(live, ticks) {
    const wish = JSON.stringify([live.lesson, this.language, live.model.address, ticks]);
    if (wish === this.wish) {
      this.place();
      return;
    }
    this.wish = wish;
    if (!Object.keys(ticks).length) {
      this.found = undefined;
      this.place();
      return;
    }
    this.asking ??= setTimeout(() => this.ask(), this.found ? GAP : 0);
  }

  async ask() {
    const { wish } = this;
    const [lesson, language, address, ticks] = JSON.parse(wish);
    let found;
    try {
      const way = new URL(`board/guesses/${lesson}/${language}?${address}`, document.baseURI);
      const answer = await fetch(way, { method: "POST", body: JSON.stringify(ticks) });
      if (answer.ok) found = await answer.json();
    } catch {}
    this.asking = undefined;
    if (wish === this.wish) {
      this.found = found;
      this.place();
    } else this.asking = setTimeout(() => this.ask(), GAP);
  }

  /** Put the dots where they stand in the figure as it is drawn now. */
  place() {
    const { live } = this.room;
    const figure = this.found?.view && live?.views[this.found.view];
    const full = figure?.plot?._fullLayout;
    if (!full?.xaxis?.l2p) {
      this.dots.remove();
      this.said.remove();
      return;
    }
    const { dots, said } = this.found;
    if (this.dots.parentNode !== figure.box) {
      figure.box.append(this.dots);
      this.sizes?.disconnect();
      this.sizes = new ResizeObserver(() => requestAnimationFrame(() => this.place()));
      this.sizes.observe(figure.box);
    }
    if (this.said.parentNode !== figure.node) figure.node.append(this.said);
    this.dots.hidden = !dots.length;
    this.dots.ariaLabel = this.words.stands.replace("%n", dots.length);
    this.said.textContent = [this.dots.ariaLabel, said].join(" ");
    const { xaxis, yaxis } = full;
    const { scale } = figure;
    while (this.dots.children.length > dots.length) this.dots.lastChild.remove();
    dots.forEach(([x, y, text], i) => {
      const dot = this.dots.children[i] ?? this.dots.appendChild(element("span", "", { role: "option" }));
      dot.id = `ll-guess-${i}`;
      const [left, top] = [xaxis.l2p(x), yaxis.l2p(y)];
      dot.hidden = !(left >= 0 && left <= xaxis._length && top >= 0 && top <= yaxis._length);
      dot.title = dot.ariaLabel = text;
      // What it says stands where there is room for it; no line ends within an equation.
      dot.dataset.said = text.replaceAll(" = ", "\u00a0=\u00a0").replaceAll("log L", "log\u00a0L");
      dot.dataset.side = left > xaxis._length / 2 ? "left" : "right";
      const place = [xaxis._offset + left, yaxis._offset + top].map((one) => `${one * scale}px`);
      dot.style.transform = `translate(${place.join(", ")})`;
    });
    this.choose(this.chosen in this.dots.children ? this.chosen : undefined);
  }

  /** The dots that can be seen, in the order of an axis; where they are level in that of the other. */
  order(axis) {
    const dots = this.found?.dots ?? [];
    const seen = [...dots.keys()].filter((i) => !this.dots.children[i]?.hidden);
    const other = 1 - axis;
    return seen.toSorted((i, j) => dots[i][axis] - dots[j][axis] || dots[i][other] - dots[j][other] || i - j);
  }

  /** Go from a dot to the next. */
  walk(event) {
    const way = WAYS[event.key];
    if (!way || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const order = this.order(way[0]);
    const at = order.indexOf(this.chosen) + way[1];
    this.choose(order[Math.max(0, Math.min(order.length - 1, at))]);
  }

  /** Have a dot say what it is worth, where it stands and aloud. */
  choose(i) {
    this.chosen = i;
    const { children } = this.dots;
    for (const dot of children) dot.ariaSelected = String(dot === children[i]);
    if (i === undefined) this.dots.removeAttribute("aria-activedescendant");
    else this.dots.setAttribute("aria-activedescendant", `ll-guess-${i}`);
  }
}
