// What stands where in a lesson, in which words and colours: presets, sections, controls, views.
// What the hand does with them, and what is said to Python, is live.js's.

const query = new URL(import.meta.url).search;
const [
  { Figure },
  { Lines, Table, Code, asTabs, asTab, keep },
  controls,
  { complete },
  { More, Folded },
  { Guide },
  cut,
] = await Promise.all(
  ["figures", "text", "controls", "numbers", "folds", "guide", "cut"].map(
    (name) => import(`./${name}.js${query}`),
  ),
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

// On a phone what follows the first section is a list of titles, each of which opens.
const PHONE = matchMedia("(max-width: 40em), (max-height: 30em)");
// With less room the main figures take turns with the others.
const NARROW = matchMedia("(max-width: 74.99em)");

/** The section in which a control or a view stands. */
export function sectionOf(node) {
  return node.closest(".ll-section")?.dataset.section;
}

/** On a phone the lessons are in a drawer of Streamlit's: it closes once one was chosen. */
function closeDrawer() {
  document.querySelector("[data-testid=stSidebar][data-collapsed=false] [aria-expanded=true]")?.click();
}

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-testid=stSidebarNavLink]")) setTimeout(closeDrawer, 0);
});

/** On a narrow screen a row goes on beside it: bring what was chosen in it to sight, once all is laid out. */
function inRow(button) {
  const row = button?.parentNode;
  if (!row) return;
  requestAnimationFrame(() => {
    if (row.scrollWidth <= row.clientWidth) return;
    const [of, to] = [button, row].map((node) => node.getBoundingClientRect());
    row.scrollLeft += of.left - to.left - (to.width - of.width) / 2;
  });
}

// Of what a link leaves out and is nothing here, so many are said one by one.
const SAID = 4;
// Streamlit names them in English only.
const NAMED = {
  open: "[data-testid=stExpandSidebarButton]",
  close: "[data-testid=stSidebarCollapseButton] button",
  lessons: "[data-testid=stSidebar], [data-testid=stSidebarNav]",
};

/** Whether a box is out of sight. */
const isAway = ({ top, bottom, height }) => height > 0 && (bottom < 0 || top > innerHeight);

/** How wide and how tall what is in a node may be: without its rim and what it keeps free inside. */
function contentOf(node) {
  const style = getComputedStyle(node);
  const { width, height } = node.getBoundingClientRect();
  const rims = (...sides) =>
    sides
      .flatMap((side) => [`padding-${side}`, `border-${side}-width`])
      .reduce((sum, name) => sum + (parseFloat(style.getPropertyValue(name)) || 0), 0);
  return `${width - rims("left", "right")}px ${height - rims("top", "bottom")}px`;
}

const MOST = 0.46; // of the window's height that a figure covers while it stays
const LATEST = 200; // ms after which a figure does not wait for frames
const MORE = /^(\d+) more$/;

/** Built around what the hand knows. Who extends it has `commit`, `read`, `cameInSight` and what is `coming` for that. */
export class Layout {
  constructor(root, hand) {
    this.root = root;
    this.hand = hand;
    this.controls = {};
    this.views = {};
    this.due = new Map(); // view -> what changed in it since it was drawn
    this.tab = {}; // section -> the tab chosen in it
    this.turnTabs = () => {
      keep(this.changedLine, 0);
      for (const { section, stage } of this.sections)
        if (section.tabs.length) this.choose(section, stage, this.tab[section.key]);
    };
    this.guide = new Guide(this);
    this.follow = () => {
      this.spareNothing();
      this.give();
    };
    // After all that moves a page: of what comes to sight then, the watchers have missed some.
    this.lookSoon = () => {
      clearTimeout(this.looking);
      this.looking = setTimeout(() => {
        if (!this.root.isConnected) return;
        this.look();
        this.wake();
        this.cameInSight();
        this.guide.float();
      }, 100);
    };
  }

  get model() {
    return this.hand.model;
  }

  get values() {
    return this.hand.values;
  }

  /** Lay out sections, controls and views once; they stay until the lesson's shape changes. */
  build(shape) {
    this.shape = shape;
    this.purge();
    // The one place from which results are said stays: what has just come is not read out.
    this.aloud ??= element("div", "ll-aloud ll-unseen", { role: "status" });
    if (!this.aloud.isConnected) this.root.replaceChildren(this.aloud);
    while (this.aloud.nextSibling) this.aloud.nextSibling.remove();
    this.controls = {};
    this.views = {};
    this.presetBar = element("div", "ll-presets");
    this.presetBar.setAttribute("role", "group");
    this.changedLine = element("p", "ll-changed");
    this.root.append(this.guide.node, this.presetBar, this.changedLine);
    const before = this.sections ?? [];
    this.sections = this.model.sections.map((section, i) => this.section(section, before[i]));
    this.watch();
  }

