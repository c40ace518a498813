// The state of a lesson under the hand: what is held, what was asked for and sent, which answer still counts.
// It knows no page, no clock and no line to the server: live.js tells it the time, draws, and sends.

export const PATIENCE = 2000; // ms after which a message without an answer is taken for lost
const SHORT = 300; // ms after which a hand that moves waits no longer for frames
const AGAIN = 10_000; // ms after which frames that did not come are asked for again
const EVERY = 8; // of many stops one in so many comes first
const FEW = 12; // stops that come at once

export class Hand {
  constructor(client) {
    this.client = client;
    this.model = undefined; // the answer that is on the screen
    this.intact = new Set(); // its views into which no frame was written
    this.values = {}; // the controls' values, ahead of the model by what the hand has moved
    this.seq = 0; // number of the newest commit
    this.answered = undefined; // number of the newest that was answered
    this.sentAt = 0;
    this.held = null; // the control under the finger
    this.led = false; // whether it is a class's hand that moves what is dirty
    this.dirty = undefined; // the control that was moved and is not yet settled
    this.pendingStop = undefined; // the stop that it came to, until that is drawn
    this.next = undefined; // the newest change of a moving hand, while another is under way
    this.late = null; // an answer that came while a control was held
    this.near = undefined; // the control that the pointer is at
    this.asked = {}; // the frames asked for last: in which state they hold, when
    this.refused = {}; // with what the addresses begin that are not asked for, until when
    this.name = {}; // that of the state around a control, for which it was asked last
    this.frames = new Map(); // control -> its frames, with the state in which they hold
    this.turned = undefined; // Python's newest wish to bring a place to the eye that was followed
  }

  // ---- What Python says ----

  /**
   * Take an answer. "old": it is to an older commit, and must not put a control back. "lost": so it is, and the
   * newest must be said again. "late": it waits until the hand lets go. "shown": it is the model now. "elsewhere":
   * so it is, and what was held is held no longer.
   * @param {import("./messages").Answer} answer
   * @returns {"old" | "lost" | "late" | "shown" | "elsewhere"}
   */
  receive(answer) {
    const [client, seq] = answer.ack;
    const ours = client === this.client;
    // Where a session answers that knows nothing of us, the one to which we spoke is gone.
    if (this.seq > 0 && !ours && this.answered !== this.seq) return "lost";
    if (this.seq > 0 && !(ours && seq >= this.seq)) return "old";
    // Another visit's commit, the last that the session saw, is none of this one's.
    this.answered = ours ? seq : 0;
    // A rerun of the page must not move the thumb under the finger; a state chosen elsewhere on it must.
    const elsewhere = Boolean(answer.focus) && answer.focus.turn !== this.turned;
    if (elsewhere) this.letGo();
    else if ((this.held || this.led) && !answer.moving) {
      this.late = answer;
      return "late";
    }
    this.show(answer);
    return elsewhere ? "elsewhere" : "shown";
  }

  /** Make an answer the model; the control that is moved is ahead of it. */
  show(answer) {
    this.late = null;
    this.model = { ...answer, views: { ...this.model?.views, ...answer.views } };
    for (const name in answer.views) this.intact.add(name);
    const ahead = this.dirty === undefined ? {} : { [this.dirty]: this.values[this.dirty] };
    this.values = { ...answer.values, ...ahead };
  }

  // ---- Frames ----

  /** A name for the state around a control: its frames hold while nothing but itself moves. */
  token(key) {
    const { name, values } = this;
    const { frames, aside } = this.model;
    // Asked for at every movement: as long as nothing else moves, it is the same.
    if (name.key === key && name.frames === frames && name.aside === aside && this.isStill())
      return name.token;
    const others = Object.entries(values).filter(([of]) => of !== key && !aside.includes(of));
    const token = `${frames}/${key}?${new URLSearchParams(others)}`;
    this.name = { key, frames, aside, others: { ...values }, token };
    return token;
  }

  /** Whether all but the control whose state was named last, and what does not count, is as it was then. */
  isStill() {
    const { key, aside, others } = this.name;
    let left = Object.keys(others).length;
    for (const name in this.values) {
      left--;
      if (name !== key && !aside.includes(name) && this.values[name] !== others[name]) return false;
    }
    return left === 0;
  }

