// Times, windows and choices in words.

const ZONE = "Asia/Shanghai"
const CLOCK = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
const SECOND = new Intl.DateTimeFormat("zh-CN", {
  timeZone: ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
})
const DAY = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, month: "long", day: "numeric" })
const WEEKDAY = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, weekday: "short" })
const DATE = new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE })

const daysApart = (a, b) => Math.round((Date.parse(DATE.format(b)) - Date.parse(DATE.format(a))) / 86_400_000)

export const clock = (at) => `${DAY.format(at)} ${WEEKDAY.format(at)} ${CLOCK.format(at)}`

export const second = (at) => SECOND.format(at)

export function stamp(at, now) {
  const days = daysApart(at, now)
  if (days === 0) return CLOCK.format(at)
  if (days === 1) return `昨天 ${CLOCK.format(at)}`
  return `${DAY.format(at)} ${CLOCK.format(at)}`
}

const ACTS = {
  message: "48 小时窗口",
  tap: "点菜单后的 1 分钟窗口",
  follow: "关注后的 1 分钟窗口",
  scan: "扫码后的 1 分钟窗口",
}

const two = (number) => String(number).padStart(2, "0")

// 47:12 is hours and minutes of the long window, 0:45 minutes and seconds of the short ones.
export function windowWords(found, now) {
  const left = found ? Math.floor((Date.parse(found.closes) - now) / 1000) : 0
  if (left <= 0) return "没有开着的窗口：公众号要等您先说话"
  const long = found.act === "message"
  const time = long
    ? `${Math.floor(left / 3600)}:${two(Math.floor((left % 3600) / 60))}`
    : `${Math.floor(left / 60)}:${two(left % 60)}`
  const count = found.left > 0 ? `可主动发 ${found.left} 条` : "主动发的条数用完了"
  return `${ACTS[found.act]}还剩 ${time}，${count}`
}

const OFFERED = /回[复復覆]((?:[「『][^「」『』\n]{1,12}[」』](?:或者?|、|，)?)+)/g
const QUOTED = /(?<=[「『])[^「」『』]+(?=[」』])/g

// Cut words into what is only read and what can be said by a tap: what stands in 「」 behind 回复.
export function offers(text) {
  const found = []
  let at = 0
  for (const match of text.matchAll(OFFERED)) {
    const from = match.index + match[0].length - match[1].length
    for (const quoted of match[1].matchAll(QUOTED)) {
      const start = from + quoted.index - 1 // with its marks
      const end = from + quoted.index + quoted[0].length + 1
      found.push({ text: text.slice(at, start) }, { text: text.slice(start, end), send: quoted[0] })
      at = end
    }
  }
  return [...found, { text: text.slice(at) }]
}

const NUMBERED = /^\s*(\d{1,2})(?:[.、．:：)）]\s*|\s+)(\S.*)$/

// Cut a message into paragraphs and rows that can be tapped: numbered lines that run 1, 2, …, or the
// rows that the account marked itself.
export function blocks(text, choices = []) {
  const marked = new Map(choices.map((choice) => [choice.text.trim(), choice]))
  const lines = text.split("\n")
  const found = []
  let at = 0
  while (at < lines.length) {
    const rows = marked.size ? markedRows(lines, at, marked) : numberedRows(lines, at)
    if (rows.length) found.push({ rows })
    else if (found.length && found.at(-1).text !== undefined) found.at(-1).text += `\n${lines[at]}`
    else found.push({ text: lines[at] })
    at += Math.max(rows.length, 1)
  }
  return found.filter((block) => block.rows || block.text.trim())
}

function markedRows(lines, from, marked) {
  const rows = []
  for (let at = from; at < lines.length; at += 1) {
    const choice = marked.get(lines[at].trim())
    if (!choice) break
    rows.push({ number: "", words: choice.text.trim(), send: choice.text.trim(), id: choice.id })
  }
  return rows
}

function numberedRows(lines, from) {
  const rows = []
  for (let at = from; at < lines.length; at += 1) {
    const match = NUMBERED.exec(lines[at])
    if (!match || Number(match[1]) !== rows.length + 1) break
    rows.push({ number: match[1], words: match[2].trim(), send: match[1], id: "" })
  }
  return rows.length > 1 ? rows : []
}
