// Numbers as the lessons write them.

const SUPERSCRIPTS = {
  "-": "⁻",
  0: "⁰",
  1: "¹",
  2: "²",
  3: "³",
  4: "⁴",
  5: "⁵",
  6: "⁶",
  7: "⁷",
  8: "⁸",
  9: "⁹",
};

const raised = (exponent) => [...String(exponent)].map((c) => SUPERSCRIPTS[c]).join("");

export function number(value, digits = 6) {
  if (Number.isNaN(value)) return "?";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const [mantissa, power] = value.toExponential(digits - 1).split("e");
  const exponent = Number(power);
  const text =
    exponent < -4 || exponent >= digits
      ? `${Number(mantissa)}×10${raised(exponent)}`
      : String(Number(value.toPrecision(digits)));
  return text.replace("-", "−");
}

export const fixed = (value, decimals = 4) => value.toFixed(decimals).replace("-", "−");

export const powerOfTen = (mantissa, exponent, digits = 2) =>
  `${number(mantissa, digits)}×10${raised(exponent)}`;

export function exponential(exponent) {
  if (exponent > -20 && exponent < 15) return number(Math.exp(exponent), 4);
  const power = Math.floor(exponent / Math.LN10);
  return powerOfTen(Math.exp(exponent - power * Math.LN10), power, 3);
}

/** A number as Python writes it in a program. */
export const literal = (value) => (Number.isInteger(value) ? `${value}.0` : String(value));
