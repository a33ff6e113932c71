// One phone: its chat, its menu, its box to type, and everything a thumb can do.

import { asks, bubble } from "./bubbles.js"
import { el, fresh, icon } from "./dom.js"
import { ownerSheet, photoSheet, placeSheet, scanSheet, voiceSheet, wireSheet } from "./sheets.js"
import { act, get } from "./wire.js"
import { stamp, windowWords } from "./words.js"

const GAP = 5 * 60 * 1000 // a time stamp stands between messages further apart than this

export class Phone {
  // `host` is the page: board(), now(), trouble(words), and what is done with phones (swap, anew, shut).
  constructor(openid, host) {
    this.openid = openid
    this.host = host
    this.seen = 0
    this.messages = []
    this.state = { name: "", following: false, window: null, typing: false }
    this.refreshing = null
    this.build()
  }

  build() {
    this.title = el("h2", { class: "account" })
    this.whose = el("p", { class: "whose" })
    this.window = el("p", { class: "window" })
    this.log = el("div", { class: "log", role: "log", "aria-label": "聊天记录", tabindex: "0" })
    this.down = el("button", { type: "button", class: "plain down", hidden: true, click: () => this.toEnd() }, icon("down"), "新消息")
    this.foot = el("div", { class: "foot" })
    this.stays = true
    this.top = 0
    // Only going up leaves the end: a picture that comes in below pushes it away by itself.
    this.log.addEventListener("scroll", () => {
      this.stays = this.atEnd() || (this.stays && this.log.scrollTop >= this.top)
      this.top = this.log.scrollTop
      if (this.stays) this.down.hidden = true
    })
    // When the room gets smaller (a keyboard, larger type) or a picture arrives, the last word stays in sight.
    const stay = () => this.stays && this.toEnd()
    new ResizeObserver(stay).observe(this.log)
    this.log.addEventListener("load", stay, true)
    this.root = el(
      "section",
      { class: "phone", "data-openid": this.openid },
      el(
        "header",
        { class: "top" },
        el("div", { class: "names" }, this.title, this.whose),
        el("button", { type: "button", class: "plain round", "aria-label": "这部手机", click: () => this.owner() }, icon("more")),
      ),
      this.window,
      el("div", { class: "middle" }, this.log, this.down),
      this.foot,
    )
  }

  // Refreshing twice at once would show a message twice: the second waits for the first.
  refresh() {
    this.refreshing = (this.refreshing || Promise.resolve()).then(() => this.load()).catch((error) => this.host.trouble(error.message))
    return this.refreshing
  }

  async load() {
    const state = await get(`/_sim/members/${this.openid}?after=${this.seen}`)
    const changed = state.following !== this.state.following || state.name !== this.state.name || !this.foot.hasChildNodes()
    this.state = state
    this.host.told(state.now)
    if (state.messages.length) this.append(state.messages)
    if (changed) this.drawFoot()
    this.drawHead()
    if (this.wire?.shown()) this.wire.draw()
  }

  drawHead() {
    const account = this.host.board().name
    this.title.textContent = this.state.typing ? "对方正在输入…" : account
    this.whose.textContent = `${this.state.name}的手机${this.state.following ? "" : " · 没有关注"}`
    this.root.setAttribute("aria-label", `${this.state.name}的手机`)
    this.drawWindow()
  }

  drawWindow() {
    const words = this.state.following ? windowWords(this.state.window, this.host.now()) : "没有关注：公众号的话到不了这部手机"
    if (this.window.textContent !== words) this.window.textContent = words
  }

  append(messages) {
    const stay = this.stays
    this.messages.push(...messages)
    this.seen = this.messages.at(-1).seq
    this.freeze()
    messages.forEach((message, index) => {
      const at = this.messages.length - messages.length + index
      this.stampBefore(at)
      this.log.append(this.bubble(at))
    })
    if (stay || messages.some((one) => one.from === "member")) this.toEnd()
    else this.down.hidden = false
  }

  // What can be tapped in a message: its rows, if it is the last question; what it offers, until the member speaks.
  tappable(at) {
    const question = this.messages.findLastIndex((one) => one.from === "member" || asks(one))
    const spoke = this.messages.findLastIndex((one) => one.from === "member")
    return { live: at === question && this.state.following, open: at > spoke && this.state.following }
  }

