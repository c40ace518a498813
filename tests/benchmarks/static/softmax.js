// Softmax, three classes: three columns of bars, the triangle, the formula with its numbers, the code.

import { exponential, fixed, literal, number, powerOfTen } from "./numbers.js";

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
  const power = Math.floor(top / Math.LN10);
  const { columns, simplex, formula, code } = views;
  const bars = (i, x, text) => ({ ...columns.data[i], x, text });
  const name = columns.layout.xaxis2.title.text.split(",")[0];
  const path = TEMPERATURES.map((t) => place(softmax(logits, t)));
  const [x, y] = place(probs);
  const total = exponential(Math.log(scaled.reduce((sum, s) => sum + Math.exp(s - top), 0)) + top);
  return {
    columns: {
      data: [
        { ...columns.data[0], x: logits },
        bars(
          1,
          scaled.map((s) => Math.exp(s - power * Math.LN10)),
          scaled.map(exponential),
        ),
        bars(
          2,
          probs,
          probs.map((p) => fixed(p)),
        ),
        {
          ...columns.data[3],
          text: logits.map((z) => `\u2003${number(z, 4)}\u2003`),
          textposition: logits.map((z) => (z > 0 ? "middle left" : "middle right")),
        },
      ],
      layout: {
        ...columns.layout,
        xaxis2: {
          ...columns.layout.xaxis2,
          title: { ...columns.layout.xaxis2.title, text: `${name}, ×${powerOfTen(1, power).slice(2)}` },
        },
      },
    },
    simplex: {
      data: [
        simplex.data[0],
        { ...simplex.data[1], x: path.map((point) => point[0]), y: path.map((point) => point[1]) },
        { ...simplex.data[2], x: [x], y: [y] },
      ],
      layout: simplex.layout,
    },
    formula: formula.lines.map((line, i) => [
      [line[0].text, ROLES[i]],
      [
        ` = exp(${number(logits[i], 4)} / ${number(temperature, 3)}) / Σ = ${exponential(scaled[i])} / ${total} = `,
      ],
      [number(probs[i]), ROLES[i]],
    ]),
    code: code.tabs[0].text
      .replace(/^z = .*$/m, `z = np.array([${logits.map(literal).join(", ")}])`)
      .replace(/^T = .*$/m, `T = ${literal(temperature)}`),
  };
}
