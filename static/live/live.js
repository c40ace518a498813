// The live part of a lesson: keeps controls, figures and texts in step with the hand.
// It knows controls, frames and views. The numbers in them were all computed in Python.

const query = new URL(import.meta.url).search;
const [{ unpack, Frames }, { Figure, rememberArrays }, { Lines, Table, Code }, controls] = await Promise.all(
  ["frames", "figures", "text", "controls"].map((name) => import(`./${name}.js${query}`)),
);

const PATIENCE = 2000; // ms after which a message without an answer is taken for lost
const KEY_PAUSE = 250; // ms after the last key before the values are sent
const TURN = 15; // ms after which Streamlit has surely taken a message
const BUDGET = 8; // ms of drawing in one animation frame after which a figure beside the main one may wait for the next

const VIEWS = { figure: Figure, lines: Lines, table: Table, code: Code };

/** plotly.js and the style sheet, which the loader fetches once for the whole app. */
const loaded = globalThis.__likelihoodLab.then(() => rememberArrays(globalThis.Plotly));

function element(tag, className, text = "") {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

/**
 * One message a turn: of two elements that speak in the same turn, Streamlit runs only one. A touch that takes
 * the focus from a slider may press a button of the page in that turn, so what is settled waits for the next.
 */
let posted = Promise.resolve();
const rest = () => new Promise((done) => setTimeout(done, TURN));
function post(send, settled = false) {
  posted = posted
    .then(() => settled && rest())
    .then(send)
    .then(rest, rest);
}

class Live {
  constructor(root) {
    this.root = root;
    this.client = Math.random().toString(36).slice(2, 10);
    this.seq = 0; // number of the newest commit
    this.asked = {}; // the frames asked for last: of which control, in which state, when
    this.frames = new Map(); // control -> Frames, with the state in which they hold
    this.waiting = new Map(); // control -> resolvers of ready()
    this.held = null; // the control under the finger
    this.late = null; // an answer that came while a control was held
    this.controls = {};
    this.views = {};
    this.due = new Map(); // view -> what changed in it since it was drawn
    this.waited = new Set(); // views that gave way once
    this.tab = {};
    this.stats = { events: 0, drawn: 0, sent: 0 };
  }

  /** Called at each change of the data, and when the theme changes. */
  update(component) {
    this.component = component;
    if (component.data !== this.data) {
      this.data = component.data;
      this.receive(unpack(component.data));
    } else if (this.model) this.paint();
  }

  /** Take what Python sent. */
  receive(message) {
    const [client, seq] = message.ack;
    // An answer to an older commit must not put a control back.
    if (this.seq > 0 && !(client === this.client && seq >= this.seq)) return;
    // Another visit's commit, the last that the session saw, is none of this one's.
    this.answered = client === this.client ? seq : 0;
    clearTimeout(this.retry);
    // A rerun of the page must not move the thumb under the finger; a state chosen elsewhere on it must.
    if (message.focus && message.focus.turn !== this.turned) this.letGo();
    if (this.held && !message.moving) this.late = message;
    else this.show(message);
    if (this.next && this.answered === this.seq) this.sendMoving(this.next);
  }

  /** Take frames that nobody asked for, if they are those of the present state. */
  receiveFirst({ frames, leaves, around }) {
    const { language, stamp, values } = around;
    const same = Object.keys(values).every(
      (key) => key === frames.control || values[key] === this.values[key],
    );
    if (!same || language !== this.model.language || stamp !== this.model.stamp) return;
    // Whoever was quicker has asked himself, for all that he sees.
    if (this.framesOf(frames.control)) return;
    this.receiveFrames({ frames, leaves, token: this.token(frames.control) });
  }

  /** Take frames, unless something else has moved since they were asked for. */
  receiveFrames({ frames, leaves, token }) {
    const { control } = frames;
    if (this.asked.token === token) this.asked = {};
    // What came into sight meanwhile is framed, too.
    setTimeout(() => this.near === control && this.prepare(control), 0);
    if (token !== this.token(control)) return;
    for (const [key, old] of this.frames) if (old.token !== this.token(key)) this.frames.delete(key);
    this.frames.set(control, new Frames(frames, leaves ?? [], token));
    for (const done of this.waiting.get(control) ?? []) done();
    this.waiting.delete(control);
    if (this.dirty !== control) return;
    // The hand is under way: a figure that came into sight since then joins at the present stop.
    this.pendingStop ??= Number(this.controls[control].range.value);
    this.schedule();
  }

  /** A name for the state around a control: its frames hold while nothing but itself moves. */
  token(key) {
    const others = Object.keys(this.values).filter((name) => name !== key);
    const state = [this.model.language, this.model.stamp, ...others.map((name) => this.values[name])];
    return `${this.client}:${key}:${hash(state.join("|"))}`;
  }

  framesOf(key) {
    const frames = this.frames.get(key);
    return frames?.token === this.token(key) ? frames : undefined;
  }

  /** Take the hand off every control, without sending anything. */
  letGo() {
    this.held = null;
    this.late = null;
    this.next = undefined;
    this.dirty = undefined;
    this.pendingStop = undefined;
    clearTimeout(this.pause);
    for (const key in this.controls) this.controls[key].stop?.();
  }

  show(message) {
    this.late = null;
    const first = !this.model;
    this.model = { ...message, views: { ...this.model?.views, ...message.views } };
    // The control under the hand is ahead of the answer.
    const ahead = this.dirty === undefined ? {} : { [this.dirty]: this.values[this.dirty] };
    this.values = { ...message.values, ...ahead };
    this.words = message.words;
    this.lesson = message.lesson;
    const shape = JSON.stringify([
      message.sections,
      Object.entries(message.controls).map(([k, c]) => [k, c.kind]),
    ]);
    if (shape !== this.shape) this.build(shape);
    this.fill();
    this.paint(Object.keys(message.views), first);
    history.replaceState(history.state, "", `${location.pathname}?${message.address}${location.hash}`);
    this.focus(message.focus, first);
  }

  /** Lay out sections, controls and views once; they stay until the lesson's shape changes. */
  build(shape) {
    this.shape = shape;
    this.purge();
    this.root.textContent = "";
    this.controls = {};
    this.views = {};
    this.presetBar = element("div", "ll-presets");
    this.presetBar.setAttribute("role", "group");
    this.notice = element("div", "ll-notice");
    this.notice.setAttribute("role", "status");
    this.root.append(this.presetBar, this.notice);
    this.sections = this.model.sections.map((section) => this.section(section));
    this.watch();
  }

  /** Follow what is on the screen, which is framed, and what is near it, which is drawn. */
  watch() {
    for (const watcher of this.watchers ?? []) watcher.disconnect();
    this.watchers = ["seen", "visible"].map((state, i) => {
      const margin = i ? 0 : 200;
      const watcher = new IntersectionObserver(
        (entries) => {
          for (const entry of entries) this.views[entry.target.dataset.view][state] = entry.isIntersecting;
          this.wake();
          if (this.near) this.prepare(this.near);
        },
        { rootMargin: `${margin}px` },
      );
      for (const name in this.views) {
        const { node } = this.views[name];
        node.dataset.view = name;
        const box = node.getBoundingClientRect();
        this.views[name][state] = box.width > 0 && box.top < innerHeight + margin && box.bottom > -margin;
        watcher.observe(node);
      }
      return watcher;
    });
  }

  section(section) {
    const node = element("section", "ll-section");
    node.dataset.section = section.key;
    const head = element("div", "ll-section-head");
    head.append(element("h2"), element("p"));
    const grid = element("div", "ll-grid");
    const board = element("div", "ll-board");
    const stage = element("div", "ll-stage");
    const below = element("div", "ll-below");
    const mains = element("div", "ll-mains");
    const side = element("div", "ll-side");
    stage.append(mains, side);
    grid.append(stage, board, below);
    node.append(head, grid);
    this.root.append(node);
    if (!section.controls.length && !section.table.length) grid.classList.add("ll-no-board");
    if (!section.main.length && !section.tabs.length && !section.below.length)
      grid.classList.add("ll-only-board");
    if (!section.tabs.length) stage.classList.add("ll-no-side");
    for (const key of section.controls) board.append(this.control(key).node);
    if (section.table.length) {
      const table = element("div", "ll-cells");
      table.style.setProperty("--ll-columns", Math.max(...section.table.map((row) => row.length)));
      for (const row of section.table) for (const key of row) table.append(this.control(key).node);
      board.append(table);
    }
    for (const name of section.main) mains.append(this.view(name).node);
    for (const name of section.below) below.append(this.view(name).node);
    if (section.tabs.length) {
      const bar = element("div", "ll-tabs");
      bar.setAttribute("role", "tablist");
      side.append(bar);
      const narrow = matchMedia("(max-width: 900px)").matches;
      const first = section.tabs.find(([name]) => narrow === section.main.includes(name)) ?? section.tabs[0];
      const chosen = this.tab[section.key] ?? first[0];
      for (const [name] of section.tabs) {
        const main = section.main.includes(name);
        if (!main) side.append(this.view(name).node);
        const button = element("button", main ? "ll-tab-main" : "");
        button.type = "button";
        button.dataset.tab = name;
        button.setAttribute("role", "tab");
        button.addEventListener("click", () => this.choose(section, stage, name));
        bar.append(button);
      }
      this.choose(section, stage, chosen);
    }
    return { section, node, head, stage };
  }

  /** Show one of the figures that take turns; on a narrow screen the main ones take turns too. */
  choose(section, stage, name) {
    this.tab[section.key] = name;
    stage.dataset.tab = section.main.includes(name) ? "main" : "side";
    for (const button of stage.querySelectorAll(".ll-tabs > button")) {
      if (button.dataset.tab) button.setAttribute("aria-selected", String(button.dataset.tab === name));
    }
    const others = section.tabs.map(([tab]) => tab).filter((tab) => !section.main.includes(tab));
    const shown = others.includes(name) ? name : (stage.dataset.last ?? others[0]);
    stage.dataset.last = shown;
    for (const tab of others) this.views[tab].node.classList.toggle("ll-away", tab !== shown);
    for (const tab of section.main)
      this.views[tab].node.classList.toggle("ll-away-narrow", tab !== name && stage.dataset.tab === "main");
    this.wake();
  }

  control(key) {
    this.controls[key] ??= controls.make(this.model.controls[key].kind, key, this);
    return this.controls[key];
  }

  view(name) {
    const model = this.model.views[name];
    this.views[name] ??= VIEWS[model.type] === Figure ? new Figure(name, this) : new VIEWS[model.type](this);
    return this.views[name];
  }

  /** Put the model's words, values and pictures into what is built. */
  fill() {
    const { model } = this;
    this.presetBar.hidden = !model.presets.length;
    model.presets.forEach(([name, word], i) => {
      let button = this.presetBar.children[i];
      if (!button) {
        button = element("button", "ll-preset");
        button.type = "button";
        button.addEventListener("click", () => this.commit({ preset: button.dataset.preset }));
        this.presetBar.append(button);
      }
      button.dataset.preset = name;
      button.textContent = word;
      button.setAttribute("aria-pressed", String(name === model.preset));
    });
    this.notice.replaceChildren(...model.notes.map((note) => element("p", "", note)));
    model.sections.forEach((section, i) => {
      const { head, node } = this.sections[i];
      head.hidden = !section.title;
      head.children[0].textContent = section.title;
      head.children[1].textContent = section.text;
      for (const button of node.querySelectorAll(".ll-tabs > button[data-tab]")) {
        button.textContent = section.tabs.find(([name]) => name === button.dataset.tab)[1];
      }
    });
    for (const key in model.controls) controls.complete(model.controls[key]);
    for (const key in this.controls) {
      if (key !== this.held) this.controls[key].set(model.controls[key], this.values[key]);
    }
    for (const board of this.root.querySelectorAll(".ll-board")) {
      board.classList.toggle(
        "ll-dense",
        board.querySelectorAll(":scope > .ll-control:not([hidden])").length > 7,
      );
    }
  }

  /** Draw views anew, in the colours of the theme. */
  paint(names = Object.keys(this.model.views), first = false) {
    const style = getComputedStyle(this.root);
    const ground = style.getPropertyValue("--st-background-color").trim() || "#ffffff";
    const palette = isDark(ground) ? "dark" : "light";
    this.root.dataset.theme = palette;
    this.palette = { ...this.model.palettes[palette], inks: this.model.inks[palette] };
    for (const role in this.model.palettes[palette])
      this.root.style.setProperty(`--ll-${role}`, this.palette[role]);
    this.font = style.fontFamily;
    for (const name of names) this.due.delete(name);
    let figures = 0;
    for (const name of names) {
      const view = this.views[name];
      if (!view) continue;
      view.set(this.model.views[name], this.palette, this.font);
      // At the first visit the main figure comes at once, the others right after it.
      if (view.seen && !(first && view instanceof Figure && figures++)) view.draw();
    }
    if (figures > 1) setTimeout(() => this.wake(), 0);
  }

  /** Draw what came into sight and was not up to date. */
  wake() {
    for (const name in this.views) {
      const view = this.views[name];
      if (view.stale && view.seen) view.draw();
    }
  }

  /** Bring a section to the eye, and a figure of its tabs, once for each time that Python asks. */
  focus(wish, first) {
    if (!wish || wish.turn === this.turned) return;
    this.turned = wish.turn;
    const target = this.sections.find(({ section }) => section.key === wish.section);
    if (!target) return;
    if (wish.tab) this.choose(target.section, target.stage, wish.tab);
    const still = first || matchMedia("(prefers-reduced-motion: reduce)").matches;
    const go = () => {
      // Later only while nobody has chosen another place.
      if (this.turned === wish.turn && !this.touched) {
        target.node.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "start" });
      }
    };
    this.touched = false;
    go();
    if (!first) return;
    // A page that has just been opened still grows above the place.
    for (const wait of [300, 900]) setTimeout(go, wait);
    for (const type of ["wheel", "pointerdown", "keydown"])
      addEventListener(type, () => (this.touched = true), { once: true, passive: true });
  }

  // ---- What controls and grips call ----

  say(sentence) {
    this.notice.replaceChildren(element("p", "", sentence));
  }

  /** The hand comes near a slider: have its frames ready. */
  prepare(key) {
    const server = servers.get(this.lesson);
    if (!server || !this.model.controls[key]?.live) return;
    this.near = key;
    const views = this.onScreen();
    const frames = this.framesOf(key);
    if (frames && views.every((name) => frames.views.has(name))) return;
    const token = this.token(key);
    const at = performance.now();
    if (this.asked.token === token && at - this.asked.at < PATIENCE) return;
    this.asked = { token, at };
    this.stats.sent++;
    const wish = { token, control: key, views, values: { ...this.values } };
    post(() => server.setTriggerValue("ask", wish));
  }

  /** Wait until a control's frames are there, or until it is plain that they will not come. */
  ready(key) {
    if (this.framesOf(key)) return Promise.resolve();
    this.prepare(key);
    if (!this.waiting.has(key)) this.waiting.set(key, []);
    const waiters = this.waiting.get(key);
    return new Promise((done) => {
      waiters.push(done);
      setTimeout(() => {
        if (this.waiting.get(key) === waiters) this.waiting.delete(key);
        done();
      }, PATIENCE);
    });
  }

  /** The pointer has left a slider. */
  leave(key) {
    if (this.near === key && this.held !== key) this.near = undefined;
  }

  take(key) {
    // What keys have changed is settled before the hand takes another control, and with it where it is the same.
    clearTimeout(this.pause);
    if (this.dirty !== undefined && this.dirty !== key) this.settle(this.dirty);
    this.held = key;
    this.prepare(key);
  }

  move(key, stop, value) {
    this.stats.events++;
    this.values[key] = value;
    this.dirty = key;
    this.pendingStop = stop;
    if (!this.framesOf(key)) this.prepare(key);
    this.schedule();
  }

  schedule() {
    this.scheduled ??= requestAnimationFrame(() => {
      this.scheduled = undefined;
      this.drawFrame();
    });
  }

  drawFrame() {
    const key = this.dirty;
    const frames = this.pendingStop !== undefined && this.framesOf(key);
    if (frames) {
      for (const [name, list] of frames.write(this.pendingStop, this.model.views)) {
        this.due.set(name, [...(this.due.get(name) ?? []), ...list]);
      }
      for (const name in this.views) if (!frames.views.has(name)) this.views[name].stale = true;
      this.pendingStop = undefined;
      this.stats.drawn++;
    } else if (this.pendingStop !== undefined && (!this.model.controls[key].live || this.overdue(key))) {
      this.pendingStop = undefined;
      this.sendMoving({ set: { [key]: this.values[key] } });
    }
    this.drawDue();
  }

  /**
   * Draw what the newest frame changed: texts and the figure under the hand at once, a figure beside it one
   * animation frame later where the machine is too slow for both.
   */
  drawDue(all = false) {
    const begin = performance.now();
    const order = Object.keys(this.views);
    const rank = (name) =>
      name === this.leading ? -1 : order.indexOf(name) - (this.views[name] instanceof Figure ? 0 : 1000);
    let figures = 0;
    for (const name of [...this.due.keys()].toSorted((a, b) => rank(a) - rank(b))) {
      // The first figure never waits.
      if (!all && figures && !this.waited.has(name) && performance.now() - begin > BUDGET) {
        this.waited.add(name);
        continue;
      }
      this.waited.delete(name);
      const changes = this.due.get(name);
      this.due.delete(name);
      this.views[name]?.update(changes);
      if (this.views[name] instanceof Figure && this.views[name].seen) figures++;
    }
    if (this.due.size) this.schedule();
  }

  overdue(key) {
    return this.asked.token !== this.token(key) || performance.now() - this.asked.at > 300;
  }

  /** A slider says that its value is settled: at once after a drag, after a pause while keys are pressed. */
  changed(key) {
    clearTimeout(this.pause);
    if (this.held === key) {
      this.drop(key);
      return;
    }
    // After a drag the browser says so once more: a hand that is back at once must not be disturbed later.
    if (this.dirty !== key) return;
    this.pause = setTimeout(() => this.settle(key), KEY_PAUSE);
  }

  drop(key) {
    if (this.held === key) {
      this.held = null;
      this.settle(key);
    } else if (this.dirty === key) this.settle(key);
  }

  settle(key) {
    clearTimeout(this.pause);
    if (this.dirty === key) {
      this.dirty = undefined;
      if (this.scheduled !== undefined && this.pendingStop !== undefined) {
        cancelAnimationFrame(this.scheduled);
        this.scheduled = undefined;
        this.dirty = key;
        this.drawFrame();
        this.dirty = undefined;
      }
      this.drawDue(true);
      this.commit({ set: { [key]: this.values[key] } });
    } else if (this.late) this.show(this.late);
  }

  enter(key, value) {
    this.values[key] = value;
    this.controls[key].value = value;
    this.controls[key].refresh();
    this.commit({ set: { [key]: value } });
  }

  gripTaken(grip, name) {
    this.leading = name;
    this.held = grip.control || `grip:${grip.name}`;
    this.gripStart = { ...this.values };
    if (grip.control) this.prepare(grip.control);
  }

  gripMoved(grip, from, to) {
    if (grip.control) {
      const { stops } = this.model.controls[grip.control];
      const stop = controls.nearest(stops, grip.axes === "x" ? to.x : to.y);
      if (stops[stop] === this.values[grip.control]) return;
      const control = this.controls[grip.control];
      control.range.value = stop;
      control.move(stop);
      return;
    }
    const x = grip.axes === "y" ? from.x : to.x;
    const y = grip.axes === "x" ? from.y : to.y;
    this.place = { name: grip.name, x, y, from_x: from.x, from_y: from.y, start: this.gripStart };
    this.sendMoving({ drag: this.place });
  }

  gripDropped(grip) {
    this.leading = undefined;
    if (grip.control) {
      this.drop(grip.control);
      return;
    }
    this.held = null;
    if (this.place) this.commit({ drag: this.place });
    this.place = undefined;
  }

  // ---- Messages ----

  onScreen() {
    return Object.keys(this.views).filter((name) => this.views[name].visible);
  }

  /** One message under way, the newest waits: never a queue. */
  sendMoving(change) {
    const now = performance.now();
    if (this.answered === this.seq || this.seq === 0 || now - this.sentAt > PATIENCE) {
      this.next = undefined;
      this.send({ ...change, moving: true, views: this.onScreen() });
    } else this.next = change;
  }

  /** Send settled values. Numbered when the hand lets go, so that an older answer is known for what it is. */
  commit(change) {
    this.letGo();
    this.send(change);
    // An answer can be superseded by another rerun and never come.
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.root.isConnected && this.commit(change), 2 * PATIENCE);
  }

  send(change) {
    this.seq++;
    this.sentAt = performance.now();
    this.stats.sent++;
    const message = {
      client: this.client,
      seq: this.seq,
      values: { ...this.values },
      ...change,
    };
    post(() => this.component.setStateValue("commit", message), !change.moving);
  }

  purge() {
    for (const name in this.views) this.views[name].purge();
  }
}

