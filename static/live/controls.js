// The controls: native inputs with label, value and unit. They know stops, not what the stops mean.

const MINUS = "−";

export function element(tag, className, attributes = {}) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  return node;
}

/** Put in the stops that Python sent as a count: evenly spaced, rounded to the decimals of their step. */
export function complete(spec) {
  if (spec.count === undefined || spec.stops) return;
  const { min, step, count } = spec;
  const decimals = step.toFixed(10).replace(/0+$/, "").split(".")[1].length;
  spec.stops = Array.from({ length: count }, (_, i) => Number((min + i * step).toFixed(decimals)));
}

export function nearest(stops, value) {
  let low = 0;
  let high = stops.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (stops[middle] <= value) low = middle;
    else high = middle;
  }
  return Math.abs(stops[high] - value) < Math.abs(stops[low] - value) ? high : low;
}

/** A number as its box shows it: the decimals of the step, more where the exact value has more. */
function written(value, digits) {
  const short = value.toFixed(digits);
  return Number(short) === value ? short : String(Number(value.toPrecision(7)));
}

class Control {
  constructor(key, host) {
    this.key = key;
    this.host = host;
    this.id = `ll-${host.lesson}-${key}`;
    this.node = element("div", "ll-control", { "data-key": key });
  }

  set(spec, value) {
    this.spec = spec;
    this.value = value;
    this.node.hidden = !spec.shown;
    this.node.className = `ll-control ll-${spec.kind}${spec.role ? ` ll-of-${spec.role}` : ""}`;
    if (spec.help) this.node.title = spec.help;
    this.refresh();
  }
}

/** A slider with a number box; moving it asks the host for frames, releasing it commits. */
class Slider extends Control {
  constructor(key, host) {
    super(key, host);
    this.label = element("label", "ll-label", { for: this.id });
    this.box = element("input", "ll-number", { type: "text", inputmode: "decimal", autocomplete: "off" });
    this.unit = element("span", "ll-unit");
    this.range = element("input", "ll-range", { type: "range", min: 0, step: 1, id: this.id });
    const head = element("div", "ll-head");
    head.append(this.label, this.box, this.unit);
    this.node.append(head, this.range);
    this.listen();
  }

  listen() {
    const { range, box } = this;
    const prepare = () => this.host.prepare(this.key);
    range.addEventListener("pointerenter", prepare);
    range.addEventListener("pointerleave", () => this.host.leave(this.key));
    range.addEventListener("focus", prepare);
    range.addEventListener("pointerdown", (event) => {
      if (event.button === 0) this.host.take(this.key);
    });
    range.addEventListener("input", () => this.move(Number(range.value)));
    range.addEventListener("change", () => this.host.changed(this.key));
    // A drag that ends where it began sends no change event.
    for (const name of ["pointerup", "pointercancel"])
      range.addEventListener(name, () => this.host.drop(this.key));
    range.addEventListener("blur", () => {
      this.host.drop(this.key);
      this.host.leave(this.key);
    });
    this.node.addEventListener("dblclick", (event) => {
      if (event.target !== box) this.host.enter(this.key, this.spec.start);
    });
    range.addEventListener("keydown", (event) => {
      if (event.key === "Delete" || event.key === "Backspace") {
        event.preventDefault();
        this.host.enter(this.key, this.spec.start);
      }
    });
    box.addEventListener("focus", () => box.select());
    box.addEventListener("change", () => this.type());
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        this.refresh();
        box.blur();
      }
    });
  }

  /** Take a typed number: exact, or refused with one sentence and the old value back. */
  type() {
    const text = this.box.value.trim().replace(MINUS, "-").replace(",", ".");
    const value = Number(text);
    const { min, max, digits } = this.spec;
    const fits =
      Number.isFinite(value) &&
      value >= min &&
      value <= max &&
      !(this.spec.whole && !Number.isInteger(value));
    if (text === "" || !fits) {
      this.host.say(
        this.host.words.refused
          .replace("%given", this.box.value)
          .replace("%label", this.spec.label)
          .replace("%min", written(min, digits).replace("-", MINUS))
          .replace("%max", written(max, digits).replace("-", MINUS)),
      );
      this.refresh();
    } else this.host.enter(this.key, value);
  }

  move(stop) {
    this.value = this.spec.stops[stop];
    this.write();
    this.host.move(this.key, stop, this.value);
  }

  /** Put the thumb and the box where the value is. */
  refresh() {
    const { spec, range } = this;
    this.label.textContent = spec.label;
    this.box.setAttribute("aria-label", spec.label);
    this.unit.textContent = spec.unit ?? "";
    range.max = spec.stops.length - 1;
    range.value = nearest(spec.stops, this.value);
    this.write();
  }

  write() {
    const text = written(this.value, this.spec.digits);
    this.box.value = text.replace("-", MINUS);
    this.range.setAttribute("aria-valuetext", this.spec.unit ? `${text} ${this.spec.unit}` : text);
    this.range.style.setProperty("--ll-filled", `${(100 * this.range.value) / Math.max(1, this.range.max)}%`);
  }
}

