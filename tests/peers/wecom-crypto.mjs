// The npm package @wecom/crypto: `push` seals and signs a message for us, `read` opens our reply.
import { readFileSync } from "node:fs";
import { decrypt, encrypt, getSignature } from "@wecom/crypto";

const asked = JSON.parse(readFileSync(0, "utf8"));
const sign = (sealed) => getSignature(asked.token, asked.timestamp, asked.nonce, sealed);

if (process.argv[2] === "push") {
  const sealed = encrypt(asked.aesKey, asked.message, asked.appId);
  console.log(JSON.stringify({ encrypt: sealed, signature: sign(sealed) }));
} else {
  const { message, id } = decrypt(asked.aesKey, asked.encrypt);
  console.log(JSON.stringify({ message, id, signature: sign(asked.encrypt) }));
}
