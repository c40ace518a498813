// The state under the hand: no page, no clock, no line.

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { Frames } from "../../static/live/frames.js";
import { Hand, PATIENCE } from "../../static/live/hand.js";

const STOPS = Array.from({ length: 201 }, (_, i) => (i - 100) / 10);
const SLIDER = { live: true, stops: STOPS };
const CONTROLS = { z1: SLIDER, z2: SLIDER, k: { live: false, stops: [2, 3, 4] }, c1: { live: false } };
const START = { z1: 5, z2: 4, k: 3, c1: "" };

/** An answer of Python's: to commit `seq` of `client`. */
function answer(seq = 0, { values = START, client = "me", ...rest } = {}) {
  return {
    name: `answer ${seq}`,
    ack: [client, seq],
    moving: false,
    focus: null,
    language: "en",
    frames: "frames/v1/-/toy/en",
    aside: [],
    values: { ...values },
    follows: false,
    controls: CONTROLS,
    views: { bars: {} },
    ...rest,
  };
}

/** Frames of a control in some views: of all its stops, or each `every`-th. */
function frames(hand, key, views, every = 1) {
  return new Frames({ views, first: 0, every, count: 1 }, [], hand.token(key));
}

let hand;
beforeEach(() => {
  hand = new Hand("me");
  hand.receive(answer());
});

describe("answers", () => {
  test("the newest is shown", () => {
    hand.move("z1", 0, 1);
    hand.drop("z1");
    const { seq } = hand.message({ set: { z1: 1 } }, 0);
    hand.letGo();
    assert.equal(hand.receive(answer(seq, { values: { ...START, z1: 1 } })), "shown");
    assert.deepEqual(hand.values, { ...START, z1: 1 });
    assert.equal(hand.answered, seq);
  });

  test("one of a session that knows nothing of us tells that the newest commit is lost, if it is", () => {
    hand.values.z1 = 7;
    const { seq } = hand.message({}, 0);
    assert.equal(hand.receive(answer(0, { client: "" })), "lost");
    assert.equal(hand.values.z1, 7);
    assert.equal(hand.receive(answer(seq, { values: hand.values })), "shown");
    assert.equal(hand.receive(answer(0, { client: "" })), "old");
    assert.equal(hand.values.z1, 7);
  });

  test("one to an older commit puts nothing back", () => {
    hand.message({}, 0);
    hand.values.z1 = 7;
    hand.message({}, 10);
    assert.equal(hand.receive(answer(1)), "old");
    assert.equal(hand.values.z1, 7);
    assert.equal(hand.answered, 0);
    assert.equal(hand.receive(answer(2, { values: { ...START, z1: 7 } })), "shown");
  });

  test("one to another visit's commit is taken only while this one has said nothing", () => {
    assert.equal(hand.receive(answer(9, { client: "other" })), "shown");
    assert.equal(hand.answered, 0);
    hand.message({}, 0);
    assert.equal(hand.receive(answer(1)), "shown");
    assert.equal(hand.receive(answer(9, { client: "other" })), "old");
  });

  test("one that comes while a class's hand moves a control waits for its end", () => {
    hand.led = true;
    hand.move("z1", 0, 1);
    const rerun = answer(0, { name: "rerun" });
    assert.equal(hand.receive(rerun), "late");
    assert.equal(hand.model.name, "answer 0");
    hand.letGo();
    assert.equal(hand.receive(rerun), "shown");
  });

  test("one that comes while a control is held waits", () => {
    hand.hold("z1");
    const rerun = answer(0, { language: "ko" });
    assert.equal(hand.receive(rerun), "late");
    assert.equal(hand.model.language, "en");
    assert.equal(hand.late, rerun);
    assert.equal(hand.drop("z1"), false);
    hand.show(hand.late);
    assert.equal(hand.model.language, "ko");
    assert.equal(hand.late, null);
  });

  test("one to a movement is shown while it goes on", () => {
    hand.hold("grip:p");
    const { seq } = hand.message({ moving: true }, 0);
    assert.equal(hand.receive(answer(seq, { moving: true, values: { ...START, z2: 1 } })), "shown");
    assert.equal(hand.held, "grip:p");
    assert.equal(hand.values.z2, 1);
  });

  test("a state chosen elsewhere takes the hand off", () => {
    hand.hold("z1");
    hand.move("z1", 3, 2);
    assert.equal(hand.receive(answer(0, { focus: { turn: 1 } })), "elsewhere");
    assert.deepEqual([hand.held, hand.dirty, hand.pendingStop], [null, undefined, undefined]);
    assert.deepEqual(hand.values, START);
    // The wish is followed once.
    hand.turned = 1;
    hand.hold("z1");
    assert.equal(hand.receive(answer(0, { focus: { turn: 1 } })), "late");
  });

  test("the control that is moved is ahead of them", () => {
    hand.move("z1", 3, 2);
    hand.receive(answer(0, { values: { ...START, z2: 9 } }));
    assert.deepEqual(hand.values, { ...START, z1: 2, z2: 9 });
  });

  test("views that an answer has not stay", () => {
    hand.receive(answer(0, { views: { text: {} } }));
    assert.deepEqual(Object.keys(hand.model.views), ["bars", "text"]);
  });
});