  /** The frames of a control, if they are those of the present state. */
  framesOf(key) {
    const frames = this.frames.get(key);
    return frames?.token === this.token(key) ? frames : undefined;
  }

  /**
   * The frames of a control, at a stop, that are to be fetched for these views; none where they are there or under
   * way. Of many stops every eighth comes first, the present one among them, unless they are asked for early.
   * @returns {import("./messages").Wish | undefined}
   */
  wish(key, stop, views, now, early = false) {
    this.near = key;
    // Between a commit and its answer the values need not fit together.
    if (this.model.follows && this.seq > 0 && this.answered !== this.seq) return undefined;
    const token = this.token(key);
    const had = this.framesOf(key);
    const missing = views.filter((name) => !had?.views.has(name));
    const names = missing.length ? missing : (had?.rough ?? []);
    if (!names.length) return undefined;
    const coarse = !early && missing.length && this.model.controls[key].stops.length > FEW;
    const address = token.replace("?", `/${names}/${coarse ? stop % EVERY : "all"}?`);
    if (this.asked.token === token && now - this.asked.at < PATIENCE) return undefined;
    if (now < this.refused.until && token.startsWith(this.refused.begin)) return undefined;
    this.asked = { token, at: now };
    return { address, token };
  }

  /** The pointer leaves a control that is not held; whether it had asked for frames, which have time now. */
  leave(key) {
    if (this.near !== key || this.held === key) return false;
    this.near = undefined;
    const waits = this.asked.token === this.token(key);
    if (waits) this.asked = {};
    return waits;
  }

  /** Frames do not come: those of a state for a while, or none at all, wherever they are. */
  refuse({ token }, never, now) {
    if (this.asked.token === token) this.asked = {};
    this.refused = never
      ? { begin: this.model.frames, until: Infinity }
      : { begin: token, until: now + AGAIN };
  }

  /** Keep frames, beside those of other views; false if something else has moved since they were asked for. */
  keep(key, frames) {
    if (this.asked.token === frames.token) this.asked = {};
    if (frames.token !== this.token(key)) return false;
    frames.join(this.framesOf(key));
    for (const [name, old] of this.frames) if (old.token !== this.token(name)) this.frames.delete(name);
    this.frames.set(key, frames);
    return true;
  }

  // ---- What the hand does ----

  hold(key) {
    this.held = key;
  }

  move(key, stop, value) {
    this.values[key] = value;
    this.dirty = key;
    this.pendingStop = stop;
  }

  /** What the present stop wants: its frame written, a change sent because none will come in time, or nothing. */
  step(now) {
    const { dirty: key, pendingStop: stop } = this;
    if (stop === undefined) return {};
    const frames = this.framesOf(key);
    const waits = this.asked.token === this.token(key) && now - this.asked.at <= SHORT;
    if (!frames && this.model.controls[key].live && waits) return {};
    this.pendingStop = undefined;
    return frames ? { frames, stop } : { change: { set: { [key]: this.values[key] } } };
  }

  /** Open the hand; whether there is a value to settle. */
  drop(key) {
    if (this.held === key) this.held = null;
    return this.dirty === key;
  }

  /** Take the hand off everything, without sending anything. */
  letGo() {
    this.held = null;
    this.led = false;
    this.late = null;
    this.next = undefined;
    this.dirty = undefined;
    this.pendingStop = undefined;
  }

  // ---- What is said to Python ----

  /** Whether a change may be sent while the hand moves: one message under way, the newest waits, never a queue. */
  mayMove(change, now) {
    const free = this.seq === 0 || this.answered === this.seq || now - this.sentAt > PATIENCE;
    this.next = free ? undefined : change;
    return free;
  }

  /**
   * Number a change. When the hand lets go, not when it is sent: an older answer is known for what it is.
   * @returns {import("./messages").Commit}
   */
  message(change, now) {
    this.seq++;
    this.sentAt = now;
    const { client, seq, values, model } = this;
    return {
      client,
      seq,
      values: { ...values },
      has: model?.name ?? "",
      intact: [...this.intact],
      ...change,
    };
  }
}
