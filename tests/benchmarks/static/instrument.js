// The same instrument on every page: how many pictures of the main figure were painted, and how long each movement
// waited for its picture. A figure is drawn when its SVG changes, whoever changes it. A movement's time is the event's
// own; its picture is on the screen when the animation frame after the one in which it was drawn begins.

// A record's target is a node, or the text in it.
const inPicture = ({ target }) =>
  (target.nodeType === Node.TEXT_NODE ? target.parentNode : target) instanceof SVGElement;

(() => {
  const NAMES = ["react", "update", "restyle", "relayout"];
  let counts;
  let waiting = [];
  let covering; // the movements of the picture that was drawn last
  let drawing = 0;
  let frame;
  let newest = 0;
  let inputs = true;
  let asked = false;

  const stamp = (event) => {
    newest = event.timeStamp;
  };
  for (const type of ["pointermove", "pointerdown", "keydown"]) {
    addEventListener(type, stamp, { capture: true, passive: true });
  }
  const moved = () => {
    counts.events++;
    waiting.push(newest);
    if (asked) return;
    // Movements that arrive in one animation frame can have no more than one picture.
    asked = true;
    counts.frames++;
    requestAnimationFrame(() => {
      asked = false;
    });
  };
  addEventListener("input", () => counts && inputs && moved(), true);

  function drawn() {
    // What is drawn in one animation frame is one picture. The next frame's may come before the last was counted.
    const present = document.timeline.currentTime;
    if (!counts) return;
    if (drawing && frame === present) {
      covering.push(...waiting.splice(0));
      return;
    }
    frame = present;
    drawing++;
    const covered = waiting;
    covering = covered;
    waiting = [];
    requestAnimationFrame(() => {
      drawing--;
      if (covered.length) counts.pictures++;
      const now = performance.now();
      for (const time of covered) counts.waits.push(now - time);
    });
  }

  globalThis.__bench = {
    over: 0, // when the pointer came over a slider
    ready: {}, // when a slider's frames were there

    start() {
      counts = { pictures: 0, events: 0, frames: 0, waits: [], calls: 0, since: performance.now() };
      waiting = [];
    },

    read() {
      return { ...counts, open: waiting.length };
    },

    /** Count no further movements; return what was counted once the last picture is painted, or never will be. */
    finish() {
      const found = { ...counts, seconds: (performance.now() - counts.since) / 1000 };
      const last = performance.now() + 500;
      return new Promise((resolve) => {
        const look = () => {
          const { pictures, waits } = counts;
          if ((waiting.length || drawing) && performance.now() < last) requestAnimationFrame(look);
          else resolve({ ...found, pictures, waits, open: waiting.length });
        };
        look();
      });
    },

    /** A figure in a node that stays. */
    watchFigure(figure) {
      new MutationObserver((records) => records.some(inPicture) && drawn()).observe(figure, {
        attributes: true,
        characterData: true,
        childList: true,
        subtree: true,
      });
    },

    /** Count what Plotly is asked to draw. */
    watchPlotly() {
      const { Plotly } = globalThis;
      for (const name of NAMES) {
        const draw = Plotly[name];
        Plotly[name] = function (...given) {
          if (counts) counts.calls++;
          return draw.apply(this, given);
        };
      }
    },

    /** A figure whose node does not stay: what a selector names. */
    watchChanges(selector) {
      const within = ({ target, addedNodes }) =>
        target instanceof Element &&
        (target instanceof SVGElement || [...addedNodes].some((node) => node.querySelector?.(".main-svg"))) &&
        (target.closest(selector) || target.querySelector(selector));
      // From the top, because Streamlit makes the chart's node anew.
      new MutationObserver((records) => records.some(within) && drawn()).observe(document.body, {
        attributes: true,
        childList: true,
        subtree: true,
      });
      // Its input events draw nothing: what moves it is a key or the release.
      inputs = false;
      for (const type of ["keydown", "pointerup"]) {
        addEventListener(
          type,
          (event) => {
            stamp(event);
            if (counts) moved();
          },
          true,
        );
      }
    },

    /** Note when the pointer comes over a slider and when the slider's frames are there. */
    watchFrames(frames) {
      addEventListener(
        "pointerover",
        (event) => {
          if (event.target.type === "range") this.over = event.timeStamp;
        },
        true,
      );
      frames.set = (key, value) => {
        this.ready[key] ??= performance.now();
        return Map.prototype.set.call(frames, key, value);
      };
    },
  };
})();
