"""JavaScript that the browser tests run in the page: what the screen shows, whether it has come to rest."""

# Everything about the screen in one look. Typed arrays become lists; what JSON cannot hold, texts.
SCREEN = """
() => {
  const live = document.querySelector(".ll").__live;
  const plain = (node) => {
    if (typeof node === "number") return Number.isFinite(node) ? node : String(node);
    if (node === null || typeof node !== "object") return node;
    if (ArrayBuffer.isView(node)) return Array.from(node, plain);
    if (Array.isArray(node)) return node.map(plain);
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, plain(value)]));
  };
  const text = (node) => [...node.children].map((child) => child.textContent).join("");
  const controls = {};
  for (const [key, { node, range, box }] of Object.entries(live.controls)) {
    const picked = node.querySelector("input:checked");
    controls[key] = {
      // Also where it is spared while a hand moves something else.
      shown: node.getClientRects().length > 0,
      label: node.querySelector("label, legend")?.textContent ?? node.textContent,
      text: box?.type === "checkbox" ? String(Number(box.checked)) : (box?.value ?? picked?.value ?? null),
      thumb: range?.isConnected ? Number(range.value) : null,
      last: range?.isConnected ? Number(range.max) : null,
      says: range?.getAttribute("aria-valuetext") ?? null,
    };
  }
  const views = {};
  for (const [name, view] of Object.entries(live.views)) {
    const { node } = view;
    const { top, bottom, width } = node.getBoundingClientRect();
    const there = width > 0;
    // What is out of sight need not be up to date; what is in sight must be.
    if (!there || (view.stale && (bottom < 0 || top > innerHeight))) continue;
    if (view.plot && !view.plot.data) continue;
    if (view.plot) {
      views[name] = {
        type: "figure",
        title: node.querySelector("h3").textContent,
        caption: node.querySelector("figcaption").textContent,
        alt: view.plot.getAttribute("aria-label"),
        data: plain(view.plot.data),
        layout: plain(view.plot.layout),
        grips: view.grips.map((grip) => grip.title),
      };
    } else if (view.table) {
      // Where there is no room for its columns they stand as rows.
      const lines = [...view.table.rows].filter((row) => row.getClientRects().length && row.cells.length)
        .map((row) => [...row.cells].map((cell) => cell.textContent));
      const whole = view.turned ? lines[0].map((_, i) => lines.map((line) => line[i])) : lines;
      const heads = view.model.head.length ? 1 : 0;
      views[name] = { type: "table", head: whole.slice(0, heads).flat(), rows: whole.slice(heads) };
    } else if (view.pre) {
      views[name] = { type: "code", text: view.pre.textContent };
    } else {
      views[name] = { type: "lines", lines: [...node.querySelectorAll("p")].map(text) };
    }
  }
  return JSON.stringify({
    values: live.values,
    language: live.model.language,
    theme: live.root.dataset.theme,
    preset: [...live.root.querySelectorAll(".ll-preset[aria-pressed=true]")].map((b) => b.dataset.preset),
    notes: [...live.root.querySelectorAll(".ll-notice p")].map((p) => p.textContent),
    url: location.href,
    stats: live.stats,
    controls,
    views,
  });
}
"""

# Nothing held, nothing waiting, nothing under way, and the address is the one that the server gave.
SETTLED = """
() => {
  const app = document.querySelector("[data-testid=stApp]");
  const live = document.querySelector(".ll")?.__live;
  return live?.model && app.dataset.testScriptState === "notRunning"
    && app.dataset.testConnectionState === "CONNECTED"
    && !live.held && live.dirty === undefined && !live.place && !live.late
    && !live.glide && !live.opening
    && !live.waiting.size && !live.due.size
    && (live.seq === 0 || live.answered === live.seq)
    && !Object.values(live.controls).some((control) => control.behind)
    && location.search === live.search
    && Object.values(live.views).every((view) => {
      const { top, bottom, width } = view.node.getBoundingClientRect();
      return !width || bottom < 0 || top > innerHeight || (!view.stale && (!view.plot || view.plot.data));
    });
}
"""

