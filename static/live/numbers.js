// Stops, and numbers as they are written and read. Knows no page.

const MINUS = "−";
// As the app prints thousands: 1,000. Blanks do as well, and a comma that cannot part thousands is a decimal comma.
const THOUSANDS = /^([+-]?[1-9]\d{0,2})((?:,\d{3})+(?!,)|(?: \d{3})+)(?!\d)/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Put in the stops that Python sent as a count: evenly spaced, rounded to the decimals of their step. */
export function complete(spec) {
  if (spec.count === undefined || spec.stops) return;
  const { min, step, count } = spec;
  // A step of 1e21 and more is written with an exponent, and has no decimals.
  const decimals = (step.toFixed(10).split(".")[1] ?? "").replace(/0+$/, "").length;
  spec.stops = Array.from({ length: count }, (_, i) => Number((min + i * step).toFixed(decimals)));
}

/** The stop that is nearest to a value. */
export function nearest(stops, value) {
  let low = 0;
  let high = stops.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (stops[middle] <= value) low = middle;
    else high = middle;
  }
  return Math.abs(stops[high] - value) < Math.abs(stops[low] - value) ? high : low;
}

/** A number as a label says it: the decimals of the step, more where the exact value has more. */
export function spoken(value, digits) {
  const short = value.toFixed(digits);
  return Number(short) === value ? short : String(Number(value.toPrecision(7)));
}

/** A number as its box shows it, and a sentence says it: with its thousands apart. */
export function grouped(value, digits) {
  const text = spoken(value, digits).replace("-", MINUS);
  return text.replace(/\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));
}

/** The number that somebody typed; NaN where it is none. */
export function typed(text) {
  // 2² is not 22, and what is too small for a double is not 0.
  if (/[\p{No}\p{Nl}]/u.test(text)) return NaN;
  const plain = text
    .normalize("NFKC") // an input method's wide digits, and every kind of blank
    .trim()
    .replace(/[−–]/g, "-")
    .replace(THOUSANDS, (_, head, rest) => head + rest.replace(/[, ]/g, ""))
    .replace(",", ".");
  const value = NUMBER.test(plain) ? Number(plain) : NaN;
  return value === 0 && /[1-9]/.test(plain.replace(/e.*/i, "")) ? NaN : value;
}
