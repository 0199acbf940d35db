// Sanitizes the message of a git server (an ERR line, standard error of an SSH command, the body of an HTTP error) for
// display.

import { unavailable, type Failure } from "../errors.ts";

const mostCharacters = 400;

/** One line of at most 400 characters, without control or direction characters. */
export function sanitizeMessage(bytes: Uint8Array): string {
  return oneLine(new TextDecoder().decode(bytes.subarray(0, 2000)));
}

export function serverMessage(bytes: Uint8Array): Failure {
  return unavailable(`The git server said: ${sanitizeMessage(bytes)}`, { code: "git_server_error" });
}

/** The encodings in which a server may repeat a credential that was sent to it, longest first. */
export function secretForms({ username, password }: { username: string; password: string }): string[] {
  if (password === "") return [];
  const forms = [`${username}:${password}`, password].flatMap((secret) => {
    const base64 = Buffer.from(secret).toString("base64");
    return [secret, encodeURIComponent(secret.toWellFormed()), base64, base64.replace(/=+$/, "")];
  });
  return [...new Set(forms)].toSorted((a, b) => b.length - a.length);
}

export function withoutSecrets(text: string, secrets: string[]): string {
  return secrets.reduce((masked, secret) => masked.replaceAll(secret, "***"), text);
}

/** The message in the body of an HTTP error: plain text, the message of a JSON object, or the text of a page. */
export function messageOfBody(body: string, type: string | null, secrets: string[]): string {
  const media = (type ?? "text/plain").split(";")[0]?.trim().toLowerCase() ?? "";
  const plain = withoutSecrets(body, secrets);
  const text = media.endsWith("json")
    ? messageInJson(plain)
    : /html|xml/.test(media)
      ? textOfPage(plain)
      : plain;
  // A control character within a secret hides it from the first replacement.
  return withoutSecrets(oneLine(text.replace(/^remote: ?/gm, ""), Number.POSITIVE_INFINITY), secrets).slice(
    0,
    mostCharacters,
  );
}

function oneLine(text: string, most = mostCharacters): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .slice(0, most);
}

const messageKeys = ["message", "error", "error_description", "detail", "title", "errors"];

function messageInJson(text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  return messagesIn(value, 0).join(" ");
}

function messagesIn(value: unknown, depth: number): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null || depth > 3) return [];
  if (Array.isArray(value)) return value.slice(0, 5).flatMap((each) => messagesIn(each, depth + 1));
  return messageKeys.flatMap((key) => messagesIn((value as Record<string, unknown>)[key], depth + 1));
}

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: " ", "#39": "'" };

function textOfPage(html: string): string {
  return withoutElements(html, ["script", "style", "svg"])
    .replace(/<[^<>]*>/g, " ")
    .replace(/&(amp|lt|gt|quot|nbsp|#39);/g, (_, name: string) => entities[name] ?? "");
}

function withoutElements(html: string, names: string[]): string {
  let text = html;
  for (const name of names) {
    const lower = text.toLowerCase();
    let kept = "";
    let at = 0;
    for (let open = lower.indexOf(`<${name}`); open >= 0; open = lower.indexOf(`<${name}`, at)) {
      kept += text.slice(at, open);
      const close = lower.indexOf(`</${name}`, open);
      at = close < 0 ? text.length : close;
    }
    text = kept + text.slice(at);
  }
  return text;
}