  /** Follow what is on the screen, which is framed, and what is near it, which is drawn. */
  watch() {
    const sizes = new ResizeObserver(() => this.stay());
    // What Streamlit adds above, or takes away, moves everything by a little. A hand has the page as it was.
    const length = new ResizeObserver(() => this.spared || this.lookSoon());
    length.observe(this.root.closest("[data-testid=stMainBlockContainer]"));
    for (const { stage } of this.sections) {
      for (const figure of stage.querySelectorAll(".ll-figure")) sizes.observe(figure);
    }
    this.main = this.root.closest("[data-testid=stMain]");
    sizes.observe(this.main);
    this.main.addEventListener("scroll", this.lookSoon, { passive: true });
    this.main.addEventListener("scroll", this.follow, { passive: true });
    NARROW.addEventListener("change", this.turnTabs);
    const sights = ["seen", "visible"].map((state, i) => {
      const margin = i ? 0 : 200;
      const watcher = new IntersectionObserver(
        (entries) => {
          for (const entry of entries) this.views[entry.target.dataset.view][state] = entry.isIntersecting;
          this.wake();
          if (i) this.cameInSight();
        },
        { rootMargin: `${margin}px` },
      );
      for (const [name, { node }] of Object.entries(this.views)) {
        node.dataset.view = name;
        watcher.observe(node);
      }
      return watcher;
    });
    this.watchers = [sizes, length, ...sights];
    this.look();
  }

  /**
   * See at once what has come to the screen, and near it: of a small shift the watchers may say nothing. Only they
   * tell what has left: what is hidden and back before they look again, they never miss.
   */
  look() {
    for (const view of Object.values(this.views)) {
      const { width, top, bottom } = view.node.getBoundingClientRect();
      const within = (margin) => width > 0 && top < innerHeight + margin && bottom > -margin;
      view.seen ||= within(200);
      view.visible ||= within(0);
    }
  }

  /**
   * Have the browser leave out what is out of sight while a hand moves something: it would paint all of it anew.
   * When the page is scrolled all is there again.
   */
  spare() {
    if (this.spared) return;
    const beside = [];
    for (let node = this.root; node !== this.main; node = node.parentNode)
      for (const one of node.parentNode.children) if (one !== node) beside.push(one);
    const nodes = [...this.sections.map(({ node }) => node), ...beside];
    // What has the keyboard keeps it.
    this.spared = nodes.filter(
      (node) => isAway(node.getBoundingClientRect()) && !node.contains(document.activeElement),
    );
    const rooms = this.spared.map(contentOf);
    this.spared.forEach(({ style }, i) => {
      style.containIntrinsicSize = rooms[i];
      style.contentVisibility = "hidden";
    });
  }

  /**
   * Have texts keep their heights while frames change them: the browser then lays out nothing but what changes. Else it
   * goes through the whole page for each number.
   */
  hold(names) {
    if (this.kept) return;
    const nodes = [...names].flatMap((name) => this.views[name]?.texts ?? []);
    this.kept = nodes.map((node) => [node, node.getBoundingClientRect().height]).filter(([, tall]) => tall);
    for (const [node, tall] of this.kept) {
      keep(node, tall, "height");
      node.classList.add("ll-held");
    }
  }

  /** Let texts be as tall as what they say. */
  loosen() {
    for (const [node] of this.kept ?? []) {
      keep(node, 0, "height");
      node.classList.remove("ll-held");
    }
    this.kept = undefined;
  }

  /** The hand is open: all is there again. */
  spareNothing() {
    this.loosen();
    for (const { style } of this.spared ?? [])
      for (const name of ["content-visibility", "contain-intrinsic-size"]) style.removeProperty(name);
    this.spared = undefined;
  }

