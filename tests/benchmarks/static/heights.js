// Heights: the people under candidate A's curve and beside candidate B's, the landscape of the likelihood with both
// candidates, the formula with its numbers, the code.

import { literal, number, powerOfTen } from "./numbers.js";

const HALF_LOG_TAU = 0.5 * Math.log(2 * Math.PI);
const BELL = Array.from({ length: 61 }, (_, i) => -4 + (8 * i) / 60);

const density = (x, mu, sigma) => Math.exp(-0.5 * ((x - mu) / sigma) ** 2 - HALF_LOG_TAU) / sigma;
const peak = (sigma) => density(0, 0, sigma);

function ceiling(height) {
  const wanted = 1.15 * height;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return [1, 1.5, 3, 6, 10].map((digit) => digit * power).find((top) => top >= wanted * (1 - 1e-9));
}

function ratioText(log10Ratio) {
  if (Math.abs(log10Ratio) < 4) return number(10 ** log10Ratio);
  const exponent = Math.floor(log10Ratio);
  return powerOfTen(10 ** (log10Ratio - exponent), exponent, 3);
}

function curve(trace, mu, sigma, low, high) {
  const x = BELL.map((step) => mu + sigma * step);
  return {
    ...trace,
    x: [Math.min(low, x[0]), ...x, Math.max(high, x.at(-1))],
    y: [0, ...BELL.map((step) => density(step * sigma, 0, sigma)), 0],
  };
}

function logLikelihood({ n, mean, variance }, mu, sigma) {
  return -n * (Math.log(sigma) + HALF_LOG_TAU + (variance + (mean - mu) ** 2) / (2 * sigma * sigma));
}

export function pictures(values, { views, people }) {
  const { mu, sigma, mu_b: muB, sigma_b: sigmaB } = values;
  const { curves, surface, formula, code } = views;
  const [low, high] = curves.layout.xaxis.range;
  const span = high - low;
  const a = logLikelihood(people, mu, sigma);
  const b = logLikelihood(people, muB, sigmaB);
  const best = logLikelihood(people, people.mean, Math.sqrt(people.variance));
  const [bars, stems, traceB, traceA, dots] = curves.data;
  const tallest = Math.max(peak(sigma), peak(sigmaB), ...bars.y);
  let right = muB >= mu;
  if (right && muB + 1.2 * sigmaB > high - 0.05 * span) right = false;
  if (!right && muB - 1.2 * sigmaB < low + 0.05 * span) right = true;
  const labels = curves.layout.annotations;
  const { annotations, shapes } = surface.layout;
  const texts = annotations.slice(0, -2);
  return {
    curves: {
      data: [
        bars,
        // A stem is a line from 0 up to the curve, with a gap behind.
        { ...stems, y: stems.x.map((x, i) => (stems.y[i] ? density(x, mu, sigma) : stems.y[i])) },
        curve(traceB, muB, sigmaB, low, high),
        curve(traceA, mu, sigma, low, high),
        dots,
      ],
      layout: {
        ...curves.layout,
        yaxis: { ...curves.layout.yaxis, range: [0, ceiling(tallest)] },
        annotations: [
          {
            ...labels[0],
            x: Math.min(Math.max(mu, low + 0.03 * span), high - 0.03 * span),
            y: peak(sigma),
          },
          {
            ...labels[1],
            x: muB + (right ? 1.25 : -1.25) * sigmaB,
            y: 0.5 * peak(sigmaB),
            xanchor: right ? "left" : "right",
          },
        ],
      },
      rings: [
        [mu, peak(sigma)],
        [muB, peak(sigmaB)],
      ],
    },
    surface: {
      data: [
        ...surface.data.slice(0, -2),
        { ...surface.data.at(-2), x: [muB], y: [sigmaB] },
        { ...surface.data.at(-1), x: [mu], y: [sigma] },
      ],
      layout: {
        ...surface.layout,
        shapes: [
          { ...shapes[0], x0: mu, x1: mu },
          { ...shapes[1], y0: sigma, y1: sigma },
        ],
        annotations: [
          ...texts,
          { ...annotations.at(-2), text: `log L(A) = ${number(a)}` },
          { ...annotations.at(-1), x: muB, y: Math.log10(sigmaB) },
        ],
      },
      rings: [[mu, Math.log10(sigma)]],
    },
    formula: [
      [["log L(A)", "q"], [" = Σ log f(xᵢ) = "], [number(a), "q"]],
      formula.lines[1].map(({ text, role }) => [text, role]),
      [
        [
          `= −${people.n}·[log ${number(sigma)} + ${number(HALF_LOG_TAU)} + (${number(people.variance)} + ` +
            `(${number(people.mean)} − ${number(mu)})²) / (2·${number(sigma)}²)]`,
          "soft",
        ],
      ],
      [
        ["log L(B)", "rest"],
        [" = "],
        [number(b), "rest"],
        [",  L(A) / L(B) = "],
        [ratioText((a - b) / Math.LN10), a >= b ? "q" : "rest"],
      ],
      [
        ["log L(MLE)", "truth"],
        [` = ${number(best)},  log L(A) − log L(MLE) = `],
        [number(a - best), "truth"],
      ],
    ],
    code: code.tabs[0].text.replace(/^mu, sigma = .*$/m, `mu, sigma = ${literal(mu)}, ${literal(sigma)}`),
  };
}