# The watch-out boxes are all there, and the link to the next lesson.
BELOW = """
({ boxes, onwards }) => {
  const main = document.querySelector("[data-testid=stMain]");
  return main.querySelectorAll("[class*=st-key-watch-] button").length === boxes
    && (!onwards || main.querySelector(
      "[data-testid=stPageLink-NavLink]:not(.st-key-onward *, .st-key-start *, .st-key-question *)"));
}
"""

# Press whatever opens a fold.
UNFOLD = """
() => {
  for (const button of document.querySelectorAll(".ll-fold[aria-expanded=false]")) button.click();
}
"""

WHY = """
() => {
  const app = document.querySelector("[data-testid=stApp]");
  const live = document.querySelector(".ll")?.__live;
  return JSON.stringify({
    script: app?.dataset.testScriptState,
    connection: app?.dataset.testConnectionState,
    search: location.search,
    page: document.querySelector("[data-testid=stMain]")?.innerText.slice(0, 300),
    live: live && {
      window: [innerWidth, innerHeight],
      address: live.search, held: live.held, dirty: live.dirty, pendingStop: live.pendingStop,
      late: Boolean(live.late), waiting: [...live.waiting.keys()], due: [...live.due.keys()],
      seq: live.seq, answered: live.answered,
      views: Object.entries(live.views).map(([name, view]) => [name, view.seen, Boolean(view.stale),
        ...(({ top, bottom }) => [top, bottom].map(Math.round))(view.node.getBoundingClientRect())]),
    },
  });
}
"""

TEXTS = """
() => {
  const texts = new Set();
  const app = document.querySelector("[data-testid=stApp]");
  const walker = document.createTreeWalker(app, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement: parent, data } = walker.currentNode;
    if (!data.trim()) continue;
    // What was said last of a movement stays in its words; tests of its own listen to it.
    const apart = "pre, code, .katex, style, script, [role=status], [data-testid=stIconMaterial]";
    if (parent.closest(apart)) continue;
    if (parent.checkVisibility({ visibilityProperty: true }) && parent.getClientRects().length) {
      texts.add(data.trim().replace(/\\s+/g, " "));
    }
  }
  for (const node of document.querySelectorAll(".ll [aria-label], .ll [title]")) {
    for (const name of ["aria-label", "title"]) {
      const text = node.getAttribute(name);
      if (text && node.checkVisibility()) texts.add(text.trim());
    }
  }
  return [...texts];
}
"""

TOGETHER = """
(key) => {
  const control = document.querySelector(`.ll [data-key="${key}"]`);
  const section = control.closest(".ll-section");
  const main = document.querySelector("[data-testid=stMain]");
  const header = document.querySelector("[data-testid=stHeader]")?.getBoundingClientRect().bottom ?? 0;
  const plot = [...section.querySelectorAll(".ll-plotbox")].find((node) => node.checkVisibility());
  if (!plot) return null;
  // As it lies, at an edge or in the middle: somewhere both are there.
  const boxes = [];
  const inside = (box) => box.top >= header - 1 && box.bottom <= innerHeight + 1 && box.left >= 0
    && box.right <= innerWidth + 1;
  let ok = false;
  for (const block of ["nearest", "end", "center", "start"]) {
    if (ok) break;
    control.scrollIntoView({ block, behavior: "instant" });
    boxes.splice(0, 2, ...[control, plot].map((node) => node.getBoundingClientRect()));
    if (boxes.every(inside)) ok = true;
    else {
      // Or whichever is lower at the lower edge.
      const low = Math.max(...boxes.map((box) => box.bottom));
      main.scrollBy({ top: low - innerHeight + 4, behavior: "instant" });
      boxes.splice(0, 2, ...[control, plot].map((node) => node.getBoundingClientRect()));
      ok = boxes.every(inside);
    }
  }
  const [hand, figure] = boxes;
  const beside = hand.right <= figure.left || figure.right <= hand.left;
  // Beside its controls a figure has its title, and the tabs, above it.
  const head = figure.top - plot.closest(".ll-figure").getBoundingClientRect().top
    + (section.querySelector(".ll-tabs")?.getBoundingClientRect().height ?? 0);
  const need = beside ? Math.max(hand.height, head + figure.height) : hand.height + figure.height;
  const fits = need <= innerHeight - header - 16;
  return { ok, fits, boxes: boxes.map((box) => [box.left, box.top, box.right, box.bottom].map(Math.round)) };
}
"""