  section(section, before) {
    const node = element("section", "ll-section", { tabindex: -1 });
    node.dataset.section = section.key;
    const head = element("div", "ll-section-head");
    head.append(element("h2"), element("p"));
    const grid = element("div", "ll-grid");
    const hand = element("div", "ll-hand");
    const board = element("div", "ll-board");
    const stage = element("div", "ll-stage");
    const above = element("div", "ll-above");
    const below = element("div", "ll-below");
    const mains = element("div", "ll-mains");
    const side = element("div", "ll-side");
    stage.append(mains, side);
    // In the order of use: what is set, what it moves, what follows.
    hand.append(board, stage);
    grid.append(hand, below);
    node.append(head, above, grid);
    this.root.append(node);
    if (!section.controls.length && !section.table.length) grid.classList.add("ll-no-board");
    if (!section.main.length && !section.tabs.length && !section.below.length)
      grid.classList.add("ll-only-board");
    if (!section.tabs.length) stage.classList.add("ll-no-side");
    const more = section.more.length
      ? new More(
          section.more,
          section.more.map((key) => this.control(key).node),
          () => this.crowd(board),
          before?.more,
        )
      : undefined;
    for (const key of section.controls) if (!section.more.includes(key)) board.append(this.control(key).node);
    if (section.table.length) {
      const table = element("div", "ll-cells");
      table.style.setProperty("--ll-columns", Math.max(...section.table.map((row) => row.length)));
      for (const row of section.table) for (const key of row) table.append(this.control(key).node);
      board.append(element("p", "ll-about"), table);
    }
    if (more) board.append(more.node);
    // Under the controls: what comes and goes there moves nothing that is in the hand or before the eye.
    const notice = element("div", "ll-notice");
    if (grid.classList.contains("ll-no-board")) above.after(notice);
    else board.append(notice);
    for (const name of section.main) mains.append(this.view(name).node);
    for (const name of section.above) above.append(this.view(name).node);
    for (const name of section.below) below.append(this.view(name).node);
    if (section.tabs.length) {
      const bar = element("div", "ll-tabs");
      asTabs(bar);
      side.append(bar);
      const first =
        section.tabs.find(([name]) => NARROW.matches === section.main.includes(name)) ?? section.tabs[0];
      const chosen = this.tab[section.key] ?? first[0];
      for (const [name] of section.tabs) {
        const main = section.main.includes(name);
        if (!main) side.append(this.view(name).node);
        const button = element("button", main ? "ll-tab-main" : "");
        const panel = this.view(name).node;
        button.id = `ll-tab-${name}`;
        panel.id = `ll-view-${name}`;
        if (!main) panel.setAttribute("role", "tabpanel");
        if (!main) panel.setAttribute("aria-labelledby", button.id);
        asTab(button, panel, false);
        button.dataset.tab = name;
        button.addEventListener("click", () => this.choose(section, stage, name));
        bar.append(button);
      }
      this.choose(section, stage, chosen);
    }
    const keys = [...section.controls, ...section.table.flat()];
    const later = section !== this.model.sections[0] && section.title;
    const fold =
      section.folded || (later && PHONE.matches)
        ? new Folded(keys, head.children[0], [head.children[1], above, grid], before?.fold)
        : undefined;
    return { section, node, head, stage, notice, more, fold };
  }

  /** Say which figures stay while their controls pass by: those of which the window holds all, and a control with it. */
  stay() {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    for (const { section, stage } of this.sections) {
      const grid = stage.closest(".ll-grid");
      const figure = [...stage.querySelectorAll(".ll-figure")].find((node) => node.offsetHeight);
      if (!figure) continue;
      const { top, bottom } = figure.getBoundingClientRect();
      const box = figure.querySelector(".ll-plotbox").getBoundingClientRect();
      const stacked = getComputedStyle(grid).display === "flex";
      // Where it would leave less than half of the window it stays without its title, which goes under the bar.
      const over = stacked && box.bottom - top > MOST * innerHeight ? box.top - top : 0;
      // With some room: who comes to the last control by keys has it moved up a little, and what stays does not move.
      const short = grid.querySelector(".ll-board").offsetHeight + 5.5 * rem <= innerHeight;
      grid.classList.toggle("ll-short", short && !stacked);
      const table = stage.querySelector(".ll-mains > .ll-table");
      const under = table && getComputedStyle(table).position !== "static" ? table.offsetHeight : 0;
      const need = stacked ? bottom - top - over + under + 7 * rem : box.bottom - top;
      grid.classList.toggle("ll-stays", section.key !== "question" && need + 3.75 * rem <= innerHeight);
      grid.style.setProperty("--ll-stays", `${bottom - top - over}px`);
      grid.style.setProperty("--ll-over", `${over}px`);
      grid.style.setProperty("--ll-under", `${under}px`);
      // What was opened under a figure is read where it is.
      const open = figure.querySelector(".ll-numbers:not([hidden])");
      grid.style.setProperty("--ll-caption", `${open ? 0 : bottom - box.bottom}px`);
    }
    this.give();
    for (const name in this.views) this.views[name].fit?.();
    this.look();
    this.wake();
  }

