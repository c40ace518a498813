// The live part of a lesson: keeps controls, figures and texts in step with the hand.
// It knows controls, frames and views. The numbers in them were all computed in Python.

const query = new URL(import.meta.url).search;
const [{ Layout }, { unpack, Frames }, { Figure, rememberArrays }, controls] = await Promise.all(
  ["layout", "frames", "figures", "controls"].map((name) => import(`./${name}.js${query}`)),
);

const PATIENCE = 2000; // ms after which a message without an answer is taken for lost
const KEY_PAUSE = 250; // ms after the last key before the values are sent
const TURN = 15; // ms after which Streamlit has surely taken a message
const BUDGET = 8; // ms of drawing in one animation frame after which a figure beside the main one may wait for the next

/** plotly.js, which the page's head has begun to fetch. */
const loaded = globalThis.__likelihoodLab.then(() => rememberArrays(globalThis.Plotly));

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

class Live extends Layout {
  constructor(root) {
    super(root);
    this.client = Math.random().toString(36).slice(2, 10);
    this.seq = 0; // number of the newest commit
    this.asked = {}; // the frames asked for last: of which control, in which state, when
    this.frames = new Map(); // control -> Frames, with the state in which they hold
    this.waiting = new Map(); // control -> resolvers of ready()
    this.late = null; // an answer that came while a control was held
    this.waited = new Set(); // views that gave way once
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

  // ---- What controls and grips call ----

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

  cameInSight() {
    if (this.near) this.prepare(this.near);
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
}

function hash(text) {
  let sum = 5381;
  for (let i = 0; i < text.length; i++) sum = (Math.imul(sum, 33) ^ text.charCodeAt(i)) >>> 0;
  return sum.toString(36);
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
