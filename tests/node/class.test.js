// The class in a tab, without a page: the line to its room, whom it follows, and when it lets go.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { setImmediate } from "node:timers";

const said = [];
let lines = [];

class Line extends EventTarget {
  constructor(address) {
    super();
    this.address = String(address);
    lines.push(this);
  }
  send(text) {
    said.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
  }
  open() {
    this.dispatchEvent(new Event("open"));
  }
  tell(message) {
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(message) }));
  }
  cut() {
    this.dispatchEvent(new Event("close"));
  }
}

const kept = new Map();
Object.assign(globalThis, {
  WebSocket: Line,
  location: { origin: "http://lab", pathname: "/softmax", search: "", hash: "" },
  history: { state: null, replaceState() {}, pushState() {} },
  sessionStorage: {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, text) => kept.set(name, text),
  },
  document: { addEventListener() {}, baseURI: "http://lab/" },
  addEventListener() {},
  requestAnimationFrame: (act) => setTimeout(act, 16),
  cancelAnimationFrame: clearTimeout,
  matchMedia: () => ({ matches: true }),
});
mock.timers.enable({ apis: ["setTimeout"] });
const now = mock.method(performance, "now", () => 1e6);
const { room, typedCode } = await import("../../static/live/class.js");

const STATE = {
  kind: "state",
  leading: true,
  standing: false,
  turn: 1,
  lead: { lesson: "softmax", values: { z1: 1 }, partly: false, section: "", tabs: [] },
  moving: null,
  near: "",
  ask: null,
};

/** As much of a lesson as the class looks at. */
function lesson(values = { z1: 1 }) {
  const range = { value: 0 };
  return {
    lesson: "softmax",
    model: { aside: [], values: { ...values }, controls: { z1: { live: true } } },
    values: { ...values },
    controls: { z1: { spec: { stops: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] }, range } },
    hand: { dirty: undefined },
    root: { isConnected: true },
    sections: [],
    tab: {},
    held: null,
    moves: [],
    prepare() {},
    leadStop(key, stop) {
      this.moves.push(stop);
      this.hand.dirty = key;
      range.value = stop;
    },
    fetchState: () => new Promise(() => {}),
    asked: [],
    fetchPlace(others) {
      return new Promise((done) => this.asked.push([others, done]));
    },
    leadPlace({ z1 }) {
      this.moves.push(z1);
    },
  };
}

function line() {
  return lines.at(-1);
}

function enter(key = "") {
  room.enter("BCDFHJ", key);
  line().open();
  line().tell({ kind: "seat", role: key ? "teacher" : "person", code: "BCDFHJ" });
  line().tell(STATE);
}

function frames(count) {
  for (let i = 0; i < count; i++) mock.timers.tick(16);
}

beforeEach(() => {
  frames(1);
  room.quit();
  room.live = undefined;
  room.at = undefined;
  said.length = 0;
  lines = [];
  kept.clear();
});

test("codes are read as they are typed", () => {
  assert.equal(typedCode(" bcd-fhj "), "BCDFHJ");
  for (const text of ["", "BCDFH", "BCDFHA", "BCDFHJK"]) assert.equal(typedCode(text), "");
  room.join("nothing");
  assert.deepEqual([room.status, room.why, lines.length], ["out", "code", 0]);
});

test("a person says his tab's name, a teacher the key, and both come back to their class", () => {
  enter();
  assert.equal(line().address, "ws://lab/class/BCDFHJ");
  assert.equal(said[0].kind, "join");
  assert.match(said[0].me, /^[\w-]{22}$/);
  assert.equal(room.status, "in");
  const { me } = said[0];
  line().cut();
  assert.equal(room.status, "lost");
  mock.timers.tick(1000);
  line().open();
  assert.equal(said[1].me, me);
  assert.equal(lines.length, 2);
  enter("key");
  assert.deepEqual(said.at(-1), { kind: "open", key: "key" });
  assert.equal(room.teaches, true);
});

test("a line that does not come is tried less and less often", () => {
  enter();
  const tries = [];
  for (let i = 0; i < 8; i++) {
    line().cut();
    const before = lines.length;
    let waited = 0;
    while (lines.length === before) {
      mock.timers.tick(100);
      waited += 100;
    }
    tries.push(waited);
  }
  assert.ok(tries[0] <= 900, tries);
  assert.ok(tries.at(-1) >= 4000 && tries.at(-1) <= 12_100, tries);
});

test("of a class that was never there one is out; one that was there comes back", () => {
  room.enter("BCDFHJ", "");
  line().open();
  line().tell({ kind: "refused", why: "code" });
  assert.deepEqual([room.status, room.why], ["out", "code"]);
  enter();
  line().tell({ kind: "refused", why: "code" });
  assert.equal(room.status, "lost");
  const before = lines.length;
  mock.timers.tick(8000);
  assert.equal(lines.length, before + 1);
});

