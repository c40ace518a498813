// Views of text: lines whose numbers carry colours, tables, and code to copy. Nothing is parsed as HTML.

const { say } = await import(`./letters.js${new URL(import.meta.url).search}`);

function fill(node, given) {
  const segment = typeof given === "string" ? { text: given } : given;
  const { text, role, strong, link } = segment;
  // Most of what stands in a formula stays while a hand moves: what is not read is not laid out.
  const { held } = node;
  const same = held?.text === text && held.role === role && held.strong === strong && held.link === link;
  if (same && node.localName === "span") return;
  node.held = { text, role, strong, link };
  // A node is kept from state to state, and was perhaps something else before.
  if (Boolean(link) !== (node.firstElementChild?.localName === "a")) node.replaceChildren();
  const said = link ? (node.firstChild ?? node.appendChild(document.createElement("a"))) : node;
  say(said, text);
  if (link && said.getAttribute("href") !== link) said.setAttribute("href", link);
  const wanted = `${role ? `ll-role-${role}` : ""}${strong ? " ll-strong" : ""}`;
  // A term that is lit stays lit as long as it is the same one.
  if (node.className.replace(/ ?\bll-lit\b/, "") !== wanted) node.className = wanted;
}

/** Make `node` hold exactly one child of `tag` for each item, keeping those that are there. */
function match(node, tag, items, write) {
  while (node.children.length > items.length) node.lastChild.remove();
  while (node.children.length < items.length) node.append(document.createElement(tag));
  items.forEach((item, i) => write(node.children[i], item, i));
}

/** Let arrows, Home and End go from tab to tab of a bar, of which Tab stops at the chosen one only. */
export function asTabs(bar) {
  bar.setAttribute("role", "tablist");
  bar.addEventListener("keydown", (event) => {
    const tabs = [...bar.children].filter((one) => one.checkVisibility());
    const at = tabs.indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = tabs.at(to % tabs.length);
    next.click();
    next.focus();
  });
}

/** Make a button a tab that shows `panel`, chosen or not. */
export function asTab(button, panel, chosen) {
  button.type = "button";
  button.setAttribute("role", "tab");
  button.setAttribute("aria-controls", panel.id);
  button.setAttribute("aria-selected", String(chosen));
  button.tabIndex = chosen ? 0 : -1;
}

/** Set a property only where it changes: whatever is written anew is laid out anew. */
function set(node, name, value) {
  if (node[name] !== value) node[name] = value;
}

/** Row and place in it of all that a frame changes, if that is no more than single ones of a list of rows. */
function placesIn(changes, list) {
  const places = changes?.map(([[, part, row, place]]) => (part === list ? [row, place] : []));
  return places?.every(([, place]) => place !== undefined) ? places : undefined;
}

class Text {
  waits = 1; // pictures: nobody reads it while a hand moves

  constructor(kind) {
    this.node = make("div", kind);
    this.title = document.createElement("h3");
    this.body = document.createElement("div");
    this.node.append(this.title, this.body);
    this.texts = [this.body]; // what frames change, each as tall at one stop as at another
  }

  set(model) {
    this.model = model;
    this.title.textContent = model.title ?? "";
    this.title.hidden = !model.title;
    this.draw();
  }

  draw() {
    this.stale = false;
    this.update();
  }

  purge() {}
}

const LONGEST = 8; // texts of a line, the longest, one of which takes most room
const shapeOf = (lines) => lines.map((segments) => segments.length).join();

export class Lines extends Text {
  waits = 0; // its numbers are those of the picture

  constructor(host) {
    super("ll-lines");
    this.host = host;
    this.rooms = {}; // control -> the room that each line takes at most while it moves
    // By keys: arrows go from term to term (light.js).
    this.body.className = "ll-terms";
    this.body.tabIndex = 0;
    this.body.setAttribute("role", "group");
    this.ghost = make("div", "ll-ghost");
    this.ghost.ariaHidden = "true";
    this.node.append(this.ghost);
    let wide;
    new ResizeObserver(([{ contentRect }]) => {
      if (Math.abs(contentRect.width - wide) > 1) {
        this.rooms = {};
        this.room = undefined;
        host.reserve();
      }
      wide = contentRect.width;
    }).observe(this.body);
  }

