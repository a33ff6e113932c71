// Keeping the list and the open case fresh: never under the hand, never taking the focus.

const htmx = window.htmx;
const QUIET = 1500; // ms without a movement before the list may re-order
let moved = 0;
let waiting = { list: false, talk: false, alarm: false };
let timer = 0;
let busy = false;
let asked = ""; // the address of the list that is on its way

const frame = () => document.getElementById("frame");
const list = () => document.getElementById("list");
export const openCase = () => document.getElementById("case")?.dataset.number || "";
// The list beside a case, as the case's address names it: its place and what narrows it.
export const place = () => list()?.dataset.within || "mine";
export const say = (words) => {
  const line = document.getElementById("said");
  if (line) line.textContent = words;
};

export function toast(words) {
  document.querySelector(".toast")?.remove();
  const note = document.createElement("p");
  note.className = "toast";
  note.setAttribute("aria-hidden", "true"); // it is said below, where it is heard
  note.textContent = words;
  document.body.append(note);
  say(words);
  setTimeout(() => note.remove(), 6000);
}

function listAddress() {
  const rows = list().querySelectorAll(".row").length;
  const address = list().dataset.address;
  const beside = openCase() || (document.querySelector("#case h1") ? "-" : ""); // a sheet beside it has the first heading
  return `${address}${address.includes("?") ? "&" : "?"}loaded=${rows}&open=${encodeURIComponent(beside)}&live=1`;
}

// The tab's title counts what presses, also where nobody looks.
function count() {
  const pressing = Number(document.getElementById("alarm")?.dataset.pressing || 0);
  document.title = (pressing ? `(${pressing}) ` : "") + document.title.replace(/^\(\d+\) /, "");
}

async function refreshAlarm() {
  if ("none" in document.getElementById("alarm").dataset) return; // who sees no case has no queue to ask
  await htmx.ajax("GET", "/desk/queue/mine?live=1", { source: "#alarm", target: "#alarm", select: "#alarm", swap: "outerMorph ignoreTitle:true" });
  count();
}

async function refreshList() {
  const rows = list().querySelector(".rows");
  const anchor = list().querySelector(".row a:focus, .row a[aria-current]") || [...list().querySelectorAll(".row a")].find(
    (row) => row.getBoundingClientRect().bottom > rows.getBoundingClientRect().top);
  const row = anchor?.closest(".row")?.id;
  const before = anchor?.getBoundingClientRect().top;
  const top = rows?.scrollTop || 0;
  asked = listAddress();
  await htmx.ajax("GET", asked, { source: "#list", target: "#list", select: "#list", swap: "outerMorph ignoreTitle:true", selectOOB: "#places:outerMorph,#alarm:outerMorph" });
  count();
  const now = row && document.getElementById(row);
  if (top > 0 && now) list().querySelector(".rows").scrollTop += now.getBoundingClientRect().top - before;
}

// A list that waited behind 更多, or behind another place, was asked for as things stood before: it would take them away.
function drop(event) {
  if (event.detail.ctx.sourceElement !== list() || asked === listAddress()) return;
  event.preventDefault();
  waiting.list = true;
  plan();
}

async function refreshTalk() {
  const talk = document.getElementById("talk");
  const atEnd = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 48;
  const known = new Set([...talk.querySelectorAll("[id]")].map((item) => item.id));
  await htmx.ajax("GET", `/desk/case/${openCase()}?in=${place()}&live=1`, {
    source: "#talk", target: "#talk", select: "#talk", swap: "outerMorph ignoreTitle:true",
    selectOOB: "#case-head:outerMorph,#side:outerMorph,#way:outerMorph",
  });
  const fresh = [...document.querySelectorAll("#talk [id]")].filter((item) => !known.has(item.id));
  if (fresh.length && atEnd) fresh.at(-1).scrollIntoView({ block: "end" });
  const last = fresh.filter((item) => item.matches(".said.theirs")).at(-1);
  if (last) say(`${last.querySelector(".by").textContent.trim()}：${last.querySelector(".words")?.textContent || "发来照片"}`);
  document.dispatchEvent(new CustomEvent("desk:fresh", { detail: fresh.length }));
}

async function work() {
  timer = 0;
  if (busy || !frame()) return;
  if (document.querySelector("form.htmx-request")) return plan(); // what is being sent will show what is new itself
  const hand = list()?.matches(":hover") && Date.now() - moved < QUIET;
  busy = true;
  try {
    if (waiting.talk && openCase()) {
      waiting.talk = false;
      await refreshTalk();
    }
    if (waiting.list && !hand && !document.hidden) {
      waiting.list = waiting.alarm = false;
      await refreshList();
    } else if (waiting.alarm) {
      waiting.alarm = false;
      await refreshAlarm();
    }
  } finally {
    busy = false;
  }
  if (waiting.list || waiting.talk || waiting.alarm) plan();
}

function plan() {
  timer ||= setTimeout(work, 800);
}

export function refresh(number) {
  waiting.alarm = true;
  plan();
  if (!list()?.dataset.place) return; // a page without a list of cases has nothing else of theirs to keep fresh
  waiting.list = true;
  if (!number || number === openCase()) waiting.talk = Boolean(openCase());
}

function keepScroll() {
  const rows = list()?.querySelector(".rows");
  if (rows) sessionStorage.setItem(`desk:scroll:${place()}`, String(rows.scrollTop));
}

export function mark() {
  const number = openCase();
  for (const row of document.querySelectorAll(".row a")) {
    if (row.dataset.number === number && number) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

// The list that an address shows, by the name it has in `in=`.
function within(url) {
  const parts = new URLSearchParams(url.search);
  ["loaded", "open", "after", "told", "live", "part", "draft"].forEach((name) => parts.delete(name));
  const [, , page, name] = url.pathname.split("/");
  const key = page === "find" ? `find&q=${name}` : page === "queue" ? name : parts.get("in");
  parts.delete("in");
  return parts.size ? `${key}&${parts}` : key;
}

function restore(event) {
  // Going back changes the case and, only if it was another place, the list.
  event.preventDefault();
  const url = new URL(event.detail.path, location.href);
  const part = within(url) === place() ? "#case" : "#frame";
  htmx.ajax("GET", url.pathname + url.search, { source: document.body, target: part, select: part, swap: part === "#case" ? "outerHTML" : "outerMorph" });
}

export function start() {
  document.addEventListener("pointermove", () => { moved = Date.now(); }, { passive: true });
  document.addEventListener("scroll", keepScroll, { passive: true, capture: true });
  document.addEventListener("htmx:before:history:restore", restore);
  document.addEventListener("htmx:before:swap", drop);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(""); });
  const kept = Number(sessionStorage.getItem(`desk:scroll:${place()}`) || 0);
  const rows = list()?.querySelector(".rows");
  if (rows && kept) rows.scrollTop = kept;
  setInterval(() => refresh(""), 60000); // the words for the time left grow old by themselves
}
