// The class in this tab: one line to its room (pages/shared/rooms.py says what goes over it), held as long as the
// document is, whatever page of the app it shows.
//
// Who draws the class's surface listens to `room` for "change" and reads from it:
//   status   "out", "joining", "in", or "lost" (the line is broken, or the server has started anew: it goes on trying)
//   why      why one is out: "code", "key", "full", "rooms", "later", "hostile", "ended", "offline"
//   role     "teacher" or "person"; code; link (the address that joins)
//   state    what everybody may know: leading, standing, lead, ask (messages.d.ts, RoomState)
//   people, mine, ticks   the newest of these messages; votes(): a promise of the CSV
//   alone    this person has left the lead; back() brings him to the newest state
//   own      the teacher shows data of his own, which stay with him: nobody is led
//   live     the lesson that is open
// and calls start(), join(code), quit(), say(kind, fields) with a teacher's or a person's messages.

const WAITS = [500, 1000, 2000, 4000, 8000]; // ms before the line is tried again
const STOP_GAP = 1000 / 30; // ms between two stops of the hand: as often as people are told
const LEAD_GAP = 330; // ms between two states of a hand that moves without frames
const PLACE_GAP = 50; // ms between two pictures of a ring that is followed: each is asked for
const STAND_GAP = 400; // ms between two words on where one stands
const REST = 1500; // ms without news after which Streamlit is told, and up to SPREAD more
const SPREAD = 4000;
const PATH = 7; // stops that the hand has passed which are told with that where it is
const BEHIND = 3; // stops that a follower may still have to draw when newer ones come
const SCROLLS = 3000; // ms for which the page may go on moving after the hand has done something
const AGAIN = 5000; // ms after which what did not come is tried again
const CODE = /^[BCDFHJKMNPRSTWXYZ]{6}$/;
const PACKED = "application/octet-stream";

const base = () => globalThis.__streamlit?.BACKEND_BASE_URL ?? `${location.origin}/`;
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** What the tab remembers over a reload; where it may not, nothing. */
const storage = {
  get(name) {
    try {
      return sessionStorage.getItem(`likelihood-lab:${name}`) ?? "";
    } catch {
      return "";
    }
  },
  set(name, text) {
    try {
      sessionStorage.setItem(`likelihood-lab:${name}`, text);
    } catch {}
  },
};

function randomName() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** A code as it was typed, or nothing. */
export function typedCode(text) {
  const code = text.replace(/[\s-]/g, "").toUpperCase();
  return CODE.test(code) ? code : "";
}

/**
 * Calls the newest of what is wanted, once in so many ms. What comes up to a third of that early goes at once, and the
 * next in its own time: with every second animation frame, not when a timer finds its turn.
 */
function paced(gap, act) {
  let timer;
  let next = -Infinity;
  return () => {
    const go = () => {
      clearTimeout(timer);
      timer = undefined;
      next = Math.max(next, performance.now()) + gap;
      act();
    };
    const wait = next - performance.now();
    if (wait <= gap / 3) go();
    else timer ??= setTimeout(go, wait);
  };
}

class Room extends EventTarget {
  constructor() {
    super();
    this.forget();
    this.status = "out";
    this.why = "";
    this.gesture = -Infinity; // when the hand last did something in this window
    this.ledAt = -Infinity; // when the lead last changed, by whichever window
    this.sendStop = paced(STOP_GAP, () => this.tellStop());
    this.sendPlace = paced(STOP_GAP, () => this.tellPlace());
    this.sendLead = paced(LEAD_GAP, () => this.tellLead());
    this.sendStand = paced(STAND_GAP, () => this.tellStand());
    this.listen();
  }

