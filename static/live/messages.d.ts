// What Python and the browser say to each other. For whoever reads, for editors, and for tests: every real message
// of every lesson is held to these types, and so is every property that the modules here read.

export type Value = string | number;
export type Values = Record<string, Value>;

/** Python's answer to a commit: all that the browser draws. */
export interface Answer {
  name: string; // of this answer
  ack: [string, number]; // whose commit it answers, and which
  moving: boolean; // to a hand that is under way: with the views on the screen only
  focus: Focus | null;
  frames: string; // with what the addresses of frames begin
  aside: string[]; // values that this says already
  lesson: string;
  language: string;
  address: string;
  values: Values;
  follows: boolean; // whether Python may change other values with the one that was set
  controls: Record<string, Spec>;
  presets: [string, string][]; // name, word
  preset: string;
  boxes: string[]; // names of the watch-out boxes below
  changed?: Changed;
  memory?: Memory;
  guide: Guide | null; // where there are beats
  sections: Section[];
  notes: string[];
  spoken: Record<string, string>; // section, what came of a movement in it, in one sentence; empty while one moves
  numbers: Record<string, Numbers>; // of each figure that is sent, or whose table is open; empty while a hand moves
  views: Record<string, View>; // but those that the browser has as they are
  words: Record<string, string>;
  palettes: Record<string, Record<string, string>>; // theme, role, colour
  inks: Record<string, Record<string, string>>;
  written: string[]; // parts of a figure that have an ink's colours
  verbatim: string[]; // parts that hold no colours
}

/** What a preset, or a jump from elsewhere, has changed, in one line: once for each turn; none since a hand moved. */
export interface Changed {
  text: string;
  turn: number;
}

/** What is to be written into the browser's storage, and how often it was to be deleted. */
export interface Memory {
  session: string;
  forget: number;
  record: Record<string, unknown> | null;
}

/** A place to be brought to the eye, once for each turn. */
export interface Focus {
  section: string;
  tab: string;
  turn: number;
}

/** The line of the guide: a beat, what to do in it, and whether that is done. */
export interface Guide {
  n: number; // of the beat
  count: number; // of beats
  turn: number; // of how often one was asked for: a new one is brought to the eye
  off: boolean;
  free: boolean; // something else than what the beat is about was moved
  where: string; // "2 of 5"
  text: string;
  done: string; // what is true once it is done
  reached: boolean;
  section: string; // where it stands
  hand: string[]; // controls that it has one move
  tab: string; // the figure that it is about
}

export interface Spec {
  kind: "slider" | "number" | "player" | "choice" | "text" | "button" | "toggle";
  label: string;
  role: string;
  digits: number;
  start: Value;
  live: boolean; // has frames
  whole: boolean;
  shown: boolean;
  unit?: string;
  help?: string;
  choices?: [Value, string][];
  right?: Value; // of the choices, once one was chosen
  settled?: string; // that what was chosen stays
  onward?: Onward;
  longest?: number;
  placeholder?: string;
  min?: number;
  max?: number;
  step?: number;
  stops?: number[];
  count?: number; // of stops, where they are evenly spaced
}

/** A button under a choice: it sets a control, or leads to the text box of a widget of the page. */
export interface Onward {
  word: string;
  key: string;
  value: Value;
  box: string;
}

export interface Section {
  key: string;
  title: string;
  text: string;
  controls: string[];
  above: string[];
  main: string[];
  tabs: [string, string][];
  below: string[];
  table: string[][];
  about: string; // what the numbers of the table are
  more: string[]; // those of the controls that are folded away
  folded: boolean; // opens by its title
}

export type View = Figure | Lines | Table | Code;

export interface Figure {
  type: "figure";
  title: string;
  caption: string;
  alt: string;
  data: unknown[];
  layout: unknown;
  height: number;
  narrow?: number; // its least height on a phone
  grips?: Grip[];
  cells?: Cell[];
}

/** A part of a figure that sets controls when it is pressed, between places of its axes "x" and "y". */
export interface Cell {
  label: string;
  x0: number;
  x1: number;
  y0: number;
  y1: number;
  sets: Values;
}

/** A place of a figure that can be held: it moves a control, or is told to Python under its name. */
export interface Grip {
  name: string;
  control: string;
  axes: "x" | "y" | "xy";
  on: string;
  x: number;
  y: number;
  label: string;
  keys: string[]; // the controls that it moves: sideways the first, up the second; of "q1|z1" the one shown
}

/** What a figure shows, as a table where that is open: places on its axes, and what it says there. */
export interface Numbers {
  head?: string[];
  rows?: string[][];
  now: string[]; // what it says of itself in one breath; empty where there are no rows
}

export type Segment = string | Part;
export interface Part {
  text: string;
  role?: string;
  strong?: boolean;
  link?: string;
}

export interface Lines {
  type: "lines";
  title: string;
  lines: Segment[][];
}

