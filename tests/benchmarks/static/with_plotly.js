// The figures by plotly.js, one Plotly.react for each that changed.

const config = {
  displaylogo: false,
  modeBarButtons: [["toImage"]],
  displayModeBar: "hover",
  scrollZoom: false,
  doubleClick: false,
};

const node = Object.assign(document.createElement("script"), {
  src: new URLSearchParams(location.search).get("plotly"),
});
document.head.append(node);
await new Promise((resolve, reject) => {
  node.addEventListener("load", resolve);
  node.addEventListener("error", reject);
});

export function draw(figure, { data, layout }) {
  globalThis.Plotly.react(figure, data, layout, config);
}

/** The pixels of a place on the first axes. */
export function spot(figure, [x, y]) {
  const { xaxis, yaxis } = figure._fullLayout;
  return [xaxis._offset + xaxis.l2p(x), yaxis._offset + yaxis.l2p(y)];
}