  forget() {
    this.code = "";
    this.key = "";
    this.role = undefined;
    this.state = null;
    this.people = null;
    this.mine = null;
    this.ticks = null;
    this.alone = false;
    this.own = false;
    this.tries = 0;
    this.led = undefined; // what was last led to, by whomever
    this.ours = undefined; // what this window has led to
    this.moves = false; // whether it has told since then where its hand moves
    this.stop = undefined; // where the hand is, and the stops that it has passed since that was told
    this.way = []; // stops of the leading hand that are still to be drawn
    this.stood = undefined;
    this.nearTold = undefined;
    this.brought = undefined; // the place that the eye was last brought to
  }

  change() {
    this.dispatchEvent(new Event("change"));
  }

  get teaches() {
    return this.role === "teacher" && this.status !== "out";
  }

  /** Whether the screen is the class's now. A teacher's window follows his others. */
  get follows() {
    const led = this.state && (this.state.leading || this.teaches);
    return this.status !== "out" && Boolean(led) && !this.alone;
  }

  /** The address that joins the class, at the lesson that is open. */
  get link() {
    const { pathname } = new URL(base());
    return `${location.origin}${pathname}?class=${this.code}`;
  }

  // ---- Coming and going ----

  /** Start a class of one's own. */
  async start() {
    this.status = "joining";
    this.change();
    try {
      const answer = await fetch(new URL("class", base()), { method: "POST" });
      const { code, key } = await answer.json();
      this.enter(code, key);
    } catch {
      this.out("offline");
    }
  }

  /** Join a class by its code, as it was typed. */
  join(text) {
    const code = typedCode(text);
    if (code) this.enter(code, "");
    else this.out("code");
  }

  enter(code, key) {
    this.cut();
    this.forget();
    Object.assign(this, { code, key, status: "joining", why: "", role: key ? "teacher" : "person" });
    storage.set("class", code);
    storage.set("key", key);
    this.mark();
    this.connect();
    this.change();
  }

  /** Leave the class, and keep what is on the screen. */
  quit(why = "") {
    this.cut();
    this.out(why);
  }

  out(why) {
    storage.set("class", "");
    storage.set("key", "");
    this.forget();
    this.status = "out";
    this.why = why;
    this.mark();
    this.change();
  }

  cut() {
    clearTimeout(this.again);
    const { socket } = this;
    this.socket = undefined;
    socket?.close();
  }

