// The painter's arithmetic: what plotly.js writes into the attributes of marks, worked by hand.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import {
  at,
  barPath,
  barSides,
  barText,
  bundled,
  errorPath,
  labelPlace,
  lineParts,
  pointText,
  shapePath,
  tickText,
  zeroWay,
} from "../../static/live/painter.js";

const round = (v) => Math.round(v * 100) / 100;

/** An axis as plotly.js makes it, from `low` to `high` over `length` pixels: upwards it counts from above. */
function axis(low, high, length, { offset = 0, up = false, log = false } = {}) {
  const l2p = (v) =>
    Number.isFinite(v) ? round(((up ? high - v : v - low) / (high - low)) * length) : undefined;
  const toLog = (v, clip) => (v > 0 ? Math.log10(v) : clip ? low - 1 : undefined);
  return {
    type: log ? "log" : "linear",
    _length: length,
    _offset: offset,
    l2p,
    r2p: l2p,
    d2c: (v) => v,
    d2l: log ? toLog : (v) => v,
    c2p: (v, clip) => l2p(log ? toLog(v, clip) : v),
    r2fraction: (v) => (v - low) / (high - low),
  };
}

const X = axis(0, 10, 100, { offset: 20 });
const Y = axis(0, 1, 200, { offset: 10, up: true });

test("a property is a mark's own, or that of all", () => {
  assert.equal(at(new Float32Array([1, 2]), 1), 2);
  assert.equal(at(["a", "b"], 0), "a");
  assert.equal(at("all", 3), "all");
  assert.equal(at(undefined, 0), undefined);
});

const paths = (...given) => lineParts(...given)?.map(({ d }) => d);

describe("a line", () => {
  test("goes from place to place, to hundredths of a pixel", () => {
    const [part] = lineParts([1 / 3, 0, 10], [0, 0.5, 1], X, Y);
    assert.deepEqual(part, { d: "M3.33,200L0,100L100,0", low: 0, high: 100 });
  });

  test("parts where a place is missing, and has no more places than its shorter list", () => {
    assert.deepEqual(paths([0, 1, 2, 3, 4], [0, NaN, 1, 0], X, Y), ["M0,200", "M20,0L30,200"]);
    assert.deepEqual(paths([NaN], [0], X, Y), []);
  });

  test("that plotly.js cuts off is left to it", () => {
    assert.equal(paths([0, 211], [0, 0], X, Y), undefined);
    assert.deepEqual(paths([0, 210], [0, 0], X, Y), ["M0,200L2100,200"]);
    assert.equal(paths([0, 1], [0, -20.1], X, Y), undefined);
  });

  test("without a logarithm is left to plotly.js, with a gap it is not", () => {
    const log = axis(-1, 1, 100, { log: true });
    assert.deepEqual(paths([0.1, NaN, 10], [0, 0, 0], log, Y), ["M0,200", "M100,200"]);
    assert.equal(paths([0, 1], [0, 0], log, Y), undefined);
  });

  test("has its parts in one path where they lie side by side, in whatever order", () => {
    const parts = [40, 10, 42, 12, 90].map((low) => ({ d: `M${low},0h1`, low, high: low + 1 }));
    assert.deepEqual(bundled(parts, 0), ["M40,0h1M10,0h1M42,0h1M12,0h1M90,0h1"]);
    assert.deepEqual(bundled(parts, 3), ["M40,0h1M10,0h1M90,0h1", "M42,0h1M12,0h1"]);
    assert.deepEqual(bundled(parts, 1000).length, parts.length);
    assert.deepEqual(bundled([], 3), []);
  });

  test("whose parts touch are two paths: between them no pixel belongs to both", () => {
    const parts = [0, 5].map((low) => ({ d: `M${low},0h1`, low, high: low + 1 }));
    assert.equal(bundled(parts, 3.9).length, 1);
    assert.equal(bundled(parts, 4).length, 2);
  });
});

describe("a bar", () => {
  const plain = { rim: 0, rough: false, tight: false };

  test("stays as it is where it is thick, and is widened to pixels where it is thin", () => {
    const sides = barSides([0, 40.25], [10.3, 30.7], plain);
    assert.deepEqual(sides, { blank: false, along: [0, 40.25], across: [10.3, 30.7] });
    assert.deepEqual(barSides([0, 0.4], [10.3, 30.7], plain).along, [0, 1]);
    assert.deepEqual(barSides([40, 39.6], [10.3, 11.1], plain), {
      blank: false,
      along: [40, 39],
      across: [10, 12],
    });
  });

  test("has full pixels without gaps, half ones for the middle of a rim", () => {
    assert.deepEqual(barSides([0, 40.6], [10.3, 30.7], { ...plain, tight: true }).across, [10, 31]);
    assert.deepEqual(
      barSides([0, 40.6], [10.3, 30.7], { ...plain, tight: true, rim: 1 }).along,
      [-0.5, 40.5],
    );
    // One that can be seen through lies over no neighbour: it is not widened.
    assert.deepEqual(barSides([0, 0.4], [10.3, 30.7], { ...plain, rough: true }).along, [0, 0.4]);
  });

  test("without length or place is blank, unless it has a rim", () => {
    assert.deepEqual(barSides([5.5, 5.5], [1, 9], plain), { blank: true, along: [5.5, 5.5], across: [1, 9] });
    assert.equal(barSides([5.5, 5.5], [1, 9], { ...plain, rim: 2 }).blank, false);
    const lost = barSides([5, undefined], [1, 9], plain);
    assert.deepEqual(lost, { blank: true, along: [5, 5], across: [1, 9] });
    assert.equal(barPath([undefined, undefined], [1, 9]), "M0,0Z");
    assert.equal(barPath([5, 40], [1, 9]), "M5,1V9H40V1Z");
  });

  const size = { left: -10, top: -12, width: 20, height: 16 };

  test("has its text three pixels beyond its end, on the side to which it goes", () => {
    const level = { level: true, inside: false, zero: 1 };
    assert.equal(barText([0, 40], [10, 30], size, level), "translate(53,24)");
    assert.equal(barText([40, 0], [10, 30], size, level), "translate(-13,24)");
    assert.equal(barText([0, 40], [10, 15], size, level), "translate(50,16.5)");
    assert.equal(barText([0, 20], [200, 40], size, { ...level, level: false }), "translate(10,33)");
  });

  test("without length has it where those of the others are", () => {
    for (const [lengths, there] of [
      [[0, 3], "translate(53,24)"],
      [[0, -3], "translate(27,24)"],
    ]) {
      const zero = zeroWay(lengths, [-5, 5]);
      assert.equal(barText([40, 40], [10, 30], size, { level: true, inside: false, zero }), there);
    }
    assert.equal(zeroWay([1, -1], [0, 5]), 0);
    assert.equal(zeroWay([1, 0], [5, 0]), 1);
  });

  test("has it in its middle", () => {
    assert.equal(
      barText([0, 40], [10, 30], size, { level: true, inside: true, zero: 0 }),
      "translate(20,24)",
    );
  });

  test("has a whisker with a hat and a shoe, and none where the axis ends", () => {
    assert.equal(errorPath([50, 30, 30], 20, 4), "M50,16v8m0,-4H30m0,-4v8");
    assert.equal(errorPath([50, undefined, -100], 20, 4), "M50,16v8m0,-4H-100");
    assert.equal(errorPath([undefined, 30, 30], 20, 4), undefined);
  });
});

