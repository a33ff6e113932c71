// One event connection a browser: the tab that holds the lock listens and tells the others.
// Events carry ids only; what they mean is fetched again with this person's own rights.

const channel = "BroadcastChannel" in window ? new BroadcastChannel("hongyan-desk") : null;
const hearers = [];
const here = [];
let heard = Date.now();
let state = "fresh";

export function onChange(hearer) {
  hearers.push(hearer);
}

export function onHere(hearer) {
  here.push(hearer);
}

function take(message) {
  heard = Date.now();
  state = message.kind === "lost" ? "lost" : "fresh";
  if (message.kind === "case") hearers.forEach((hearer) => hearer(message.number));
  if (message.kind === "here") here.forEach((hearer) => hearer(message.number));
  if (message.kind === "again") hearers.forEach((hearer) => hearer(""));
  tell();
}

function share(message) {
  take(message);
  channel?.postMessage(message);
}

function listen() {
  const source = new EventSource("/desk/events");
  let broken = true; // what happened before the connection stood is not known either
  source.addEventListener("case", (event) => share({ kind: "case", number: event.data }));
  source.addEventListener("here", (event) => share({ kind: "here", number: event.data }));
  source.addEventListener("beat", () => {
    // After a gap nobody knows what was missed: look at everything once.
    share({ kind: broken ? "again" : "beat" });
    broken = false;
  });
  source.addEventListener("error", () => {
    broken = true;
    share({ kind: "lost" });
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 10000);
  });
}

export function tell() {
  const line = document.getElementById("fresh");
  if (!line) return;
  const seconds = Math.round((Date.now() - heard) / 1000);
  const late = state === "fresh" && seconds > 45;
  line.dataset.state = late ? "late" : state;
  const since = seconds < 60 ? `${Math.max(seconds - (seconds % 5), 5)} 秒前` : `${Math.floor(seconds / 60)} 分钟前`;
  const words = state === "lost" ? `连接断了，正在重连（${since}）` : seconds < 5 ? "刚刚更新" : `${since}更新`;
  if (line.textContent !== words) line.textContent = words;
}

export function start() {
  if (channel) channel.onmessage = (event) => take(event.data);
  setInterval(tell, 5000);
  // The lock needs https or localhost; elsewhere every tab listens for itself.
  if (navigator.locks && channel) {
    navigator.locks.request("hongyan-desk-events", () => new Promise(listen));
  } else {
    listen();
  }
}
