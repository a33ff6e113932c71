// Starts the desk's parts once; afterwards only what changed is put in place.

import * as composer from "./composer.js";
import * as drafts from "./drafts.js";
import * as intake from "./intake.js";
import * as keys from "./keys.js";
import * as live from "./live.js";
import * as mentions from "./mentions.js";
import * as picker from "./picker.js";
import * as places from "./places.js";
import * as presence from "./presence.js";

const narrow = matchMedia("(width <= 820px)");

function toEnd() {
  const talk = document.getElementById("talk");
  talk?.scrollTo({ top: talk.scrollHeight, behavior: "instant" });
  // One after the other, it is the page itself that scrolls.
  if (talk && narrow.matches) window.scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
}

function fold() {
  // One after the other on a narrow screen: the talk comes first, the member's card opens at a touch.
  const side = document.getElementById("side");
  if (side && narrow.matches) side.removeAttribute("open");
}

// In a row that runs off the edge the place where one is stands in sight.
function here() {
  if (narrow.matches) document.querySelector(".places [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
}

function opened(event) {
  // A list that was morphed keeps its listeners; a case that was put in place anew starts at its end.
  const ctx = event.detail.ctx;
  places.mark();
  if (ctx?.select !== "#case" && ctx?.select !== "#frame") return;
  composer.restore();
  fold();
  toEnd();
  const box = document.querySelector(".composer [autofocus]");
  if (box) box.focus();
  else if (ctx.select === "#case") document.getElementById("case").focus({ preventScroll: true });
}

if (document.getElementById("frame")) {
  live.onChange(places.refresh);
  live.onHere(presence.heard);
  places.start();
  composer.start();
  drafts.start();
  intake.start();
  picker.start();
  mentions.start();
  presence.start();
  keys.start();
  live.start();
  composer.restore();
  fold();
  here();
  toEnd();
  document.addEventListener("htmx:after:swap", opened);
}