test("the text of a point lies beside it, farther away from one that is drawn", () => {
  assert.deepEqual(pointText("middle right", 12, undefined, 1), {
    anchor: "start",
    transform: "translate(0,3)",
  });
  assert.deepEqual(pointText("middle left", 12, 8, 1), { anchor: "end", transform: "translate(-11,3)" });
  assert.deepEqual(pointText("bottom center", 10, undefined, 1), {
    anchor: "middle",
    transform: "translate(0,7.5)",
  });
  assert.deepEqual(pointText("top center", 10, undefined, 1), {
    anchor: "middle",
    transform: "translate(0,-2.5)",
  });
});

describe("a label", () => {
  const axes = { x: X, y: Y };
  const paper = { l: 20, t: 10, w: 100, h: 200 };
  const onAxes = {
    x: 5,
    y: 0.5,
    xref: "x",
    yref: "y",
    xanchor: "auto",
    yanchor: "auto",
    xshift: 0,
    yshift: 0,
  };
  const note = { ...onAxes, borderwidth: 0, borderpad: 1, textangle: 0 };
  const size = { left: -15, top: -12, width: 30.4, height: 17 };
  const found = (more) => {
    const { left, top, width, height } = labelPlace({ ...note, ...more }, size, axes, paper);
    return [left, top, width, height];
  };

  test("lies around its place on the axes, in full pixels", () => {
    assert.deepEqual(found({}), [54, 101, 32, 19]);
    assert.deepEqual(found({ xshift: 3, yshift: 4 }), [57, 97, 32, 19]);
  });

  test("lies to the side of it at which it is anchored", () => {
    assert.deepEqual(found({ xanchor: "left", yanchor: "bottom" }), [70, 91, 32, 19]);
    assert.deepEqual(found({ xanchor: "right", yanchor: "top" }), [38, 110, 32, 19]);
  });

  test("on the paper lies inside it by itself", () => {
    const onPaper = { xref: "paper", yref: "paper" };
    assert.deepEqual(found({ ...onPaper, x: 0, y: 1 }), [20, 10, 32, 19]);
    assert.deepEqual(found({ ...onPaper, x: 1, y: 0 }), [88, 191, 32, 19]);
    assert.deepEqual(found({ ...onPaper, x: 0.5, y: 0.5 }), [54, 101, 32, 19]);
    assert.deepEqual(found({ ...onPaper, xref: "x domain", x: 0.5, y: 0.5 }), [54, 101, 32, 19]);
  });

  test("is not drawn outside its axes", () => {
    assert.equal(labelPlace({ ...note, x: 10.1 }, size, axes, paper), undefined);
    assert.equal(labelPlace({ ...note, y: -0.1 }, size, axes, paper), undefined);
  });

  test("that is turned is anchored by what it then takes", () => {
    const { middle } = labelPlace({ ...note, textangle: -90, xanchor: "left" }, size, axes, paper);
    assert.equal(round(middle.x), 70 + 9.5);
  });
});

test("a shape goes from side to side, of the axes or of the paper", () => {
  const log = axis(0, 2, 100, { offset: 20, log: true });
  const paper = { l: 20, t: 10, w: 100, h: 200 };
  const line = { type: "line", xref: "x", yref: "paper", x0: 10, x1: 10, y0: 0, y1: 1 };
  assert.equal(shapePath(line, { x: log, y: Y }, paper), "M70,210L70,10");
  const box = { type: "rect", xref: "x", yref: "y", x0: 1, x1: 3, y0: 0.25, y1: 0.5 };
  assert.equal(shapePath(box, { x: X, y: Y }, paper), "M30,160H50V110H30Z");
});

test("a number at a tick is short, or left to plotly.js", () => {
  assert.deepEqual([0, 2.5, -10, Math.fround(0.1)].map(tickText), ["0", "2.5", "−10", "0.1"]);
  assert.deepEqual([1 / 3, 20_000, 1e-5, 1.2345678].map(tickText), [
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
