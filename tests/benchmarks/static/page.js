// A page as a careful hand writes it: range inputs, the formulas in JavaScript, one picture in an animation frame,
// drawn by plotly.js or by nodes that the page moves itself. What it opens with, and where everything stands, is
// Python's picture at the defaults.

const asked = new URLSearchParams(location.search);
const lesson = asked.get("lesson");
const [model, { pictures }, { draw, spot }] = await Promise.all([
  fetch(`${lesson}.json`).then((answer) => answer.json()),
  import(`./${lesson}.js`),
  import(asked.has("plotly") ? "./with_plotly.js" : "./with_svg.js"),
]);
const { values, views, places } = model;
const nodes = {};
let scheduled;

function element(tag, className, [x, y, width, height]) {
  const node = document.createElement(tag);
  node.className = className;
  Object.assign(node.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, minHeight: `${height}px` });
  document.body.append(node);
  return node;
}

function show() {
  scheduled = undefined;
  const made = pictures(values, model);
  for (const name in made) {
    if (made[name].data) {
      draw(nodes[name], made[name]);
      mark(nodes[name], made[name].rings);
    } else if (Array.isArray(made[name])) write(nodes[name], made[name]);
    else if (nodes[name].textContent !== made[name]) nodes[name].textContent = made[name];
  }
}

/** Put the rings by which the figures can be pulled. */
function mark(node, rings) {
  node.rings ??= rings.map(() => node.appendChild(document.createElement("i")));
  rings.forEach((place, i) => {
    const [x, y] = spot(node, place);
    node.rings[i].style.transform = `translate(${x}px, ${y}px)`;
  });
}

/** Lines of [text, colour role] pairs: the nodes stay, and what changed of them is written. */
function write(node, rows) {
  rows.forEach((row, i) => {
    const line = node.children[i] ?? node.appendChild(document.createElement("p"));
    row.forEach(([text, role], j) => {
      const span = line.children[j] ?? line.appendChild(document.createElement("span"));
      if (span.textContent !== text) span.textContent = text;
      if (span.role === role) return;
      span.role = role;
      span.style.color = model.palette[role] ?? "";
    });
    while (line.children.length > row.length) line.lastChild.remove();
  });
  while (node.children.length > rows.length) node.lastChild.remove();
}

for (const name in views) {
  if (views[name].data) {
    nodes[name] = element("div", "figure", places[name]);
    nodes[name].id = `figure-${name}`;
  } else
    nodes[name] = element(
      views[name].tabs ? "pre" : "div",
      views[name].tabs ? "code" : "lines",
      places[name],
    );
}
for (const [key, { stops, stop, label }] of Object.entries(model.controls)) {
  const node = element("label", "", places[key]);
  const range = document.createElement("input");
  const output = document.createElement("output");
  Object.assign(range, { type: "range", min: 0, max: stops.length - 1, step: 1, value: stop, id: key });
  range.addEventListener("input", () => {
    values[key] = stops[range.value];
    output.textContent = values[key];
    scheduled ??= requestAnimationFrame(show);
  });
  output.textContent = values[key];
  node.append(range, label, " ", output);
}
show();
// For the tests: the whole pictures of a state, and a state on the screen.
globalThis.picturesOf = (state) => pictures(state, model);
globalThis.showState = (state) => {
  Object.assign(values, state);
  show();
};
document.body.dataset.ready = "";