/** The views and the part that a wish is for. */
const part = ({ address }) => address.split("/").slice(6, 8).join(" ").replace(/\?.*/, "");

describe("frames", () => {
  test("the same state, the same token, whatever the control itself is at", () => {
    const token = hand.token("z1");
    hand.move("z1", 0, -10);
    assert.equal(hand.token("z1"), token);
    hand.move("z2", 0, -10);
    assert.notEqual(hand.token("z1"), token);
  });

  test("values that only look alike have different tokens", () => {
    const tokens = new Set();
    const names = [
      ["a|b", "c"],
      ["a", "b|c"],
      ["ab", ""],
      ["bA", ""], // the same under a hash of 33 · sum + letter
      ['a","b', ""],
      ["", "ab"],
    ];
    for (const [c1, c2] of names) {
      hand.values = { ...START, c1, c2 };
      tokens.add(hand.token("z1"));
    }
    // Version, data, lesson and language belong to the state as well.
    hand.model = { ...hand.model, frames: "frames/v1/-/toy/ko" };
    tokens.add(hand.token("z1"));
    assert.equal(tokens.size, names.length + 1);
  });

  test("are asked for once, and again when an answer is taken for lost", () => {
    const state = "z2=4&k=3&c1=";
    const wish = hand.wish("z1", 150, ["bars", "text"], 100);
    assert.deepEqual(wish, {
      token: `frames/v1/-/toy/en/z1?${state}`,
      address: `frames/v1/-/toy/en/z1/bars,text/6?${state}`,
    });
    assert.equal(hand.near, "z1");
    assert.equal(hand.wish("z1", 150, ["bars", "text"], 100 + PATIENCE - 1), undefined);
    assert.ok(hand.wish("z1", 150, ["bars", "text"], 100 + PATIENCE));
    assert.ok(hand.wish("z2", 150, ["bars"], 100 + PATIENCE));
  });

  test("are asked for without what their source says already", () => {
    hand.model = { ...hand.model, aside: ["c1"] };
    assert.equal(hand.token("z1"), "frames/v1/-/toy/en/z1?z2=4&k=3");
  });

  test("come coarse first, then whole; of few stops whole at once", () => {
    assert.equal(part(hand.wish("z1", 7, ["bars"], 0, true)), "bars all"); // early, before a hand is there
    hand.asked = {};
    assert.equal(part(hand.wish("z1", 7, ["bars"], 0)), "bars 7");
    hand.keep("z1", frames(hand, "z1", ["bars"], 4));
    assert.equal(part(hand.wish("z1", 8, ["bars"], 0)), "bars all");
    hand.keep("z1", frames(hand, "z1", ["bars"]));
    assert.equal(hand.wish("z1", 8, ["bars"], 0), undefined);
    assert.equal(part(hand.wish("k", 1, ["bars"], 0)), "bars all");
  });

  test("that are there are asked for only for what came into sight", () => {
    assert.ok(hand.keep("z1", frames(hand, "z1", ["bars"])));
    assert.equal(hand.wish("z1", 0, ["bars"], 0), undefined);
    assert.equal(hand.wish("z2", 0, [], 0), undefined);
    assert.match(hand.wish("z1", 0, ["bars", "text"], 0).address, /\/z1\/text\/0\?/);
    assert.ok(hand.keep("z1", frames(hand, "z1", ["text"], 4)));
    const kept = hand.framesOf("z1");
    assert.deepEqual([...kept.views.keys()].toSorted(), ["bars", "text"]);
    assert.deepEqual(kept.rough, ["text"]);
    assert.match(hand.wish("z1", 0, ["bars"], 0).address, /\/z1\/text\/all\?/);
  });

  test("are not asked for before the answer where Python may change other values", () => {
    hand.model = { ...hand.model, follows: true };
    hand.message({ set: { k: 2 } }, 0);
    assert.equal(hand.wish("z1", 0, ["bars"], 0), undefined);
    assert.equal(hand.near, "z1");
    hand.receive(answer(1, { follows: true }));
    assert.ok(hand.wish("z1", 0, ["bars"], 1));
  });

  test("of another slider are asked for instead, and those of the first anew", () => {
    assert.ok(hand.wish("z1", 0, ["bars"], 0));
    assert.ok(hand.wish("z2", 0, ["bars"], 1));
    assert.ok(hand.wish("z1", 0, ["bars"], 2));
  });

  test("of a slider that is left have time, unless it is held", () => {
    hand.wish("z1", 0, ["bars"], 0);
    assert.equal(hand.leave("z2"), false);
    assert.equal(hand.leave("z1"), true);
    assert.equal(hand.near, undefined);
    assert.ok(hand.wish("z1", 0, ["bars"], 1));
    hand.hold("z1");
    assert.equal(hand.leave("z1"), false);
    assert.equal(hand.near, "z1");
  });

  test("that did not come are not asked for again at once", () => {
    const wish = hand.wish("z1", 0, ["bars"], 0);
    hand.refuse(wish, false, 5);
    assert.equal(hand.wish("z1", 0, ["bars"], 10), undefined);
    // Nothing is under way: a movement is sent at once.
    hand.move("z1", 7, 1);
    assert.deepEqual(hand.step(11), { change: { set: { z1: 1 } } });
    assert.ok(hand.wish("z2", 0, ["bars"], 12));
    assert.ok(hand.wish("z1", 0, ["bars"], 60_000));
  });

  test("that are not there at all are asked for no more, until Python names another place", () => {
    hand.refuse(hand.wish("z1", 0, ["bars"], 0), true, 0);
    assert.equal(hand.wish("z2", 0, ["bars"], 1e9), undefined);
    hand.model = { ...hand.model, frames: "frames/v2/-/toy/en" };
    assert.ok(hand.wish("z2", 0, ["bars"], 1e9));
  });

  test("of a state that is left are not kept, and those of one that is left are dropped", () => {
    const old = frames(hand, "z1", ["bars"]);
    hand.keep("z2", frames(hand, "z2", ["bars"]));
    hand.move("z2", 0, -1);
    assert.equal(hand.keep("z1", old), false);
    assert.equal(hand.framesOf("z1"), undefined);
    assert.ok(hand.framesOf("z2"));
    assert.ok(hand.keep("z1", frames(hand, "z1", ["bars"])));
    hand.move("z1", 0, -1);
    assert.equal(hand.framesOf("z2"), undefined);
    hand.keep("z1", frames(hand, "z1", ["bars"]));
    assert.deepEqual([...hand.frames.keys()], ["z1"]);
  });
});

