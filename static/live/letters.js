// Writes a text where one stands already: its letters change, and no node comes or goes. The rules of a page that
// look for what is inserted (`:has`) are else asked again for each.

const TEXT = 3; // Node.TEXT_NODE

export function say(node, text) {
  const { firstChild } = node;
  if (firstChild?.nodeType === TEXT && !firstChild.nextSibling) {
    if (firstChild.data !== text) firstChild.data = text;
  } else if (node.textContent !== text) node.textContent = text;
}

/** The texts in a node, in order. */
export function lettersOf(node) {
  const found = [];
  for (const child of node.childNodes) {
    if (child.nodeType === TEXT) found.push(child);
    else found.push(...lettersOf(child));
  }
  return found;
}
