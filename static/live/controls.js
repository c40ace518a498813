// The controls: native inputs with label, value and unit. They know stops, not what the stops mean.

const query = new URL(import.meta.url).search;
const { nearest, spoken, typed, grouped } = await import(`./numbers.js${query}`);

export function element(tag, className, attributes = {}) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  return node;
}

/**
 * Put a text into a box. What somebody types or composes there is his until he leaves the box: no answer, and
 * nothing that follows from one, may touch it.
 */
function put(box, text) {
  if (box === document.activeElement && (box.composing || box.value !== box.was)) return;
  const whole =
    box === document.activeElement && box.selectionStart === 0 && box.selectionEnd === box.was.length;
  if (box.value !== text) box.value = text;
  box.was = text;
  // Who has just come to the box goes on to type over all of it.
  if (whole) box.select();
}

/** Call `take` with what somebody has entered into a box; let answers catch up when he leaves it. */
function own(box, control, take) {
  box.was = "";
  const on = (name, act) => box.addEventListener(name, act);
  on("compositionstart", () => (box.composing = true));
  on("compositionend", () => (box.composing = false));
  on("change", () => {
    box.was = box.value;
    take(box.value);
  });
  on("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    box.was = box.value;
    control.refresh();
    box.blur();
  });
  on("blur", () => {
    box.composing = false;
    control.refresh();
  });
}

/** What was typed is settled before the hand takes something else. */
export function leaveBox() {
  if (document.activeElement?.matches(".ll input[type=text]")) document.activeElement.blur();
}

/** Bring the text box of one of the page's widgets to the eye, and the keys into it. */
function toBox(name) {
  const box = document.querySelector(`.st-key-${name} textarea`);
  const folded = box?.closest("details:not([open])");
  if (folded) folded.querySelector("summary").click();
  box?.scrollIntoView({ block: "center" });
  box?.focus({ preventScroll: true });
}

const TAP = 10; // px that a finger may move across a slider and still tap it
const CLICK = 100; // ms after a finger is lifted within which its click comes

class Control {
  constructor(key, host) {
    this.key = key;
    this.host = host;
    this.id = `ll-${host.lesson}-${key}`;
    this.node = element("div", "ll-control", { "data-key": key });
  }

  set(spec, value) {
    this.behind = this.pressed;
    if (this.pressed) return;
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
    const boxed = element("div", "ll-boxed");
    boxed.append(this.box);
    head.append(this.label, boxed, this.unit);
    this.node.append(head, this.range);
    this.listen();
  }

  listen() {
    const { range, box } = this;
    const prepare = () => this.host.prepare(this.key);
    range.addEventListener("pointerenter", prepare);
    range.addEventListener("pointerleave", () => this.host.leave(this.key));
    range.addEventListener("focus", prepare);
    range.addEventListener("pointerdown", (event) => this.touch(event));
    range.addEventListener("pointermove", ({ clientX, clientY }) => {
      const { gesture } = this;
      if (gesture?.open) gesture.open = Math.abs(clientX - gesture.x) <= Math.abs(clientY - gesture.y);
    });
    range.addEventListener("input", () => this.pull());
    range.addEventListener("change", () => this.host.changed(this.key));
    // A drag that ends where it began sends no change event.
    for (const name of ["pointerup", "pointercancel"])
      range.addEventListener(name, (event) => this.lift(event));
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
    own(box, this, (text) => this.type(text));
  }

  /**
   * Take the thumb. Of a finger it is not yet known whether it taps, drags or scrolls: its first movement
   * decides, and until then the thumb stays.
   */
  touch({ button, clientX: x, clientY: y, pointerType }) {
    if (button !== 0) return;
    const mouse = pointerType === "mouse";
    if (mouse) leaveBox();
    this.host.take(this.key);
    this.gesture = { x, y, value: this.value, open: !mouse };
  }

  /** Take the stop at which the thumb is now. */
  pull() {
    const stop = Number(this.range.value);
    if (!this.gesture?.open) this.move(stop);
    else {
      this.gesture.stop = stop;
      this.refresh();
    }
  }

  /** Let go: what was tapped is taken; if the page scrolls instead, what the finger found stands again. */
  lift({ type, clientY }) {
    const { open, stop, value, y } = this.gesture ?? {};
    this.gesture = undefined;
    if (type === "pointercancel") {
      if (this.host.held === this.key && value !== this.value) this.restore(value);
    } else if (open && stop !== undefined && Math.abs(clientY - y) < TAP) {
      this.range.value = stop;
      this.move(stop);
    }
    this.host.drop(this.key);
  }

  /** Go back to a value, which may lie between two stops. */
  restore(value) {
    this.range.value = nearest(this.spec.stops, value);
    this.move(Number(this.range.value), value);
  }

