// A page as a careful hand writes it: range inputs, the formulas in JavaScript, Plotly.react once a frame for
// each figure that moves. What it opens with, and where everything stands, is Python's picture at the defaults.

const lesson = new URLSearchParams(location.search).get("lesson");
const [model, { pictures }] = await Promise.all([
  fetch(`${lesson}.json`).then((answer) => answer.json()),
  import(`./${lesson}.js`),
  script(new URLSearchParams(location.search).get("plotly")),
]);
const { values, views, places } = model;
const config = {
  displaylogo: false,
  modeBarButtons: [["toImage"]],
  displayModeBar: "hover",
  scrollZoom: false,
  doubleClick: false,
};
const nodes = {};
let scheduled;

function script(address) {
  const node = Object.assign(document.createElement("script"), { src: address });
  document.head.append(node);
  return new Promise((resolve, reject) => {
    node.addEventListener("load", resolve);
    node.addEventListener("error", reject);
  });
}

function element(tag, className, [x, y, width, height]) {
  const node = document.createElement(tag);
  node.className = className;
  Object.assign(node.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, minHeight: `${height}px` });
  document.body.append(node);
  return node;
}

function draw() {
  scheduled = undefined;
  const made = pictures(values, model);
  for (const name in made) {
    if (made[name].data) globalThis.Plotly.react(nodes[name], made[name].data, made[name].layout, config);
    else if (typeof made[name] === "string") nodes[name].textContent = made[name];
    else write(nodes[name], made[name]);
  }
}

/** Lines of [text, colour role] pairs: the nodes stay, their texts change. */
function write(node, rows) {
  rows.forEach((row, i) => {
    const line = node.children[i] ?? node.appendChild(document.createElement("p"));
    row.forEach(([text, role], j) => {
      const span = line.children[j] ?? line.appendChild(document.createElement("span"));
      span.textContent = text;
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
    globalThis.Plotly.newPlot(nodes[name], views[name].data, views[name].layout, config);
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
    scheduled ??= requestAnimationFrame(draw);
  });
  output.textContent = values[key];
  node.append(range, label, " ", output);
}
draw();
// For the tests: the whole pictures of a state.
globalThis.picturesOf = (state) => pictures(state, model);
document.body.dataset.ready = "";