  /** Write what a frame changed of terms, or all. */
  update(changes) {
    const { lines, title } = this.model;
    const { dirty, held } = this.host.hand;
    const moving = dirty ?? held;
    const terms = this.moving === moving && !this.stale && placesIn(changes, "lines");
    if (terms) {
      for (const [row, term] of terms) fill(this.body.children[row].children[term], lines[row][term]);
      return;
    }
    this.moving = moving;
    set(this.body, "ariaLabel", title || this.host.words.terms);
    const rooms = [this.rooms[moving], this.room?.shape === shapeOf(lines) && this.room.rows];
    const room = (i) => Math.max(0, ...rooms.map((rows) => (rows && rows[i]) || 0));
    match(this.body, "p", lines, (row, segments) => match(row, "span", segments, fill));
    [...this.body.children].forEach((row, i) => keep(row, room(i)));
    const whole = (rooms[0] || []).reduce((sum, height) => sum + height, 0);
    keep(this.body, whole);
  }

  /** Keep room for the longest of what a control's stops say, so that nothing below moves while it moves. */
  reserve(key, frames) {
    const rows = [];
    const shapes = new Set();
    for (const { lines } of frames(this.model)) {
      shapes.add(shapeOf(lines));
      lines.forEach((segments, i) => {
        const text = textOf(segments);
        rows[i] ??= new Map();
        if (!rows[i].has(text)) rows[i].set(text, structuredClone(segments));
      });
    }
    const longest = rows.map((texts) =>
      [...texts]
        .toSorted(([a], [b]) => b.length - a.length)
        .slice(0, LONGEST)
        .map(([, segments]) => segments),
    );
    match(this.ghost, "p", longest.flat(), (row, segments) => match(row, "span", segments, fill));
    const heights = [...this.ghost.children].map((row) => row.offsetHeight);
    const tall = longest.map((texts) => Math.max(...heights.splice(0, texts.length)));
    this.ghost.replaceChildren();
    if (shapes.size > 1) this.rooms[key] = tall;
    else {
      const [shape] = shapes;
      const before = this.room?.shape === shape ? this.room.rows : [];
      this.room = { shape, rows: tall.map((height, i) => Math.max(height, before[i] ?? 0)) };
    }
    this.update();
  }
}

// How a table may stand: turned or not, and how close. Where lines break in its cells all of it is to be seen.
const WAYS = [
  [false, ""],
  [true, ""],
  [false, "ll-breaks"],
  [true, "ll-breaks"],
  [true, "ll-breaks ll-tight"],
  [false, "ll-stacked"],
];

export class Table extends Text {
  constructor(host) {
    super("ll-table");
    this.host = host;
    this.narrow = matchMedia("(max-width: 74.99em)");
    this.table = document.createElement("table");
    this.table.innerHTML = "<caption></caption><thead><tr></tr></thead><tbody></tbody>";
    this.body.append(this.table);
    // What scrolls sideways can be scrolled by keys, and says what it is.
    let width;
    this.tall = []; // of each row the room that it takes at most
    const sizes = new ResizeObserver(() => {
      if (width !== this.body.clientWidth) {
        this.turn();
        if (width) host.reserve();
      }
      width = this.body.clientWidth;
      const wide = this.beyond() > 0;
      this.body.tabIndex = wide ? 0 : -1;
      this.body.setAttribute("role", wide ? "region" : "presentation");
    });
    sizes.observe(this.body);
    sizes.observe(this.table);
  }

