// Numbers as they are typed, written and said, and the stops of a slider.

import assert from "node:assert/strict";
import { test } from "node:test";

import { complete, grouped, nearest, spoken, typed } from "../../static/live/numbers.js";

const READ = {
  172: 172,
  " 172.5 ": 172.5,
  "+3": 3,
  ".5": 0.5,
  "5.": 5,
  "1e3": 1000,
  "1.5E-2": 0.015,
  // Minus as it is typed, as the app prints it, and as a word processor turns it.
  "-4.2": -4.2,
  "−4.2": -4.2,
  "–4.2": -4.2,
  // Thousands as the app prints them.
  "1,000": 1000,
  "1,000,000": 1000000,
  "-12,345.5": -12345.5,
  "1 000": 1000,
  "1\u00a0000": 1000,
  "1\u202f000,5": 1000.5,
  // A comma that cannot part thousands is a decimal mark.
  "1,72": 1.72,
  "172,5": 172.5,
  "0,500": 0.5,
  "1,0000": 1,
  ",5": 0.5,
  "0e5": 0,
  "-0": -0,
  // An input method's wide letters.
  "１２．５": 12.5,
  "１，０００": 1000,
};
for (const [text, number] of Object.entries(READ)) {
  test(`“${text}” is read as ${number}`, () => assert.equal(typed(text), number));
}

for (const text of [
  "",
  " ",
  "-",
  ".",
  ",",
  "abc",
  "5 cm",
  "1,2,3",
  "1,00,000",
  "1,000,5",
  "1,000 000",
  "1.234,5",
  "1 2",
  "--5",
  "0x10",
  "1e",
  "Infinity",
  "NaN",
  "1_000",
  "2²",
  "①",
  "1e-400",
]) {
  test(`“${text}” is no number`, () => assert.ok(Number.isNaN(typed(text))));
}

test("a number is said with the decimals of its step, and with more where it has more", () => {
  assert.equal(spoken(5, 1), "5.0");
  assert.equal(spoken(-4.35, 1), "-4.35");
  assert.equal(spoken(1 / 3, 2), "0.3333333");
  assert.equal(grouped(-4.35, 1), "−4.35");
  assert.equal(grouped(1000, 0), "1,000");
  assert.equal(grouped(-1234567.25, 2), "−1,234,567.25");
  assert.equal(grouped(0.0001234, 1), "0.0001234");
});

test("what is written is read as the same number", () => {
  for (const number of [0, -0.5, 12.5, 999, 1000, -1000, 123456.75, 1e6, 1e21, -3e25, 1e-9])
    for (const write of [spoken, grouped]) assert.equal(typed(write(number, 2)), number);
});

test("the largest and the smallest numbers have stops, too", () => {
  for (const [min, step] of [
    [-3e25, 1e24],
    [0, 1e21],
    [0, 1e-9],
  ]) {
    const spec = { min, step, count: 3 };
    complete(spec);
    assert.deepEqual(spec.stops, [min, min + step, min + 2 * step]);
  }
});

test("stops that Python listed stay", () => {
  const spec = { stops: [1, 10, 100], count: 3, min: 1, step: 1 };
  complete(spec);
  assert.deepEqual(spec.stops, [1, 10, 100]);
});

test("the nearest stop is found by halving", () => {
  const stops = [1, 2, 5, 10, 100];
  for (const value of [-3, 1, 1.4, 1.6, 3.4, 3.6, 7, 54, 56, 1000]) {
    const found = nearest(stops, value);
    for (const stop of stops) assert.ok(Math.abs(stops[found] - value) <= Math.abs(stop - value));
  }
  assert.equal(nearest([7], 3), 0);
});
