// The teacher's cut: what a link leaves out (`hide=`), the projector's screen (`big`), and the dialogue that makes
// such a link. What is left out is on the page and not on the screen: frame.css has most of it.

const query = new URL(import.meta.url).search;
const [{ given, keep, isKept, part }, { element }, { Fold }, { copied, tellCopied }] = await Promise.all(
  ["kept", "controls", "folds", "text"].map((name) => import(`./${name}.js${query}`)),
);

const PARTS = ["guide", "code", "derivation", "presets", "watch"]; // what is no section
const { dataset } = document.documentElement;
const names = (given("hide") ?? "").split(",").filter(Boolean);
const named = new Set(names);
let first; // the lesson that the link opened

/** What a lesson has of the parts of which one may be left out by itself, as `watch.nan`: others have their names. */
function members({ presets, boxes }) {
  return { presets: presets.map(([name]) => name), watch: boxes };
}

/** Whether a link leaves out one of a group, or all of it. */
function isOut(left, group, name) {
  return left.has(group) || left.has(`${group}.${name}`);
}

/** Whether the link leaves a section out, or one of a group. */
export function isCut(name, group) {
  return group ? isOut(named, group, name) : named.has(name);
}

/**
 * Leave out of the open lesson what the link names. Return what it names that the lesson which it opens has not; of
 * others it need not be true.
 */
export function leaveOut(model) {
  const { lesson, sections } = model;
  const groups = Object.entries(members(model));
  // Of what has nothing left the rest goes as well.
  const empty = groups.filter(([group, all]) => all.length && all.every((name) => isCut(name, group)));
  dataset.hide = [...names, ...empty.map(([group]) => group)].join(" ");
  first ??= lesson;
  const single = groups.flatMap(([group, all]) => all.map((name) => `${group}.${name}`));
  const known = new Set([...PARTS, ...single, ...sections.map(({ key }) => key)]);
  return lesson === first ? names.filter((name) => !known.has(name)) : [];
}

// The boxes are Streamlit's, which draws them when it likes.
const boxes = names.filter((name) => name.startsWith("watch.")).map((name) => CSS.escape(name.slice(6)));
if (boxes.length) {
  const sheet = new CSSStyleSheet();
  for (const box of boxes) sheet.insertRule(`.stApp .stColumn:has(.st-key-box-${box}) { display: none; }`);
  document.adoptedStyleSheets.push(sheet);
}
dataset.hide = names.join(" ");

/** Whether this is a projector's screen. */
export function isBig() {
  return dataset.big !== undefined;
}

export function setBig(on) {
  if (on) dataset.big = "";
  else delete dataset.big;
  keep("big", on ? "" : undefined);
}

if (given("big") !== undefined) dataset.big = "";

/** Whether a part of an address is the tab's and goes into no link: who else it is for, and how, is not its state. */
function isTabs(one) {
  return [...new URLSearchParams(one).keys()].some((key) => isKept(key) || ["embed", "class"].includes(key));
}

/** What a box says, as it stands there: with its formulas. */
function statement(name) {
  const said = document.querySelector(`.st-key-box-${CSS.escape(name)} strong`)?.cloneNode(true);
  return said ? [...said.childNodes] : [name];
}

function tick(name, said) {
  const label = element("label");
  const words = element("span");
  words.append(...[said].flat());
  label.append(element("input", "", { type: "checkbox", value: name }), words);
  return label;
}

/** The dialogue's part that makes a link for an assignment, and the frame that shows it in another page. */
export class Cut {
  constructor() {
    this.node = element("details", "ll-class-cut");
    this.node.append(element("summary"), element("p"));
    [this.title, this.why] = this.node.children;
    this.ticks = element("div", "ll-class-ticks");
    this.left = new Set(names); // what is not ticked, whatever lesson is open
    this.folds = {};
    this.made = ["link", "frame"].map((name) => {
      const row = element("div", "ll-class-made");
      const text = element("pre", "", { tabindex: 0, role: "textbox", "aria-readonly": "true" });
      const button = element("button", "", { type: "button" });
      button.addEventListener("click", () => tellCopied(button, this.live.model, copied(text)));
      row.append(element("span"), button, text);
      row.dataset.made = name;
      return row;
    });
    this.node.append(this.ticks, ...this.made);
    this.node.addEventListener("toggle", () => this.fill());
    this.ticks.addEventListener("change", ({ target }) => this.turn(target.value, target.checked));
  }

