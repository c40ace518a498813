// What a class has on the screen: the button beside the language, the dialogue behind it, and once in a class the
// bar at the bottom. What is said to the room, and what follows it, is class.js's.

const query = new URL(import.meta.url).search;
const [
  { room, typedCode },
  { Cut, isBig, setBig },
  { element },
  { Panel, filled, say },
  { Standing },
  { unpack },
] = await Promise.all(
  ["class", "cut", "controls", "class_ask", "class_stand", "frames"].map(
    (name) => import(`./${name}.js${query}`),
  ),
);

const EXAMPLE = "BCDFHJ";
const HERE = new Set(["127.0.0.1", "localhost", "[::1]"]); // what leads nobody else to this machine

function button(name, act) {
  const node = element("button", `ll-class-${name}`, { type: "button" });
  node.addEventListener("click", act);
  return node;
}

class ClassBar {
  constructor() {
    this.node = element("div", "ll-class");
    this.corner = button("button", () => this.toggle());
    this.corner.setAttribute("aria-haspopup", "dialog");
    this.panel = new Panel(room, () => this.show());
    this.standing = new Standing(room);
    this.node.append(this.sheet(), this.panel.node, this.bar());
    new ResizeObserver(() => this.makeRoom()).observe(this.barNode);
    document.addEventListener("pointerdown", ({ target }) => {
      // The sheet gives way to whoever goes on with the page.
      if (target.closest?.("[data-testid=stMain]") && !this.corner.contains(target)) this.close(false);
    });
    room.addEventListener("change", () => this.hear());
  }

  // ---- The parts ----

