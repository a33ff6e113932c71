// The npm package wechat-crypto: `push` seals and signs a message for us, `read` opens our reply.
import { readFileSync } from "node:fs";
import WXBizMsgCrypt from "wechat-crypto";

const asked = JSON.parse(readFileSync(0, "utf8"));
const peer = new WXBizMsgCrypt(asked.token, asked.aesKey, asked.appId);
const sign = (encrypt) => peer.getSignature(asked.timestamp, asked.nonce, encrypt);

if (process.argv[2] === "push") {
  const encrypt = peer.encrypt(asked.message);
  console.log(JSON.stringify({ encrypt, signature: sign(encrypt) }));
} else {
  const { message, id } = peer.decrypt(asked.encrypt);
  console.log(JSON.stringify({ message, id, signature: sign(asked.encrypt) }));
}
