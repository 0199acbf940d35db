// The settings in force as an operator may see them: of a secret only that it is set, how long it is, and from where.
import type { Setting } from "./reader.ts";
import type { Origin } from "./sources.ts";

/** `text` is safe to print; null where nothing is set. */
export type ShownSetting = { name: string; text: string | null; origin: Origin; isSecret: boolean };

const origins: Record<Origin, string> = {
  default: "default",
  environment: "from the environment",
  "env-file": "from the .env file",
  file: "from file",
  credential: "from a credential",
};

/** What ends so is a secret, also in settings that are yet to come. */
const secretName = /(?:^|_)(?:PASSWORD|SECRET|TOKEN|KEY|PASSPHRASE)$/;

export function shownSettings(settings: Setting[]): ShownSetting[] {
  return settings.map(({ name, text, origin }) => {
    const isSecret = secretName.test(name);
    return { name, text: text === null ? null : shownText(text, { isSecret, origin }), origin, isSecret };
  });
}

export function originText(origin: Origin): string {
  return origins[origin];
}

function shownText(text: string, { isSecret, origin }: { isSecret: boolean; origin: Origin }): string {
  if (isSecret) return `set, ${bytesOf(text)} bytes, ${origins[origin]}`;
  return text.replace(/:\/\/[^/\s@]*@/g, (login) => (login.includes(":", 3) ? hidden(login) : login));
}

/** The user stays, the password goes. */
function hidden(login: string): string {
  return `${login.slice(0, login.indexOf(":", 3))}:…@`;
}

/** A key in base64 counts as the bytes that it stands for. */
function bytesOf(text: string): number {
  const encoded = text.replace(/^base64:/, "");
  const isBase64 = encoded.length % 4 === 0 && /^[A-Za-z0-9+/]{40,}={1,2}$/.test(encoded);
  return isBase64 ? Buffer.from(encoded, "base64").length : Buffer.byteLength(text);
}
