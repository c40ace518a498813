// A question that is put to the class: everybody votes, and once it is revealed sees both votes and the evidence.

const query = new URL(import.meta.url).search;
const [{ element }, { unpack }, { coloured }, { fetchPacked }] = await Promise.all(
  ["controls", "frames", "figures", "class"].map((name) => import(`./${name}.js${query}`)),
);

/** A text with its places filled: "%n here". */
export function filled(text, places) {
  return text.replaceAll(/%([a-z]+)/g, (place, name) => places[name] ?? place);
}

/** Put a text into a node, which is hidden while it has none. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
  node.hidden = !text;
}

async function fetchQuestions(language) {
  try {
    const answer = await fetch(new URL(`board/questions/${language}`, document.baseURI));
    if (answer.ok) return await answer.json();
  } catch {}
  return undefined;
}

export class Panel {
  constructor(room, changed) {
    this.room = room;
    this.changed = changed; // called when it opens or folds
    this.folded = false;
    this.fetched = new Map(); // language and what: the questions, and of each its evidence
    this.node = element("section", "ll-class-panel", { hidden: "" });
    this.node.addEventListener("keydown", (event) => event.key === "Escape" && this.fold());
    const head = element("div", "ll-class-head");
    this.title = element("h2");
    this.shut = element("button", "", { type: "button" });
    this.shut.addEventListener("click", () => this.fold());
    head.append(this.title, this.shut);
    this.picker = element("div", "ll-class-picker");
    this.list = element("select", "", { size: 8 });
    this.put = element("button", "", { type: "button" });
    this.put.addEventListener("click", () => this.ask());
    this.list.addEventListener("change", () => this.show());
    this.list.addEventListener("keydown", (event) => event.key === "Enter" && this.ask());
    this.list.addEventListener("dblclick", () => this.ask());
    this.picker.append(this.list, this.put);
    this.text = element("p", "ll-class-text");
    this.options = element("div", "ll-class-options", { role: "group" });
    this.told = element("p", "ll-class-told", { role: "status" });
    this.evidence = element("div", "ll-class-evidence");
    this.why = element("p");
    this.plot = element("div", "ll-class-plot", { role: "img" });
    this.way = element("a");
    this.way.addEventListener("click", (event) => this.go(event));
    this.evidence.append(this.why, this.plot, this.way);
    this.row = element("div", "ll-class-row");
    this.buttons = {};
    for (const kind of ["close", "again", "reveal", "done"]) {
      const node = element("button", "", { type: "button" });
      node.addEventListener("click", () => room.say(kind));
      this.buttons[kind] = node;
      this.row.append(node);
    }
    this.node.append(head, this.picker, this.text, this.options, this.told, this.evidence, this.row);
    new ResizeObserver(() => this.draw()).observe(this.plot);
  }

  update(words, language) {
    this.words = words;
    this.language = language;
    this.show();
  }

  /** What is fetched once in each language; what does not come is asked for again at the next change. */
  got(name, fetching) {
    const key = `${this.language} ${name}`;
    if (!this.fetched.has(key)) {
      this.fetched.set(key, undefined);
      fetching(this.language).then((answer) => {
        if (!answer) this.fetched.delete(key);
        else {
          this.fetched.set(key, answer);
          this.show();
        }
      });
    }
    return this.fetched.get(key);
  }

  get questions() {
    return this.got("questions", fetchQuestions);
  }

  // ---- What is pressed ----

  /** Let the teacher choose a question. */
  pick() {
    this.picking = !this.picking;
    this.changed();
    if (this.picking) this.list.focus();
  }

  ask() {
    const question = Number(this.list.value);
    if (!question) return;
    this.picking = false;
    this.room.say("ask", { question });
    this.show();
  }

  fold() {
    this.folded = !this.picking;
    this.picking = false;
    this.changed();
  }

  unfold() {
    this.folded = false;
    this.changed();
    this.options.querySelector("button")?.focus();
  }

  vote(option) {
    const { ask } = this.room.state;
    this.mine = { question: ask.question, option };
    this.room.say("vote", { question: ask.question, option });
    this.show();
  }

  // ---- What is on the screen ----

  show() {
    const { room, words } = this;
    if (!words) return;
    const { role, state } = room;
    const ask = room.status === "out" ? undefined : state?.ask;
    const id = ask ? `${ask.question} ${ask.phase}` : "";
    const { lesson } = room.live ?? {};
    // What was revealed has been read where the class goes on to another lesson: that is before the eye then.
    if (id === this.id && ask?.phase === "reveal" && lesson !== this.at) this.folded = true;
    this.at = lesson;
    if (id !== this.id) {
      // A new question, and each new step of one, comes to everybody's eye.
      if (id) this.folded = false;
      this.mine = undefined;
      this.id = id;
    }
    const picking = room.status === "in" && role === "teacher" && this.picking;
    this.node.hidden = !(picking || (ask && !this.folded));
    if (this.node.hidden) return;
    this.shut.textContent = words.hide;
    this.picker.hidden = !picking;
    for (const part of [this.text, this.options, this.told, this.evidence, this.row])
      part.hidden = Boolean(picking);
    if (picking) this.showPicker();
    else this.showQuestion(ask, role === "teacher");
  }

  showPicker() {
    this.title.textContent = this.words.pick;
    this.node.ariaLabel = this.list.ariaLabel = this.words.pick;
    this.put.textContent = this.words.put;
    const { questions } = this;
    if (questions && this.listed !== questions) {
      this.listed = questions;
      const chosen = this.list.value;
      const groups = new Map();
      for (const { q, about, text } of questions) {
        if (!groups.has(about)) groups.set(about, element("optgroup", "", { label: about }));
        groups.get(about).append(new Option(`${q}. ${text}`, q));
      }
      this.list.replaceChildren(...groups.values());
      this.list.value = chosen || questions[0].q;
    }
    const chosen = questions?.find(({ q }) => q === Number(this.list.value));
    say(this.text, chosen?.text ?? "");
  }

  showQuestion(ask, teacher) {
    const { room, words } = this;
    const { question, phase, counts, right } = ask;
    const voting = phase === "vote" || phase === "second";
    const revealed = phase === "reveal";
    const asked = this.questions?.find(({ q }) => q === question);
    this.title.textContent = filled(words.title, { q: question });
    this.node.ariaLabel = this.title.textContent;
    say(this.text, asked?.text ?? "");
    this.showOptions(asked?.options ?? [], { teacher, voting, counts, right });
    const { people = 0, voted = 0 } = room.people ?? {};
    const said = {
      vote: this.chosen ? words.yours : words.to_vote,
      second: words.second,
      discuss: words.discuss,
      closed: words.closed,
    };
    const told = teacher && !revealed ? [filled(words.voted, { people, voted })] : [];
    if (!teacher || !voting) told.push(said[phase] ?? "");
    say(this.told, told.filter(Boolean).join(" · "));
    const there = teacher
      ? { close: voting, again: phase === "discuss", reveal: !voting && !revealed, done: revealed || !voting }
      : {};
    for (const kind in this.buttons) say(this.buttons[kind], there[kind] ? words[kind] : "");
    this.row.hidden = !teacher;
    this.evidence.hidden = !revealed;
    if (revealed) this.showEvidence(question);
  }

  /** Go to the evidence's lesson as by a link of the page's: a teacher's class follows. */
  go(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.folded = true;
    this.changed();
    const { live } = this.room;
    if (live?.lesson === this.found.lesson) {
      Object.assign(live.values, this.found.values);
      live.commit({});
      return;
    }
    history.pushState(history.state, "", this.way.href + location.hash);
    dispatchEvent(new PopStateEvent("popstate", { state: history.state }));
  }

  /** What this person has chosen: as the room has it, or as he has just pressed. */
  get chosen() {
    const { mine, state } = this.room;
    const question = state?.ask?.question;
    return [this.mine, mine].find((vote) => vote?.question === question)?.option;
  }

  showOptions(options, { teacher, voting, counts, right }) {
    const { words } = this;
    while (this.options.children.length > options.length) this.options.lastChild.remove();
    options.forEach(([option, text], i) => {
      let node = this.options.children[i];
      if (!node) {
        node = element("button", "ll-class-option", { type: "button" });
        node.append(element("span", "ll-class-sign"), element("span"), element("span", "ll-class-bars"));
        node.addEventListener("click", () => this.vote(Number(node.dataset.option)));
        this.options.append(node);
      }
      node.dataset.option = option;
      const chosen = !teacher && this.chosen === option;
      node.dataset.mark = option === right ? "right" : "";
      const signs = [option === right && `✓ ${words.right}`, chosen && !voting && words.mine];
      say(node.children[0], signs.filter(Boolean).join(" · "));
      node.children[1].textContent = text;
      // Who teaches votes with nobody; what he shows is what the projector shows.
      node.disabled = teacher || !voting;
      if (teacher) node.removeAttribute("aria-pressed");
      else node.setAttribute("aria-pressed", String(chosen));
      this.bars(node.children[2], counts, option);
    });
  }

  /** Both votes of an option as bars. */
  bars(node, counts, option) {
    const { words } = this;
    node.replaceChildren(
      ...(counts ?? []).map((vote, round) => {
        const all = vote.reduce((sum, one) => sum + one, 0);
        const share = all ? (100 * vote[option - 1]) / all : 0;
        const row = element("span", "ll-class-vote");
        const bar = element("span", "ll-class-share");
        bar.style.setProperty("--ll-share", `${share}%`);
        const name = round ? words.last : words.first;
        const said = element("span");
        said.textContent = all ? `${vote[option - 1]} · ${name}` : `${name}: ${words.none}`;
        row.append(bar, said);
        return row;
      }),
    );
  }

  showEvidence(question) {
    const found = this.got(question, (language) =>
      fetchPacked(`board/evidence/${language}/${question}`, unpack),
    );
    this.evidence.hidden = !found;
    if (!found) return;
    this.found = found;
    say(this.why, found.why);
    this.way.textContent = found.way;
    this.way.href = new URL(`${found.lesson}?${found.query}`, document.baseURI).href;
    this.plot.ariaLabel = found.view.alt;
    this.draw();
  }

  /** Draw the evidence's figure in the page's colours. */
  draw() {
    const { palette, font } = document.querySelector(".ll")?.__live ?? {};
    const width = this.plot.clientWidth;
    if (!this.found || !palette || !width || !globalThis.Plotly) return;
    const drawn = [this.found.view, palette, width];
    if (this.drawn?.every((one, i) => one === drawn[i])) return;
    this.drawn = drawn;
    const layout = coloured(this.found.view.layout, palette);
    Object.assign(layout, { width, height: this.found.view.height });
    layout.font.family = font;
    globalThis.Plotly.react(this.plot, coloured(this.found.view.data, palette), layout, {
      displayModeBar: false,
      staticPlot: true,
    });
  }
}