describe("a moving hand", () => {
  test("has its frame written, once", () => {
    const kept = frames(hand, "z1", ["bars"]);
    hand.keep("z1", kept);
    assert.deepEqual(hand.step(0), {});
    hand.move("z1", 7, 1);
    assert.deepEqual(hand.step(0), { frames: kept, stop: 7 });
    assert.deepEqual(hand.step(0), {});
  });

  test("waits a little for frames, then sends its movements", () => {
    hand.move("z1", 7, 1);
    hand.wish("z1", 0, ["bars"], 100);
    assert.deepEqual(hand.step(400), {});
    assert.equal(hand.pendingStop, 7);
    assert.deepEqual(hand.step(401), { change: { set: { z1: 1 } } });
    assert.equal(hand.pendingStop, undefined);
  });

  test("does not wait for frames that nobody asked for, nor where there are none", () => {
    hand.move("z1", 7, 1);
    assert.deepEqual(hand.step(0), { change: { set: { z1: 1 } } });
    hand.move("k", 1, 4);
    hand.wish("k", 0, ["bars"], 0);
    assert.deepEqual(hand.step(1), { change: { set: { k: 4 } } });
  });

  test("has one message under way, and the newest waits", () => {
    assert.equal(hand.mayMove({ n: 1 }, 0), true);
    const { seq } = hand.message({ n: 1 }, 0);
    assert.equal(hand.mayMove({ n: 2 }, 10), false);
    assert.equal(hand.mayMove({ n: 3 }, 20), false);
    assert.deepEqual(hand.next, { n: 3 });
    hand.receive(answer(seq, { moving: true }));
    assert.equal(hand.mayMove(hand.next, 30), true);
    assert.equal(hand.next, undefined);
  });

  test("goes on when an answer never comes", () => {
    hand.message({}, 0);
    assert.equal(hand.mayMove({}, PATIENCE), false);
    assert.equal(hand.mayMove({}, PATIENCE + 1), true);
  });

  test("that lets go has something to settle only if it moved", () => {
    hand.hold("z1");
    assert.equal(hand.drop("z1"), false);
    hand.hold("z1");
    hand.move("z1", 0, 1);
    assert.equal(hand.drop("z2"), false);
    assert.equal(hand.held, "z1");
    assert.equal(hand.drop("z1"), true);
    assert.equal(hand.held, null);
  });
});

