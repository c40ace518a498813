// Writes a text where one stands already: its letters change, and no node comes or goes. The rules of a page that
// look for what is inserted (`:has`) are else asked again for each.

const TEXT = 3; // Node.TEXT_NODE

export function say(node, text) {
  const { firstChild } = node;
  if (firstChild?.nodeType === TEXT && !firstChild.nextSibling) spell(firstChild, text);
  else if (node.textContent !== text) node.textContent = text;
}

/** Change the letters that are others: the browser keeps what it knows of those around them. */
function spell(node, text) {
  const { data } = node;
  if (data === text) return;
  const most = Math.min(data.length, text.length);
  let begin = 0;
  while (begin < most && data[begin] === text[begin]) begin++;
  let end = 0;
  while (end < most - begin && data.at(-1 - end) === text.at(-1 - end)) end++;
  // Between the two halves of a letter nothing is cut.
  if (begin && isHalf(text, begin - 1)) begin--;
  if (end && isHalf(text, text.length - end - 1)) end--;
  node.replaceData(begin, data.length - begin - end, text.slice(begin, text.length - end));
}

const isHalf = (text, i) => /[\ud800-\udbff]/.test(text[i] ?? "");

/** The texts in a node, in order. */
export function lettersOf(node) {
  const found = [];
  for (const child of node.childNodes) {
    if (child.nodeType === TEXT) found.push(child);
    else found.push(...lettersOf(child));
  }
  return found;
}