SMALLEST = """
() => {
  const found = new Set();
  const main = document.querySelector("[data-testid=stMain]");
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement: parent, data } = walker.currentNode;
    if (!data.trim()) continue;
    if (parent.closest("style, script, .katex, [data-testid=stIconMaterial], [baseline-shift]")) continue;
    if (!parent.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (parseFloat(getComputedStyle(parent).fontSize) < 14) found.add(data.trim().slice(0, 40));
  }
  return [...found];
}
"""

CONTRAST = """
() => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const rgba = (css) => {
    if (!known.has(css)) {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = css;
      pen.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
      known.set(css, [r, g, b, a / 255]);
    }
    return known.get(css);
  };
  const over = (top, below) => [...[0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])), 1];
  const ground = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      const layer = rgba(getComputedStyle(at).backgroundColor);
      layers.push(layer);
      if (layer[3] === 1) break;
    }
    return layers.reduceRight((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const light = (rgb) => {
    const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = rgb.slice(0, 3).map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => {
    const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const poor = {};
  let count = 0;
  const app = document.querySelector("[data-testid=stApp]");
  const walker = document.createTreeWalker(app, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement: parent, data } = walker.currentNode;
    // Signs without a letter or a digit are marks, not words.
    if (!/[\\p{L}\\p{N}]/u.test(data) || parent.closest("style, script, .heatmap-label")) continue;
    if (!parent.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (!parent.getClientRects().length) continue;
    const style = getComputedStyle(parent);
    const drawn = parent.closest("svg");
    // Text on a coloured cell or bar of a figure is not judged here: only what stands on the ground.
    if (drawn && parent.closest(".bartext-inside, .hm")) continue;
    let alpha = 1;
    for (let at = parent; at; at = at.parentElement) alpha *= Number(getComputedStyle(at).opacity);
    const below = ground(parent);
    const [r, g, b, a] = rgba(drawn ? style.fill : style.color);
    const found = ratio(over([r, g, b, a * alpha], below), below);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    count++;
    if (found >= (drawn || large ? 3 : 4.5)) continue;
    poor[`${drawn ? "figure: " : ""}${data.trim().slice(0, 40)}`] = found.toFixed(2);
  }
  return { poor, count };
}
"""

# How many pictures each figure has shown so far, painted or plotted.
PICTURES = """
() => {
  const figures = Object.entries(document.querySelector(".ll").__live.views).filter(([, view]) => view.plot);
  return Object.fromEntries(figures.map(([name, { drawn }]) => [name, drawn.painted + drawn.plotted]));
}
"""

# Writes down every value that a slider takes, and every value that its figure takes, from now on.
WATCH = """
(key) => {
  const { controls } = document.querySelector(".ll").__live;
  const { range, box } = controls[key];
  globalThis.watched = [];
  const look = () => {
    const now = `${range.value}|${box.value}`;
    if (watched.at(-1) !== now) watched.push(now);
    requestAnimationFrame(look);
  };
  look();
}
"""

# Two pictures on, and as many more as it takes until the present stop is drawn.
DRAWN = """
async () => {
  const live = document.querySelector(".ll").__live;
  const picture = () => new Promise((done) => requestAnimationFrame(done));
  await picture();
  await picture();
  const end = performance.now() + 20000;
  while ((live.dirty !== undefined && live.pendingStop !== undefined) || live.due.size) {
    if (performance.now() > end) throw new Error("the present stop is never drawn");
    await picture();
  }
}
"""