  /**
   * In one column a figure that stays gives its caption's room to the controls that pass under it, and what stays at
   * the lower edge waits there until the figure is above it.
   */
  give() {
    // It is called at every scroll; beside each other nothing passes under a figure.
    if (!NARROW.matches) return;
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    for (const { stage } of this.sections) {
      const grid = stage.closest(".ll-grid");
      const figure = [...stage.querySelectorAll(".ll-figure")].find((node) => node.offsetHeight);
      if (!figure) continue;
      const { top, bottom } = figure.getBoundingClientRect();
      const [under, over] = ["under", "over"].map(
        (name) => parseFloat(grid.style.getPropertyValue(`--ll-${name}`)) || 0,
      );
      grid.classList.toggle("ll-stuck", top <= 3.75 * rem - over + 0.5);
      grid.classList.toggle("ll-low", bottom > innerHeight - under);
    }
  }

  /** Show one of the figures that take turns; on a narrow screen the main ones take turns too. */
  choose(section, stage, name) {
    this.tab[section.key] = name;
    stage.dataset.tab = section.main.includes(name) ? "main" : "side";
    const others = section.tabs.map(([tab]) => tab).filter((tab) => !section.main.includes(tab));
    const shown = others.includes(name) ? name : (stage.dataset.last ?? others[0]);
    stage.dataset.last = shown;
    // With room the main ones have no tab: the one beside them is chosen.
    const chosen = NARROW.matches ? name : shown;
    for (const button of stage.querySelectorAll(".ll-tabs > button")) {
      if (button.dataset.tab)
        asTab(button, this.views[button.dataset.tab].node, button.dataset.tab === chosen);
      if (button.dataset.tab === chosen) inRow(button);
    }
    for (const tab of others) this.views[tab].node.classList.toggle("ll-away", tab !== shown);
    // What has no tab, as a formula, is always there.
    for (const [tab] of section.tabs.filter(([one]) => section.main.includes(one)))
      this.views[tab].node.classList.toggle("ll-away-narrow", tab !== name && stage.dataset.tab === "main");
    this.wake();
  }

  control(key) {
    this.controls[key] ??= controls.make(this.model.controls[key].kind, key, this);
    return this.controls[key];
  }

  view(name) {
    const View = VIEWS[this.model.views[name].type];
    this.views[name] ??= View === Figure ? new Figure(name, this) : new View(this);
    return this.views[name];
  }

