// Sheets that come up over a phone: a picture, a place, a code, a recording, whose phone it is, the wire.

import { el, fresh, icon } from "./dom.js"
import { get } from "./wire.js"
import { second } from "./words.js"

// A modal with a title. `fill` gives its content and is handed a way to close it.
export function sheet(title, fill, { wide = false } = {}) {
  const id = fresh("sheet")
  const opener = document.activeElement
  const dialog = el("dialog", { class: wide ? "sheet wide" : "sheet", "aria-labelledby": id })
  const close = () => dialog.close()
  dialog.append(
    el(
      "div",
      { class: "sheet-head" },
      el("h2", { id }, title),
      el("button", { type: "button", class: "plain round", "aria-label": "关闭", click: close }, icon("close")),
    ),
    el("div", { class: "sheet-body" }, ...fill(close)),
  )
  dialog.addEventListener("click", (event) => event.target === dialog && close())
  dialog.addEventListener("close", () => {
    dialog.remove()
    if (opener && opener.isConnected) opener.focus()
  })
  document.body.append(dialog)
  dialog.showModal()
  return dialog
}

function listed(symbol, title, detail, click, attributes = {}) {
  const words = el("span", { class: "item-words" }, el("span", { class: "item-title" }, title), detail ? el("span", { class: "item-detail" }, detail) : null)
  return el("li", {}, el("button", { type: "button", class: "item", click, ...attributes }, icon(symbol), words))
}

function field(label, attributes) {
  const id = fresh("field")
  const input = el(attributes.rows ? "textarea" : "input", { id, ...attributes })
  return { input, row: el("div", { class: "field" }, el("label", { for: id }, label), input) }
}

function form(submit, ...children) {
  return el("form", {
    novalidate: true,
    submit: (event) => {
      event.preventDefault()
      submit()
    },
  }, ...children)
}

const main = (words) => el("button", { type: "submit", class: "main" }, words)

export function photoSheet(board, send) {
  sheet("发一张照片", (close) => {
    const pick = (body) => {
      close()
      send(body)
    }
    const samples = board.samples.map((one) =>
      el(
        "li",
        {},
        el("button", { type: "button", class: "sample", click: () => pick({ sample: one.name }) },
          el("img", { src: `/_sim/samples/${one.name}`, alt: "", width: "160", height: "120" }),
          el("span", {}, one.title)),
      ),
    )
    const id = fresh("file")
    const file = el("input", { id, type: "file", accept: "image/*", class: "unseen" })
    file.addEventListener("change", () => {
      const reader = new FileReader()
      reader.addEventListener("load", () => pick({ image: reader.result }))
      if (file.files[0]) reader.readAsDataURL(file.files[0])
    })
    return [
      el("ul", { class: "samples" }, ...samples),
      el("p", { class: "upload" }, file, el("label", { for: id, class: "plain" }, icon("upload"), "用这台电脑上的照片")),
    ]
  })
}

export function placeSheet(board, send) {
  sheet("发一个位置", (close) => {
    const pick = (spot) => {
      close()
      send(spot)
    }
    const rows = board.places.map((one) =>
      listed("place", one.label, `${one.lat.toFixed(4)}，${one.lon.toFixed(4)}`, () => pick(one)))
    const label = field("地名", { type: "text", autocomplete: "off", maxlength: "60" })
    const lat = field("纬度", { type: "text", inputmode: "decimal", value: String(board.places[0]?.lat ?? "31.3856") })
    const lon = field("经度", { type: "text", inputmode: "decimal", value: String(board.places[0]?.lon ?? "120.9808") })
    const submit = () => pick({ label: label.input.value.trim(), lat: Number(lat.input.value), lon: Number(lon.input.value) })
    return [
      rows.length ? el("ul", { class: "items" }, ...rows) : el("p", { class: "hint" }, "还没有可选的地点，写一个也行。"),
      el("h3", {}, "别的地方"),
      form(submit, label.row, el("div", { class: "pair" }, lat.row, lon.row), main("发送位置")),
    ]
  })
}

export function scanSheet(board, send) {
  sheet("扫一扫", (close) => {
    const pick = (scene) => {
      close()
      send({ scene })
    }
    const rows = board.stations.map((one) => listed("scan", one.name, one.scene, () => pick(one.scene)))
    const list = el("ul", { class: "items" }, ...rows)
    const find = field("找站点", { type: "search", autocomplete: "off" })
    find.input.addEventListener("input", () => {
      const wanted = find.input.value.trim()
      rows.forEach((row) => row.toggleAttribute("hidden", !row.textContent.includes(wanted)))
    })
    const scene = field("码里的场景值", { type: "text", autocomplete: "off", maxlength: "64" })
    const submit = () => scene.input.value.trim() && pick(scene.input.value.trim())
    return [
      ...(rows.length > 6 ? [find.row] : []),
      rows.length ? list : el("p", { class: "hint" }, "还没有站点的码，可以写场景值。"),
      el("h3", {}, "别的码"),
      form(submit, scene.row, main("扫这个码")),
    ]
  })
}