# Draws every view that is laid out, as whoever scrolls through the page does, and goes back to the top.
SEE_ALL = """
async () => {
  const live = document.querySelector(".ll").__live;
  const picture = () => new Promise((done) => requestAnimationFrame(done));
  const end = performance.now() + 20000;
  for (const view of Object.values(live.views)) {
    const { node } = view;
    if (!node.checkVisibility()) continue;
    // What was seen in this window, and is drawn, need not be gone to again.
    const window = `${innerWidth} ${innerHeight} ${live.root.dataset.theme}`;
    const figure = node.matches(".ll-figure");
    if (!view.stale && (!figure || view.seenIn === window)) continue;
    view.seenIn = window;
    if (figure) node.scrollIntoView({ block: "center", behavior: "instant" });
    // Its new room is seen after one picture, that it has come to sight after the next.
    for (let i = 0; i < 3 || view.stale; i++) {
      if (performance.now() > end) throw new Error(`${node.dataset.view} is never drawn`);
      await picture();
    }
  }
  document.querySelector("[data-testid=stMain]").scrollTo({ top: 0, behavior: "instant" });
  await picture();
}
"""

# What can be set and does not lie uncovered at its middle when it has the focus; the page scrolls by itself.
COVERED = """
async () => {
  const live = document.querySelector(".ll").__live;
  live.prepare = () => {};
  const covered = [];
  const can = "button, input, select, textarea, a[href], .ll-grip, [tabindex='0']";
  for (const node of document.querySelector(".ll").querySelectorAll(can)) {
    if (!node.checkVisibility() || node.disabled || node.closest(".ll-unseen")) continue;
    node.focus();
    await new Promise((done) => requestAnimationFrame(done));
    const [box] = node.getClientRects();
    const left = Math.max(0, box.left);
    const x = (left + Math.min(innerWidth, box.right)) / 2;
    // Of what is higher than the window its upper end.
    const y = box.height > innerHeight / 2 ? Math.max(box.top, 64) + 8 : (box.top + box.bottom) / 2;
    const there = document.elementFromPoint(x, y);
    const own = node.closest("label") ?? node;
    // Of two rings at one place one lies on the other; keys reach both.
    if (own.contains(there) || (node.matches(".ll-grip") && there?.closest(".ll-grip"))) continue;
    const key = node.closest("[data-key], [data-view]")?.dataset ?? {};
    const name = node.ariaLabel || node.textContent || node.className;
    covered.push([key.key ?? key.view ?? "", name.slice(0, 40), Math.round(x), Math.round(y),
      there ? `${there.localName}.${there.className?.baseVal ?? there.className}` : null]);
  }
  document.activeElement.blur();
  return covered;
}
"""