test("once it has ended nothing is tried again", () => {
  enter();
  line().tell({ kind: "ended" });
  line().cut();
  mock.timers.tick(60_000);
  assert.deepEqual([room.status, room.why, lines.length, room.code], ["out", "ended", 1, ""]);
  assert.equal(kept.get("likelihood-lab:class"), "");
});

/** What the room tells of a hand. */
const hand = (stop, path = [], control = "z1") => ({ kind: "stop", turn: 1, control, stop, path });

test("what a hand has passed is drawn as it has, a stop in an animation frame", () => {
  enter();
  const { moves } = (room.live = lesson());
  line().tell(hand(3));
  line().tell(hand(5, [4]));
  assert.deepEqual(moves, [3]);
  frames(1);
  assert.deepEqual(moves, [3, 4]);
  line().tell(hand(6));
  frames(1);
  assert.deepEqual(moves, [3, 4, 5]);
  frames(10);
  assert.deepEqual(moves, [3, 4, 5, 6]);
  for (const wrong of [hand(99), hand(1, [], "no")]) line().tell(wrong);
  frames(10);
  assert.deepEqual(moves, [3, 4, 5, 6]);
});

test("who is behind leaves out the oldest stops, and never the last", () => {
  enter();
  const { moves } = (room.live = lesson());
  for (const first of [0, 2, 4, 6, 8]) line().tell(hand(first + 1, [first]));
  assert.deepEqual(moves, [0]);
  frames(10);
  assert.deepEqual(moves, [0, 6, 7, 8, 9]);
});

test("what is still to be drawn of a hand goes when its state comes to rest, and when one goes one's own way", () => {
  enter();
  const live = (room.live = lesson());
  line().tell(hand(4, [2, 3]));
  line().tell({ ...STATE, turn: 2 });
  frames(10);
  assert.deepEqual(live.moves, [2]);
  line().tell(hand(4, [2, 3]));
  room.touched();
  frames(10);
  assert.deepEqual(live.moves, [2, 2]);
});

/** Let what waits for a promise go on. */
const turn = () => new Promise((done) => setImmediate(done));

test("of a ring's places the newest is fetched, one after another, and none that is of an older state", async () => {
  enter();
  const live = (room.live = lesson());
  for (const z1 of [2, 3, 4]) line().tell({ kind: "place", turn: 1, values: { z1 } });
  assert.deepEqual(
    live.asked.map(([values]) => values),
    [{ z1: 2 }],
  );
  live.asked[0][1]({});
  await turn();
  assert.deepEqual(live.moves, [2]);
  mock.timers.tick(50);
  await turn();
  assert.deepEqual(
    live.asked.map(([values]) => values),
    [{ z1: 2 }, { z1: 4 }],
  );
  room.looked(live); // one at a time
  line().tell({ ...STATE, turn: 2 });
  live.asked[1][1]({});
  await turn();
  assert.deepEqual(live.moves, [2]);
  mock.timers.tick(50);
  await turn();
  assert.equal(live.asked.length, 2);
  // What comes to sight later is asked for, though the ring rests.
  line().tell({ ...STATE, turn: 2, moving: { values: { z1: 4 } } });
  live.asked[2][1]({});
  await turn();
  mock.timers.tick(50);
  await turn();
  assert.deepEqual([live.moves, live.asked.length], [[2, 4], 3]);
  room.looked(live);
  assert.equal(live.asked.length, 4);
});

test("whoever has touched a control is left alone until he comes back", () => {
  enter();
  room.live = lesson();
  room.touched();
  assert.deepEqual([room.alone, room.follows], [true, false]);
  line().tell({ kind: "stop", turn: 1, control: "z1", stop: 4 });
  assert.deepEqual(room.live.moves, []);
  room.back();
  assert.deepEqual(room.live.moves, [4]);
});

test("who is gathered again follows, though he went his own way before", () => {
  enter();
  room.live = lesson();
  room.touched();
  line().tell({ ...STATE, leading: false });
  assert.equal(room.follows, false);
  line().tell({ ...STATE, moving: { control: "z1", stop: 2 } });
  assert.deepEqual([room.alone, room.live.moves], [false, [2]]);
});

test("nothing is moved under a hand that holds a control", () => {
  enter();
  room.live = lesson();
  room.live.held = "z1";
  line().tell({ kind: "stop", turn: 1, control: "z1", stop: 4 });
  assert.deepEqual(room.live.moves, []);
  room.live.held = null;
  room.apply();
  assert.deepEqual(room.live.moves, [4]);
});

test("a teacher's stops are told thirty times a second, the last of them always", () => {
  enter("key");
  room.live = lesson();
  let time = 1e6;
  now.mock.mockImplementation(() => time);
  said.length = 0;
  for (let i = 0; i < 100; i++) {
    room.moved(room.live, "z1", i % 10);
    time += 8;
    mock.timers.tick(8);
  }
  time += 100;
  mock.timers.tick(100);
  const stops = said.filter(({ kind }) => kind === "stop");
  assert.ok(stops.length >= 20 && stops.length <= 26, stops.length);
  // With each what the hand has passed since the one before: nothing is left out.
  assert.deepEqual(
    stops.flatMap(({ path, stop }) => path.concat(stop)),
    Array.from({ length: 100 }, (_, i) => i % 10),
  );
});

