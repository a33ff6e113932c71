// The page: several phones side by side, the platform's clock above them.

import { Phone } from "./phone.js"
import { get, listen, post } from "./wire.js"
import { clock } from "./words.js"

const KEPT = "hongyan.phones"
const LARGE = "hongyan.large"
const MOST = 8

const phones = []
const place = document.getElementById("phones")
let board = { name: "鸿雁", menu: { button: [] }, stations: [], places: [], samples: [] }
let ahead = 0 // the platform's clock minus this machine's, in milliseconds

const host = {
  board: () => board,
  now: () => Date.now() + ahead,
  told: (now) => { ahead = Date.parse(now) - Date.now() },
  large: () => document.documentElement.classList.contains("large"),
  enlarge: () => large(!host.large()),
  trouble: (words) => { document.getElementById("trouble").textContent = words },
  single: () => phones.length < 2,
  notShown: (members) => members.filter((one) => !phones.some((phone) => phone.openid === one.openid)),
  shut: (phone) => {
    phones.splice(phones.indexOf(phone), 1)
    phone.root.remove()
    keep()
  },
  swap: async (phone, openid) => {
    const other = new Phone(openid || (await anew()), host)
    phones[phones.indexOf(phone)] = other
    phone.root.replaceWith(other.root)
    keep()
    await other.refresh()
  },
}

const anew = async () => (await post("/_sim/members")).openid

function keep() {
  localStorage.setItem(KEPT, JSON.stringify(phones.map((phone) => phone.openid)))
  place.dataset.count = phones.length
  const url = new URL(location.href)
  url.searchParams.delete("phone")
  if (phones.length > 1) url.searchParams.set("phones", phones.length)
  else url.searchParams.delete("phones")
  history.replaceState(null, "", url)
}

function remembered() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) || "[]")
    return Array.isArray(kept) ? kept : []
  } catch {
    return []
  }
}

async function put(openid) {
  const phone = new Phone(openid, host)
  phones.push(phone)
  place.append(phone.root)
  await phone.refresh()
  return phone
}

// Which phones lie on the table: those named in the address, else those of last time, up to the number asked for.
async function lay() {
  const asked = new URL(location.href).searchParams
  const { members } = await get("/_sim/members")
  const known = new Set(members.map((one) => one.openid))
  const named = asked.getAll("phone").filter((openid) => known.has(openid))
  const kept = remembered().filter((openid) => known.has(openid))
  const wanted = Math.min(Math.max(Number(asked.get("phones")) || 1, 1), MOST)
  const chosen = named.length ? named : kept.slice(0, Math.max(wanted, asked.has("phones") ? 0 : kept.length))
  while (chosen.length < wanted) chosen.push(await anew())
  for (const openid of new Set(chosen)) await put(openid)
  keep()
}

async function loadBoard() {
  board = await get("/_sim/board")
  host.told(board.now)
  document.title = `${board.name} · 模拟手机`
  tick()
  phones.forEach((phone) => {
    phone.drawHead()
    phone.redrawMenu()
  })
}

function tick() {
  const words = clock(new Date(host.now()))
  const shown = document.getElementById("clock")
  if (shown.textContent !== words) shown.textContent = words
  phones.forEach((phone) => phone.drawWindow())
}

async function heard(what) {
  if (what === "hello" || what === "board") await loadBoard()
  const concerned = phones.filter((phone) => what === "hello" || what === "board" || phone.openid === what)
  await Promise.all(concerned.map((phone) => phone.refresh()))
}

function large(on) {
  document.documentElement.classList.toggle("large", on)
  localStorage.setItem(LARGE, on ? "1" : "")
  phones.forEach((phone) => phone.toEnd())
}

function wireTools() {
  const tools = document.getElementById("tools")
  const more = document.getElementById("more")
  more.addEventListener("click", () => {
    const shown = tools.classList.toggle("shown")
    more.setAttribute("aria-expanded", String(shown))
  })
  for (const button of document.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", () => post("/_sim/clock", { advance_seconds: Number(button.dataset.advance) }))
  }
  document.getElementById("add").addEventListener("click", async () => {
    if (phones.length >= MOST) return host.trouble(`最多 ${MOST} 部手机并排`)
    const phone = await put(await anew())
    keep()
    phone.root.scrollIntoView({ behavior: "smooth", inline: "center" })
    phone.root.querySelector(".foot button")?.focus()
  })
}

async function begin() {
  wireTools()
  large(localStorage.getItem(LARGE) === "1")
  try {
    await loadBoard()
    await lay()
  } catch (error) {
    host.trouble(error.message)
  }
  listen({ heard, trouble: host.trouble })
  setInterval(tick, 1000)
}

begin()