# What lies on what: texts and rings of figures, words and boxes of the page. What leaves them. At the first
# of the turns that figures take all of it; then of the sections in which they do, and of those that follow.
OVERLAPS = """
(turn) => {
  const found = [];
  const sections = [...document.querySelectorAll(".ll-section")];
  const taking = sections.filter((section) => section.querySelector(".ll-side > .ll-tabs"));
  const changed = sections.filter((one, i) => taking.includes(one) || taking.includes(sections[i - 1]));
  const parts = turn ? changed : [document.querySelector(".stMainBlockContainer")];
  const live = document.querySelector(".ll").__live;
  const at = (box) => [box.left, box.top, box.right, box.bottom].map(Math.round).join(" ");
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  const name = (one) => one.text.trim().slice(0, 30);
  // Letters fill the middle of their line.
  const ink = (box, upright) => {
    const [w, h] = upright ? [box.width * 0.22, 0] : [0, box.height * 0.22];
    return { left: box.left + w, right: box.right - w, top: box.top + h, bottom: box.bottom - h };
  };
  const pairs = (where, items) => {
    items.sort((a, b) => a.top - b.top);
    items.forEach((a, i) => {
      for (let j = i + 1; j < items.length && items[j].top < a.bottom; j++) {
        const b = items[j];
        if (a.of !== b.of && !(a.solid && b.solid) && meet(a, b))
          found.push(`${where}: ${name(a)} [${at(a)}] on ${name(b)} [${at(b)}]`);
      }
    });
  };
  // As the page lies when nothing stays while the rest passes by.
  const still = document.createElement("style");
  still.textContent =
    ".ll :is(.ll-figure, .ll-board, .ll-table, .ll-table *, .ll-guide-card) { position: static !important; }"
    + " .ll .ll-guide-card { transform: none !important; width: auto !important; }";
  document.head.append(still);
  const views = Object.entries(live.views).filter(
    ([, { node }]) => node.checkVisibility() && parts.some((part) => part.contains(node)));
  for (const [where, { plot, box, grips }] of views) {
    if (!plot?.data) continue;
    const room = box.getBoundingClientRect();
    const items = [];
    for (const text of plot.querySelectorAll("svg text")) {
      const style = getComputedStyle(text);
      if (!text.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      if (Number(style.fillOpacity) === 0 || text.closest(".hoverlayer")) continue;
      const { a, b } = text.getScreenCTM();
      // What stands askew has no box of its own.
      if (Math.min(Math.abs(a), Math.abs(b)) > 0.01) continue;
      const lines = text.querySelectorAll("tspan.line");
      for (const line of lines.length ? lines : [text]) {
        if (!line.textContent.trim()) continue;
        const piece = line.getBoundingClientRect();
        // What the axes cut off is not drawn.
        if (!piece.width || !meet(piece, room)) continue;
        const inked = ink(piece, Math.abs(b) > Math.abs(a));
        // Some words keep their distance by spaces.
        const { length } = line.textContent;
        inked.left += (piece.width * (length - line.textContent.trimStart().length)) / length;
        inked.right -= (piece.width * (length - line.textContent.trimEnd().length)) / length;
        items.push({ ...inked, text: line.textContent, of: text });
        if (piece.left < room.left - 2 || piece.right > room.right + 2 || piece.top < room.top - 3
          || piece.bottom > room.bottom + 3) found.push(`${where}: ${name(items.at(-1))} leaves it`);
      }
    }
    for (const grip of grips) {
      // What goes everywhere comes over everything.
      if (!grip.checkVisibility() || grip.dataset.axes === "xy") continue;
      const { left, right, top, bottom } = grip.getBoundingClientRect();
      items.push({ left, right, top, bottom, text: `(${grip.title})`, of: grip, solid: true });
    }
    pairs(where, items);
  }
  const main = document.querySelector(".stMainBlockContainer");
  const clips = new Map();
  const clip = (node) => {
    if (node === main) return { left: -1e5, right: 1e5, top: -1e5, bottom: 1e5, scrolls: false };
    if (!clips.has(node)) {
      const outer = clip(node.parentElement);
      const style = getComputedStyle(node);
      const box = node.getBoundingClientRect();
      const cut = style.overflowX !== "visible";
      clips.set(node, cut ? {
        left: Math.max(outer.left, box.left), right: Math.min(outer.right, box.right),
        top: Math.max(outer.top, box.top), bottom: Math.min(outer.bottom, box.bottom),
        scrolls: outer.scrolls || style.overflowX !== "hidden",
      } : outer);
    }
    return clips.get(node);
  };
  const items = [];
  const texts = [];
  for (const part of parts) {
    const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) texts.push(walker.currentNode);
  }
  const apart = "svg, style, script, option, textarea, .katex, .ll-unseen, [data-testid=stIconMaterial]";
  for (const node of texts) {
    const { parentElement: parent } = node;
    if (!node.data.trim() || parent.closest(apart)) continue;
    if (!parent.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (getComputedStyle(parent).position === "fixed") continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const room = clip(parent);
    for (const line of range.getClientRects()) {
      const one = ink(line, false);
      if (!room.scrolls && (one.left < -1 || one.right > innerWidth + 1
        || one.left < room.left - 2 || one.right > room.right + 2))
        found.push(`page: ${node.data.trim().slice(0, 30)} is cut off [${at(one)}]`);
      for (const side of ["left", "top"]) one[side] = Math.max(one[side], room[side]);
      for (const side of ["right", "bottom"]) one[side] = Math.min(one[side], room[side]);
      items.push({ ...one, text: node.data, of: parent.closest("p, td, th, caption, li, pre") ?? parent });
    }
  }
  const boxes = ".ll-plotbox, .ll-control input[type=text], .ll-range, .ll-speed";
  for (const node of parts.flatMap((part) => [...part.querySelectorAll(boxes)])) {
    if (!node.checkVisibility()) continue;
    const room = clip(node.parentElement);
    const box = node.getBoundingClientRect();
    if (box.left < -1 || box.right > innerWidth + 1) found.push(`page: ${node.className} leaves the window`);
    const one = {
      left: Math.max(box.left, room.left), right: Math.min(box.right, room.right),
      top: Math.max(box.top, room.top), bottom: Math.min(box.bottom, room.bottom),
    };
    items.push({ ...one, text: `(${node.className} ${node.ariaLabel ?? ""})`, of: node });
  }
  pairs("page", items);
  still.remove();
  for (const node of document.querySelectorAll("html, body, [data-testid=stMain], .stMainBlockContainer")) {
    if (node.scrollWidth > node.clientWidth + 1)
      found.push(`${node.className || node.localName} scrolls sideways`);
  }
  return found;
}
"""

