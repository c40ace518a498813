// Softmax, three classes: three columns of bars, the triangle, the formula with its numbers, the code.

import { exponential, fixed, literal, number } from "./numbers.js";

const ROLES = ["p", "q", "truth"];
const TEMPERATURES = Array.from({ length: 33 }, (_, i) => 0.05 * 200 ** (i / 32));

function softmax(logits, temperature) {
  const top = Math.max(...logits);
  const exps = logits.map((z) => Math.exp((z - top) / temperature));
  const total = exps.reduce((sum, e) => sum + e, 0);
  return exps.map((e) => e / total);
}

const place = (p) => [p[1] + 0.5 * p[2], 0.5 * Math.sqrt(3) * p[2]];

export function pictures(values, { views }) {
  const logits = [values.z1, values.z2, values.z3];
  const temperature = values.t;
  const probs = softmax(logits, temperature);
  const scaled = logits.map((z) => z / temperature);
  const top = Math.max(...scaled);
  const { columns, simplex, formula, code } = views;
  const over = (i, bars, text) => ({
    ...columns.data[3 + i],
    text,
    textposition: bars.map((value) => (value < 0 ? "middle left" : "middle right")),
  });
  const shown = scaled.map((s) => Math.exp(s - top));
  const path = TEMPERATURES.map((t) => place(softmax(logits, t)));
  const [x, y] = place(probs);
  const logTotal = Math.log(scaled.reduce((sum, s) => sum + Math.exp(s - top), 0)) + top;
  const total = exponential(logTotal);
  return {
    columns: {
      data: [
        { ...columns.data[0], x: logits, hovertext: logits.map((z) => `z = ${number(z)}`) },
        { ...columns.data[1], x: shown, hovertext: scaled.map(exponential) },
        { ...columns.data[2], x: probs },
        over(
          0,
          logits,
          logits.map((z) => number(z, 5)),
        ),
        over(1, shown, scaled.map(exponential)),
        over(
          2,
          probs,
          probs.map((p) => fixed(p)),
        ),
      ],
      layout: columns.layout,
      rings: logits.map((z, i) => [z, i]),
    },
    simplex: {
      data: [
        simplex.data[0],
        { ...simplex.data[1], x: path.map((point) => point[0]), y: path.map((point) => point[1]) },
        { ...simplex.data[2], x: [x], y: [y] },
      ],
      layout: simplex.layout,
      rings: [[x, y]],
    },
    formula: [
      ...formula.lines
        .slice(0, 3)
        .map((line, i) => [
          [line[0].text, ROLES[i]],
          [
            ` = exp(${number(logits[i], 4)} / ${number(temperature, 3)}) / Σ = ${exponential(scaled[i])} / ${total} = `,
          ],
          [number(probs[i]), ROLES[i]],
        ]),
      [[formula.lines[3][0]], [" "], [number(logTotal)]],
      // Within the range of the sliders the sum stays in float64.
      [[formula.lines[4][0]], [" "], [total], [", "], [formula.lines[4][4].text, "truth"]],
    ],
    code: code.tabs[0].text
      .replace(/^z = .*$/m, `z = np.array([${logits.map(literal).join(", ")}])`)
      .replace(/^T = .*$/m, `T = ${literal(temperature)}`),
  };
}
