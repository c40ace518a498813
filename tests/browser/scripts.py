"""JavaScript that the browser tests run in the page: what the screen shows, whether it has come to rest."""

# Everything about the screen in one look. Typed arrays become lists; what JSON cannot hold, texts.
SCREEN = """
() => {
  const live = document.querySelector(".ll").__live;
  const plain = (node) => JSON.parse(JSON.stringify(node, (key, value) => {
    if (ArrayBuffer.isView(value)) return Array.from(value, (x) => (Number.isFinite(x) ? x : String(x)));
    return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  }));
  const text = (node) => [...node.children].map((child) => child.textContent).join("");
  const controls = {};
  for (const [key, { node, range, box }] of Object.entries(live.controls)) {
    const picked = node.querySelector("input:checked");
    controls[key] = {
      shown: node.checkVisibility(),
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
    const there = width > 0 && node.checkVisibility();
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
      views[name] = {
        type: "table",
        head: [...node.querySelectorAll("th")].map((cell) => cell.textContent),
        rows: [...node.querySelectorAll("tbody tr")].map((row) =>
          [...row.children].map((cell) => cell.textContent)),
      };
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
    && !live.held && live.dirty === undefined && !live.late && !live.waiting.size && !live.due.size
    && (live.seq === 0 || live.answered === live.seq)
    && location.search === `?${live.model.address}`
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
    && (!onwards || main.querySelector("[data-testid=stPageLink-NavLink]"));
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
      address: live.model?.address, held: live.held, dirty: live.dirty, pendingStop: live.pendingStop,
      late: Boolean(live.late), waiting: [...live.waiting.keys()], due: [...live.due.keys()],
      seq: live.seq, answered: live.answered,
      views: Object.entries(live.views).map(([name, view]) => [name, view.seen, Boolean(view.stale)]),
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
    if (parent.closest("pre, code, .katex, style, script, [data-testid=stIconMaterial]")) continue;
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
  // Bring whichever is lower to the lower edge of the window, and see whether the other is still there.
  const low = Math.max(control.getBoundingClientRect().bottom, plot.getBoundingClientRect().bottom);
  main.scrollBy({ top: low - innerHeight + 4, behavior: "instant" });
  const boxes = [control, plot].map((node) => node.getBoundingClientRect());
  const inside = (box) => box.top >= header - 1 && box.bottom <= innerHeight + 1 && box.left >= 0
    && box.right <= innerWidth + 1;
  return { ok: boxes.every(inside), header, boxes: boxes.map((b) => [b.left, b.top, b.right, b.bottom]) };
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

# Counts how often Plotly has drawn each figure, by its own events.
COUNT_PLOTS = """
() => {
  const { views } = document.querySelector(".ll").__live;
  globalThis.plotted = {};
  for (const [name, { plot }] of Object.entries(views)) {
    plot?.on?.("plotly_afterplot", () => { plotted[name] = (plotted[name] ?? 0) + 1; });
  }
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