# Goes with a slider from stop to stop, as a hand does. Where the next stop is a neighbour, it counts for each
# figure whether that was painted or plotted. Says which figures in the window are painted now, and where.
WALK = """
([key, stops]) => {
  const live = document.querySelector(".ll").__live;
  const { views } = live.framesOf(key);
  const figures = live.onScreen().filter((name) => live.views[name].plot && views.has(name));
  const counts = new Map(figures.map((name) => [name, [0, 0]]));
  stops.forEach((stop, i) => {
    const before = new Map(figures.map((name) => [name, { ...live.views[name].drawn }]));
    live.hand.move(key, stop, live.model.controls[key].stops[stop]);
    live.drawFrame();
    live.drawDue(true);
    if (i === 0 || Math.abs(stop - stops[i - 1]) !== 1) return;
    for (const [name, { painted, plotted }] of before) {
      const { drawn } = live.views[name];
      counts.get(name)[0] += drawn.painted - painted;
      counts.get(name)[1] += drawn.plotted - plotted;
    }
  });
  const boxOf = (name) => live.views[name].box.getBoundingClientRect();
  const inside = ({ top, bottom }) => top >= 0 && bottom <= innerHeight;
  const painted = figures.filter((name) => live.views[name].painted && inside(boxOf(name)));
  const boxes = painted.map(boxOf);
  const ends = (side, choose) => choose(...boxes.map((box) => box[side]));
  const [left, top] = ["left", "top"].map((side) => Math.floor(ends(side, Math.min)));
  const [right, bottom] = ["right", "bottom"].map((side) => Math.ceil(ends(side, Math.max)));
  return {
    painted,
    counts: [...counts].map(([name, both]) => [name, ...both]),
    clip: { x: left, y: top, width: right - left, height: bottom - top },
    boxes: boxes.map(({ left: x, top: y, right: x1, bottom: y1 }) =>
      [y - top, y1 - top, x - left, x1 - left].map(Math.round)),
  };
}
"""

# Lets plotly.js draw figures anew in the state in which they are. Says in which a node or
# an attribute is another one than before.
PLOT_AGAIN = """
(names) => {
  const live = document.querySelector(".ll").__live;
  const copyOf = (plot) => {
    const copy = plot.cloneNode(true);
    // Around whatever place: what is turned by nothing stays.
    for (const node of copy.querySelectorAll("[transform*='rotate(0,']"))
      node.setAttribute("transform", node.getAttribute("transform").replace(/rotate\\(0,[^)]*\\)/, ""));
    return copy;
  };
  return names.filter((name) => {
    const { plot } = live.views[name];
    const before = copyOf(plot);
    live.views[name].react();
    // What is drawn on a canvas is no attribute.
    return plot.querySelector("canvas") || !before.isEqualNode(copyOf(plot));
  });
}
"""

# Takes all figures away for a moment, and the rings on them for good: what comes back is drawn from scratch.
FRESH = """
async () => {
  const picture = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const plots = [...document.querySelectorAll(".ll-plot")];
  for (const grip of document.querySelectorAll(".ll-grip")) grip.style.visibility = "hidden";
  for (const plot of plots) plot.style.visibility = "hidden";
  await picture();
  for (const plot of plots) plot.style.visibility = "";
  await picture();
}
"""
