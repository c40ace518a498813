// What is laid over a picture: another state, one after the other.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Elsewhere, Frames } from "../../static/live/frames.js";

const leaf = (path, value) => ({ path, items: [value] });
const base = () => ({ a: { x: 1, y: [1, 2], z: { deep: 1 } }, b: { x: 5 } });

test("each state is laid over the picture, not over the one before", () => {
  const views = base();
  const elsewhere = new Elsewhere(views);
  let changes = elsewhere.write([leaf(["a", "x"], 2), leaf(["b", "x"], 6)]);
  assert.deepEqual(views, { ...base(), a: { ...base().a, x: 2 }, b: { x: 6 } });
  assert.deepEqual(Object.fromEntries(changes), { a: [[["a", "x"], 2]], b: [[["b", "x"], 6]] });
  changes = elsewhere.write([leaf(["a", "x"], 3)]);
  assert.deepEqual(views, { ...base(), a: { ...base().a, x: 3 } });
  assert.deepEqual(Object.fromEntries(changes), { a: [[["a", "x"], 3]], b: [[["b", "x"], 5]] });
  // What stays as it was is not drawn again.
  assert.deepEqual([...elsewhere.write([leaf(["a", "x"], 3)])], []);
  elsewhere.write([]);
  assert.deepEqual(views, base());
});

test("a part that differs whole, and then in a part of it", () => {
  const views = base();
  const elsewhere = new Elsewhere(views);
  elsewhere.write([leaf(["a", "z"], { other: 1 })]);
  elsewhere.write([leaf(["a", "z", "deep"], 2), leaf(["a", "y", 1], 3)]);
  assert.deepEqual(views, { a: { x: 1, y: [1, 3], z: { deep: 2 } }, b: { x: 5 } });
  elsewhere.write([leaf(["a", "z"], { other: 2 })]);
  elsewhere.write([]);
  assert.deepEqual(views, base());
});

test("a part that is not there any longer is left out", () => {
  const views = base();
  new Elsewhere(views).write([leaf(["c", "x"], 1)]);
  assert.deepEqual(views, base());
});

test("few stops may have a part that the picture has not", () => {
  const views = { told: { lines: [["plain"], [{ text: "1" }]] } };
  const leaves = [0, 1].map((i) => ({ path: ["told", "lines", i, 0, "text"], items: ["2", "3"] }));
  const frames = new Frames({ views: ["told"], first: 1, every: 8, count: 2 }, leaves, "");
  frames.write(1, views);
  assert.deepEqual(views, { told: { lines: [["plain"], [{ text: "2" }]] } });
});
