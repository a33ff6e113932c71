// Taking down while somebody speaks: what the words lead to shows beside them, never under the hand.

const PAUSE = 700; // ms
const PARTS = ["help-matter", "help-person"];
let timer = 0;
let asked = 0;

const form = () => document.getElementById("intake");

async function look() {
  const turn = ++asked;
  const body = new FormData(form());
  const answer = await fetch("/desk/intake/look", { method: "POST", body }).catch(() => null);
  if (!answer?.ok || turn !== asked || !form()) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of PARTS) {
    const part = document.getElementById(id);
    const next = fresh.getElementById(id);
    // Where somebody is choosing nothing moves; what they chose meanwhile is told with the next look.
    if (part && next && !part.contains(document.activeElement)) part.replaceWith(document.adoptNode(next));
  }
  const place = fresh.querySelector("[name=place]");
  if (place) form().elements.place.placeholder = place.placeholder;
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE);
}

export function start() {
  document.addEventListener("input", (event) => { if (form()?.contains(event.target) && !event.isComposing) later(); });
  document.addEventListener("compositionend", (event) => { if (form()?.contains(event.target)) later(); });
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.key !== "Enter" || !form()?.contains(event.target)) return;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      form().requestSubmit();
    } else if (event.target.matches("input")) event.preventDefault(); // who types on must not have sent it
  });
}