function hash(text) {
  let sum = 5381;
  for (let i = 0; i < text.length; i++) sum = (Math.imul(sum, 33) ^ text.charCodeAt(i)) >>> 0;
  return sum.toString(36);
}

function isDark(colour) {
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.fillStyle = colour;
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(canvas.fillStyle.slice(i, i + 2), 16));
  return 0.299 * r + 0.587 * g + 0.114 * b < 128;
}

const instances = new WeakMap();
const shown = new Map(); // lesson -> its Live
const servers = new Map(); // lesson -> the component that brings its frames
const early = new Map(); // lesson -> frames that came before it was drawn

/** The component with the controls and figures. */
export function show(component) {
  const root = component.parentElement.querySelector(".ll");
  if (!root) return undefined;
  if (!instances.has(root)) instances.set(root, new Live(root));
  const live = instances.get(root);
  root.__live = live; // for whoever looks with the browser's tools, and for the tests
  loaded.then(() => {
    if (!root.isConnected) return;
    live.update(component);
    shown.set(live.lesson, live);
    if (early.has(live.lesson)) live.receiveFirst(early.get(live.lesson));
    early.delete(live.lesson);
  });
  return () => {
    // Also called when newer data supersedes a call: only a root that is gone is cleared away.
    setTimeout(() => {
      if (!root.isConnected) live.purge();
    }, 0);
  };
}

/** The component that brings frames; it draws nothing. */
export function serve(component) {
  const message = unpack(component.data);
  servers.set(message.lesson, component);
  const live = shown.get(message.lesson);
  if (message.around) {
    if (live?.root.isConnected) live.receiveFirst(message);
    else early.set(message.lesson, message);
  } else if (message.frames) live?.receiveFrames(message);
}