  bubble(at) {
    const can = this.tappable(at)
    const node = bubble(this.messages[at], {
      ...can,
      choose: (text, id) => this.say(text, id),
      account: this.host.board().name,
      owner: this.state.name,
    })
    node.dataset.at = at
    node.dataset.can = JSON.stringify(can)
    return node
  }

  // A number answers the last question only: rows above it are words again.
  freeze() {
    for (const node of [...this.log.querySelectorAll(".theirs:has(button)")]) {
      const at = Number(node.dataset.at)
      if (node.dataset.can !== JSON.stringify(this.tappable(at))) node.replaceWith(this.bubble(at))
    }
  }

  stampBefore(at) {
    const now = new Date(this.messages[at].at)
    const before = at > 0 ? new Date(this.messages[at - 1].at) : null
    if (before && now - before < GAP) return
    this.log.append(el("p", { class: "stamp" }, el("time", { datetime: this.messages[at].at }, stamp(now, new Date(this.host.now())))))
  }

  atEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80
  }

  toEnd() {
    this.stays = true
    this.log.scrollTop = this.log.scrollHeight
    this.down.hidden = true
  }

  drawFoot() {
    this.foot.replaceChildren(...(this.state.following ? this.composer() : this.stranger()))
    this.log.querySelector(".card")?.remove()
    if (!this.state.following) this.log.append(this.card())
    this.toEnd()
  }

  card() {
    return el(
      "div",
      { class: "card" },
      el("span", { class: "face", "aria-hidden": "true" }, "雁"),
      el("p", { class: "account" }, this.host.board().name),
      el("p", { class: "hint" }, this.state.left ? "您取消了关注，再关注就能说话。" : "关注以后就能说话，也可以扫站点墙上的码。"),
    )
  }

  stranger() {
    return [
      el(
        "div",
        { class: "stranger" },
        el("button", { type: "button", class: "main", click: () => this.do("follow") }, "关注公众号"),
        el("button", { type: "button", class: "plain", click: () => scanSheet(this.host.board(), (body) => this.do("scan", body)) }, icon("scan"), "扫站点的码"),
      ),
    ]
  }

  composer() {
    const id = fresh("say")
    this.box = el("textarea", { id, class: "say", rows: "1", placeholder: "说您的事…", enterkeyhint: "send", maxlength: "4000" })
    const send = el("button", { type: "submit", class: "main send", disabled: true }, "发送")
    this.unsent = el("p", { class: "unsent", role: "status" })
    this.box.addEventListener("input", () => {
      send.disabled = !this.box.value.trim()
      this.unsent.textContent = ""
    })
    this.box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return
      event.preventDefault()
      this.sayBox(send)
    })
    const tray = this.tray()
    const plus = el("button", { type: "button", class: "plain round", "aria-label": "照片、位置、扫码、语音", "aria-expanded": "false", "aria-controls": tray.id }, icon("plus"))
    plus.addEventListener("click", () => this.open(plus, tray, tray.hidden))
    const form = el("form", { class: "composer", submit: (event) => { event.preventDefault(); this.sayBox(send) } },
      plus, el("label", { for: id, class: "unseen" }, "输入消息"), this.box, send)
    return [this.unsent, form, tray, this.menu()]
  }

  open(button, panel, shown) {
    const end = this.atEnd()
    panel.hidden = !shown
    button.setAttribute("aria-expanded", String(shown))
    if (end) this.toEnd()
    if (shown) panel.querySelector("button")?.focus()
  }

  tray() {
    const board = () => this.host.board()
    const entries = [
      ["photo", "照片", () => photoSheet(board(), (body) => this.do("photo", body))],
      ["place", "位置", () => placeSheet(board(), (body) => this.do("place", body))],
      ["scan", "扫一扫", () => scanSheet(board(), (body) => this.do("scan", body))],
      ["voice", "语音", () => voiceSheet((body) => this.do("voice", body))],
    ]
    const buttons = entries.map(([symbol, words, click]) =>
      el("button", { type: "button", class: "tool", click: () => { this.shutTray().focus(); click() } }, icon(symbol), el("span", {}, words)))
    const tray = el("div", { class: "tray", id: fresh("tray"), hidden: true, role: "group", "aria-label": "发别的" }, ...buttons)
    tray.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.shutTray().focus()
    })
    return tray
  }

  shutTray() {
    const tray = this.foot.querySelector(".tray")
    const plus = this.foot.querySelector(`[aria-controls="${tray.id}"]`)
    this.open(plus, tray, false)
    return plus
  }

  menu() {
    const bar = el("nav", { class: "menu", "aria-label": "公众号菜单" })
    for (const top of this.host.board().menu.button) bar.append(top.sub_button?.length ? this.folder(bar, top) : this.leaf(top))
    bar.addEventListener("keydown", (event) => this.walkMenu(bar, event))
    bar.addEventListener("focusout", (event) => !bar.contains(event.relatedTarget) && this.shutMenus(bar))
    return bar
  }

  leaf(entry) {
    return el("button", { type: "button", class: "entry", click: () => this.do("tap", { key: entry.key || entry.url || entry.name }) }, entry.name)
  }

  folder(bar, top) {
    const id = fresh("menu")
    const list = el("ul", { id, class: "below", hidden: true })
    const button = el("button", { type: "button", class: "entry", "aria-expanded": "false", "aria-controls": id }, icon("menu"), top.name)
    button.addEventListener("click", () => {
      const shown = list.hidden
      this.shutMenus(bar)
      list.hidden = !shown
      button.setAttribute("aria-expanded", String(shown))
    })
    for (const one of top.sub_button) {
      const leaf = this.leaf(one)
      leaf.addEventListener("click", () => {
        this.shutMenus(bar)
        button.focus()
      })
      list.append(el("li", {}, leaf))
    }
    return el("div", { class: "folder" }, button, list)
  }

  shutMenus(bar) {
    bar.querySelectorAll(".below").forEach((list) => { list.hidden = true })
    bar.querySelectorAll("[aria-expanded]").forEach((button) => button.setAttribute("aria-expanded", "false"))
  }

  // Escape shuts; up and down walk through an open sub-menu, from its folder too.
  walkMenu(bar, event) {
    const folder = event.target.closest(".folder")
    const list = folder?.querySelector(".below:not([hidden])")
    if (!list) return
    if (event.key === "Escape") {
      this.shutMenus(bar)
      folder.querySelector(".entry").focus()
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    const entries = [...list.querySelectorAll("button")]
    const at = entries.indexOf(event.target)
    const next = at < 0 && step < 0 ? entries.length - 1 : at + step
    entries[(next + entries.length) % entries.length].focus()
  }

  redrawMenu() {
    const old = this.foot.querySelector(".menu")
    if (old) old.replaceWith(this.menu())
  }

  // What did not get through goes back into the box, before anything written since.
  async sayBox(send) {
    const { box, unsent } = this
    const text = box.value
    if (!text.trim()) return
    box.value = unsent.textContent = ""
    send.disabled = true
    if (await this.say(text)) return
    box.value = box.value ? `${text}\n${box.value}` : text
    send.disabled = false
    unsent.textContent = "没有发出，话还在下面。请再点一次「发送」。"
  }

  say(text, id = "") {
    this.box?.focus()
    return this.do("say", id ? { text, menu_id: id } : { text })
  }

  // Do what a thumb does; tells whether it got through.
  async do(name, body = {}) {
    try {
      await act(this.openid, name, body)
      this.host.trouble("")
      return true
    } catch (error) {
      this.host.trouble(error.message)
      return false
    }
  }

  async owner() {
    const { members } = await get("/_sim/members").catch(() => ({ members: [] })) // without the box the type can still grow
    ownerSheet({
      large: this.host.large(),
      enlarge: () => this.host.enlarge(),
      members: this.host.notShown(members),
      openid: this.openid,
      following: this.state.following,
      name: this.state.name,
      choose: (openid) => this.host.swap(this, openid),
      anew: () => this.host.swap(this, ""),
      follow: () => this.do("follow"),
      leave: () => this.do("leave"),
      wire: () => { this.wire = wireSheet(this.openid, this.state.name) },
      shut: this.host.single() ? null : () => this.host.shut(this),
    })
  }
}

