// The settings file of the service: lines of NAME=VALUE, which belong to the operator.
import { invalid } from "../errors.ts";
import { places } from "./unit.ts";

const head = `# Settings of Pricore, as in docs/configuration.md. Restart the service after a change: systemctl restart pricore
DATA_DIR=${places.data}
`;

/** Only the named lines change, so that what somebody wrote by hand stays. */
export function mergeSettings(text: string | null, changes: Record<string, string>): string {
  return Object.entries(changes).reduce(withSetting, text ?? head);
}

function withSetting(text: string, [name, value]: [string, string]): string {
  const line = `${name}=${value}`;
  const present = new RegExp(`^${name}=.*$`, "m");
  if (present.test(text)) return text.replace(present, () => line);
  return `${text}${text.endsWith("\n") || text === "" ? "" : "\n"}${line}\n`;
}

/** Null when the setting has no line or no value. */
export function valueIn(text: string, name: string): string | null {
  return new RegExp(`^${name}=(.+)$`, "m").exec(text)?.[1]?.trim() ?? null;
}

/** `NAME=VALUE` of the command line. Fails as `invalid`. */
export function parseSetting(text: string): [name: string, value: string] {
  const match = /^([A-Z][A-Z0-9_]{0,60})=([^\r\n\0]{0,2000})$/.exec(text);
  if (!match?.[1])
    throw invalid(`"${text.slice(0, 80)}" is not a setting like PORT=8000.`, { code: "usage" });
  return [match[1], match[2] ?? ""];
}
