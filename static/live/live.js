// The live part of a lesson: keeps controls, figures and texts in step with the hand.
// It knows controls, frames and views. The numbers in them were all computed in Python.

const query = new URL(import.meta.url).search;
const [
  { Layout, sectionOf },
  { Hand, PATIENCE },
  { unpack, Elsewhere, Frames },
  { Figure, rememberArrays },
  { nearest },
  { leaveBox },
  { room, fetchPacked },
  { Light },
  { isKept, parts },
  { Glide, seenIn },
  { recall, keep },
] = await Promise.all(
  [
    "layout",
    "hand",
    "frames",
    "figures",
    "numbers",
    "controls",
    "class",
    "light",
    "kept",
    "glide",
    "memory",
  ].map((name) => import(`./${name}.js${query}`)),
);

const KEY_PAUSE = 250; // ms after the last key before the values are sent
const TURN = 15; // ms after which Streamlit has surely taken what else was said
const PACKED = "application/octet-stream";
const BUDGET = 8; // ms of drawing in one animation frame after which a figure beside the main one may wait for the next
const FRAME = 12; // ms of all that the browser did for one after which it may wait, too
const WAITS = 2; // animation frames that it waits
const EASE = 6; // ms after which it need not wait any longer
const SHARE = 24; // stops whose texts are measured at once

/** Call a function when the browser has time; Safari does not tell. */
const idle = (act) => (globalThis.requestIdleCallback ?? setTimeout)(act);

/** plotly.js, which the page's head has begun to fetch. */
const loaded = globalThis.__likelihoodLab.then(() => rememberArrays(globalThis.Plotly));

// How long the browser takes for an animation frame: it hands a message over when all is laid out and painted. To ask
// costs something itself, so of so many frames one is looked at.
const ONE_IN = 5;
const painted = new MessageChannel();
let count = 0;
let begun = 0;
let isSlow = false;
painted.port1.addEventListener(
  "message",
  () => (isSlow = performance.now() - begun > (isSlow ? EASE : FRAME)),
);
painted.port1.start();