  /** Write what a frame changed of cells, or all. */
  update(changes) {
    const { title, caption, head, rows } = this.model;
    const cells = !this.stale && placesIn(changes, "rows");
    if (cells) {
      for (const [row, column] of cells) {
        const [y, x] = this.turned ? [column, row + 1] : [row + 1, column];
        put(this.table.rows[y].cells[x], rows[row][column], scopeOf(y, x));
      }
      return;
    }
    set(this.body, "ariaLabel", title || caption || this.host.words.table);
    const shape = [document.documentElement.lang, head.length, rows.length].join();
    if (shape !== this.shape) {
      this.shape = shape;
      return this.turn();
    }
    this.write(caption, head, rows);
    this.makeRoom(this.tall);
  }

  set(model) {
    super.set(model);
    // Another state may say more than there is room for.
    if (this.tall.length && [...this.table.querySelectorAll("th, td")].some(isOver)) this.turn();
  }

  makeRoom(tall) {
    this.tall = tall;
    this.rows().forEach((row, i) => keep(row, tall[i], this.stacks() ? "minHeight" : "height"));
  }

  /** Give back the room that was kept. */
  loosen() {
    this.makeRoom([]);
    Object.assign(this.table.style, { tableLayout: "", width: "", overflowWrap: "" });
    for (const cell of this.table.querySelectorAll("[style*=width]")) cell.style.width = "";
  }

  /** Let the columns stay as wide as they are: with other words in one, rows would break elsewhere. */
  fixColumns() {
    if (this.stacks()) return;
    const cells = [...this.rows().find((row) => row.offsetHeight).cells];
    const widths = cells.map((cell) => cell.getBoundingClientRect().width);
    // The longest of all at once may be more than there is room for: then words break, too.
    const whole = Math.min(this.table.offsetWidth, this.body.clientWidth);
    const share = whole / this.table.offsetWidth;
    cells.forEach(({ style }, i) =>
      Object.assign(style, { boxSizing: "border-box", width: `${share * widths[i]}px` }),
    );
    Object.assign(this.table.style, { tableLayout: "fixed", width: `${whole}px`, overflowWrap: "anywhere" });
  }

  rows() {
    return [...(this.stacks() ? this.table.tBodies[0] : this.table).rows];
  }

  write(caption, head, rows) {
    writeRows(this.table, caption ?? "", ...(this.turned ? turned(head, rows) : [head, rows]));
    if (!this.stacks()) return;
    const names = [...this.table.tHead.rows[0].cells].map((cell) => cell.textContent);
    for (const row of this.table.tBodies[0].rows)
      names.forEach((name, i) => row.cells[i].dataset.head !== name && (row.cells[i].dataset.head = name));
  }

  stacks() {
    return this.node.classList.contains("ll-stacked");
  }

  /** Where lines break in cells, keep room in each row for the longest of what a control's stops say in them. */
  reserve(key, frames) {
    if (!this.stacks() && !this.node.classList.contains("ll-breaks")) return;
    const { caption, head, rows } = this.model;
    const longest = structuredClone([head, ...rows]);
    for (const now of frames(this.model)) {
      [now.head, ...now.rows].forEach((cells, i) =>
        cells.forEach((cell, j) => {
          const most = longest[i]?.[j];
          if (most !== undefined && textOf(cell).length > textOf(most).length)
            longest[i][j] = structuredClone(cell);
        }),
      );
    }
    this.loosen();
    this.write(caption, longest[0], longest.slice(1));
    this.fixColumns();
    this.tall = this.rows().map((row) => row.offsetHeight);
    this.update();
  }

  /** How much of it is beyond the edge. */
  beyond() {
    return this.body.scrollWidth - this.body.clientWidth;
  }

