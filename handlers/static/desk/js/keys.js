// Everything by keyboard. Bare letters are silent while something is being written or an input method composes.

import { choose, send } from "./composer.js";
import { openCase, toast } from "./places.js";

const rows = () => [...document.querySelectorAll(".row a, .tree a")].filter((row) => row.checkVisibility());
const writing = (target) => target.matches?.("input, textarea, select, [contenteditable]") && !["radio", "checkbox"].includes(target.type);

let came = ""; // the case that was left last: the walk through the list goes on from its row

function step(by) {
  const all = rows();
  if (!all.length) return;
  const here = all.indexOf(document.activeElement);
  const open = all.findIndex((row) => row.hasAttribute("aria-current"));
  const left = came ? all.findIndex((row) => row.dataset.number === came) : -1;
  const from = [here, open, left, by > 0 ? -1 : all.length].find((at, index) => at >= 0 || index === 3);
  const next = all[Math.min(Math.max(from + by, 0), all.length - 1)];
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function open() {
  const all = rows();
  if (!all.length) return;
  if (!all.includes(document.activeElement)) step(1);
  document.activeElement.click();
}

function press(id) {
  const button = document.getElementById(id);
  if (button) button.click();
  else if (openCase()) toast("这一件现在不能这样办。");
}

function write(mode) {
  if (!openCase()) return;
  // Why it cannot be done stands where the box would be.
  const why = mode !== "note" && document.querySelector("p.for-member");
  if (why) toast(why.textContent.trim());
  else choose(mode);
}

function more(key) {
  if (!openCase()) return;
  const one = document.querySelector(`.more-one[data-key="${key}"]`);
  if (!one) return toast("这一件现在不能这样办。");
  one.closest(".more-acts").open = one.open = true;
  one.querySelector(".field, textarea, button").focus();
}

async function copy() {
  const number = openCase();
  if (!number || !navigator.clipboard) return;
  await navigator.clipboard.writeText(number);
  toast(`已复制 ${number}`);
}

function away(event) {
  const sheet = document.querySelector("dialog[open]");
  if (sheet) return;
  if (writing(event.target)) {
    event.target.blur();
    document.getElementById("case")?.focus();
  } else if (openCase()) {
    came = openCase();
    document.querySelector(".back")?.click();
    rows().find((row) => row.hasAttribute("aria-current"))?.focus();
  }
}

// The row that has the focus, else the one whose case is open; a second time takes it back.
function pick() {
  const row = document.activeElement?.closest?.(".row") || document.querySelector(".row a[aria-current]")?.closest(".row");
  const box = row?.querySelector(".pick");
  if (box) box.click();
  else toast("先用 j、k 走到一件上，再按 x。");
}

function pickAll() {
  const all = [...document.querySelectorAll(".row .pick")];
  const on = !all.every((box) => box.checked);
  for (const box of all) box.checked = on;
  toast(on ? `选了 ${all.length} 件` : "都不选了");
}

// Several that are picked are assigned together: the hand goes to what can be done with them.
function assign() {
  const together = document.querySelector(".row .pick:checked") && document.querySelector("#bulk button");
  if (together) together.focus();
  else more("a");
}

const ACTS = {
  j: () => step(1),
  k: () => step(-1),
  o: open,
  r: () => write("write"),
  d: () => write("answer"),
  a: assign,
  b: () => more("b"),
  g: () => { if (document.querySelector("#find, .row")) location.assign(document.getElementById("next")?.href || "/desk/next"); },
  p: () => document.getElementById("place-intake")?.click(),
  n: () => write("note"),
  t: () => more("t"),
  e: () => more("e"),
  c: () => press("claim"),
  C: () => press("close"),
  ".": copy,
  x: () => pick(),
  X: pickAll,
  "/": () => document.getElementById("find")?.focus(),
  "?": () => document.getElementById("keys")?.showModal(),
};

function pressed(event) {
  if (event.isComposing || event.keyCode === 229) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches?.("textarea")) {
    event.preventDefault();
    send(event.target.form);
    return;
  }
  if (event.key === "Escape") return void away(event);
  if (event.ctrlKey || event.metaKey || event.altKey || writing(event.target)) return;
  if (document.querySelector("dialog[open]") || !ACTS[event.key]) return;
  event.preventDefault();
  ACTS[event.key]();
}

export function start() {
  document.addEventListener("keydown", pressed);
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-sheet]")) document.getElementById("keys")?.showModal();
    if (event.target.closest?.("[data-print]")) window.print();
  });
}