  /** The dialogue: start or join, a link for an assignment; in a class its code, large enough for the last row. */
  sheet() {
    this.dialog = element("div", "ll-class-sheet", { role: "dialog", hidden: "" });
    this.dialog.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    this.title = element("h2");
    this.shut = button("shut", () => this.close());
    this.out = element("div", "ll-class-out");
    this.startButton = button("start", () => this.start());
    this.startWhy = element("p");
    this.form = element("form", "ll-class-join");
    this.label = element("label", "", { for: "ll-class-typed" });
    this.box = element("input", "", {
      id: "ll-class-typed",
      type: "text",
      autocomplete: "off",
      autocapitalize: "characters",
      spellcheck: "false",
      maxlength: 20,
      placeholder: EXAMPLE,
    });
    this.joinButton = element("button", "", { type: "submit" });
    this.codeWhy = element("p");
    this.form.append(this.label, this.box, this.joinButton, this.codeWhy);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.join();
    });
    this.out.append(this.startButton, this.startWhy, this.form);
    this.within = element("div", "ll-class-within");
    this.large = element("p", "ll-class-large");
    this.qr = element("img", "ll-class-qr", { alt: "" });
    this.scan = element("p");
    this.short = element("p", "ll-class-short");
    this.type = element("p");
    this.aloneWhy = element("p", "ll-class-wrong");
    this.votes = button("votes", () => this.download());
    this.within.append(this.large, this.qr, this.scan, this.short, this.type, this.aloneWhy, this.votes);
    this.wrong = element("p", "ll-class-wrong", { role: "alert" });
    this.cut = new Cut();
    this.big = element("label", "ll-class-big");
    this.bigBox = element("input", "", { type: "checkbox" });
    this.bigBox.addEventListener("change", () => setBig(this.bigBox.checked));
    this.bigWord = element("span");
    this.big.append(this.bigBox, this.bigWord);
    const head = element("div", "ll-class-head");
    head.append(this.title, this.shut);
    this.dialog.append(head, this.wrong, this.out, this.within, this.big, this.cut.node);
    return this.dialog;
  }

  /** The bar: what the class is doing, and what this tab can do about it. */
  bar() {
    this.barNode = element("div", "ll-class-bar", { role: "region", hidden: "" });
    this.small = element("strong", "ll-class-small");
    this.status_ = element("span", "ll-class-status", { role: "status" });
    this.people = element("span", "ll-class-people");
    this.buttons = {
      back: button("back", () => room.back()),
      answer: button("answer", () => this.panel.unfold()),
      lead: button("lead", () => room.say(room.state?.leading ? "let_go" : "come_back")),
      standing: button("standing", () => room.say("standing", { on: !room.state?.standing })),
      ask: button("ask", () => this.panel.pick()),
      show: button("show", () => this.toggle()),
      end: button("end", () => room.say("end")),
      leave: button("leave", () => room.quit()),
      shut: button("hide", () => this.put()),
    };
    this.barNode.append(this.small, this.status_, this.people, ...Object.values(this.buttons));
    return this.barNode;
  }

  /** The page ends where the bar begins: nothing lies under it. */
  makeRoom() {
    const tall = this.barNode.offsetHeight;
    document.documentElement.style.setProperty("--ll-bar", `${tall}px`);
    document.documentElement.toggleAttribute("data-class", tall > 0);
  }

  // ---- What happens ----

  /** Take the page's words, and the place where the button stands. */
  update(corner, { words, outside, language }) {
    this.words = words;
    this.outside = outside;
    this.node.lang = language;
    if (this.corner.parentNode !== corner) corner.replaceChildren(this.corner);
    if (!this.node.isConnected) document.body.append(this.node);
    this.node.style.fontFamily = getComputedStyle(corner).fontFamily;
    this.panel.update(words.ask, language);
    this.standing.update(words.bar, language);
    this.cut.say(words.cut);
    // Whoever came by a link may have his answer before the words.
    this.hear();
  }

  /** Something has changed in the class. */
  hear() {
    if (!this.words) return;
    const { status, role, why } = room;
    const inside = status === "in";
    // A class that was started here shows its code to the last row. Whoever joins sees the lesson.
    if (inside && !this.inside) {
      this.unsaid = "";
      if (this.started && role === "teacher") this.open();
      else this.close(false);
    }
    if (status !== "out") this.over = false;
    else if (this.status !== "out" || this.why !== why) {
      this.over = why === "ended";
      this.unsaid = this.over ? "" : (this.words.refused[why] ?? "");
      if (this.unsaid) this.open();
    }
    if (status === "in" || status === "out") this.started = false;
    this.inside = inside || status === "lost";
    this.status = status;
    this.why = why;
    this.show();
  }

  start() {
    this.started = true;
    room.start();
  }

  join() {
    const code = typedCode(this.box.value);
    const given = this.box.value.trim().slice(0, 20);
    this.unsaid = code ? "" : filled(this.words.bar.code_bad, { example: EXAMPLE, given });
    if (code) room.join(code);
    else this.show();
  }

  toggle() {
    if (this.dialog.hidden) this.open();
    else this.close();
  }

  open() {
    this.dialog.hidden = false;
    this.show();
    this.cut.fill();
    // What had the keys may have gone, as the button that starts a class.
    const { activeElement } = document;
    if (this.dialog.contains(activeElement) && activeElement.checkVisibility()) return;
    if (room.status === "out") (this.unsaid ? this.box : this.startButton).focus();
    else this.shut.focus({ preventScroll: true });
  }

  close(focus = true) {
    if (this.dialog.hidden) return;
    const within = this.dialog.contains(document.activeElement);
    this.dialog.hidden = true;
    this.unsaid = "";
    this.show();
    if (focus && within) (this.buttons.show.hidden ? this.corner : this.buttons.show).focus();
  }

  /** Put the bar away that says that the class is over. */
  put() {
    this.over = false;
    this.show();
  }

  async download() {
    const csv = await room.votes();
    const address = URL.createObjectURL(new Blob([csv], { type: "text/csv" }));
    element("a", "", { href: address, download: `${this.words.bar.votes_file}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 0);
  }

  // ---- What is on the screen ----

  /** The way into the class as others find it: from outside of this machine. */
  get way() {
    const way = new URL(room.link);
    if (HERE.has(way.hostname) && this.outside) way.hostname = this.outside;
    return way;
  }

  show() {
    const { bar, ask } = this.words;
    const { status, state } = room;
    const role = status === "out" ? undefined : room.role;
    const teacher = role === "teacher";
    this.corner.textContent = bar.class;
    // Embedded in another page a lesson has a class only where the address names one.
    this.corner.hidden = !role && new URLSearchParams(location.search).get("embed") === "true";
    this.dialog.ariaLabel = this.barNode.ariaLabel = bar.class;
    this.revealed ||= room.state?.ask?.phase === "reveal";
    this.panel.show();
    // A question takes the place of the dialogue.
    const asking = !this.panel.node.hidden;
    if (asking && !this.asking) this.dialog.hidden = true;
    this.asking = asking;
    this.corner.setAttribute("aria-expanded", String(!this.dialog.hidden));
    // A code is shown once its room is open: whoever comes by it before would find none.
    const within = Boolean(role && this.inside);
    this.showSheet(bar, role, within);
    this.barNode.hidden = !role && !this.over;
    say(this.small, within ? room.code : "");
    say(this.status_, this.doing(bar, role, state));
    say(this.people, teacher && room.people ? filled(bar.people, { n: room.people.people }) : "");
    const open = status === "in" && state;
    const words = {
      back: open && role === "person" && room.alone && state.leading && bar.back,
      answer: open && state.ask && this.panel.folded && filled(ask.show, { q: state.ask.question }),
      lead: open && teacher && (state.leading ? bar.let_go : bar.come_back),
      standing: open && teacher && bar.standing,
      ask: open && teacher && bar.ask,
      show: teacher && bar.show_code,
      end: open && teacher && bar.end,
      leave: role === "person" && bar.leave,
      shut: !role && bar.close,
    };
    for (const name in this.buttons) say(this.buttons[name], words[name] || "");
    this.buttons.standing.setAttribute("aria-pressed", String(Boolean(state?.standing)));
    // One element has the code: the large one while it is there.
    this.large.toggleAttribute("data-class-code", within && !this.dialog.hidden);
    this.small.toggleAttribute("data-class-code", within && this.dialog.hidden);
    this.makeRoom();
  }

  showSheet(bar, role, within) {
    this.title.textContent = bar.class;
    this.shut.textContent = bar.close;
    say(this.wrong, this.unsaid ?? "");
    this.out.hidden = within;
    this.within.hidden = !within;
    this.startButton.textContent = bar.start;
    this.startButton.disabled = this.joinButton.disabled = room.status === "joining";
    this.startWhy.textContent = bar.start_why;
    this.label.textContent = bar.code;
    this.joinButton.textContent = bar.join;
    this.codeWhy.textContent = bar.code_why;
    this.bigBox.checked = isBig();
    this.bigWord.textContent = bar.big;
    if (!within || this.dialog.hidden) return;
    const { href, host, hostname, pathname } = this.way;
    const source = new URL(`board/code?${encodeURIComponent(href)}`, document.baseURI).href;
    if (this.qr.src !== source) this.qr.src = source;
    this.qr.alt = href;
    this.large.textContent = room.code;
    this.scan.textContent = bar.on_site;
    this.short.textContent = host + pathname.replace(/\/$/, "");
    this.type.textContent = bar.and_type;
    say(this.aloneWhy, role === "teacher" && HERE.has(hostname) ? bar.alone : "");
    say(this.votes, role === "teacher" && this.revealed ? bar.votes : "");
  }

  /** What the class is doing, in a few words. */
  doing(bar, role, state) {
    if (!role) return this.over ? bar.ended : "";
    if (room.status === "lost") return bar.lost;
    if (room.status !== "in" || !state) return bar.connecting;
    if (role === "teacher") return room.own ? bar.private : state.leading ? bar.leads : bar.free;
    if (!state.leading) return bar.explores;
    return room.alone ? bar.own : bar.follows;
  }
}

const bar = new ClassBar();

/** The component beside the language: it brings the words, and gives the button its place. */
export function show({ parentElement, data }) {
  const corner = parentElement.querySelector(".ll-class-corner");
  if (corner) bar.update(corner, unpack(data));
}
