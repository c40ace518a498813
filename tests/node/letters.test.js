// A text that changes: only the letters that are others are written.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { say } from "../../static/live/letters.js";

/** A node with one text, as `say` sees it; it notes what is replaced. */
function written(text) {
  const letters = { nodeType: 3, data: text, replaced: [] };
  letters.replaceData = (at, count, other) => {
    letters.replaced.push([letters.data.slice(at, at + count), other]);
    letters.data = letters.data.slice(0, at) + other + letters.data.slice(at + count);
  };
  return { firstChild: letters };
}

const spelled = (before, after) => {
  const node = written(before);
  say(node, after);
  assert.equal(node.firstChild.data, after);
  return node.firstChild.replaced;
};

describe("a text that changes", () => {
  test("is not touched where it stays", () => {
    assert.deepEqual(spelled("0.25", "0.25"), []);
    assert.deepEqual(spelled("", ""), []);
  });

  test("keeps what stands before and behind", () => {
    assert.deepEqual(spelled("p = [0.25, 0.75]", "p = [0.31, 0.75]"), [["25", "31"]]);
    assert.deepEqual(spelled("0.5", "0.55"), [["", "5"]]);
    assert.deepEqual(spelled("0.55", "0.5"), [["5", ""]]);
    assert.deepEqual(spelled("aaa", "aa"), [["a", ""]]);
    assert.deepEqual(spelled("", "a"), [["", "a"]]);
    assert.deepEqual(spelled("a", ""), [["a", ""]]);
  });

  test("is right whatever it was", () => {
    // All texts of up to four of three letters, each into each.
    let texts = [""];
    for (let i = 0; i < 4; i++) texts = ["", ...texts.flatMap((t) => ["a", "b", "𝑝"].map((c) => t + c))];
    for (const before of texts) for (const after of texts) spelled(before, after);
  });

  test("is never cut between the halves of a letter", () => {
    assert.deepEqual(spelled("𝑝 1", "𝑞 1"), [["𝑝", "𝑞"]]);
    // The same second half.
    assert.deepEqual(spelled("\u{1d45d}", "\u{1f85d}"), [["\u{1d45d}", "\u{1f85d}"]]);
    for (const [cut, other] of spelled("x\u{1d45d}y", "x\u{1f85d}y"))
      for (const part of [cut, other]) assert.ok(part.isWellFormed());
  });
});

test("a text among other nodes is written anew", () => {
  const node = { firstChild: { nodeType: 3, nextSibling: {} }, textContent: "a b" };
  say(node, "c");
  assert.equal(node.textContent, "c");
});
