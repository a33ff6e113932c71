// `@` in a note: the colleagues who may see this case, by arrows and Enter. What is written stays plain text.

const note = () => document.getElementById("note");
const list = () => document.getElementById("mates");
const open = () => list() && !list().hidden;
const shown = () => [...list().querySelectorAll("[role=option]:not([hidden])")];

function begun(box) {
  const found = /@([^\s@，。、；：！？]{0,20})$/.exec(box.value.slice(0, box.selectionStart));
  return found ? found[1] : null;
}

function hide() {
  if (list()) list().hidden = true;
  note()?.removeAttribute("aria-activedescendant");
}

function mark(one) {
  list().querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
  one.setAttribute("aria-selected", "true");
  one.scrollIntoView({ block: "nearest" });
  note().setAttribute("aria-activedescendant", one.id);
}

function suggest() {
  const typed = begun(note());
  if (typed === null || !list()) return hide();
  for (const one of list().querySelectorAll("[role=option]")) one.hidden = !one.textContent.includes(typed);
  list().hidden = !shown().length;
  if (open()) mark(shown()[0]);
}

function take(one) {
  const box = note();
  const at = box.selectionStart - begun(box).length;
  box.focus();
  box.setSelectionRange(at, box.selectionStart);
  if (!document.execCommand("insertText", false, `${one.dataset.name} `)) {
    box.setRangeText(`${one.dataset.name} `, at, box.selectionEnd, "end");
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  hide();
}

function pressed(event) {
  if (event.isComposing || event.keyCode === 229 || event.target !== note() || !open()) return;
  const all = shown();
  const at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  const moves = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in moves) mark(all[Math.min(Math.max(at + moves[event.key], 0), all.length - 1)]);
  else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") take(all[at]);
  else if (event.key === "Escape") hide();
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

export function start() {
  document.addEventListener("keydown", pressed, true);
  document.addEventListener("input", (event) => { if (event.target === note() && !event.isComposing) suggest(); });
  document.addEventListener("compositionend", (event) => { if (event.target === note()) suggest(); });
  document.addEventListener("focusout", (event) => { if (event.target === note()) setTimeout(hide, 150); });
  document.addEventListener("mousedown", (event) => {
    const one = event.target.closest?.("#mates [role=option]");
    if (!one) return;
    event.preventDefault();
    take(one);
  });
}
