// Cross-entropy in nats, three outcomes, q from weights above 0: p and q with the sum under them, the terms with
// their signs, the formula with its numbers, the code.

import { literal, number } from "./numbers.js";

const COST_LIMIT = 5;
const TERM_LIMIT = 2;

/** An axis whose range and ticks grow together. */
function scaled(axis, range, factor) {
  const made = { ...axis, range };
  if (axis.tickvals) made.tickvals = axis.tickvals.map((tick) => tick * factor);
  if (axis.dtick) made.dtick = axis.dtick * factor;
  return made;
}

const sum = (values) => values.reduce((total, v) => total + v, 0);

const chain = (items) => items.join(" + ");

const hover = (name, value) => `${name} = ${number(value)}<extra></extra>`;

function stepped(value, first) {
  let limit = first;
  while (value > limit) limit *= 2;
  return limit;
}

export function pictures(values, { views }) {
  const weights = ["p", "q"].map((stem) => [1, 2, 3].map((i) => values[stem + i]));
  const [p, q] = weights.map((row) => row.map((w) => w / sum(row)));
  const own = p.map((v) => (v ? -v * Math.log(v) : 0));
  const cross = p.map((v, i) => (v ? -v * Math.log(q[i]) : 0));
  const gap = p.map((v, i) => (v ? v * Math.log(v / q[i]) : 0));
  const [entropy, loss, kl] = [own, cross, gap].map(sum);
  const { cost, terms, code } = views;
  const limit = stepped(loss, COST_LIMIT);
  const pair = (i, row) => ({
    ...cost.data[i],
    y: row,
    text: row.map((v) => `${number(v, v < 0.1 ? 2 : 3)}<br> `),
  });
  const sums = [entropy, kl, loss];
  const places = [entropy, loss, loss];
  const columns = [own, gap, cross].map((row, i) => row.concat(sums[i]));
  const termLimit = stepped(Math.max(0, ...columns.flat()), TERM_LIMIT);
  const grown = termLimit / TERM_LIMIT;
  const written = [p, q].map((row) => row.map((v) => number(v, 4)));
  return {
    cost: {
      data: [
        pair(0, p),
        pair(1, q),
        { ...cost.data[2], x: [entropy, entropy], hovertemplate: hover("H(p)", entropy) },
        { ...cost.data[3], x: [kl, kl], base: [entropy, entropy], hovertemplate: hover("KL(p‖q)", kl) },
        { ...cost.data[4], x: [loss] },
        cost.data[5],
      ],
      layout: {
        ...cost.layout,
        xaxis2: scaled(cost.layout.xaxis2, [0, 1.25 * limit], limit / COST_LIMIT),
        annotations: cost.layout.annotations.map((a, i) =>
          Object.assign({}, a, { text: number(sums[i]), x: places[i] }),
        ),
      },
      rings: [p, q].flatMap((row, i) => row.map((height, k) => [cost.data[i].x[k], height])),
    },
    terms: {
      data: [
        ...columns.map((row, i) =>
          Object.assign({}, terms.data[i], { x: row, hovertext: row.map((v) => number(v, 4)) }),
        ),
        // A number of a bar that goes left stands right of zero.
        ...columns.map((row, i) =>
          Object.assign({}, terms.data[i + 3], {
            x: row.map((v) => Math.max(v, 0)),
            text: row.map((v) => `\u2005${number(v, 4)}`),
          }),
        ),
        terms.data[6],
      ],
      layout: {
        ...terms.layout,
        xaxis: scaled(
          terms.layout.xaxis,
          terms.layout.xaxis.range.map((end) => end * grown),
          grown,
        ),
      },
      rings: [],
    },
    formula: [
      [[`p = (${written[0].join(", ")})`, "p"], ["\u2002\u2002"], [`q = (${written[1].join(", ")})`, "q"]],
      [
        ["H(p, q)", "loss"],
        [` = −(${chain(written[0].map((v, i) => `${v}·log ${written[1][i]}`))}) = `],
        [number(loss), "loss"],
        [" = "],
        [number(entropy), "entropy"],
        [" + "],
        [number(kl), "kl"],
      ],
      [
        ["H(p)", "entropy"],
        [` = −(${chain(written[0].map((v) => `${v}·log ${v}`))}) = `],
        [number(entropy), "entropy"],
        [" nats"],
      ],
      [
        ["KL(p‖q)", "kl"],
        [` = ${chain(written[0].map((v, i) => `${v}·log(${v}/${written[1][i]})`))} = `],
        [number(kl), "kl"],
        [" nats"],
      ],
    ],
    code: ["p", "q"].reduce(
      (text, name, i) =>
        text.replace(
          new RegExp(`^${name} = np.array.*$`, "m"),
          `${name} = np.array([${weights[i].map(literal).join(", ")}])`,
        ),
      code.tabs[0].text,
    ),
  };
}