export interface Table {
  type: "table";
  title: string;
  caption?: string;
  head: Segment[];
  rows: (Segment | Segment[])[][];
}

export interface Code {
  type: "code";
  title?: string;
  tabs: Tab[];
}

export interface Tab {
  label: string;
  text: string;
}

/** Frames that are to be fetched: from where, and the state in which they hold. */
export interface Wish {
  address: string;
  token: string;
}

/** What comes from there. */
export interface Film {
  frames: Head;
  leaves?: Leaf[];
}

/** Of which stops there are rows: so many, each `every`-th from `first`. */
export interface Head {
  control: string;
  views: string[];
  count: number;
  first: number;
  every: number;
}

/** A part of a picture that differs between the stops: numbers, a row a stop; or items, one a stop or by an index. */
export interface Leaf {
  path: Value[];
  numbers?: unknown[];
  items?: unknown[];
  which?: number[];
}

/** What the hand has done: values as they are then, and what has changed; nothing where only a table is asked for. */
export interface Commit {
  client: string;
  seq: number;
  values: Values;
  has: string; // the name of the answer that is on the screen
  intact: string[]; // its views into which no frame was written
  reads?: string[]; // figures whose tables are open
  set?: Values;
  preset?: string;
  beat?: number; // to begin
  drag?: Held;
  guide?: "off";
  moving?: boolean;
  views?: string[];
}

/** A grip that is told by its name: where it was taken, where it is, and the values as they were. */
export interface Held {
  name: string;
  x: number;
  y: number;
  from_x: number;
  from_y: number;
  start: Values;
}

// ---- The class: what a tab and the room say to each other (pages/shared/rooms.py says who may say what, and when) ----

/** What comes first over a tab's line: a teacher with the room's key, or a person with his tab's random name. */
export type Knock = Open | Join;
export interface Open {
  kind: "open";
  key: string;
}
export interface Join {
  kind: "join";
  me: string;
}

export type PersonSays = Vote | Stand;
export interface Vote {
  kind: "vote";
  question: number;
  option: number; // from 1
}
export interface Stand {
  kind: "stand";
  lesson: string;
  values: Values;
}

export type TeacherSays = Lead | Stop | Place | Near | Standing | Ask | Plain;
export interface Lead {
  kind: "lead";
  lesson: string;
  values: Values; // of all controls whose values may be shared
  section: string; // at which the teacher looks; "" at the top
  tabs: string[]; // the views that he has chosen where views take turns
}
export interface Stop {
  kind: "stop";
  control: string;
  stop: number;
  path?: number[]; // stops that the hand has passed since it was last told where it is
}
export interface Place {
  kind: "place";
  values: Values; // under a ring: those that are not as they were led to
}
export interface Near {
  kind: "near";
  control: string;
}
export interface Standing {
  kind: "standing";
  on: boolean;
}
export interface Ask {
  kind: "ask";
  question: number;
}
export interface Plain {
  kind: "let_go" | "come_back" | "close" | "again" | "reveal" | "done" | "votes" | "end";
}

export type RoomSays = Seat | RoomState | StopTold | PlaceTold | NearTold | Mine | People | Ticks | Votes | Refused | Ended;

export interface Seat {
  kind: "seat";
  role: "teacher" | "person";
  code: string;
}
export interface RoomState {
  kind: "state";
  leading: boolean;
  standing: boolean;
  turn: number; // counts what was led to
  lead: Led | null;
  moving: Moving | Placed | null; // where the hand is that moves now
  near: string;
  ask: Asked | null;
}
export interface Led {
  lesson: string;
  values: Values;
  partly: boolean; // whether other values stay everybody's own
  section: string;
  tabs: string[];
}
export interface Moving {
  control: string;
  stop: number;
}
export interface Placed {
  values: Values;
}
export interface Asked {
  question: number;
  phase: "vote" | "discuss" | "second" | "closed" | "reveal";
  counts?: number[][]; // of the first vote, and of the second: once revealed, as is
  right?: number; // the option, from 1
}
export interface StopTold {
  kind: "stop";
  turn: number;
  control: string;
  stop: number;
  path: number[];
}
export interface PlaceTold {
  kind: "place";
  turn: number;
  values: Values;
}
export interface NearTold {
  kind: "near";
  turn: number;
  control: string;
}
export interface Mine {
  kind: "mine";
  question: number;
  option: number;
}
export interface People {
  kind: "people";
  people: number;
  voted: number;
}
export interface Ticks {
  kind: "ticks";
  lesson: string;
  values: Record<string, (number | null)[]>; // of each slider, one for each person
}
export interface Votes {
  kind: "votes";
  csv: string;
}
export interface Refused {
  kind: "refused";
  why: "code" | "key" | "full" | "rooms" | "later" | "hostile";
}
export interface Ended {
  kind: "ended";
}
