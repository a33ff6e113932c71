// The wall board stays true by itself: after every change, and every half minute as time goes on.

import * as live from "./live.js";

const EVERY = 30000;
let waiting = 0;

async function look() {
  waiting = 0;
  const address = new URL(location.href);
  address.searchParams.set("live", "1");
  const answer = await fetch(address).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("#wall");
  const wall = document.getElementById("wall");
  if (!fresh || !wall) return;
  fresh.querySelector("#fresh")?.replaceWith(document.getElementById("fresh"));
  wall.replaceChildren(...fresh.childNodes);
}

function soon() {
  // Many changes at once are one look.
  waiting ||= setTimeout(look, 500);
}

live.onChange(soon);
live.start();
setInterval(soon, EVERY);