test("messages are numbered, and carry all values as they are then", () => {
  const one = hand.message({ set: { z1: 1 } }, 0);
  hand.values.z1 = 2;
  const two = hand.message({ preset: "tie" }, 1);
  const around = { client: "me", has: "answer 0", intact: ["bars"] };
  assert.deepEqual(one, { ...around, seq: 1, values: START, set: { z1: 1 } });
  assert.deepEqual(two, { ...around, seq: 2, values: { ...START, z1: 2 }, preset: "tie" });
});

/** Numbers that are the same on every machine. */
function chance(seed) {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % n;
  };
}

test("whatever happens in whatever order, nothing that was let go of is lost", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const draw = chance(seed);
    const me = new Hand("me");
    me.receive(answer());
    const server = { ...START }; // what Python has when it has read all messages
    const wanted = { ...START }; // what the person has let go of
    const line = []; // messages and answers under way, in order
    let now = 0;
    const commit = (key) => {
      wanted[key] = me.values[key];
      const change = { set: { [key]: me.values[key] } };
      me.letGo();
      line.push(me.message(change, now));
    };
    const arrive = () => {
      const message = line.shift();
      if (!message) return;
      Object.assign(server, message.values);
      me.receive(answer(message.seq, { values: server, moving: Boolean(message.moving) }));
    };
    for (let i = 0; i < 40; i++) {
      now += draw(500);
      const key = ["z1", "z2", "c1"][draw(3)];
      const act = draw(4);
      if (act === 0) arrive();
      else if (act === 1 && !me.held) {
        me.hold(key);
        for (let n = draw(4); n > 0; n--) me.move(key, 0, draw(100));
        const { change } = me.step(now);
        if (change && me.mayMove(change, now)) line.push(me.message({ ...change, moving: true }, now));
      } else if (act === 2 && me.held) {
        if (me.drop(me.held)) commit(me.dirty);
        else if (me.late) me.show(me.late);
      } else if (act === 3 && !me.held) {
        me.values[key] = draw(100);
        commit(key);
      }
    }
    if (me.held && me.drop(me.held)) commit(me.dirty);
    else if (me.late) me.show(me.late);
    while (line.length) arrive();
    assert.deepEqual(me.values, wanted, `seed ${seed}`);
    assert.equal(me.answered, me.seq, `seed ${seed}`);
  }
});