export function voiceSheet(send) {
  sheet("发一段语音", (close) => {
    const said = field("微信识别出的文字", { rows: "3", maxlength: "500" })
    const submit = () => {
      close()
      send(said.input.value.trim() ? { recognition: said.input.value.trim() } : {})
    }
    const hint = "留空就是没有识别出来：微信有时只给录音，不给文字。"
    return [form(submit, said.row, el("p", { class: "hint" }, hint), main("发送语音"))]
  })
}

export function ownerSheet({ large, enlarge, members, openid, following, name, choose, anew, follow, leave, wire, shut }) {
  sheet(`${name}的手机`, (close) => {
    const then = (work) => () => {
      close()
      work()
    }
    const own = [
      listed("large", "大字", large ? "正在用大字，再点一下变回来" : "字小看着费力，点一下变大", then(enlarge), { "aria-pressed": String(large) }),
      listed("wire", "线路上走了什么", "最近的推送、回复和接口调用", then(wire)),
      following ? listed("leave", "取消关注", "平台会告诉公众号", then(leave)) : listed("person", "关注公众号", "", then(follow)),
      ...(shut ? [listed("close", "收起这部手机", "话都留着，可以再拿出来", then(shut))] : []),
    ]
    const others = members.filter((one) => one.openid !== openid)
      .map((one) => listed("person", `换成${one.name}的手机`, "", then(() => choose(one.openid))))
    return [
      el("ul", { class: "items" }, ...own),
      el("h3", {}, "换一部手机"),
      el("ul", { class: "items" }, ...others, listed("plus", "一部新手机", "一个没来过的人", then(anew))),
    ]
  })
}

function pretty(text) {
  if (typeof text !== "string") return JSON.stringify(text, null, 2)
  if (!text.trimStart().startsWith("<")) return text
  const parsed = new DOMParser().parseFromString(text, "text/xml")
  return parsed.querySelector("parsererror") ? text : indented(parsed.documentElement, "")
}

function indented(node, margin) {
  const open = `${margin}<${node.tagName}>`
  if (!node.children.length) return `${open}${node.textContent}</${node.tagName}>`
  const inner = [...node.children].map((child) => indented(child, `${margin}  `))
  return [open, ...inner, `${margin}</${node.tagName}>`].join("\n")
}

const part = (title, text) => [el("h3", { class: "part" }, title), el("pre", {}, text)]

function pushEntry(row) {
  const last = row.tries.at(-1)
  const fate = last ? (last.status || "没有回答") : "正在推送"
  const sealed = row.sent !== row.plain
  return el(
    "details",
    { class: "went" },
    el("summary", {}, el("b", {}, "推送"), ` ${second(new Date(row.at))} · ${fate}${last ? ` · ${last.took.toFixed(2)} 秒` : ""}${row.tries.length > 1 ? ` · 试了 ${row.tries.length} 次` : ""} · ${row.verdict || "等待"}`),
    ...part("平台推给公众号的内容", pretty(row.plain)),
    ...row.tries.flatMap((one, index) => part(
      `公众号的回复${row.tries.length > 1 ? `，第 ${index + 1} 次` : ""}：${one.status || one.note}`,
      pretty(one.plain || one.answer) || "（空）",
    )),
    ...part("推送的地址和签名", row.url.replaceAll(/[?&]/g, (mark) => `\n  ${mark}`)),
    ...(sealed ? part("推送在线路上的样子（加密）", pretty(row.sent)) : []),
    ...(last?.plain ? part("回复在线路上的样子（加密）", pretty(last.answer)) : []),
  )
}

function callEntry(row) {
  return el(
    "details",
    { class: "went" },
    el("summary", {}, el("b", {}, "调用"), ` ${second(new Date(row.at))} · ${row.status} · errcode ${row.errcode} · ${row.path}`),
    ...part("公众号发来的内容", pretty(row.body)),
  )
}

export function wireSheet(openid, name) {
  const list = el("div", { class: "wire" })
  sheet(`${name}的线路`, () => [list], { wide: true })
  const draw = async () => {
    const open = [...list.children].map((entry) => entry.open)
    const before = list.children.length
    const { wire } = await get(`/_sim/members/${openid}/wire`)
    const entries = wire.map((row) => (row.kind === "push" ? pushEntry(row) : callEntry(row)))
    list.replaceChildren(...(entries.length ? entries : [el("p", { class: "hint" }, "还没有东西走过。说句话试试。")]))
    const shift = entries.length - before
    open.forEach((was, index) => was && entries[index + shift] && (entries[index + shift].open = true))
    if (!before && entries.length) entries[0].open = true
  }
  draw()
  return { draw, shown: () => list.isConnected }
}
