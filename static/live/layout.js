// What stands where in a lesson, in which words and colours: presets, sections, controls, views.
// What the hand does with them, and what is said to Python, is live.js's.

const query = new URL(import.meta.url).search;
const [{ Figure }, { Lines, Table, Code }, controls] = await Promise.all(
  ["figures", "text", "controls"].map((name) => import(`./${name}.js${query}`)),
);
const { element } = controls;

const VIEWS = { figure: Figure, lines: Lines, table: Table, code: Code };

function paragraph(sentence) {
  const node = element("p");
  node.textContent = sentence;
  return node;
}

function isDark(colour) {
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.fillStyle = colour;
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(canvas.fillStyle.slice(i, i + 2), 16));
  return 0.299 * r + 0.587 * g + 0.114 * b < 128;
}

/** Built around `model`, what Python sent last, and `values`. Who extends it has `commit` and `cameInSight`. */
export class Layout {
  constructor(root) {
    this.root = root;
    this.held = null; // the control under the finger
    this.controls = {};
    this.views = {};
    this.due = new Map(); // view -> what changed in it since it was drawn
    this.tab = {}; // section -> the tab chosen in it
  }

  /** Lay out sections, controls and views once; they stay until the lesson's shape changes. */
  build(shape) {
    this.shape = shape;
    this.purge();
    this.root.textContent = "";
    this.controls = {};
    this.views = {};
    this.presetBar = element("div", "ll-presets");
    this.presetBar.setAttribute("role", "group");
    this.notice = element("div", "ll-notice");
    this.notice.setAttribute("role", "status");
    this.root.append(this.presetBar, this.notice);
    this.sections = this.model.sections.map((section) => this.section(section));
    this.watch();
  }

  /** Follow what is on the screen, which is framed, and what is near it, which is drawn. */
  watch() {
    for (const watcher of this.watchers ?? []) watcher.disconnect();
    this.watchers = ["seen", "visible"].map((state, i) => {
      const margin = i ? 0 : 200;
      const watcher = new IntersectionObserver(
        (entries) => {
          for (const entry of entries) this.views[entry.target.dataset.view][state] = entry.isIntersecting;
          this.wake();
          this.cameInSight();
        },
        { rootMargin: `${margin}px` },
      );
      for (const name in this.views) {
        const { node } = this.views[name];
        node.dataset.view = name;
        const box = node.getBoundingClientRect();
        this.views[name][state] = box.width > 0 && box.top < innerHeight + margin && box.bottom > -margin;
        watcher.observe(node);
      }
      return watcher;
    });
  }

  section(section) {
    const node = element("section", "ll-section");
    node.dataset.section = section.key;
    const head = element("div", "ll-section-head");
    head.append(element("h2"), element("p"));
    const grid = element("div", "ll-grid");
    const board = element("div", "ll-board");
    const stage = element("div", "ll-stage");
    const below = element("div", "ll-below");
    const mains = element("div", "ll-mains");
    const side = element("div", "ll-side");
    stage.append(mains, side);
    grid.append(stage, board, below);
    node.append(head, grid);
    this.root.append(node);
    if (!section.controls.length && !section.table.length) grid.classList.add("ll-no-board");
    if (!section.main.length && !section.tabs.length && !section.below.length)
      grid.classList.add("ll-only-board");
    if (!section.tabs.length) stage.classList.add("ll-no-side");
    for (const key of section.controls) board.append(this.control(key).node);
    if (section.table.length) {
      const table = element("div", "ll-cells");
      table.style.setProperty("--ll-columns", Math.max(...section.table.map((row) => row.length)));
      for (const row of section.table) for (const key of row) table.append(this.control(key).node);
      board.append(table);
    }
    for (const name of section.main) mains.append(this.view(name).node);
    for (const name of section.below) below.append(this.view(name).node);
    if (section.tabs.length) {
      const bar = element("div", "ll-tabs");
      bar.setAttribute("role", "tablist");
      side.append(bar);
      const narrow = matchMedia("(max-width: 900px)").matches;
      const first = section.tabs.find(([name]) => narrow === section.main.includes(name)) ?? section.tabs[0];
      const chosen = this.tab[section.key] ?? first[0];
      for (const [name] of section.tabs) {
        const main = section.main.includes(name);
        if (!main) side.append(this.view(name).node);
        const button = element("button", main ? "ll-tab-main" : "");
        button.type = "button";
        button.dataset.tab = name;
        button.setAttribute("role", "tab");
        button.addEventListener("click", () => this.choose(section, stage, name));
        bar.append(button);
      }
      this.choose(section, stage, chosen);
    }
    return { section, node, head, stage };
  }

