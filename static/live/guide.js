// The line of the guide: which beat, what to do in it, what is true once it is done, and the way on, back and out.
// Whether something is done Python judges, whenever the hand has come to rest.

const query = new URL(import.meta.url).search;
const { element } = await import(`./controls.js${query}`);

const HEADER = 60; // px of the bar at the top, under which nothing is seen

export class Guide {
  /** `host` has `commit`, which Python answers, and `toQuestion`, for whoever has done all of it. */
  constructor(host) {
    // The node keeps its room while the card floats at the window's lower edge.
    this.node = element("div", "ll-guide");
    this.card = element("div", "ll-guide-card", { role: "group" });
    this.count = element("span", "ll-guide-count");
    this.text = element("p", "ll-guide-text");
    this.done = element("p", "ll-guide-done");
    const go = (by) => () => host.commit({ beat: this.model.n + by });
    this.up = this.button("", go(0));
    this.back = this.button("‹", go(-1));
    this.on = this.button("", () => (this.isLast() ? host.toQuestion() : go(1)()));
    this.on.classList.add("ll-guide-on");
    this.off = this.button("×", () => host.commit({ guide: "off" }));
    const said = element("div", "ll-guide-said");
    said.append(this.text, this.done);
    const ways = element("div", "ll-guide-ways");
    ways.append(this.up, this.back, this.on, this.off);
    this.card.append(this.count, said, ways);
    // Whoever takes hold of something else has seen what floats, and it is in nobody's way.
    this.taken = ({ target }) => this.card.contains(target) || this.float(false);
    this.node.append(this.card);
  }

  button(sign, act) {
    const button = element("button", "", { type: "button" });
    button.textContent = sign;
    button.addEventListener("click", act);
    return button;
  }

  /** Show where somebody is; `null` where the lesson has no guide. */
  set(model, words) {
    const before = this.model;
    this.model = model;
    this.node.hidden = !model;
    if (!model) return;
    const { n, off, free, where, text, done, reached } = model;
    const follows = !off && !free;
    this.node.classList.toggle("ll-guide-off", off);
    this.node.classList.toggle("ll-guide-free", free);
    this.node.classList.toggle("ll-guide-reached", follows && reached);
    this.card.ariaLabel = words.guide;
    this.count.textContent = where;
    this.text.textContent = text;
    this.done.textContent = done;
    this.up.hidden = follows;
    this.up.textContent = off ? words.guide : words.guide_up;
    this.on.textContent = `${this.isLast() ? words.guide_end : words.guide_on} ›`;
    this.back.ariaLabel = this.back.title = words.guide_back;
    this.back.disabled = n === 1;
    this.back.hidden = this.on.hidden = !follows;
    this.off.hidden = off;
    this.off.ariaLabel = this.off.title = words.guide_off;
    this.float(follows && reached && (this.afloat || !before?.reached));
  }

  /** What is true now floats at the lower edge of the window while the line itself is out of sight. */
  float(wanted = this.afloat) {
    this.afloat = Boolean(wanted) && this.isAway();
    this.node.style.minHeight = this.afloat ? `${this.node.offsetHeight}px` : "";
    this.node.classList.toggle("ll-guide-afloat", this.afloat);
    if (this.afloat) addEventListener("pointerdown", this.taken, true);
    else removeEventListener("pointerdown", this.taken, true);
  }

  /** What is to be said aloud of a change from another state: the beat that has begun, or what has come true. */
  news(before) {
    const { model } = this;
    if (!model || model.off || model.free) return "";
    if (!before || before.turn !== model.turn) return `${model.where}. ${model.text}`;
    return model.reached && !before.reached ? model.done : "";
  }

  /** Whether no beat follows: on goes to the question at the lesson's end. */
  isLast() {
    return this.model.n === this.model.count;
  }

  /** Whether some of the line is out of sight. */
  isAway() {
    const { top, bottom } = this.node.getBoundingClientRect();
    return top < HEADER || bottom > innerHeight;
  }

  /** Stand in a place; keys that were here go along. Whether it was another place. */
  stand(place, where) {
    if (place[where === "before" ? "previousSibling" : "nextSibling"] === this.node) return false;
    const on = this.node.contains(document.activeElement) && document.activeElement;
    place[where](this.node);
    if (on) on.focus({ preventScroll: true });
    return true;
  }
}
