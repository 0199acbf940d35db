// Deliveries in the format of each forge's public documentation, with the forge's signature or token.
import { Glob } from "bun";
import { createHmac } from "node:crypto";
import { join } from "node:path";
import type { GitHostName } from "../../src/forges/forge.ts";

export type Recorded = {
  /** `github-push`. */
  name: string;
  forge: GitHostName;
  headers: Record<string, string>;
  body: string;
  expected: { id: string; event: string; effect: "sync" | "ping" | "ignored"; refs: string[] };
};

const folder = join(import.meta.dir, "payloads");

export const recorded: Recorded[] = [];
for (const file of [...new Glob("*.json").scanSync(folder)].toSorted()) {
  const { headers, payload, expected } = await Bun.file(join(folder, file)).json();
  const name = file.replace(".json", "");
  const forge = name.split("-")[0] as GitHostName;
  recorded.push({ name, forge, headers, body: JSON.stringify(payload), expected });
}

export function recordedAs(name: string): Recorded {
  const found = recorded.find((each) => each.name === name);
  if (!found) throw new Error(`there is no payload ${name}`);
  return found;
}

export function hexOf(secret: string, body: string): string {
  return createHmac("sha256", secret).update(body).digest("hex");
}

/** The header with a forge's signature or token. */
export function proofOf(forge: GitHostName, secret: string, body: string): Record<string, string> {
  const hex = hexOf(secret, body);
  return {
    github: { "X-Hub-Signature-256": `sha256=${hex}` },
    gitlab: { "X-Gitlab-Token": secret },
    bitbucket: { "X-Hub-Signature": `sha256=${hex}` },
    gitea: { "X-Gitea-Signature": hex },
    git: { "X-Pricore-Signature-256": `sha256=${hex}` },
  }[forge] as Record<string, string>;
}

/** Invalid replacements for the signature. */
export function forgeriesOf(
  forge: GitHostName,
  { secret, other, body }: { secret: string; other: string; body: string },
): { what: string; headers: Record<string, string>; body: string }[] {
  const proof = proofOf(forge, secret, body);
  const [header = "", value = ""] = Object.entries(proof)[0] ?? [];
  const sha1 = createHmac("sha1", secret).update(body).digest("hex");
  const prefix = value.startsWith("sha256=") ? "sha256=" : "";
  const changed = `${body.slice(0, -1)} }`;
  const forged = (what: string, text: string) => ({ what, headers: { [header]: text }, body });
  const common = [
    { what: "no proof", headers: {}, body },
    forged("an empty proof", ""),
    forged("the proof with another secret", proofOf(forge, "another", body)[header] ?? ""),
    forged("the proof of another repository", proofOf(forge, other, body)[header] ?? ""),
    forged("a proof that is cut off", value.slice(0, -2)),
    forged("a proof of odd length", value.slice(0, -1)),
    forged("a proof that is too long", `${value}00`),
    forged("the proof twice", `${value}, ${value}`),
  ];
  if (forge === "gitlab")
    return [...common, forged("a signature where the secret belongs", hexOf(secret, body))];
  return [
    ...common,
    forged("SHA-1", `sha1=${sha1}`),
    forged("SHA-1 under the name of SHA-256", `${prefix}${sha1}`),
    forged("upper case", prefix + value.slice(prefix.length).toUpperCase()),
    forged("digits that are none", `${prefix}${"g".repeat(64)}`),
    forged("the other form of it", prefix === "" ? `sha256=${value}` : value.slice(prefix.length)),
    forged("the secret itself", secret),
    { what: "a body changed by a byte", headers: proof, body: changed },
    { what: "an empty body", headers: proof, body: "" },
  ];
}
