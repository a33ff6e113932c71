// Canned replies and articles: a list over the composer, by arrows and Enter; the words stand there as they will be sent.

import { mode } from "./composer.js";
import { openCase, place, toast } from "./places.js";

const PAUSE = 250; // ms
let timer = 0;
let asked = 0;

const panel = () => document.getElementById("picker");
const box = () => document.getElementById("words");
const options = () => [...panel().querySelectorAll("[role=option]")];
const chosen = () => panel().querySelector("[aria-selected=true]");

function mark(one) {
  chosen()?.setAttribute("aria-selected", "false");
  const search = panel().querySelector("input");
  if (!one) return search.removeAttribute("aria-activedescendant");
  one.setAttribute("aria-selected", "true");
  one.scrollIntoView({ block: "nearest" });
  search.setAttribute("aria-activedescendant", one.id);
}

async function look() {
  const turn = ++asked;
  const body = new FormData();
  body.set("csrf", document.querySelector("#say-form [name=csrf]").value);
  body.set("q", panel().querySelector("input").value);
  body.set("mode", mode());
  const answer = await fetch(`/desk/case/${openCase()}/insert?in=${encodeURIComponent(place())}&live=1`, { method: "POST", body }).catch(() => null);
  if (turn !== asked || !panel()) return;
  if (!answer?.ok) return toast("常用语没有取到，过一会儿再试。");
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("options");
  panel().querySelector(".options").replaceWith(document.adoptNode(fresh));
  for (const link of panel().querySelectorAll(".plain")) link.remove();
  mark(options().find((one) => !one.ariaDisabled));
}

export function open() {
  if (!panel() || !box()) return toast("现在不能给群众写，先签收。");
  panel().hidden = false;
  const search = panel().querySelector("input");
  search.value = "";
  search.focus();
  look();
}

export function close() {
  if (!panel() || panel().hidden) return false;
  panel().hidden = true;
  box()?.focus();
  return true;
}

function insert(one) {
  if (!one || one.ariaDisabled) return;
  const words = box();
  close();
  words.focus();
  // As if it had been typed: it can be undone, and the draft and the bytes hear of it.
  if (!document.execCommand("insertText", false, one.dataset.text)) {
    words.setRangeText(one.dataset.text, words.selectionStart, words.selectionEnd, "end");
    words.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const blank = words.value.search(/\{[^{}\n]{1,12}\}/);
  if (blank >= 0) words.setSelectionRange(blank, blank + words.value.slice(blank).indexOf("}") + 1);
}

function pressed(event) {
  if (event.isComposing || event.keyCode === 229) return;
  const from = event.target;
  if (from === box() && event.key === "/" && !from.value && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    return void open();
  }
  if (!panel()?.contains(from)) return;
  const all = options().filter((one) => !one.ariaDisabled);
  const at = all.indexOf(chosen());
  const moves = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in moves) mark(all[Math.min(Math.max(at + moves[event.key], 0), all.length - 1)]);
  else if (event.key === "Enter") insert(chosen());
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

export function start() {
  document.addEventListener("keydown", pressed, true);
  document.addEventListener("input", (event) => {
    if (!panel()?.contains(event.target) || event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
  document.addEventListener("compositionend", (event) => { if (panel()?.contains(event.target)) look(); });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-picker]")) {
      event.preventDefault();
      if (!close()) open();
    } else if (panel()?.contains(event.target)) insert(event.target.closest("[role=option]"));
  });
}