  /** The lesson that is open. */
  get live() {
    return document.querySelector(".ll")?.__live;
  }

  /** Take the words of the page's language. */
  say(words) {
    this.words = words;
    this.title.textContent = words.title;
    this.why.textContent = words.why;
    for (const {
      dataset: { made },
      children,
    } of this.made) {
      children[0].textContent = words[made];
      children[2].ariaLabel = words[made];
    }
    this.fill();
  }

  /** Offer what the open lesson has. */
  fill() {
    const { model } = this.live ?? {};
    if (!this.node.open || !model) return;
    for (const row of this.made) row.children[1].textContent = model.words.copy;
    this.groups = members(model);
    const main = document.querySelector("[data-testid=stMain]");
    const there = {
      guide: model.guide,
      code: main.querySelector(".ll-code"),
      derivation: main.querySelector(".st-key-derivation"),
      presets: model.presets.length,
      watch: model.boxes.length,
    };
    const sections = model.sections.map(({ key, title }) => [key, title || this.words.first]);
    const offered = [
      ...sections.filter(([key]) => !PARTS.includes(key)),
      ...PARTS.filter((name) => there[name]).map((name) => [name, this.words[name]]),
    ];
    const said = {
      presets: Object.fromEntries(model.presets),
      watch: Object.fromEntries(model.boxes.map((name) => [name, statement(name)])),
    };
    this.ticks.replaceChildren(
      ...offered.map(([name, word]) => (said[name] ? this.group(name, word, said[name]) : tick(name, word))),
    );
    this.mark();
  }

  /** A tick for all of a group, and folded under it one for each. */
  group(group, word, said) {
    const node = element("div", "ll-class-group");
    const button = element("button", "ll-fold");
    button.append(this.words.each);
    button.ariaLabel = `${word}: ${this.words.each}`;
    const single = element("div", "ll-class-ticks", { role: "group", "aria-label": button.ariaLabel });
    for (const name of this.groups[group]) single.append(tick(`${group}.${name}`, said[name]));
    node.append(tick(group, word), button, single);
    this.folds[group] = new Fold([], button, [single], this.folds[group]);
    return node;
  }

  /** Take a tick, or put it back; that of a group goes for each of it, and where all are gone so is it. */
  turn(name, on) {
    const { left } = this;
    const [group, one] = name.split(".");
    const all = this.groups[group] ?? [];
    const turned = (other) => (one === undefined || other === one ? !on : isOut(left, group, other));
    const out = all.filter(turned).map((other) => `${group}.${other}`);
    for (const other of [name, group, ...all.map((each) => `${group}.${each}`)]) left.delete(other);
    if (out.length === all.length && (all.length || !on)) left.add(group);
    else for (const other of out) left.add(other);
    this.mark();
  }

  /** Show what is ticked: of a group all, none, or some. */
  mark() {
    const { left } = this;
    for (const box of this.ticks.querySelectorAll("input")) {
      const [group, one] = box.value.split(".");
      const all = this.groups[group] ?? [];
      const out = all.filter((name) => isOut(left, group, name)).length;
      box.checked = one ? !isOut(left, group, one) : !left.has(group) && !out;
      box.indeterminate = !one && out > 0 && out < all.length;
    }
    this.make();
  }

  /** Write the link of what is ticked, with the state on the screen. */
  make() {
    const offered = [...this.ticks.querySelectorAll("input")].map((box) => box.value);
    const left = offered.filter((name) => this.left.has(name));
    const said = location.search
      .slice(1)
      .split("&")
      .filter((one) => one && !isTabs(one));
    if (left.length) said.push(part("hide", left.join(",")));
    const at = location.origin + location.pathname;
    const frame = `${at}?${[...said, "embed=true"].join("&")}`.replaceAll("&", "&amp;");
    const title = document.title.replaceAll(/["<>&]/g, "");
    const texts = {
      link: `${at}${said.length ? "?" : ""}${said.join("&")}`,
      frame: `<iframe src="${frame}" title="${title}" width="100%" height="800"></iframe>`,
    };
    for (const {
      dataset: { made },
      children,
    } of this.made)
      children[2].textContent = texts[made];
  }
}
