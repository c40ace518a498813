// The keys of an address that are the tab's and no lesson's: they stay while lessons are switched.

const KEYS = new Set(["big", "hide"]); // the class's is class.js's
const kept = new Map([...new URLSearchParams(location.search)].filter(([key]) => KEYS.has(key)));

/** What the tab's address says of a key; undefined where it does not name it. */
export function given(key) {
  return kept.get(key);
}

/** Keep a key with a value from now on, or without one leave it out. */
export function keep(key, value) {
  if (value === undefined) kept.delete(key);
  else kept.set(key, value);
  document.querySelector(".ll")?.__live?.writeAddress();
}

/** Whether a key is one of these. */
export function isKept(key) {
  return KEYS.has(key);
}

/** The kept keys as an address has them: a list's commas stay, and what is only named has no value. */
export function parts() {
  return [...kept].map(([key, value]) => part(key, value));
}

export function part(key, value) {
  return value ? `${key}=${encodeURIComponent(value).replaceAll("%2C", ",")}` : key;
}
