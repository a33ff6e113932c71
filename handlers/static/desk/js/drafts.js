// Words that outlive the tab: kept at the service, under this person's name, a moment after each pause in the typing.

import { openCase } from "./places.js";

const PAUSE = 1200; // ms without a key before the words are kept
const timers = new Map();
const kept = new WeakMap(); // what the service has of a box already
let composing = null;

const boxes = () => [...document.querySelectorAll(".composer textarea")];

function body(box) {
  const form = new FormData();
  form.set("csrf", box.form.elements.csrf.value);
  form.set("box", box.form.dataset.draft);
  form.set("words", box.value);
  return form;
}

const address = () => `/desk/case/${openCase()}/draft`;

function save(box) {
  clearTimeout(timers.get(box));
  timers.delete(box);
  if (!box.isConnected || box === composing || (kept.get(box) ?? box.defaultValue) === box.value) return;
  kept.set(box, box.value);
  fetch(address(), { method: "POST", body: body(box) }).then(
    (answer) => { if (!answer.ok) kept.delete(box); },
    () => { kept.delete(box); later(box); },
  );
}

export function later(box) {
  clearTimeout(timers.get(box));
  timers.set(box, setTimeout(() => save(box), PAUSE));
}

// The words are on their way: no save may come after them.
export function leave(form) {
  for (const box of form.querySelectorAll("textarea")) {
    clearTimeout(timers.get(box));
    timers.delete(box);
    kept.set(box, box.value);
  }
}

// A window that closes has no time to wait for an answer.
function last() {
  for (const box of boxes()) {
    if (!timers.has(box) || (kept.get(box) ?? box.defaultValue) === box.value) continue;
    clearTimeout(timers.get(box));
    timers.delete(box);
    kept.set(box, box.value);
    navigator.sendBeacon(address(), body(box));
  }
}

export function start() {
  document.addEventListener("compositionstart", (event) => { composing = event.target; });
  document.addEventListener("compositionend", (event) => {
    composing = null;
    if (event.target.matches?.(".composer textarea")) later(event.target);
  });
  // Leaving a case by the list takes its boxes away, too.
  document.addEventListener("htmx:before:swap", (event) => { if (event.detail.ctx?.select === "#case") boxes().forEach((box) => { if (timers.has(box)) save(box); }); });
  addEventListener("beforeunload", last); // before the next page is asked for, which may offer them already
  addEventListener("pagehide", last);
  document.addEventListener("visibilitychange", () => { if (document.hidden) last(); });
}
