// The page's own talk with the box: JSON there and back, and the stream that says what changed.

async function answered(response) {
  const said = await response.json().catch(() => ({}))
  if (!response.ok) throw new Error(said.error || `模拟器回答了 ${response.status}`)
  return said
}

const reach = (path, options) =>
  fetch(path, options).catch(() => { throw new Error("和模拟器的连接断了，正在重连…") })

export async function get(path) {
  return answered(await reach(path))
}

export async function post(path, body = {}) {
  return answered(
    await reach(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
  )
}

// What a member does is pushed in the background; what comes of it arrives on the stream.
export function act(openid, name, body = {}) {
  return post(`/_sim/members/${encodeURIComponent(openid)}/${name}?wait=no`, body)
}

export function listen({ heard, trouble }) {
  const stream = new EventSource("/_sim/live")
  stream.addEventListener("message", (event) => heard(event.data))
  stream.addEventListener("open", () => trouble(""))
  stream.addEventListener("error", () => trouble("和模拟器的连接断了，正在重连…"))
}