  /** Show one of the figures that take turns; on a narrow screen the main ones take turns too. */
  choose(section, stage, name) {
    this.tab[section.key] = name;
    stage.dataset.tab = section.main.includes(name) ? "main" : "side";
    for (const button of stage.querySelectorAll(".ll-tabs > button")) {
      if (button.dataset.tab) button.setAttribute("aria-selected", String(button.dataset.tab === name));
    }
    const others = section.tabs.map(([tab]) => tab).filter((tab) => !section.main.includes(tab));
    const shown = others.includes(name) ? name : (stage.dataset.last ?? others[0]);
    stage.dataset.last = shown;
    for (const tab of others) this.views[tab].node.classList.toggle("ll-away", tab !== shown);
    for (const tab of section.main)
      this.views[tab].node.classList.toggle("ll-away-narrow", tab !== name && stage.dataset.tab === "main");
    this.wake();
  }

  control(key) {
    this.controls[key] ??= controls.make(this.model.controls[key].kind, key, this);
    return this.controls[key];
  }

  view(name) {
    const model = this.model.views[name];
    this.views[name] ??= VIEWS[model.type] === Figure ? new Figure(name, this) : new VIEWS[model.type](this);
    return this.views[name];
  }

  /** Put the model's words, values and pictures into what is built. */
  fill() {
    const { model } = this;
    this.presetBar.hidden = !model.presets.length;
    model.presets.forEach(([name, word], i) => {
      let button = this.presetBar.children[i];
      if (!button) {
        button = element("button", "ll-preset");
        button.type = "button";
        button.addEventListener("click", () => this.commit({ preset: button.dataset.preset }));
        this.presetBar.append(button);
      }
      button.dataset.preset = name;
      button.textContent = word;
      button.setAttribute("aria-pressed", String(name === model.preset));
    });
    this.notice.replaceChildren(...model.notes.map(paragraph));
    model.sections.forEach((section, i) => {
      const { head, node } = this.sections[i];
      head.hidden = !section.title;
      head.children[0].textContent = section.title;
      head.children[1].textContent = section.text;
      for (const button of node.querySelectorAll(".ll-tabs > button[data-tab]")) {
        button.textContent = section.tabs.find(([name]) => name === button.dataset.tab)[1];
      }
    });
    for (const key in model.controls) controls.complete(model.controls[key]);
    for (const key in this.controls) {
      if (key !== this.held) this.controls[key].set(model.controls[key], this.values[key]);
    }
    for (const board of this.root.querySelectorAll(".ll-board")) {
      board.classList.toggle(
        "ll-dense",
        board.querySelectorAll(":scope > .ll-control:not([hidden])").length > 7,
      );
    }
  }

  /** Draw views anew, in the colours of the theme. */
  paint(names = Object.keys(this.model.views), first = false) {
    const style = getComputedStyle(this.root);
    const ground = style.getPropertyValue("--st-background-color").trim() || "#ffffff";
    const palette = isDark(ground) ? "dark" : "light";
    this.root.dataset.theme = palette;
    this.palette = { ...this.model.palettes[palette], inks: this.model.inks[palette] };
    for (const role in this.model.palettes[palette])
      this.root.style.setProperty(`--ll-${role}`, this.palette[role]);
    this.font = style.fontFamily;
    for (const name of names) this.due.delete(name);
    let figures = 0;
    for (const name of names) {
      const view = this.views[name];
      if (!view) continue;
      view.set(this.model.views[name], this.palette, this.font);
      // At the first visit the main figure comes at once, the others right after it.
      if (view.seen && !(first && view instanceof Figure && figures++)) view.draw();
    }
    if (figures > 1) setTimeout(() => this.wake(), 0);
  }

  /** Draw what came into sight and was not up to date. */
  wake() {
    for (const name in this.views) {
      const view = this.views[name];
      if (view.stale && view.seen) view.draw();
    }
  }

  /** Bring a section to the eye, and a figure of its tabs, once for each time that Python asks. */
  focus(wish, first) {
    if (!wish || wish.turn === this.turned) return;
    this.turned = wish.turn;
    const target = this.sections.find(({ section }) => section.key === wish.section);
    if (!target) return;
    if (wish.tab) this.choose(target.section, target.stage, wish.tab);
    const still = first || matchMedia("(prefers-reduced-motion: reduce)").matches;
    const go = () => {
      // Later only while nobody has chosen another place.
      if (this.turned === wish.turn && !this.touched) {
        target.node.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "start" });
      }
    };
    this.touched = false;
    go();
    if (!first) return;
    // A page that has just been opened still grows above the place.
    for (const wait of [300, 900]) setTimeout(go, wait);
    for (const type of ["wheel", "pointerdown", "keydown"])
      addEventListener(type, () => (this.touched = true), { once: true, passive: true });
  }

  /** Show a sentence above the sections, until the next answer. */
  say(sentence) {
    this.notice.replaceChildren(paragraph(sentence));
  }

  /** The views that can be seen now, by name. */
  onScreen() {
    return Object.keys(this.views).filter((name) => this.views[name].visible);
  }

  purge() {
    for (const name in this.views) this.views[name].purge();
  }
}