  /** Take a typed number: exact, or refused with a sentence that says how it was read, and the old value back. */
  type(given) {
    const value = typed(given);
    const { min, max, digits, whole, label } = this.spec;
    if (value >= min && value <= max && !(whole && !Number.isInteger(value))) {
      this.host.enter(this.key, value);
      return;
    }
    const { words } = this.host;
    const short = given.length > 40 ? `${given.slice(0, 39)}…` : given;
    const told = { given: short, label, min: grouped(min, digits), max: grouped(max, digits) };
    const read = Number.isFinite(value) ? grouped(value, digits) : "";
    const sentences = [words[whole ? "refused_whole" : "refused"]];
    // Only where it is not plain: a comma may part thousands, or be a decimal mark.
    if (read && read !== given.trim()) sentences.push(words.read_as.replace("%read", read));
    this.host.say(
      sentences.join(" ").replace(/%(\w+)/g, (place, name) => told[name] ?? place),
      this.node,
    );
    this.refresh();
  }

  /** Take a stop; what the box says of it is written with the next picture. */
  move(stop, value = this.spec.stops[stop]) {
    this.value = value;
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
    const { digits, unit } = this.spec;
    const text = spoken(this.value, digits);
    put(this.box, grouped(this.value, digits));
    this.range.setAttribute("aria-valuetext", unit ? `${text} ${unit}` : text);
  }
}

/** A number box alone. */
class NumberBox extends Slider {
  listen() {
    this.range.remove();
    this.box.id = this.id;
    this.box.addEventListener("focus", () => this.box.select());
    own(this.box, this, (text) => this.type(text));
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

/** A control whose words are pressed: they stay as they are under the pointer until the click has come. */
class Pressed extends Control {
  constructor(key, host) {
    super(key, host);
    this.node.addEventListener("pointerdown", ({ pointerType }) => {
      this.pressed = true;
      const lift = () => {
        for (const name of ["pointerup", "pointercancel"]) removeEventListener(name, lift);
        setTimeout(() => this.lift(), pointerType === "mouse" ? 0 : CLICK);
      };
      for (const name of ["pointerup", "pointercancel"]) addEventListener(name, lift);
    });
  }

  lift() {
    this.pressed = false;
    if (this.behind) this.host.renew(this.key);
  }
}

const SIGNS = { right: "✓ ", wrong: "✗ " };

/** One of a few: native radio buttons. Where one of them is right, the first that was chosen stays. */
class Choice extends Pressed {
  constructor(key, host) {
    super(key, host);
    this.set_ = element("fieldset", "ll-choices", { tabindex: -1 });
    this.label = element("legend", "ll-label");
    this.row = element("div", "ll-choice-row");
    this.set_.append(this.label, this.row);
    this.told = element("p", "ll-told");
    this.onward = element("button", "ll-button ll-onward", { type: "button" });
    this.onward.addEventListener("click", () => this.goOn());
    this.node.append(this.set_, this.told, this.onward);
  }

  set(spec, value) {
    const came = this.node.hidden && spec.shown;
    super.set(spec, value);
    if (!came || !this.host.goingOn) return;
    // The button that led here has gone with its choice: keys go on from here.
    this.host.goingOn = false;
    this.set_.focus();
  }

  pick(value) {
    const { right, settled } = this.spec;
    if (right === undefined) {
      this.host.enter(this.key, value);
      return;
    }
    this.again = true;
    this.host.aloud.textContent = settled;
    this.refresh();
  }

  goOn() {
    const { key, value, box } = this.spec.onward;
    if (key) {
      this.host.goingOn = true;
      this.host.enter(key, value);
    } else toBox(box);
  }

  refresh() {
    this.label.textContent = this.spec.label;
    const { choices, right, settled, onward, shown } = this.spec;
    this.again &&= shown && right !== undefined;
    this.told.textContent = this.again ? settled : "";
    this.told.hidden = !this.again;
    this.onward.textContent = onward?.word ?? "";
    this.onward.hidden = !onward;
    while (this.row.children.length > choices.length) this.row.lastChild.remove();
    choices.forEach(([value, word], i) => {
      let item = this.row.children[i];
      if (!item) {
        item = element("label", "ll-choice");
        item.append(element("input", "", { type: "radio", name: this.id }), element("span"));
        item.firstChild.addEventListener("change", (event) => this.pick(event.target.value));
        item.firstChild.addEventListener("keydown", (event) => this.walk(event));
        this.row.append(item);
      }
      item.firstChild.value = value;
      item.firstChild.checked = String(value) === String(this.value);
      const wrong = right !== undefined && value === this.value ? "wrong" : "";
      item.dataset.mark = value === right ? "right" : wrong;
      item.lastChild.textContent = (SIGNS[item.dataset.mark] ?? "") + word;
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
    own(this.box, this, (text) => this.host.enter(this.key, text.trim()));
  }

  refresh() {
    this.label.textContent = this.spec.label;
    this.box.maxLength = this.spec.longest;
    this.box.placeholder = this.spec.placeholder ?? "";
    put(this.box, this.value);
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
class Toggle extends Pressed {
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