  /** Have the address say which class this is, and to the teacher's what opens it again. */
  mark() {
    const search = new URLSearchParams(location.search);
    if (this.code) search.set("class", this.code);
    else search.delete("class");
    const query = search.size ? `?${search}` : "";
    const hash = this.key ? `#teacher=${this.key}` : location.hash.replace(/^#teacher=.*/, "");
    const address = location.pathname + query + hash;
    if (address === location.pathname + location.search + location.hash) return;
    history.replaceState(history.state, "", address);
    if (this.live) this.live.search = location.search;
  }

  /** Go back to the class that the address names, or in which this tab was before it was loaded anew. */
  resume() {
    const given = new URLSearchParams(location.search).get("class") ?? "";
    const named = typedCode(given);
    if (given && !named) {
      this.out("code");
      return;
    }
    const [, key = ""] = /^#teacher=([\w-]{1,64})$/.exec(location.hash) ?? [];
    const code = named || storage.get("class");
    if (!code) return;
    this.enter(code, key || (code === storage.get("class") ? storage.get("key") : ""));
  }

  // ---- The line ----

  connect() {
    clearTimeout(this.again);
    const address = new URL(`class/${this.code}`, base());
    address.protocol = address.protocol.replace("http", "ws");
    const socket = (this.socket = new WebSocket(address));
    socket.addEventListener("open", () => {
      let me = storage.get("me") || this.me;
      if (!me) storage.set("me", (me = randomName()));
      this.me = me;
      socket.send(JSON.stringify(this.key ? { kind: "open", key: this.key } : { kind: "join", me }));
    });
    socket.addEventListener("message", ({ data }) => {
      if (this.socket === socket) this.hear(JSON.parse(data));
    });
    socket.addEventListener("close", () => {
      if (this.socket !== socket) return;
      this.socket = undefined;
      this.later(WAITS[Math.min(this.tries++, WAITS.length - 1)]);
    });
  }

  /** Try again, spread so that a class that comes back does not come at one moment. */
  later(wait) {
    if (this.status === "out") return;
    this.status = this.state ? "lost" : "joining";
    this.change();
    clearTimeout(this.again);
    this.again = setTimeout(() => this.connect(), wait * (0.5 + Math.random()));
  }

  say(kind, fields = {}) {
    if (this.status !== "in") return false;
    this.socket.send(JSON.stringify({ kind, ...fields }));
    return true;
  }

  /** The votes that were revealed, as CSV. */
  votes() {
    return new Promise((done) => {
      this.gotVotes = done;
      this.say("votes");
    });
  }

  hear(message) {
    const { kind } = message;
    if (kind === "seat") {
      this.tries = 0;
      this.led = this.stood = this.nearTold = undefined;
      this.role = message.role;
    } else if (kind === "state") this.hearState(message);
    else if (kind === "stop" || kind === "place") this.hearMoving(message);
    else if (kind === "near") {
      this.state.near = message.control;
      this.ready();
    } else if (kind === "votes") this.gotVotes?.(message.csv);
    else if (kind === "ended") this.quit("ended");
    else if (kind === "refused") this.refused(message.why);
    else this[kind] = message;
    // A stop is drawn, and changes nothing of the class's surface.
    if (!["stop", "place", "near"].includes(kind)) this.change();
  }

  refused(why) {
    const was = this.state !== null;
    this.cut();
    // After a restart of the server the room is there again as soon as its teacher is.
    if (why === "later" || (was && why === "code")) this.later(AGAIN);
    else this.quit(why);
  }

  hearState(state) {
    const before = this.state;
    this.state = state;
    this.way = [];
    this.status = "in";
    if (!state.standing) this.ticks = null;
    if (this.mine && this.mine.question !== state.ask?.question) this.mine = null;
    if (before?.ask?.phase !== "second" && state.ask?.phase === "second") this.mine = null;
    if (state.lead) this.led = state.lead;
    if (state.turn !== before?.turn) this.ledAt = performance.now();
    // Whoever gathers the class gathers those who went their own way before.
    if (before && !before.leading && state.leading) this.alone = false;
    if (state.standing && !before?.standing) this.sendStand();
    if (this.teaches && !state.lead) this.open(before);
    this.apply();
  }

  /** Lead from where one is; a room that was lost with its server goes on as it was. */
  open(before) {
    if (before && !before.leading) this.say("let_go");
    if (before?.standing) this.say("standing", { on: true });
    this.sendLead();
  }

  // ---- What the class is led to ----

  /** Bring the screen to where the class is. */
  apply() {
    const { live, state } = this;
    if (!this.follows || !state.lead || !live?.model || live.held) return;
    // What a teacher's hand has done here is there before it is told, and before it is answered.
    if (this.teaches && (this.lately || state.lead === this.ours)) return;
    if (live.lesson !== state.lead.lesson) {
      this.travel(state.lead);
      return;
    }
    this.ready();
    if (this.fits()) {
      this.look();
      if (state.moving) this.hearMoving(state.moving);
    } else this.paint();
  }

  /** Whether what is drawn is the lead's state, before what the hand moves in it. */
  fits() {
    const { values } = this.live.model;
    return Object.entries(this.state.lead.values).every(([key, value]) => values[key] === value);
  }

  /** Have the frames of the slider that the teacher comes to. */
  ready() {
    const { live, state } = this;
    if (!this.follows || !state.near || state.lead?.lesson !== live?.lesson) return;
    this.nearTold = state.near;
    if (state.near in live.controls) live.prepare(state.near);
  }

  /** Go to another lesson, in the state that is led to. */
  travel({ lesson, values, partly }) {
    if (this.travelling === lesson && performance.now() - this.left < AGAIN) return;
    this.travelling = lesson;
    this.left = performance.now();
    setTimeout(() => this.apply(), 1.1 * AGAIN);
    const address = new URL(lesson === "home" ? "" : lesson, base());
    // An address that names anything names everything: where something stays a person's own, his session knows it.
    const given = partly ? [] : Object.entries(values).filter(([, value]) => value !== "");
    const [ours, foreign] = [new Set(["at", ...Object.keys(this.live.values)]), []];
    for (const pair of new URLSearchParams(location.search)) if (!ours.has(pair[0])) foreign.push(pair);
    const lang = foreign.some(([name]) => name === "lang") ? [] : [["lang", this.live.model.language]];
    address.search = new URLSearchParams([...lang, ...foreign, ...given]);
    this.moving = true;
    history.pushState(history.state, "", address.pathname + address.search + location.hash);
    dispatchEvent(new PopStateEvent("popstate", { state: history.state }));
    this.moving = false;
  }

  /** Fetch all that is drawn of the state, one after another, the newest wins. */
  async paint() {
    if (this.painting) return;
    const { live } = this;
    const { lead } = this.state;
    this.painting = true;
    let answer;
    try {
      answer = await live.fetchState(lead.values);
    } finally {
      this.painting = false;
    }
    if (live !== this.live || !this.follows || live.held) return;
    const newest = this.state.lead;
    if (!answer) setTimeout(() => this.apply(), AGAIN);
    if (!answer || newest?.lesson !== live.lesson) return;
    live.lead(answer);
    this.rest();
    if (same(newest.values, lead.values)) {
      this.look();
      this.ready();
      if (this.state.moving) this.hearMoving(this.state.moving);
    } else this.apply();
  }

  /** Whether the teacher's hand can be followed: the state that it moves in is on the screen. */
  get canFollow() {
    const { live, state } = this;
    return this.follows && live?.lesson === state.lead?.lesson && !live.held && !this.painting;
  }

  /** Follow the teacher's hand. */
  hearMoving({ control, stop, path = [], values }) {
    if (control !== this.state.moving?.control) this.way = [];
    this.state.moving = values ? { values } : { control, stop };
    if (!this.canFollow) return;
    if (values) this.place();
    else this.hearStops(control, [...path, stop]);
  }

  hearStops(control, passed) {
    const stops = this.live.controls[control]?.spec?.stops ?? [];
    this.way = [...this.way, ...passed.filter((stop) => stop in stops)].slice(-BEHIND - 1);
    if (this.step === undefined) this.walk();
    this.rest();
  }

  /** Draw what the leading hand has passed, as it has: a stop in an animation frame. */
  walk() {
    this.step = undefined;
    if (!this.canFollow) this.way = [];
    if (!this.way.length) return;
    this.live.leadStop(this.state.moving.control, this.way.shift());
    // Asked for after the picture of that, in the same animation frame: the next one is in the next.
    this.step = requestAnimationFrame(() => this.walk());
  }

  /** Follow a ring: fetch the picture of its newest place, one after another. */
  async place() {
    if (this.placing) return;
    const { live, state } = this;
    const { turn, moving } = state;
    this.placing = true;
    const gap = new Promise((done) => setTimeout(done, PLACE_GAP));
    const found = await live.fetchPlace(moving.values);
    if (live === this.live && this.canFollow && this.state.turn === turn && found) {
      live.leadPlace(moving.values, found);
      this.rest();
    }
    await gap;
    this.placing = false;
    const newest = this.state?.moving;
    if (newest?.values && newest !== moving && this.canFollow) this.place();
  }

  /** Bring the tabs and the section to the eye that the teacher has chosen. */
  look() {
    const { live } = this;
    const { section, tabs } = this.state.lead;
    for (const name of tabs) {
      const place = live.sections.find((one) => one.section.tabs.some(([view]) => view === name));
      if (place && live.tab[place.section.key] !== name) live.choose(place.section, place.stage, name);
    }
    const wanted = `${live.lesson}/${section}`;
    if (this.brought === wanted) return;
    const first = this.brought === undefined && !section;
    this.brought = wanted;
    const target = live.sections.find((one) => one.section.key === section)?.node;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (!first && target) target.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "start" });
    else if (!first) live.main?.scrollTo({ top: 0, behavior: still ? "auto" : "smooth" });
  }

  /** Tell Streamlit what the class was led to, once all is at rest, not all people at one moment. */
  rest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(
      () => {
        const { live } = this;
        if (!live?.isLed || live.held || !live.root.isConnected) return;
        if (this.state?.moving && this.follows && this.status === "in") this.rest();
        else live.commit({});
      },
      REST + Math.random() * SPREAD,
    );
  }

  // ---- What the hand does in this window ----

  /** The hand has touched a control: a person goes his own way, and the lead leaves his screen alone. */
  touched() {
    this.gesture = performance.now();
    if (this.live) this.live.isLed = this.live.hand.led = false;
    if (this.role !== "person" || this.status === "out" || this.alone || !this.state?.leading) return;
    this.alone = true;
    this.way = [];
    this.change();
  }

  /** Come back to the class, at its newest state. */
  back() {
    this.alone = false;
    this.brought = undefined;
    this.change();
    this.apply();
  }

  listen() {
    const hand = () => (this.gesture = performance.now());
    for (const type of ["wheel", "touchmove", "pointerdown", "pointerup", "keydown"])
      addEventListener(type, hand, { capture: true, passive: true });
    const touched = (event, wanted) => {
      if (event.isTrusted && event.target.closest?.(wanted)) this.touched();
    };
    const controls = ".ll-control, .ll-presets, .ll-guide, .ll-grip";
    addEventListener("input", (event) => touched(event, controls), true);
    addEventListener("change", (event) => touched(event, controls), true);
    addEventListener(
      "pointerdown",
      (event) => {
        if (event.pointerType === "mouse" && event.button === 0)
          touched(event, ".ll-range, .ll-grip, .ll-number, .ll-text");
      },
      true,
    );
    addEventListener(
      "click",
      (event) =>
        touched(event, `${controls.replace(".ll-control", ".ll-control button")}, a[href], .stButton`),
      true,
    );
    addEventListener("popstate", () => this.moving || this.touched(), true);
    for (const [target, type] of [
      [globalThis, "online"],
      [document, "visibilitychange"],
    ]) {
      target.addEventListener(type, () => {
        if (this.status === "lost" && !this.socket && !document.hidden) this.connect();
      });
    }
  }

  /** Whether the hand has done something in this window that the class was not led to. */
  get lately() {
    return this.gesture > this.ledAt;
  }

  // ---- What a lesson tells ----

  /** An answer is on the screen. */
  shown(live) {
    this.live = live;
    if (!this.resumed) {
      this.resumed = true;
      this.resume();
    }
    if (this.status === "out") return;
    this.mark();
    if (live.lesson !== this.at) {
      // Whoever has gone there himself is there of his own will.
      if (this.at !== undefined && live.lesson !== this.travelling) this.touched();
      this.at = live.lesson;
      this.travelling = this.brought = undefined;
    }
    this.change();
    this.rests(live);
    this.apply();
  }

  /** The state has come to rest, or moves in steps of Streamlit's. */
  rests(live) {
    if (live !== this.live) return;
    if (this.teaches && this.led && live.model.moving && live.place) this.sendPlace();
    else if (this.teaches && (this.lately || !this.led || live.model.moving)) this.sendLead();
    this.sendStand();
  }

  /** The hand has moved a slider to the stop that is drawn now. */
  moved(live, control, stop) {
    if (live !== this.live || this.status === "out" || live.isLed) return;
    if (this.teaches && live.model.controls[control].live) {
      const { stop: before, path } = this.stop?.control === control ? this.stop : {};
      const passed = before === undefined || before === stop ? path : [...path, before].slice(-PATH);
      this.stop = { control, stop, path: passed ?? [] };
      this.sendStop();
    }
    this.sendStand();
  }

  /** The hand takes a ring: its places are told by what differs from the state that was led to. */
  takes(live) {
    if (live === this.live) this.tellLead();
  }

  nears(live, control) {
    if (!this.teaches || live !== this.live || this.own || this.nearTold === control) return;
    if (this.say("near", { control })) this.nearTold = control;
  }

  /** Another tab, or another part of the page, is before the eye. */
  looked(live) {
    // What has come to sight shows the state in which the ring was taken.
    if (live === this.live && this.state?.moving?.values && this.canFollow) this.place();
    if (!this.teaches || live !== this.live || live.hand.dirty || live.place) return;
    if (performance.now() - this.gesture < SCROLLS) this.sendLead();
  }

  /** The values that may be shared; none while somebody's own data are among them. */
  shared() {
    const { aside } = this.live.model;
    const { values } = this.live;
    this.own = values.data === "own" && aside.some((key) => values[key]);
    if (this.own) return undefined;
    return Object.fromEntries(Object.entries(values).filter(([key]) => !aside.includes(key)));
  }

  tellLead() {
    const { live } = this;
    if (!this.teaches || !live?.model || !live.root.isConnected) return;
    const had = this.own;
    const values = this.shared();
    if (had !== this.own) this.change();
    if (!values) return;
    const tabs = Object.values(live.tab);
    const lead = { lesson: live.lesson, values, section: this.section(), tabs };
    if ((same(lead, this.led) && !this.moves) || !this.say("lead", lead)) return;
    this.led = this.ours = this.state.lead = lead;
    this.ledAt = performance.now();
    // A stop that waits to be told would be one of this state.
    this.stop = undefined;
    this.moves = false;
    this.state.moving = null;
    this.nearTold = undefined;
  }

  tellStop() {
    if (!this.teaches || this.own || !this.stop || this.led?.lesson !== this.live.lesson) return;
    if (this.say("stop", this.stop)) this.hasMoved();
    this.stop = undefined;
  }

  tellPlace() {
    const { live } = this;
    // It may have come to rest meanwhile.
    if (!this.teaches || this.led?.lesson !== live?.lesson || !live.model?.moving) return;
    const values = this.shared();
    if (!values) return;
    const moved = Object.entries(values).filter(([key, value]) => this.led.values[key] !== value);
    if (this.say("place", { values: Object.fromEntries(moved) })) this.hasMoved();
  }

  /** Where another window's hand was counts no longer. */
  hasMoved() {
    this.moves = true;
    this.state.moving = null;
  }

  tellStand() {
    const { live, state } = this;
    if (this.role !== "person" || !state?.standing || !live?.model || !live.root.isConnected) return;
    const values = this.shared();
    if (!values) return;
    const stand = { lesson: live.lesson, values };
    if (!same(stand, this.stood) && this.say("stand", stand)) this.stood = stand;
  }

  /** The section before the eye: the last that begins above the middle; none at the top. */
  section() {
    const { sections } = this.live;
    const above = sections.filter(({ node }) => node.getBoundingClientRect().top < innerHeight / 3);
    const found = above.at(-1);
    return !found || found === sections[0] ? "" : found.section.key;
  }
}

export const room = new Room();

/** What is fetched of a state: an answer that lacks what only a session has. */
export async function fetchPacked(address, unpack) {
  try {
    const response = await fetch(new URL(address, document.baseURI));
    if (response.ok && response.headers.get("Content-Type") === PACKED)
      return unpack(new Uint8Array(await response.arrayBuffer()));
  } catch {}
  return undefined;
}