/** A number box alone. */
class NumberBox extends Slider {
  listen() {
    this.range.remove();
    this.box.id = this.id;
    this.box.addEventListener("focus", () => this.box.select());
    this.box.addEventListener("change", () => this.type());
  }
}

/** A slider over the steps of a trail, with step, play, pause, reset and speed. */
class Player extends Slider {
  constructor(key, host) {
    super(key, host);
    this.bar = element("div", "ll-player-bar");
    this.buttons = {};
    for (const name of ["reset", "back", "play", "step"]) {
      const button = element("button", `ll-button ll-${name}`, { type: "button" });
      button.addEventListener("click", () => this[name]());
      this.buttons[name] = button;
      this.bar.append(button);
    }
    this.speed = element("select", "ll-speed");
    for (const speed of [2, 5, 10, 30, 60])
      this.speed.append(new Option(`${speed}/s`, speed, speed === 10, speed === 10));
    this.bar.append(this.speed);
    this.node.append(this.bar);
    this.bar.addEventListener("pointerenter", () => this.host.prepare(this.key));
  }

  refresh() {
    super.refresh();
    const { words } = this.host;
    for (const name in this.buttons) {
      const word = name === "play" && this.timer ? words.pause : words[name];
      this.buttons[name].textContent = word;
    }
    this.speed.setAttribute("aria-label", words.speed);
    this.speed.title = words.speed;
  }

  get place() {
    return nearest(this.spec.stops, this.value);
  }

  async go(stop) {
    await this.host.ready(this.key);
    this.range.value = Math.max(0, Math.min(this.spec.stops.length - 1, stop));
    this.move(Number(this.range.value));
    this.host.changed(this.key);
  }

  /** Stop playing, without more ado. */
  stop() {
    if (!this.timer) return;
    cancelAnimationFrame(this.timer);
    this.timer = undefined;
    this.refresh();
  }

  reset() {
    this.halt();
    this.go(0);
  }

  back() {
    this.halt();
    this.go(this.place - 1);
  }

  step() {
    this.halt();
    this.go(this.place + 1);
  }

  async play() {
    if (this.timer) {
      this.halt();
      this.host.changed(this.key);
      return;
    }
    this.timer = -1;
    this.refresh();
    await this.host.ready(this.key);
    // Stopped meanwhile, by another press or by a state chosen elsewhere.
    if (this.timer !== -1) return;
    if (this.place >= this.spec.stops.length - 1) this.move((this.range.value = 0));
    this.host.take(this.key);
    let last = performance.now();
    let at = this.place;
    const tick = (now) => {
      if (!this.timer || !this.node.isConnected) return;
      // The first animation frame may have begun before play was pressed.
      at += (Math.max(0, now - last) / 1000) * Number(this.speed.value);
      last = now;
      const stop = Math.min(Math.floor(at), this.spec.stops.length - 1);
      if (stop !== this.place) {
        this.range.value = stop;
        this.move(stop);
      }
      if (stop < this.spec.stops.length - 1) this.timer = requestAnimationFrame(tick);
      else {
        this.halt();
        this.host.changed(this.key);
      }
    };
    this.timer = requestAnimationFrame(tick);
  }