class Live extends Layout {
  constructor(root) {
    super(root, new Hand(Math.random().toString(36).slice(2, 10)));
    this.light = new Light(this);
    this.asked = []; // tables that the answer to the last commit has
    this.waiting = new Set(); // controls whose frames are waited for
    this.waited = new Map(); // views that gave way, how often
    this.stats = { events: 0, drawn: 0, sent: 0 };
    this.room = room;
    // Streamlit's page listens to all movements, and has nothing to do with those of a hand that holds something.
    // What listens on their way to a control is kept from them below.
    for (const type of ["pointermove", "mousemove", "input"])
      root.addEventListener(type, (event) => this.hand.held && event.stopPropagation());
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
  receive(answer) {
    const first = !this.model;
    // What was left out an earlier page had.
    if (first && !complete(answer)) return this.commit({});
    const taken = this.hand.receive(answer);
    if (taken === "lost") return this.again?.();
    if (taken === "old") return;
    clearTimeout(this.retry);
    this.again = undefined;
    if (taken === "elsewhere") this.letGo();
    if (taken !== "late") this.show(answer, first);
    const { next, answered, seq, near } = this.hand;
    if (answer.follows && near) this.prepare(near);
    if (next && answered === seq) this.sendMoving(next);
  }

  /** Take frames, unless something else has moved since they were asked for. */
  receiveFrames({ frames, leaves = [] }, token) {
    const key = frames.control;
    if (!this.hand.keep(key, new Frames(frames, leaves, token))) return;
    this.reserve(key);
    this.foresee(key);
    // The rest of the stops, and what came into sight meanwhile.
    if (this.hand.near === key) this.prepare(key);
    if (this.hand.dirty !== key) return;
    // The hand is under way: what has just come joins at the present stop.
    this.hand.pendingStop ??= Number(this.controls[key].range.value);
    this.schedule();
  }

  /** Keep room in the views on the screen for all that the stops of a slider, or of those with frames, will say. */
  reserve(...keys) {
    this.loosen();
    for (const key of keys.length ? keys : this.hand.frames.keys()) {
      const frames = this.framesOf(key);
      for (const name of frames?.views.keys() ?? []) {
        const view = this.views[name];
        if (view?.reserve && view.node.offsetWidth) view.reserve(key, (part) => frames.each(name, part));
      }
    }
    this.look();
    this.wake();
  }

  /** Have measured what the stops of a slider will say, before the hand moves or while it has nothing else to do. */
  foresee(key) {
    const frames = this.framesOf(key);
    const work = [];
    for (const name of frames?.views.keys() ?? []) {
      const view = this.views[name];
      if (!(view instanceof Figure) || !view.seen) continue;
      for (const [path, values] of frames.texts(name))
        for (let i = 0; i < values.length; i += SHARE)
          work.push(() => view.painter?.foresee(path, values.slice(i, i + SHARE)));
    }
    const go = () => {
      if (this.framesOf(key) !== frames || !this.root.isConnected) return;
      work.shift()?.();
      if (work.length) idle(go);
    };
    if (work.length) idle(go);
  }

  framesOf(key) {
    return this.hand.framesOf(key);
  }

  /** Take the hand off every control, without sending anything. */
  letGo() {
    this.hand.letGo();
    this.spareNothing();
    this.said = undefined;
    clearTimeout(this.pause);
    this.light.out();
    for (const key in this.controls) this.controls[key].stop?.();
  }

  /** Be where a preset leads at once: the hand has something else to do. */
  arriveNow() {
    this.glide?.stop();
  }

  /** What the figures on the screen show, where an answer says that they are to go from there to another state. */
  before({ changed }, first) {
    const turn = changed?.turn;
    const asked =
      turn && turn !== this.changes && !first && !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.changes = turn;
    const shown = Object.values(this.views).filter((view) => view.visible && !view.stale && view.painter);
    return asked ? shown.map(seenIn) : [];
  }

  /** Put an answer, which is the model now, on the screen. */
  show(answer, first = false) {
    this.arriveNow();
    this.loosen();
    const left = this.before(answer, first);
    this.words = answer.words;
    this.lesson = answer.lesson;
    const kinds = Object.entries(answer.controls).map(([key, { kind }]) => [key, kind]);
    const sections = answer.sections.map(({ title, text, about, ...section }) => section);
    const shape = JSON.stringify([sections, kinds]);
    if (shape !== this.shape) this.build(shape);
    if (answer.focus && answer.focus.turn !== this.hand.turned) this.where = answer.focus.section;
    this.fill();
    if (first) this.hand.near = firstSlider(answer);
    this.paint(Object.keys(answer.views), first);
    this.tabulate(answer.numbers);
    if (this.hand.dirty === undefined) for (const name in this.views) this.views[name].rest?.();
    const drawn = left.filter(({ figure }) => this.views[figure.name] === figure && !figure.stale);
    if (drawn.length) {
      this.glide = new Glide(drawn);
      this.glide.start(() => (this.glide = undefined));
    }
    this.writeAddress();
    this.focus(answer.focus, first);
    const guided = this.guide.model;
    if (!answer.moving) this.guideTo(answer.guide, first);
    if (answer.memory) this.remember(answer.memory);
    this.lookSoon();
    if (!first && !answer.moving) this.tell(answer, guided);
    if (!answer.moving) this.read(this.asked);
    room.shown(this);
  }

  /** Put numbers under the figures that have some. */
  tabulate(numbers) {
    for (const name in this.views) this.views[name].numbers?.set(this.model.views[name].title, numbers[name]);
  }

  /** The figures whose tables are in a state: `isOpen`, or `waits`. */
  tables(state) {
    return Object.keys(this.views).filter((name) => this.views[name].numbers?.[state]);
  }

  /**
   * Ask for the rows of tables that wait for them, but those that were `asked` for already. What is not at rest asks
   * for them when it comes to rest, and what was said before is answered first.
   */
  async read(asked = []) {
    if (!this.tables("waits").some((name) => !asked.includes(name))) return;
    const { model, said } = this;
    const { dirty, held, seq, answered } = this.hand;
    // What a class is led to Streamlit does not know.
    if (this.isLed) {
      const answer = await this.fetchState({});
      if (answer && this.model === model) this.tabulate(answer.numbers);
    } else if (dirty === undefined && !held && !this.place && (!seq || answered === seq)) {
      this.commit({});
      // Nothing was entered: what was said of that stays.
      this.said = said;
    }
  }

  /** Have the address say what is on the screen. */
  writeAddress() {
    if (!this.model) return;
    this.search = search(location.search, this.model);
    history.replaceState(history.state, "", location.pathname + this.search + location.hash);
  }

  /**
   * Say what came of a movement that has come to rest, of the section in which the hand was, or of the first; and
   * what is new of the guide since it was as it was `guided`.
   */
  tell({ spoken, sections, notes }, guided) {
    const sentence = spoken[this.where] ?? spoken[sections[0].key] ?? "";
    const news = this.guide.news(guided);
    const text = [...notes.filter((note) => !this.noted?.includes(note)), sentence, news].join(" ").trim();
    this.noted = notes;
    // An answer that says the same once more takes nothing away of what else was said.
    const said = this.aloud.textContent;
    if (said !== text && !said.startsWith(`${text} `)) this.aloud.textContent = text;
  }

  // ---- What the class is led to ----

  /** Fetch all that is drawn of a state. */
  fetchState(values) {
    const { frames, aside } = this.model;
    const own = aside.map((key) => [key, this.values[key]]).filter(([, value]) => value !== undefined);
    const state = Object.entries({ ...this.values, ...values, ...Object.fromEntries(own) });
    const given = new URLSearchParams(state.filter(([key]) => !aside.includes(key)));
    return fetchPacked(`${frames.replace(/^frames/, "pictures")}?${given}`, unpack);
  }

  /** Show a state that the class is led to. Streamlit does not know of it yet. */
  lead(answer) {
    const { late } = this.hand;
    this.letGo();
    if (late) {
      // In another language, perhaps, and of a newer visit: what is led to is fetched again as that has it.
      this.hand.show(late);
      this.show(late);
      return;
    }
    this.isLed = true;
    this.hand.show({ ...this.model, ...answer, name: "", moving: false, focus: null });
    this.show(this.hand.model);
  }

  /** Fetch what differs in the views on the screen where some values are others than those that were led to. */
  async fetchPlace(values) {
    const others = Object.entries(values).map((pair) => pair.join(":"));
    const shown = this.onScreen();
    if (!others.length || !shown.length) return { leaves: [] };
    const { frames, aside } = this.model;
    const state = Object.entries(this.model.values).filter(([key]) => !aside.includes(key));
    const address = `${frames.replace(/^frames/, "pictures")}/${shown}/${others}`;
    return fetchPacked(`${address}?${new URLSearchParams(state)}`, unpack);
  }

  /** Move several controls as the ring does that the leading hand holds. */
  leadPlace(values, { leaves = [] }) {
    this.isLed = true;
    this.loosen();
    if (this.hand.dirty !== undefined) this.hand.letGo();
    this.hand.led = true;
    const moved = new Set([...Object.keys(values), ...(this.moved ?? [])]);
    this.moved = Object.keys(values);
    for (const key of moved) {
      this.values[key] = values[key] ?? this.model.values[key];
      this.controls[key].value = this.values[key];
      this.controls[key].refresh();
    }
    if (this.elsewhere?.views !== this.model.views) this.elsewhere = new Elsewhere(this.model.views);
    this.draw(this.elsewhere.write(leaves));
    const shown = this.onScreen();
    for (const name in this.views) if (!shown.includes(name)) this.views[name].stale = true;
    this.schedule();
  }

  /** Move a slider as the hand that leads does. */
  leadStop(key, stop) {
    this.isLed = true;
    const { range } = this.controls[key];
    const { dirty } = this.hand;
    if (dirty !== undefined && dirty !== key) this.hand.letGo();
    this.hand.led = true;
    this.spare();
    range.value = stop;
    this.controls[key].move(stop);
  }

  /** Tell a session what this browser remembers, or write what it says. */
  remember(memory) {
    const record = recall(memory);
    if (record === undefined) keep(memory);
    else setTimeout(() => this.component.setStateValue("remembered", record), TURN);
  }

  // ---- What controls and grips call ----

  /** The hand comes near a slider: have its frames ready. What else was under way has time; as has who is not there yet. */
  prepare(key, early = false) {
    if (!this.model.controls[key]?.live) return;
    room.nears(this, key);
    const { range } = this.controls[key];
    const wish = this.hand.wish(key, Number(range.value), this.onScreen(), performance.now(), early);
    if (wish) this.coming = this.fetch(wish).then((block) => block && this.receiveFrames(block, wish.token));
  }

  /** Fetch frames; nothing where the hand has gone on, or where there are none. */
  async fetch(wish) {
    this.asking?.abort();
    const { signal } = (this.asking = new AbortController());
    let never = false;
    try {
      const response = await fetch(new URL(wish.address, document.baseURI), { signal });
      // Of another version, of a session that is gone, or not from a host that serves Streamlit alone.
      never = [404, 410].includes(response.status) || response.headers.get("Content-Type") !== PACKED;
      if (response.ok && !never) return unpack(new Uint8Array(await response.arrayBuffer()));
    } catch {}
    if (!signal.aborted) this.hand.refuse(wish, never, performance.now());
    return undefined;
  }

  /** Wait until a control's frames are there, or until it is plain that they will not come. */
  async ready(key) {
    if (this.framesOf(key)) return;
    this.prepare(key);
    this.waiting.add(key);
    await Promise.race([this.coming, new Promise((done) => setTimeout(done, PATIENCE))]);
    this.waiting.delete(key);
  }

  cameInSight(first = false) {
    if (this.hand.near) this.prepare(this.hand.near, first);
    room.looked(this);
  }

  /** The pointer has left a slider. */
  leave(key) {
    if (this.hand.leave(key)) this.asking.abort();
  }

  take(key) {
    this.arriveNow();
    // What keys have changed is settled before the hand takes another control, and with it where it is the same.
    clearTimeout(this.pause);
    const { dirty } = this.hand;
    if (dirty !== undefined && dirty !== key) this.settle(dirty);
    this.hand.hold(key);
    pulled = this.controls[key];
    this.spare();
    this.prepare(key);
    for (const name in this.views) if (this.views[name].rooms?.[key]) this.views[name].update();
  }

  move(key, stop, value) {
    this.arriveNow();
    this.stats.events++;
    this.hand.move(key, stop, value);
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
    if (count++ % ONE_IN === 0) {
      begun = performance.now();
      painted.port2.postMessage(0);
    }
    const { dirty, pendingStop } = this.hand;
    // Told first: whoever follows need not wait for what is drawn here.
    if (pendingStop !== undefined) room.moved(this, dirty, pendingStop);
    const { frames, stop, change } = this.hand.step(performance.now());
    if (frames) this.hold(frames.views.keys());
    this.controls[dirty]?.write();
    if (frames) {
      this.draw(frames.write(stop, this.model.views));
      for (const name in this.views) if (!frames.views.has(name)) this.views[name].stale = true;
      this.stats.drawn++;
    } else if (change && !this.isLed) this.sendMoving(change);
    this.drawDue();
  }

  /** Have drawn what was written into the views. */
  draw(changes) {
    for (const [name, list] of changes) {
      this.due.set(name, [...(this.due.get(name) ?? []), ...list]);
      this.hand.intact.delete(name);
    }
  }

  /**
   * Draw what the newest frame changed: the formula and the figure under the hand at once, a figure beside it later
   * where the machine is too slow for both. Of tables and code, which nobody reads while they run, every second one.
   */
  drawDue(all = false) {
    const begin = performance.now();
    const isLate = () => isSlow || performance.now() - begin > BUDGET;
    let figures = 0;
    const mayWait = (view) => {
      if (view instanceof Figure) return figures && isLate() ? WAITS : 0;
      return view.waits;
    };
    const order = Object.keys(this.views);
    const rank = (name) =>
      name === this.leading ? -1 : order.indexOf(name) - (this.views[name] instanceof Figure ? 0 : 1000);
    for (const name of [...this.due.keys()].toSorted((a, b) => rank(a) - rank(b))) {
      const view = this.views[name];
      const waited = this.waited.get(name) ?? 0;
      if (!all && view && waited < mayWait(view)) {
        this.waited.set(name, waited + 1);
        continue;
      }
      this.waited.delete(name);
      const changes = this.due.get(name);
      this.due.delete(name);
      // Of a page that has just been opened it is drawn in its turn, as it is then.
      if (this.opening && view?.stale) continue;
      view?.update(changes);
      if (view instanceof Figure && view.seen) figures++;
    }
    if (this.due.size) this.schedule();
  }

  /** A slider says that its value is settled: at once after a drag, after a pause while keys are pressed. */
  changed(key) {
    clearTimeout(this.pause);
    if (this.hand.held === key) this.drop(key);
    // After a drag the browser says so once more: a hand that is back at once must not be disturbed later.
    else if (this.hand.dirty === key) this.pause = setTimeout(() => this.settle(key), KEY_PAUSE);
  }

  drop(key) {
    this.spareNothing();
    const held = this.hand.held === key;
    if (this.hand.drop(key) || held) this.settle(key);
    if (held) room.apply();
  }

  /** Draw and send the value of a control that was moved; without one, show what had to wait for the hand. */
  settle(key) {
    clearTimeout(this.pause);
    const { dirty, pendingStop, late } = this.hand;
    if (dirty === key) {
      if (this.scheduled !== undefined && pendingStop !== undefined) {
        cancelAnimationFrame(this.scheduled);
        this.scheduled = undefined;
        this.drawFrame();
      }
      this.drawDue(true);
      this.commit({ set: { [key]: this.values[key] } });
    } else if (late) {
      this.hand.show(late);
      this.show(late);
    } else this.read();
  }

  enter(key, value) {
    this.values[key] = value;
    this.controls[key].value = value;
    this.controls[key].refresh();
    this.commit({ set: { [key]: value } });
  }

  /** A part of a figure was pressed that sets controls. */
  setAll(sets) {
    for (const key in sets) {
      this.values[key] = sets[key];
      this.controls[key].value = sets[key];
      this.controls[key].refresh();
    }
    this.commit({ set: { ...sets } });
  }

  gripTaken(grip, name) {
    this.arriveNow();
    leaveBox();
    room.touched();
    room.takes(this);
    this.leading = name;
    this.where = sectionOf(this.views[name].node);
    this.hand.hold(grip.control || `grip:${grip.name}`);
    this.gripStart = { ...this.values };
    this.spare();
    if (grip.control) this.prepare(grip.control);
  }

  gripMoved(grip, from, to) {
    if (grip.control) {
      const { stops } = this.model.controls[grip.control];
      const stop = nearest(stops, grip.axes === "x" ? to.x : to.y);
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

  /** The controls that a grip moves; of two that stand for each other the one on the screen. */
  movedBy(grip) {
    return (grip?.keys ?? []).map((keys) =>
      keys
        .split("|")
        .map((key) => this.controls[key])
        .find(({ spec }) => spec.shown),
    );
  }

  /** What a grip moves, as a slider says it: its first control by number, all of them in words. */
  gripSays(node, grip) {
    const moved = this.movedBy(grip);
    const texts = moved.map((c) => `${c.label.textContent} ${c.range.getAttribute("aria-valuetext")}`);
    const first = moved[0]?.range;
    const told = { valuetext: texts.join(", ") || grip.label, valuenow: first?.value ?? 0 };
    Object.assign(told, { valuemin: 0, valuemax: first?.max ?? 0 });
    for (const name in told)
      if (node.getAttribute(`aria-${name}`) !== String(told[name]))
        node.setAttribute(`aria-${name}`, told[name]);
  }

  gripNear(grip) {
    const [first] = this.movedBy(grip);
    if (first) this.prepare(first.key);
  }

  /** The keyboard leaves a grip: what it has moved is settled. */
  gripLeft(grip) {
    for (const { key } of this.movedBy(grip)) this.drop(key);
    this.settlePlace();
  }

  /** A key moves a grip: its first control sideways, its second up; one with more goes by its place. */
  gripPressed(grip, name, way, span) {
    room.touched();
    this.where = sectionOf(this.views[name].node);
    const moved = this.movedBy(grip);
    if (moved.length > 0 && moved.length < 3) {
      const control = moved[way[0] ? 0 : moved.length - 1];
      const { key, value } = control;
      const { stops } = control.spec;
      const { dirty } = this.hand;
      if (dirty !== undefined && dirty !== key) this.settle(dirty);
      const [steps, last] = [way[0] || way[1], stops.length - 1];
      const wide = Math.abs(steps) > 1 ? Math.max(1, last / 100) : 1;
      const stop = Math.round(Math.max(0, Math.min(last, nearest(stops, value) + steps * wide)));
      if (stops[stop] === value) return;
      control.range.value = stop;
      control.move(stop);
      this.changed(key);
      return;
    }
    clearTimeout(this.pause);
    this.place ??= {
      name: grip.name,
      x: grip.x,
      y: grip.y,
      from_x: grip.x,
      from_y: grip.y,
      start: { ...this.values },
    };
    ["x", "y"].forEach((axis, i) => {
      const [low, high] = span[i];
      if (way[i])
        this.place[axis] = Math.max(low, Math.min(high, this.place[axis] + (way[i] * (high - low)) / 100));
    });
    this.sendMoving({ drag: { ...this.place } });
    this.pause = setTimeout(() => this.settlePlace(), KEY_PAUSE);
  }

  settlePlace() {
    if (!this.place || this.hand.held) return;
    const drag = this.place;
    this.place = undefined;
    this.commit({ drag });
  }

  /** A grip is let go; if the page scrolls instead, what the finger found stands again. */
  gripDropped(grip, cancelled) {
    this.leading = undefined;
    const { control: key } = grip;
    if (key) {
      if (cancelled && this.hand.dirty === key) this.controls[key].restore(this.gripStart[key]);
      this.drop(key);
      return;
    }
    this.hand.drop(`grip:${grip.name}`);
    this.spareNothing();
    if (cancelled) Object.assign(this.values, this.gripStart);
    if (this.place) this.commit(cancelled ? {} : { drag: this.place });
    this.place = undefined;
  }

  // ---- Messages ----

  sendMoving(change) {
    if (!this.hand.mayMove(change, performance.now())) return;
    this.send({ ...change, moving: true, views: this.onScreen() });
  }

  /** Send settled values. */
  commit(change) {
    this.arriveNow();
    this.letGo();
    const [key] = Object.keys(change.set ?? {});
    if (key) this.where = sectionOf(this.controls[key].node);
    else if (change.preset || change.beat) this.where = undefined;
    this.asked = this.tables("isOpen");
    this.send({ ...change, reads: this.asked });
    this.isLed = false;
    // Where nothing follows from it, the state is known before it is answered.
    if (change.set && !this.model.follows) room.rests(this);
    // An answer can be superseded by another rerun and never come.
    clearTimeout(this.retry);
    this.again = () => this.root.isConnected && this.commit(change);
    this.retry = setTimeout(this.again, 2 * PATIENCE);
  }

  send(change) {
    this.stats.sent++;
    const message = this.hand.message(change, performance.now());
    const say = () => this.component.setStateValue("commit", message);
    if (change.moving) say();
    // A touch that takes the focus from a slider may press a button of the page in the same turn, and of two that
    // speak in one turn Streamlit hears only one.
    else setTimeout(say, TURN);
  }
}

let pulled; // the slider that a pointer holds

// What a pulled slider gets comes from the page's top down, through all that Streamlit's page listens with, which takes
// as long as what the slider does: from here it goes straight to it. Of a finger the slider itself sees where it goes.
const shield = (event) => {
  if (!pulled?.gesture || pulled.gesture.open) return;
  event.stopPropagation();
  if (event.type === "input" && event.target === pulled.range) pulled.pull();
};
for (const type of ["pointermove", "mousemove", "input"]) document.addEventListener(type, shield, true);

/** Whether an answer has every view of its sections. */
function complete({ sections, views }) {
  const tabs = sections.flatMap((section) => section.tabs).map(([name]) => name);
  const others = sections.flatMap(({ above, main, below }) => [...above, ...main, ...below]);
  return [...tabs, ...others].every((name) => name in views);
}

/** The slider that stands first: a hand is expected there. */
function firstSlider({ sections: [{ controls: keys, table }], controls: specs }) {
  return [...keys, ...table.flat()].find((key) => specs[key].live);
}

/** The address's query: the lesson's keys as Python says, whatever stands there that is not the lesson's, the tab's. */
function search(now, { address, values, guide }) {
  const ours = new Set(["lang", "at", ...(guide ? ["beat"] : []), ...Object.keys(values)]);
  const foreign = now
    .slice(1)
    .split("&")
    .filter(
      (part) => part && [...new URLSearchParams(part).keys()].every((key) => !ours.has(key) && !isKept(key)),
    );
  return `?${[address, ...foreign, ...parts()].join("&")}`;
}

// What whoever looks with the browser's tools, and the tests, want to know.
for (const name of ["held", "dirty", "pendingStop", "late", "seq", "answered", "turned", "frames"]) {
  const get = function () {
    return this.hand[name];
  };
  Object.defineProperty(Live.prototype, name, { get });
}

const instances = new WeakMap();
let open; // the lesson that is open

/** Whoever has come by a link of another lesson, which is gone, goes on from the title or the place that it names. */
function arrive({ lesson, model, sections }) {
  const came = open !== undefined && open !== lesson;
  open = lesson;
  if (!came || !document.activeElement.matches("body, [data-testid=stMain] *")) return;
  const place = sections.find(({ section }) => section.key === model.focus?.section)?.node;
  const start = place ?? document.querySelector("[data-testid=stMain] h1");
  start.tabIndex = -1;
  start.focus({ preventScroll: true });
}

/** The component with the controls and figures. */
export function show(component) {
  const root = component.parentElement.querySelector(".ll");
  if (!root) return undefined;
  if (!instances.has(root)) instances.set(root, new Live(root));
  const live = instances.get(root);
  root.__live = live;
  loaded.then(() => {
    if (!root.isConnected) return;
    live.update(component);
    arrive(live);
  });
  return () => {
    // Also called when newer data supersedes a call: only a root that is gone is cleared away.
    setTimeout(() => {
      if (!root.isConnected) live.purge();
    }, 0);
  };
}