test("of what a hand has passed the newest are told, as many as the room takes", () => {
  enter("key");
  room.live = lesson();
  let time = 1.05e6;
  now.mock.mockImplementation(() => time);
  said.length = 0;
  for (let i = 0; i < 12; i++) room.moved(room.live, "z1", i % 10);
  room.moved(room.live, "z1", 1);
  time += 40;
  mock.timers.tick(40);
  assert.deepEqual(said.slice(-2), [
    { kind: "stop", control: "z1", stop: 0, path: [] },
    { kind: "stop", control: "z1", stop: 1, path: [4, 5, 6, 7, 8, 9, 0] },
  ]);
});

test("what is told at every second animation frame is not late by a frame, and no more often than may be", () => {
  enter("key");
  room.live = lesson();
  let time = 1.08e6;
  now.mock.mockImplementation(() => time);
  for (const [frame, least, most] of [
    [16.6, 29, 31],
    [19, 25, 31],
    [8.3, 29, 31],
  ]) {
    said.length = 0;
    // The timer comes late: the main thread draws.
    for (let i = 0; i < 1000 / frame; i++) {
      room.moved(room.live, "z1", i % 10);
      time += frame;
    }
    assert.ok(said.length >= least && said.length <= most, [frame, said.length]);
    mock.timers.tick(1000);
    time += 1000;
  }
});

test("a stop that waits is not told after the state in which it came to rest", () => {
  enter("key");
  const live = (room.live = lesson());
  let time = 1.1e6;
  now.mock.mockImplementation(() => time);
  said.length = 0;
  room.moved(live, "z1", 3);
  time += 5;
  room.moved(live, "z1", 4);
  live.values.z1 = 4;
  room.tellLead();
  mock.timers.tick(100);
  assert.deepEqual(
    said.map(({ kind }) => kind),
    ["stop", "lead"],
  );
  // What this window has led to it is not led to itself, though its own answer is still to come.
  live.fetchState = () => assert.fail("its own state is fetched");
  room.apply();
  assert.deepEqual(live.moves, []);
  // Back where it was, the hand is at rest all the same.
  time += 1000;
  room.moved(live, "z1", 5);
  room.tellLead();
  assert.deepEqual(
    said.map(({ kind }) => kind),
    ["stop", "lead", "stop", "lead"],
  );
});

test("after a restart of the server the class goes on as it was", () => {
  enter("key");
  room.live = lesson();
  line().tell({ ...STATE, leading: false, standing: true });
  line().cut();
  mock.timers.tick(1000);
  line().open();
  line().tell({ kind: "seat", role: "teacher", code: "BCDFHJ" });
  said.length = 0;
  line().tell({ ...STATE, turn: 0, lead: null });
  assert.deepEqual(
    said.map(({ kind }) => kind),
    ["let_go", "standing", "lead"],
  );
  assert.deepEqual(said.at(-1).values, { z1: 1 });
});

test("what is a person's own is not led to", () => {
  enter("key");
  room.live = lesson({ z1: 1, data: "own", own: "abc" });
  room.live.model.aside = ["own"];
  said.length = 0;
  room.led = undefined;
  room.tellLead();
  assert.deepEqual([said, room.own], [[], true]);
  room.live.values.data = "five";
  room.tellLead();
  assert.deepEqual(said[0].values, { z1: 1, data: "five" });
});

test("where one stands is told while the teacher wants to see it, once", () => {
  enter();
  room.live = lesson({ z1: 5 });
  room.alone = true;
  said.length = 0;
  room.tellStand();
  assert.deepEqual(said, []);
  line().tell({ ...STATE, standing: true });
  room.tellStand();
  assert.deepEqual(said, [{ kind: "stand", lesson: "softmax", values: { z1: 5 } }]);
});

test("a teacher's ring is told by what it has moved, and no state meanwhile", () => {
  enter("key");
  let time = 2e6;
  now.mock.mockImplementation(() => time);
  const live = (room.live = lesson({ z1: 1, z2: 2 }));
  room.takes(live);
  said.length = 0;
  live.model.moving = true;
  live.place = {};
  for (let i = 0; i < 100; i++) {
    live.values.z1 = i;
    room.rests(live);
    time += 8;
    mock.timers.tick(8);
  }
  time += 100;
  mock.timers.tick(100);
  assert.ok(said.length >= 20 && said.length <= 26, said.length);
  assert.deepEqual(said.at(-1), { kind: "place", values: { z1: 99 } });
  assert.ok(said.every(({ kind }) => kind === "place"));
  live.model.moving = false;
  live.place = undefined;
  room.gesture = time;
  room.rests(live);
  assert.equal(said.at(-1).kind, "lead");
});
