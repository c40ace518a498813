// The teacher's cut: what a link leaves out (`hide=`), the projector's screen (`big`), and the dialogue that makes
// such a link. What is left out is on the page and not on the screen: frame.css has most of it.

const query = new URL(import.meta.url).search;
const [{ given, keep, isKept, part }, { element }, { copied, tellCopied }] = await Promise.all(
  ["kept", "controls", "text"].map((name) => import(`./${name}.js${query}`)),
);

const PARTS = ["guide", "presets", "watch", "code", "derivation"]; // what is no section
const { dataset } = document.documentElement;
const names = (given("hide") ?? "").split(",").filter(Boolean);
dataset.hide = names.join(" ");
let first; // the lesson that the link opened

/** Whether the link leaves a section out. */
export function isCut(section) {
  return names.includes(section);
}

/** What the link leaves out that the lesson which it opens has not; of others it need not be true. */
export function unknown(lesson, sections) {
  first ??= lesson;
  const known = new Set([...PARTS, ...sections.map(({ key }) => key)]);
  return lesson === first ? names.filter((name) => !known.has(name)) : [];
}

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

/** The dialogue's part that makes a link for an assignment, and the frame that shows it in another page. */
export class Cut {
  constructor() {
    this.node = element("details", "ll-class-cut");
    this.node.append(element("summary"), element("p"));
    [this.title, this.why] = this.node.children;
    this.ticks = element("div", "ll-class-ticks");
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
    this.ticks.addEventListener("change", () => this.make());
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
    const main = document.querySelector("[data-testid=stMain]");
    const there = {
      guide: model.guide,
      presets: model.presets.length,
      watch: main.querySelector("[class*=st-key-watch-] button"),
      code: main.querySelector(".ll-code"),
      derivation: main.querySelector(".st-key-derivation"),
    };
    const sections = model.sections.map(({ key, title }) => [key, title || this.words.first]);
    const offered = [
      ...sections.filter(([key]) => !PARTS.includes(key)),
      ...PARTS.filter((name) => there[name]).map((name) => [name, this.words[name]]),
    ];
    this.ticks.replaceChildren(
      ...offered.map(([name, word]) => {
        const label = element("label");
        const box = element("input", "", { type: "checkbox", value: name });
        box.checked = !names.includes(name);
        label.append(box, word);
        return label;
      }),
    );
    this.make();
  }

  /** Write the link of what is ticked, with the state on the screen. */
  make() {
    const left = [...this.ticks.querySelectorAll("input:not(:checked)")].map((box) => box.value);
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