  /** Where there is no room for all columns, stand the first way in which all is seen. */
  turn() {
    if (!this.model) return;
    const stand = ([way, kind]) => {
      // A cell that was something else before is written anew.
      if (way !== this.turned)
        for (const part of [this.table.tHead.rows[0], this.table.tBodies[0]]) part.replaceChildren();
      this.turned = way;
      // As it still stands: what is given back depends on that.
      this.loosen();
      this.node.dataset.turned = way;
      for (const one of ["ll-breaks", "ll-tight", "ll-stacked"])
        this.node.classList.toggle(one, kind.split(" ").includes(one));
      this.update();
    };
    stand(WAYS[0]);
    // To measure is dear while a page begins, and with room for all columns for nothing.
    if (!this.narrow.matches) return;
    let best = [WAYS[0], this.beyond()];
    for (const way of WAYS.slice(1)) {
      if (best[1] <= 0) return;
      // Without names of columns there is nothing to turn, and no line to name.
      if (!this.model.head.length && way !== WAYS[2]) continue;
      stand(way);
      const past = Math.max(0, this.beyond());
      if (past < best[1] && !(past && way[1])) best = [way, past];
    }
    stand(best[0]);
  }
}

/** Let the columns of a table be its rows. */
function turned(head, rows) {
  const [first, ...others] = head.map((_, i) => [head, ...rows].map((row) => row[i]));
  return [first, others];
}

/** Put rows into a table: the first cell of a column, and of a row, names it. */
function writeRows(table, caption, head, rows) {
  const [top, heads, body] = table.children;
  set(top, "textContent", caption);
  set(heads, "hidden", !head.length);
  match(heads.firstChild, "th", head, (cell, part) => put(cell, part, scopeOf(0)));
  match(body, "tr", rows, (row, cells) =>
    match(row, "td", cells, (cell, parts, i) => put(cell, parts, scopeOf(1, i))),
  );
}

/** What a cell is the head of. */
const scopeOf = (row, column) => (row ? (column ? "" : "row") : "col");

/** Fill a cell, which is a head in its `scope`; a corner without words is none. */
function put(cell, parts, scope) {
  const tag = scope && (parts.text ?? parts).length ? "th" : "td";
  if (cell.localName !== tag) {
    const other = document.createElement(tag);
    cell.replaceWith(other);
    return put(other, parts, scope);
  }
  if (tag === "th") set(cell, "scope", scope);
  return Array.isArray(parts) ? match(cell, "span", parts, fill) : fill(cell, parts);
}

/** Give a node so many pixels of height at least, which a row of a table takes as its height. */
export function keep(node, height, as = "minHeight") {
  const wanted = height ? `${height}px` : "";
  if (node.style[as] !== wanted) node.style[as] = wanted;
}

/** Whether something has more in it than it is wide. */
const isOver = (cell) => cell.scrollWidth > cell.clientWidth + 1;

/** What a cell of a table or a line says: a text, a term, or several. */
function textOf(cell) {
  return Array.isArray(cell) ? cell.map(textOf).join("") : (cell.text ?? cell);
}

const make = (tag, kind) => Object.assign(document.createElement(tag), { className: kind });

/** What a figure shows as numbers: a table that opens below it, to read and to copy, and what it says aloud. */
export class Numbers {
  constructor(name, host, download) {
    this.host = host;
    this.now = Object.assign(make("span", ""), { id: `ll-now-${name}`, hidden: true });
    const tools = make("div", "ll-tools");
    [this.open, this.file, this.copy] = [0, 1, 2].map(() =>
      Object.assign(make("button", ""), { type: "button" }),
    );
    this.panel = Object.assign(make("div", "ll-numbers"), {
      id: `ll-numbers-${name}`,
      hidden: true,
    });
    this.region = Object.assign(make("div", "ll-table"), { tabIndex: 0 });
    this.region.setAttribute("role", "region");
    this.region.innerHTML = "<table><caption></caption><thead><tr></tr></thead><tbody></tbody></table>";
    this.open.setAttribute("aria-controls", this.panel.id);
    this.open.addEventListener("click", () => {
      this.panel.hidden = !this.panel.hidden;
      this.draw();
      host.read();
    });
    this.file.addEventListener("click", download);
    this.copy.addEventListener("click", () => {
      const table = this.region.firstChild;
      const lines = [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent).join("\t"));
      tellCopied(this.copy, host, copied(table, lines.join("\n")));
    });
    tools.append(this.open, this.file);
    this.panel.append(this.copy, this.region);
    this.nodes = [tools, this.panel, this.now];
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  /** Whether somebody waits for the rows: they come only of a table that was open when its state was asked for. */
  get waits() {
    return this.isOpen && !this.model?.rows;
  }