  halt() {
    this.stop();
    this.host.drop(this.key);
  }
}

/** One of a few: native radio buttons. */
class Choice extends Control {
  constructor(key, host) {
    super(key, host);
    this.set_ = element("fieldset", "ll-choices");
    this.label = element("legend", "ll-label");
    this.row = element("div", "ll-choice-row");
    this.set_.append(this.label, this.row);
    this.node.append(this.set_);
  }

  refresh() {
    this.label.textContent = this.spec.label;
    const { choices } = this.spec;
    while (this.row.children.length > choices.length) this.row.lastChild.remove();
    choices.forEach(([value, word], i) => {
      let item = this.row.children[i];
      if (!item) {
        item = element("label", "ll-choice");
        item.append(element("input", "", { type: "radio", name: this.id }), element("span"));
        item.firstChild.addEventListener("change", (event) => this.host.enter(this.key, event.target.value));
        item.firstChild.addEventListener("keydown", (event) => this.walk(event));
        this.row.append(item);
      }
      item.firstChild.value = value;
      item.firstChild.checked = String(value) === String(this.value);
      item.lastChild.textContent = word;
    });
  }

  /** While nothing is chosen yet arrows only walk: a question is answered with Space or Enter. */
  walk(event) {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (this.value !== "" || (!step && event.key !== "Enter")) return;
    event.preventDefault();
    const items = [...this.row.children];
    const next = items.at((items.indexOf(event.target.parentNode) + (step ?? 0)) % items.length);
    if (step) next.firstChild.focus();
    else next.firstChild.click();
  }
}

class TextBox extends Control {
  constructor(key, host) {
    super(key, host);
    this.label = element("label", "ll-label", { for: this.id });
    this.box = element("input", "ll-text", { type: "text", id: this.id, autocomplete: "off" });
    this.node.append(this.label, this.box);
    this.box.addEventListener("change", () => {
      this.host.enter(this.key, this.box.value.trim());
    });
  }

  refresh() {
    this.label.textContent = this.spec.label;
    this.box.maxLength = this.spec.longest;
    this.box.placeholder = this.spec.placeholder ?? "";
    this.box.value = this.value;
  }
}

/** A button that draws a new whole number: a seed. */
class Draw extends Control {
  constructor(key, host) {
    super(key, host);
    this.button = element("button", "ll-button", { type: "button" });
    this.button.addEventListener("click", () => {
      const { min, max } = this.spec;
      this.host.enter(this.key, min + Math.floor(Math.random() * (max - min + 1)));
    });
    this.node.append(this.button);
  }

  refresh() {
    this.button.textContent = this.spec.label;
  }
}

/** On or off: a native checkbox that looks like one of the choices. */
class Toggle extends Control {
  constructor(key, host) {
    super(key, host);
    this.box = element("input", "", { type: "checkbox", id: this.id });
    const item = element("label", "ll-choice");
    item.append(this.box, element("span"));
    this.node.append(item);
    this.box.addEventListener("change", () => host.enter(key, Number(this.box.checked)));
  }

  refresh() {
    this.box.checked = Boolean(this.value);
    this.box.nextSibling.textContent = this.spec.label;
  }
}

const KINDS = {
  slider: Slider,
  number: NumberBox,
  player: Player,
  choice: Choice,
  text: TextBox,
  button: Draw,
  toggle: Toggle,
};

export function make(kind, key, host) {
  return new KINDS[kind](key, host);
}
