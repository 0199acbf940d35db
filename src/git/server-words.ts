// What a server says in its own words (an ERR line, standard error of an SSH command), made fit to be shown.

import { unavailable, type Failure } from "../errors.ts";

/** One line, no control or direction characters, at most 200 characters. */
export function cleanWords(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, 2000));
  return text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .slice(0, 200);
}

export function serverSaid(bytes: Uint8Array): Failure {
  return unavailable(`The git server said: ${cleanWords(bytes)}`, { code: "git_server_error" });
}