  /** Put the model's words, values and pictures into what is built. */
  fill() {
    const { model } = this;
    document.documentElement.lang = model.language;
    this.nameFrame();
    this.presetBar.hidden = !model.presets.length;
    this.presetBar.setAttribute("aria-label", model.words.presets);
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
      button.hidden = cut.isCut(name, "presets");
      button.setAttribute("aria-pressed", String(name === model.preset));
    });
    if (this.pressed !== model.preset) inRow(this.presetBar.querySelector("[aria-pressed=true]"));
    this.pressed = model.preset;
    // Until something has been changed, what can be taken in hand.
    // A page without rings has no pictures that go from state to state.
    this.rings ||= Object.values(model.views).some(({ grips }) => grips?.length);
    this.changedLine.hidden = !this.rings;
    const changed = model.changed?.text || model.words.hint;
    if (this.changedLine.textContent !== changed) {
      this.changedLine.textContent = changed;
      // What a long sentence once took stays: when a hand takes it away, nothing moves under that.
      keep(this.changedLine, this.changedLine.offsetHeight);
    }
    const left = [...new Set(cut.leaveOut(model))];
    this.cutNotes = left.slice(0, SAID).map((name, i) => {
      const rest = i === SAID - 1 && left.length > SAID ? ", …" : "";
      return model.words.cut.replace("%given", () => name.slice(0, 40) + rest);
    });
    model.sections.forEach((section, i) => {
      const { head, node, more, fold } = this.sections[i];
      node.hidden = cut.isCut(section.key);
      // The page's title stands over the first section; in the order of headings it has a name of its own.
      head.classList.toggle("ll-unseen", !section.title);
      if (fold) fold.fill(model, this.values, section.title);
      else head.children[0].textContent = section.title || model.words.first;
      more?.fill(model, this.values);
      for (const about of node.querySelectorAll(".ll-about")) {
        about.textContent = section.about;
        about.hidden = !section.about;
      }
      head.children[1].textContent = section.text;
      for (const button of node.querySelectorAll(".ll-tabs > button[data-tab]")) {
        button.parentNode.setAttribute("aria-label", section.title || model.words.first);
        const word = section.tabs.find(([name]) => name === button.dataset.tab)[1];
        if (button.textContent === word) continue;
        button.textContent = word;
        inRow(button.parentNode.querySelector("[aria-selected=true]"));
      }
    });
    this.note();
    for (const key in model.controls) complete(model.controls[key]);
    for (const key in this.controls) this.renew(key);
    for (const board of this.root.querySelectorAll(".ll-board")) this.crowd(board);
  }

  /** Let controls stand closer where there are many. */
  crowd(board) {
    const seen = [":scope", ":scope > .ll-more > :not([hidden])"];
    const nodes = board.querySelectorAll(seen.map((place) => `${place} > .ll-control:not([hidden])`));
    board.classList.toggle("ll-dense", nodes.length > 7);
  }

  /** Put the line of the guide where its beat is; bring one that was asked for to the eye, with its figure. */
  guideTo(beat, first) {
    const before = this.guide.model;
    const asked = beat && beat.turn !== (before?.turn ?? 0);
    const target = this.sections.find(({ section }) => section.key === beat?.section);
    const inside = target && target !== this.sections[0];
    const moved = this.guide.stand(inside ? target.head : this.presetBar, inside ? "after" : "before");
    // A figure that comes for another may move the line into sight for a moment, and out of it again.
    const away = this.guide.isAway();
    this.guide.set(beat, this.model.words);
    if (!asked || !target) return;
    target.fold?.turn(true);
    for (const { more } of this.sections)
      if (more?.keys.some((key) => beat.hand.includes(key))) more.turn(true);
    if (beat.tab) this.choose(target.section, target.stage, beat.tab);
    const node = inside ? target.node : this.guide.node;
    if ((inside && (moved || first)) || away || this.guide.isAway())
      this.bring(node, () => this.guide.model === beat, first);
  }

  /** Name what is Streamlit's in the lesson's language, now and whenever it puts it anew. */
  nameFrame() {
    this.named?.disconnect();
    if (!this.root.isConnected) return;
    if (!this.named) closeDrawer();
    this.named ??= new MutationObserver(() => this.nameFrame());
    for (const name in NAMED)
      for (const node of document.querySelectorAll(NAMED[name]))
        if (node.ariaLabel !== this.model.words[name]) node.ariaLabel = this.model.words[name];
    for (const part of document.querySelectorAll("[data-testid=stHeader], [data-testid=stSidebar]")) {
      this.named.observe(part, { childList: true, characterData: true, subtree: true });
      // The lessons that the bar at the top has no room for.
      for (const { firstChild: text } of part.querySelectorAll("p")) {
        const [, n] = MORE.exec(text?.nodeValue) ?? [];
        const said = n && this.model.words.others.replace("%n", n);
        if (said && text.nodeValue !== said) text.nodeValue = said;
      }
    }
    this.named.observe(document.querySelector("[data-testid=stAppViewContainer]"), { childList: true });
  }

  /** Bring a control up to date, unless it is under the hand. */
  renew(key) {
    if (key !== this.hand.held) this.controls[key].set(this.model.controls[key], this.values[key]);
  }

  /** Draw views anew, in the colours of the theme. */
  paint(names = Object.keys(this.model.views), first = false) {
    const style = getComputedStyle(this.root);
    const ground = style.getPropertyValue("--st-background-color").trim() || "#ffffff";
    const theme = isDark(ground) ? "dark" : "light";
    const { palettes, inks, written, verbatim } = this.model;
    this.root.dataset.theme = theme;
    // For what stands beside the lesson as well.
    const { style: ours } = document.documentElement;
    for (const [role, colour] of Object.entries(palettes[theme])) {
      if (ours.getPropertyValue(`--ll-${role}`) !== colour) ours.setProperty(`--ll-${role}`, colour);
    }
    this.palette = {
      ...palettes[theme],
      inks: inks[theme],
      written: new Set(written),
      verbatim: new Set(verbatim),
    };
    this.font = style.fontFamily;
    for (const name of names) {
      this.due.delete(name);
      this.views[name]?.set(this.model.views[name], this.palette, this.font);
    }
    // The room of figures is kept free before they are drawn, so that nothing below them jumps when they are. Of all
    // it is seen how wide they are before the first takes its own: the page is laid out once.
    const figures = names.map((name) => this.views[name]).filter((view) => view?.box && !view.width);
    const wide = figures.map(({ box }) => box.clientWidth);
    figures.forEach((figure, i) => wide[i] && figure.measure(wide[i]));
    if (!first) return this.wake();
    // Each has its room now, so what is on the screen is known: its frames come while plotly.js draws.
    this.look();
    this.cameInSight(true);
    this.drawNext();
  }

  /** At a first visit figures are drawn one by one, each in a turn of its own; what a hand needs comes in between. */
  async drawNext() {
    const view = Object.values(this.views).find((one) => one.stale && one.seen && one.box?.clientWidth);
    view?.draw();
    this.opening = Boolean(view);
    if (!view) return;
    const frames = (this.coming ?? Promise.resolve()).then(() => new Promise(requestAnimationFrame));
    await Promise.race([frames, new Promise((done) => setTimeout(done, LATEST))]);
    setTimeout(() => this.drawNext());
  }

  /** Draw what came into sight and was not up to date. */
  wake() {
    if (this.opening) return;
    // Of what has no frames yet a hand that moves has only what was: it is drawn with them, or at rest.
    const { dirty } = this.hand;
    const frames = dirty === undefined ? undefined : this.framesOf(dirty);
    for (const [name, view] of Object.entries(this.views))
      if (view.stale && view.seen && !(frames && !frames.views.has(name))) view.draw();
  }

  /** Bring the question at the lesson's end to the eye, and the keys to it. */
  toQuestion() {
    const node = document.querySelector(".st-key-question");
    if (!node) return;
    node.querySelector("input, a")?.focus({ preventScroll: true });
    this.bring(node, () => true, false);
  }

  /** Bring a section to the eye, and a figure of its tabs, once for each time that Python asks. */
  focus(wish, first) {
    if (!wish || wish.turn === this.hand.turned) return;
    this.hand.turned = wish.turn;
    const target = this.sections.find(({ section }) => section.key === wish.section);
    if (!target) return;
    target.fold?.turn(true);
    if (wish.tab) this.choose(target.section, target.stage, wish.tab);
    // Keys go on from where the eye is.
    if (!first) target.node.focus({ preventScroll: true });
    this.bring(target.node, () => this.hand.turned === wish.turn, first);
  }

  /** Scroll to a place, later once more, while it is still the one that is `wanted`. */
  bring(node, wanted, first) {
    const still = first || matchMedia("(prefers-reduced-motion: reduce)").matches;
    const go = () => {
      // Later only while nobody has chosen another place.
      if (wanted() && !this.touched)
        node.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "start" });
    };
    this.touched = false;
    go();
    // A page that has just been opened, or sees a place for the first time, still grows above it.
    for (const wait of [300, 900]) setTimeout(go, wait);
    for (const type of ["wheel", "pointerdown", "keydown"])
      addEventListener(type, () => (this.touched = true), { once: true, passive: true });
  }

  /** Show a sentence under the controls of which `node` is one, until something else is entered or chosen. */
  say(sentence, node) {
    this.said = { sentence, language: this.model.language, where: sectionOf(node) };
    this.note();
    this.aloud.textContent = sentence;
  }

  /** Put each note under the controls by which it came about, as long as it holds; else under those of the first. */
  note() {
    const { said, model } = this;
    const shown = this.sections.filter(({ section }) => !cut.isCut(section.key));
    const first = shown[0]?.section.key;
    const places = new Map();
    if (said?.language === model.language) places.set(said.sentence, said.where);
    for (const sentence of [...model.notes, ...this.cutNotes])
      places.set(sentence, this.places?.get(sentence) ?? this.where ?? first);
    this.places = places;
    const known = new Set(shown.map(({ section }) => section.key));
    for (const { section, notice } of this.sections) {
      const here = [...places].filter(([, at]) => (known.has(at) ? at : first) === section.key);
      notice.replaceChildren(...here.map(([sentence]) => paragraph(sentence)));
    }
  }

  /** The views that can be seen now, by name. */
  onScreen() {
    return Object.keys(this.views).filter((name) => this.views[name].visible);
  }

  purge() {
    for (const watcher of this.watchers ?? []) watcher.disconnect();
    this.main?.removeEventListener("scroll", this.lookSoon);
    this.main?.removeEventListener("scroll", this.follow);
    NARROW.removeEventListener("change", this.turnTabs);
    for (const name in this.views) this.views[name].purge();
  }
}
