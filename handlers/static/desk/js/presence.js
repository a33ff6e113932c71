// Who else is here: this window says what it does at the open case, and hears who is there. Ids only come by the stream.

import { mode } from "./composer.js";
import { openCase } from "./places.js";

const IDLE = 60000; // ms after the last key that somebody still counts as writing
const mine = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
let at = ""; // the case that this window has said it is at
let typed = 0;
let timer = 0;
let soon = 0;
let told = ""; // what was said last

const address = (number) => `/desk/case/${number}/here?live=1`;

function doing() {
  const box = document.activeElement;
  const writes = box?.matches?.(".composer textarea") && box.value && Date.now() - typed < IDLE;
  if (!writes) return "look";
  return box.closest(".more-acts") ? "act" : mode() || "look";
}

function body(what) {
  const form = new FormData();
  form.set("csrf", document.querySelector(".composer [name=csrf]")?.value || document.querySelector("[name=csrf]")?.value || "");
  form.set("window", mine);
  form.set("doing", what);
  return form;
}

function leave() {
  if (at) navigator.sendBeacon(address(at), body("gone"));
  at = told = "";
}

export async function beat() {
  clearTimeout(timer);
  const number = openCase();
  if (at && at !== number) leave();
  if (!number || document.hidden || !document.querySelector("[data-presence]")) return;
  at = number;
  told = doing();
  timer = setTimeout(beat, Number(document.querySelector("[data-presence]").dataset.presence) * 1000);
  const answer = await fetch(address(number), { method: "POST", body: body(told) }).catch(() => null);
  if (!answer?.ok || number !== openCase()) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("here");
  const line = document.getElementById("here");
  if (fresh && line && line.textContent !== fresh.textContent) line.textContent = fresh.textContent;
}

// Somebody came, went or began to write at a case.
export function heard(number) {
  if (number !== openCase() || document.hidden) return;
  clearTimeout(soon);
  soon = setTimeout(beat, 150);
}

export function start() {
  document.addEventListener("input", (event) => {
    if (!event.target.matches?.(".composer textarea")) return;
    typed = Date.now();
    if (doing() !== told) heard(openCase());
  });
  document.addEventListener("change", (event) => { if (event.target.name === "mode" && doing() !== told) heard(openCase()); });
  document.addEventListener("htmx:after:swap", (event) => {
    const ctx = event.detail.ctx;
    if (ctx?.select === "#case" || ctx?.select === "#frame") beat();
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) leave(); else beat(); });
  addEventListener("pagehide", leave);
  beat();
  setTimeout(beat, 1500); // who has just left this very case by reloading it is still being forgotten
}
