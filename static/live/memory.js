// What this browser remembers of a visitor who has asked for it: one record in its own storage, which Python makes and
// nobody else reads. Where the browser has no storage, nothing is remembered.

const KEY = "likelihood-lab";

const told = new Set(); // sessions that know what is remembered
let wrote = false; // whether this page has written the record
let forgotten = 0; // how often Python had it deleted

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** What is to be said to a session that has not heard of it: the record; that another page had it deleted. */
export function recall({ session, record, forget }) {
  const text = stored();
  if (record && wrote && text === null) {
    wrote = false;
    return `forgotten ${Date.now()}`;
  }
  if (record || text === null || told.has(session) || forget > forgotten) return undefined;
  told.add(session);
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Do as Python says: write the record, or delete it. */
export function keep({ forget, record }) {
  try {
    if (forget > forgotten) localStorage.removeItem(KEY);
    else if (record) localStorage.setItem(KEY, JSON.stringify(record));
  } catch {
    return;
  }
  wrote = Boolean(record);
  forgotten = forget;
}
