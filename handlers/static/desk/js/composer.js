// Writing: bytes as they are counted by the platform, versions that are really seen.

import * as drafts from "./drafts.js";
import { openCase, refresh, say, toast } from "./places.js";

const encoder = new TextEncoder();
const SEEN = 2000; // ms that a fresh time-line must have been on screen before it counts as read

const boxes = () => [...document.querySelectorAll(".composer textarea")];
export const mode = () => document.querySelector(".composer [name=mode]:checked")?.value || "";

function count(box) {
  const line = document.querySelector(".composer .bytes");
  if (!line || box.form.dataset.draft !== "member") return;
  const bytes = encoder.encode(box.value).length;
  const limit = Number(line.dataset.limit);
  line.textContent = bytes > limit ? `${bytes} 字节，超出一条的上限 ${limit} 字节：先送到第一段，对方回复「更多」看下文，约 ${Math.ceil(bytes / limit)} 段` : `${bytes} 字节`;
  line.classList.toggle("full", bytes > limit);
}

export const restore = () => boxes().forEach(count);

export function choose(value) {
  const radio = document.querySelector(`.composer [name=mode][value=${value}]`);
  if (!radio) return;
  document.querySelector(".more-acts")?.removeAttribute("open");
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
  document.querySelector(value === "note" ? "#note" : "#words")?.focus();
}

export function send(form) {
  if (form?.closest(".more-acts")) form.requestSubmit();
  else document.querySelector(mode() === "note" ? "#note-form" : "#say-form")?.requestSubmit();
}

function adopt() {
  // Only what has been on a visible screen for a while is taken as read; else the server shows what changed.
  const version = document.getElementById("talk")?.dataset.version;
  setTimeout(() => {
    const now = document.getElementById("talk");
    if (document.visibilityState !== "visible" || !document.hasFocus() || now?.dataset.version !== version) return;
    for (const input of document.querySelectorAll(".composer [name=version]")) input.value = version;
    for (const input of document.querySelectorAll(".composer [name=seen]")) input.value = now.dataset.seen;
  }, SEEN);
}

export function start() {
  document.addEventListener("input", (event) => {
    if (!event.target.matches?.(".composer textarea")) return;
    count(event.target);
    if (!event.isComposing) drafts.later(event.target);
  });
  document.addEventListener("change", (event) => {
    if (event.target.name !== "mode") return;
    const act = document.querySelector("#say-form [name=act]");
    if (act && event.target.value !== "note") act.value = event.target.value;
  });
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx?.select !== "#case") return;
    const told = document.querySelector(".banner:not(.kept)");
    if (told) say(told.textContent.trim());
    refresh(openCase());
  });
  document.addEventListener("htmx:error", (event) => {
    if (event.detail.ctx?.sourceElement?.matches?.("form")) toast("没有连上服务器。您写的字还在，连上后再送一次。");
  });
  document.addEventListener("desk:fresh", (event) => {
    adopt();
    const box = boxes().find((one) => one.value && one === document.activeElement);
    if (event.detail && box) toast("这件事刚有新内容，您的文字还没有送出。");
  });
  document.addEventListener("submit", (event) => {
    const box = event.target.querySelector?.("textarea[required]"); // blanks alone are no words
    if (box && !box.value.trim() && !event.submitter?.formNoValidate) {
      event.preventDefault();
      event.stopImmediatePropagation();
      box.focus();
    } else if (event.target.matches("form[data-act]")) drafts.leave(event.target);
  }, true);
}
