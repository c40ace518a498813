// Reads the blocks that Python packs, and lays frames over a picture. Knows nothing of what it shows.

/**
 * Unpack one block after another: lengths, JSON, float32 numbers; `{"$f": [offset, ...shape]}` is an array.
 * Lists of one name are joined.
 */
export function unpack(bytes) {
  const whole = {};
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.byteLength;) {
    const length = view.getUint32(at, true);
    const count = view.getUint32(at + 4, true);
    const text = new TextDecoder().decode(bytes.subarray(at + 8, at + 8 + length));
    const start = at + 8 + length;
    // A copy, because the block may begin anywhere and floats must begin at a multiple of four.
    const numbers = new Float32Array(bytes.slice(start, start + 4 * count).buffer);
    const block = restore(JSON.parse(text), numbers);
    for (const key in block) {
      whole[key] = Array.isArray(whole[key]) ? whole[key].concat(block[key]) : block[key];
    }
    at = start + 4 * count;
  }
  return whole;
}

function restore(node, numbers) {
  if (Array.isArray(node)) {
    for (let i = 0; i < node.length; i++) node[i] = restore(node[i], numbers);
  } else if (node && typeof node === "object") {
    if (node.$f) {
      const [offset, ...shape] = node.$f;
      const size = shape.reduce((product, length) => product * length, 1);
      return shaped(numbers.subarray(offset, offset + size), shape);
    }
    for (const key in node) node[key] = restore(node[key], numbers);
  }
  return node;
}

function shaped(numbers, [length, ...rest]) {
  if (!rest.length) return numbers;
  const size = numbers.length / length;
  return Array.from({ length }, (_, i) => shaped(numbers.subarray(i * size, (i + 1) * size), rest));
}

/** The value of a leaf at stop `i`: a number, a row, rows of rows, or whatever Python listed. */
function valueAt(leaf, i) {
  return leaf.items ? leaf.items[leaf.which ? leaf.which[i] : i] : leaf.numbers[i];
}

/** A picture in another state, one after the other: what differs from the state in which it was drawn. */
export class Elsewhere {
  constructor(views) {
    this.views = views;
    this.drawn = []; // path and value of what was written over, the newest last
  }

  /** Write what differs in a state, and put back what does not; return for each view the changed paths and values. */
  write(leaves) {
    const before = this.drawn;
    this.drawn = [];
    const found = new Map();
    const put = (path, value) => {
      const last = path.at(-1);
      const node = path.slice(0, -1).reduce((part, name) => part?.[name], this.views);
      if (Object(node) !== node) return;
      const key = JSON.stringify(path);
      if (!found.has(key)) found.set(key, { path, was: node[last] });
      const old = node[last];
      node[last] = found.get(key).now = value;
      return old;
    };
    for (const [path, value] of before.toReversed()) put(path, value);
    for (const leaf of leaves) this.drawn.push([leaf.path, put(leaf.path, valueAt(leaf, 0))]);
    const changes = new Map();
    for (const { path, was, now } of found.values()) {
      if (was === now) continue;
      if (!changes.has(path[0])) changes.set(path[0], []);
      changes.get(path[0]).push([path, now]);
    }
    return changes;
  }
}

/** The frames of one control in one state: of each view what differs between stops, each `every`-th from `first`. */
export class Frames {
  constructor({ views, ...rows }, leaves, token) {
    this.token = token;
    this.views = new Map(
      views.map((name) => [name, { ...rows, leaves: leaves.filter(({ path }) => path[0] === name) }]),
    );
  }

  /** Take in older ones, of other views. */
  join(older) {
    if (older) this.views = new Map([...older.views, ...this.views]);
  }

  /** The views that have not all stops. */
  get rough() {
    return [...this.views.keys()].filter((name) => this.views.get(name).every > 1);
  }

  /** Write the frame of `stop`, or of the nearest, into `views`; return for each view the changed paths and values. */
  write(stop, views) {
    const changes = new Map();
    for (const [view, { leaves, first, every, count }] of this.views) {
      const row = Math.max(0, Math.min(count - 1, Math.round((stop - first) / every)));
      for (const leaf of leaves) {
        const value = valueAt(leaf, row);
        let node = views;
        for (let i = 0; i < leaf.path.length - 1; i++) node = node?.[leaf.path[i]];
        const last = leaf.path.at(-1);
        // Of few stops all may have a part that the picture has not, as a term with a colour where it has a word.
        if (Object(node) !== node || node[last] === value) continue;
        node[last] = value;
        if (!changes.has(view)) changes.set(view, []);
        changes.get(view).push([leaf.path, value]);
      }
    }
    return changes;
  }

  /** The leaves of a view that say something, each as a path and all of its values. */
  *texts(name) {
    for (const { path, items } of this.views.get(name).leaves)
      if (items && path.at(-1) === "text") yield [path, items];
  }

  /** A part of a view's model at one stop after the other. */
  *each(name, part) {
    const views = { [name]: structuredClone(part) };
    const { first, every, count } = this.views.get(name);
    for (let row = 0; row < count; row++) {
      this.write(first + row * every, views);
      yield views[name];
    }
  }
}
