// Lets pytest ask the browser's own modules: one request a line, one answer a line, both JSON. Blocks travel in
// base64; in an answer arrays are lists, and null stands for what is not finite.

import { Buffer } from "node:buffer";
import { stdin, stdout } from "node:process";
import { createInterface } from "node:readline";

import { coloured } from "../../static/live/figures.js";
import { Frames, unpack } from "../../static/live/frames.js";
import { Hand } from "../../static/live/hand.js";
import { complete } from "../../static/live/numbers.js";

const read = (block) => unpack(new Uint8Array(Buffer.from(block, "base64")));

const ASKED = {
  unpack: read,

  /** Lay the frames of some stops over a picture, one after the other; return what each leaves. */
  film(picture, block, stops) {
    const { views } = read(picture);
    const { leaves } = read(block);
    const rows = { first: 0, every: 1, count: Infinity };
    const frames = new Frames({ views: Object.keys(views), ...rows }, leaves ?? []);
    return stops.map((stop) => {
      frames.write(stop, views);
      return structuredClone(views);
    });
  },

  /** Put a theme's colours into a picture. */
  coloured(picture, theme) {
    const { views, palettes, inks, written, verbatim } = read(picture);
    const sets = { written: new Set(written), verbatim: new Set(verbatim) };
    return coloured(views, { ...palettes[theme], inks: inks[theme], ...sets });
  },

  /** The stops of every control that has some. */
  stops(block) {
    const found = {};
    for (const [key, spec] of Object.entries(read(block).controls)) {
      complete(spec);
      if (spec.stops) found[key] = spec.stops;
    }
    return found;
  },

  /** What is said to Python about a control that is moved: the wish for frames, a movement, the commit. */
  say(block, key, value) {
    const hand = new Hand("me");
    hand.receive(read(block));
    const views = Object.keys(hand.model.views);
    for (const spec of Object.values(hand.model.controls)) complete(spec);
    const { address } = hand.wish(key, 0, views, 0);
    hand.move(key, 0, value);
    const change = { set: { [key]: value } };
    const moving = hand.message({ ...change, moving: true, views }, 0);
    return { address, moving, commit: hand.message(change, 0) };
  },
};

const plain = (_, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value);
for await (const line of createInterface({ input: stdin })) {
  const [name, ...given] = JSON.parse(line);
  stdout.write(`${JSON.stringify(ASKED[name](...given), plain)}\n`);
}
