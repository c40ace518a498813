// What is folded away until somebody wants it: controls under "More", sections to look things up in, single ticks.
// A fold opens by its button, by a wish to bring its place to the eye, and by a state that sets what is in it.

const query = new URL(import.meta.url).search;
const { element } = await import(`./controls.js${query}`);

let count = 0; // names for what a button opens, which must differ on a page

export class Fold {
  /**
   * @param {HTMLElement[]} parts what is shown only while it is open
   * @param {Fold} [before] the same fold in a page that was built before, which it goes on from
   */
  constructor(keys, button, parts, before) {
    this.keys = keys;
    this.state = before?.state;
    this.button = button;
    this.parts = parts;
    button.type = "button";
    for (const part of parts) part.id ||= `ll-folded-${++count}`;
    button.setAttribute("aria-controls", parts.map(({ id }) => id).join(" "));
    button.addEventListener("click", () => this.turn(!this.open));
    this.turn(before?.open ?? false);
  }

  turn(open) {
    this.open = open;
    this.button.setAttribute("aria-expanded", String(open));
    for (const part of this.parts) part.hidden = !open;
  }

  /** Open where a state that is new here sets one of the controls to what they do not start with. */
  follow({ controls }, values) {
    const shown = this.keys.filter((key) => controls[key].shown);
    const set = shown.filter((key) => String(values[key]) !== String(controls[key].start));
    const state = JSON.stringify(set.map((key) => [key, values[key]]));
    if (set.length && state !== this.state) this.turn(true);
    this.state = state;
    return shown.length > 0;
  }
}

/** Controls that a beginner does not need, behind one button. */
export class More extends Fold {
  constructor(keys, nodes, turned, before) {
    const box = element("div", "ll-more");
    const button = element("button", "ll-fold");
    const inside = element("div", "ll-more-controls");
    inside.append(...nodes);
    box.append(button, inside);
    super(keys, button, [inside], before);
    this.node = box;
    this.turned = turned;
  }

  turn(open) {
    super.turn(open);
    this.turned?.();
  }

  fill(model, values) {
    this.node.hidden = !this.follow(model, values);
    this.button.textContent = model.words.more;
  }
}

/** A section of which only the title is seen. */
export class Folded extends Fold {
  constructor(keys, title, parts, before) {
    const button = element("button", "ll-fold");
    title.append(button);
    super(keys, button, parts, before);
  }

  fill(model, values, title) {
    this.follow(model, values);
    this.button.textContent = title;
  }
}
