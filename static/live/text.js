// Views of text: lines whose numbers carry colours, tables, and code to copy. Nothing is parsed as HTML.

function fill(node, segment) {
  const plain = typeof segment === "string";
  const text = plain ? segment : segment.text;
  if (node.textContent !== text) node.textContent = text;
  const wanted = plain
    ? ""
    : `${segment.role ? `ll-role-${segment.role}` : ""}${segment.strong ? " ll-strong" : ""}`;
  if (node.className !== wanted) node.className = wanted;
}

/** Make `node` hold exactly one child of `tag` for each item, keeping those that are there. */
function match(node, tag, items, write) {
  while (node.children.length > items.length) node.lastChild.remove();
  while (node.children.length < items.length) node.append(document.createElement(tag));
  items.forEach((item, i) => write(node.children[i], item));
}

class Text {
  constructor() {
    this.node = document.createElement("div");
    this.title = document.createElement("h3");
    this.body = document.createElement("div");
    this.node.append(this.title, this.body);
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

export class Lines extends Text {
  update() {
    this.node.className = "ll-lines";
    match(this.body, "p", this.model.lines, (row, segments) => match(row, "span", segments, fill));
  }
}

export class Table extends Text {
  constructor() {
    super();
    this.table = document.createElement("table");
    this.table.innerHTML = "<caption></caption><thead><tr></tr></thead><tbody></tbody>";
    this.body.append(this.table);
  }

  update() {
    this.node.className = "ll-table";
    const [caption, head, rows] = this.table.children;
    caption.textContent = this.model.caption ?? "";
    head.hidden = !this.model.head.length;
    match(head.firstChild, "th", this.model.head, fill);
    match(rows, "tr", this.model.rows, (row, cells) =>
      match(row, "td", cells, (cell, parts) =>
        Array.isArray(parts) ? match(cell, "span", parts, fill) : fill(cell, parts),
      ),
    );
  }
}

export class Code extends Text {
  constructor(host) {
    super();
    this.host = host;
    this.chosen = 0;
    this.bar = document.createElement("div");
    this.bar.className = "ll-tabs";
    this.bar.setAttribute("role", "tablist");
    this.pre = document.createElement("pre");
    this.pre.tabIndex = 0;
    this.copy = document.createElement("button");
    this.copy.type = "button";
    this.copy.className = "ll-copy";
    this.copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(this.pre.textContent);
      this.copy.textContent = this.host.words.copied;
      setTimeout(() => (this.copy.textContent = this.host.words.copy), 1500);
    });
    this.body.append(this.bar, this.copy, this.pre);
  }

  update() {
    this.node.className = "ll-code";
    this.copy.textContent = this.host.words.copy;
    match(this.bar, "button", this.model.tabs, (button, tab) => {
      const i = [...this.bar.children].indexOf(button);
      button.type = "button";
      button.setAttribute("role", "tab");
      button.setAttribute("aria-selected", String(i === this.chosen));
      button.textContent = tab.label;
      button.onclick = () => {
        this.chosen = i;
        this.update();
      };
    });
    this.pre.textContent = this.model.tabs[this.chosen].text;
  }
}