  /** Take the title of the figure and its numbers, which come with an answer to a hand at rest. */
  set(title, numbers) {
    this.title = title;
    this.model = numbers ?? this.model;
    this.draw();
  }

  draw() {
    const { words } = this.host;
    const { head = [], rows = [], now = [] } = this.model ?? {};
    fill(this.open, { text: words.numbers, role: "tool" });
    fill(this.file, { text: "PNG", role: "tool" });
    this.open.setAttribute("aria-expanded", String(this.isOpen));
    this.open.setAttribute("aria-label", `${words.numbers}: ${this.title}`);
    this.file.setAttribute("aria-label", `${words.download}: ${this.title}`);
    this.open.hidden = !now.length;
    fill(this.now, now.length ? `${words.now} ${now.join("; ")}` : "");
    if (!this.isOpen) return;
    fill(this.copy, { text: words.copy, role: "tool" });
    this.copy.hidden = this.waits;
    this.region.setAttribute("aria-busy", String(this.waits));
    this.region.setAttribute("aria-label", this.title);
    writeRows(this.region.firstChild, this.title, head, rows);
  }
}

/** Let a button say for a while whether something was copied. */
export async function tellCopied(button, { words }, copying) {
  const done = await copying;
  button.textContent = done ? words.copied : words.not_copied;
  setTimeout(() => (button.textContent = words.copy), done ? 1500 : 6000);
}

/**
 * Copy a node's text. Over plain http, and in many an iframe, there is no clipboard to write to: then it is
 * selected and copied as by hand, and if that is refused it stays selected.
 */
export async function copied(node, text = node.textContent) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const selection = getSelection();
    selection.selectAllChildren(node);
    const done = document.execCommand("copy");
    if (done) selection.removeAllRanges();
    return done;
  }
}

const linesIn = (text) => text.split("\n").length;

export class Code extends Text {
  constructor(host) {
    super("ll-code");
    this.host = host;
    this.chosen = 0;
    this.bar = document.createElement("div");
    this.bar.className = "ll-tabs";
    asTabs(this.bar);
    this.pre = document.createElement("pre");
    this.pre.tabIndex = 0;
    this.pre.id = "ll-code";
    this.pre.setAttribute("role", "tabpanel");
    this.copy = document.createElement("button");
    this.copy.type = "button";
    this.copy.className = "ll-copy";
    this.copy.addEventListener("click", () => tellCopied(this.copy, host, copied(this.pre)));
    this.body.append(this.bar, this.copy, this.pre);
  }

  update(changes) {
    const { label, text } = this.model.tabs[this.chosen];
    // A frame changes nothing but the code; where it has a line more it must have room for it.
    if (changes) {
      if (linesIn(text) !== linesIn(this.pre.textContent)) this.host.loosen();
      return say(this.pre, text);
    }
    set(this.copy, "textContent", this.host.words.copy);
    set(this.bar, "ariaLabel", this.host.words.libraries);
    set(this.pre, "ariaLabel", label);
    match(this.bar, "button", this.model.tabs, (button, tab) => {
      const i = [...this.bar.children].indexOf(button);
      asTab(button, this.pre, i === this.chosen);
      set(button, "textContent", tab.label);
      button.onclick = () => {
        this.chosen = i;
        this.update();
      };
    });
    say(this.pre, text);
  }
}
