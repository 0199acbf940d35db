// Turns an HTTP answer without a repository into a Failure: what it means, and the server's own message.

import { forbidden, notFound, tooMany, unavailable, type Failure, type FailureDetails } from "../errors.ts";
import { isRateLimit, retryAfterSeconds } from "../outbound/retry-after.ts";
import type { Credential } from "./mirror.ts";
import { secretForms, messageOfBody } from "./server-message.ts";

type Basic = Extract<Credential, { kind: "basic" }>;

const messageBytes = 16 * 1024;
const messageMs = 5000;

/** `credential` is the one that was sent; the failure never contains it, even when the server repeats it. */
export async function refusalOf(answer: Response, credential: Basic | null): Promise<Failure> {
  const start = await readStart(answer);
  const type = answer.headers.get("content-type");
  // A page with status 200 is meant for browsers and too long to quote.
  const message =
    answer.status === 200 ? "" : messageOfBody(start, type, credential ? secretForms(credential) : []);
  const { make, text, code, advice } = meaningOf(answer, credential !== null);
  const details: FailureDetails = { code, advice, retryAfterSeconds: retryAfterSeconds(answer.headers) };
  const saysMore = !/^(?:unauthorized|forbidden|not found|error|)\.?$/i.test(message);
  return make(saysMore ? `${text} The server said: ${message}` : text, details);
}

type Meaning = {
  make: (message: string, details: FailureDetails) => Failure;
  text: string;
  code: string;
  advice?: string;
};

function meaningOf(answer: Response, withCredential: boolean): Meaning {
  const { host } = new URL(answer.url);
  if (isRateLimit(answer))
    return { make: tooMany, text: `${host} asks for a pause.`, code: "git_rate_limited" };
  const advice = withCredential
    ? "Check that the credential is still valid and may read this repository."
    : "Add a credential that may read this repository.";
  const unauthorized: Meaning = {
    make: forbidden,
    text: `${host} asks for a valid credential.`,
    code: "git_unauthorized",
    advice,
  };
  const missing: Meaning = {
    make: notFound,
    text: `${host} has no such repository, or shows it only to those who may read it.`,
    code: "git_not_found",
    advice: `Check the address. ${advice}`,
  };
  const meanings: Record<number, Meaning> = {
    200: {
      make: unavailable,
      text: `${host} answers, but not as a git repository.`,
      code: "git_not_a_repository",
      advice: `Check the address; it may be that of a web page.${withCredential ? "" : " A private repository needs a credential."}`,
    },
    // Azure DevOps answers with its sign-in page and this status when it rejects a token.
    203: unauthorized,
    401: unauthorized,
    403: {
      make: forbidden,
      text: `${host} refuses access to the repository.`,
      code: "git_forbidden",
      advice,
    },
    404: missing,
    410: missing,
    451: {
      make: forbidden,
      text: `${host} does not show the repository for legal reasons (status 451).`,
      code: "git_legal",
      advice: "Ask the owner of the repository.",
    },
    503: {
      make: unavailable,
      text: `${host} is not available at the moment (status 503).`,
      code: "git_server_error",
    },
  };
  return (
    meanings[answer.status] ?? {
      make: unavailable,
      text: `${host} answered with status ${answer.status}.`,
      code: "git_server_error",
    }
  );
}

/** The start of an answer's body, for its error message; reading stops after a time limit. */
async function readStart(answer: Response): Promise<string> {
  const reader = answer.body?.getReader();
  if (!reader) return "";
  const timer = setTimeout(() => void reader.cancel().catch(() => {}), messageMs);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    while (bytes < messageBytes) {
      const { value, done } = await reader.read();
      if (done) break;
      parts.push(value);
      bytes += value.length;
    }
  } catch {
    // The part that arrived may be the message.
  }
  clearTimeout(timer);
  await reader.cancel().catch(() => {});
  return Buffer.concat(parts).toString("utf8", 0, messageBytes);
}
