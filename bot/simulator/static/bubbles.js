// One message as it stands in the chat.

import { el, icon } from "./dom.js"
import { blocks, offers } from "./words.js"

const NOTES = new Set(["tap", "follow", "scan", "leave", "agree", "notice"])
const WAYS = { customer: "客服消息", subscribe: "订阅通知", template: "模板消息", mass: "群发" }

export const asks = (message) =>
  message.from === "account" && !isNote(message) && blocks(message.text, message.choices).some((block) => block.rows)

const isNote = (message) => NOTES.has(message.type)

function words(text, choices, { live, open, choose }) {
  return blocks(text, choices).map((block) => (block.rows ? rowsOf(block.rows, live, choose) : el("p", {}, ...said(block.text, open, choose))))
}

function said(text, open, choose) {
  if (!open) return whole(text)
  return offers(text).flatMap((part) =>
    part.send ? [el("button", { type: "button", class: "offer", click: () => choose(part.send, "") }, part.text)] : whole(part.text))
}

// A case's number is read over the telephone: it stays on one line.
function whole(text) {
  return text.split(/([A-Z]{2}(?:-\d+)+)/).map((part, index) => (index % 2 ? el("span", { class: "whole" }, part) : part))
}

function rowsOf(rows, live, choose) {
  const list = el("ul", { class: "choices" })
  for (const row of rows) {
    const inside = [row.number ? el("span", { class: "number" }, row.number) : null, row.number ? " " : null, el("span", { class: "row-words" }, row.words)]
    const shown = live
      ? el("button", { type: "button", class: "choice", click: () => choose(row.send, row.id) }, ...inside)
      : el("span", { class: "choice" }, ...inside)
    list.append(el("li", {}, shown))
  }
  return list
}

function picture(message) {
  const image = el("img", { src: `/_sim/media/${message.media}`, alt: "照片", class: "picture", loading: "lazy" })
  image.addEventListener("error", () => image.replaceWith(el("p", { class: "gone" }, "照片已过期")))
  return [image]
}

function card(symbol, title, body) {
  return [
    el("p", { class: "card-title" }, icon(symbol), title),
    ...(body ? [el("p", { class: "card-body" }, body)] : []),
  ]
}

function article(text) {
  const [title, ...rest] = text.split("\n")
  return [el("p", { class: "article-title" }, title), ...(rest.length ? [el("p", { class: "card-body" }, rest.join("\n"))] : [])]
}

const strip = (text) => text.replace(/^\[[^\]]*\]\s*/, "")

function inside(message, options) {
  switch (message.type) {
    case "image":
      return message.media ? picture(message) : [el("p", {}, message.text)]
    case "place":
      return card("place", strip(message.text) || "我的位置", "")
    case "voice":
      return card("voice", "语音", strip(message.text) || "（没有识别出文字）")
    case "template":
    case "subscribe":
      return card("bell", WAYS[message.type], message.text)
    case "news":
      return article(message.text)
    default:
      return words(message.text, message.choices, options)
  }
}

// `live` says that its rows can be tapped: those of the last question since the member's last word. `open` says that
// the words which it offers can be: nothing has been said since.
export function bubble(message, { live, open, choose, account, owner }) {
  if (isNote(message)) return el("p", { class: `note ${message.type}` }, message.text)
  const mine = message.from === "member"
  const who = mine ? owner : account
  const row = el("div", { class: `said ${mine ? "mine" : "theirs"}`, "data-type": message.type })
  const face = el("span", { class: "face", "aria-hidden": "true" }, mine ? who.slice(0, 1) : "雁")
  const body = el("div", { class: "bubble" }, el("span", { class: "unseen" }, `${mine ? "我" : who}：`), ...inside(message, { live, open: open && !mine, choose }))
  const way = WAYS[message.way]
  const column = el("div", { class: "column" }, body, way ? el("p", { class: "way" }, `以${way}送达`) : null)
  row.append(face, column)
  return row
}
