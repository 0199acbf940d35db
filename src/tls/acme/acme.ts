// Gets certificates from an authority by ACME (RFC 8555), and asks when to renew them (RFC 9773).
import { createHash } from "node:crypto";
import { unavailable } from "../../errors.ts";
import { isIP } from "../../net.ts";
import { retryAfterSeconds } from "../../outbound/retry-after.ts";
import { base64url, bindExternalAccount, type AccountKey, type ExternalAccount } from "./account-key.ts";
import { renewalIdOf, requestCertificate } from "./certificate-request.ts";
import {
  AcmeRefusal,
  getUnsigned,
  openConnection,
  parse,
  problemIn,
  readDirectory,
  type Answer,
  type Authority,
  type Connection,
} from "./connection.ts";

type Account = { key: AccountKey; email: string | null; externalAccount: ExternalAccount | null };

/** `name` is what is to be proven; `value` is the key authorization, or with dns-01 the text of the record. */
export type Challenge = { name: string; token: string; value: string };

/** Shows the authority that the names are ours. */
export type Solver = {
  type: "http-01" | "dns-01";
  set(challenge: Challenge): Promise<void>;
  clear(challenge: Challenge): Promise<void>;
};

type Order = {
  names: string[];
  solver: Solver;
  profile: string | null;
  /** The certificate that the new one takes the place of, PEM. */
  replaces: string | null;
};

const authorizationMs = 90_000;
const orderMs = 90_000;

/** PEM. Fails as `AcmeRefusal`, in the authority's words, or as `unavailable`. */
export async function orderCertificate(
  authority: Authority,
  account: Account,
  order: Order,
): Promise<{ certificate: string; key: string }> {
  const directory = await readDirectory(authority);
  const connection = openConnection(authority, directory, account.key);
  await signIn(connection, account, directory);
  const placed = await connection.post(directory.newOrder, await orderBody(order, directory.renewalInfo));
  const url = placed.headers.get("location") ?? "";
  const { authorizations = [], finalize = "" } = parse(placed.body) as {
    authorizations?: string[];
    finalize?: string;
  };
  for (const each of authorizations.slice(0, order.names.length))
    await authorize(connection, each, { account, order });
  await poll(connection, url, { until: ["ready", "valid"], withinMs: orderMs, what: "The order" });
  const { request, key } = await requestCertificate(order.names);
  await connection.post(finalize, { csr: request });
  const done = await poll(connection, url, { until: ["valid"], withinMs: orderMs, what: "The order" });
  const { body: certificate } = await connection.post(String(done["certificate"]), "");
  return { certificate, key };
}

async function signIn(
  connection: Connection,
  { key, email, externalAccount }: Account,
  { newAccount, meta }: Awaited<ReturnType<typeof readDirectory>>,
): Promise<void> {
  if (meta?.externalAccountRequired === true && externalAccount === null)
    throw new AcmeRefusal(
      "externalAccountRequired",
      "This authority wants an external account: set ACME_EAB_KID and ACME_EAB_HMAC_KEY",
    );
  const binding =
    externalAccount === null
      ? null
      : await bindExternalAccount(externalAccount, { jwk: key.jwk, url: newAccount });
  const answer = await connection.post(newAccount, {
    termsOfServiceAgreed: true,
    ...(email === null ? {} : { contact: [`mailto:${email}`] }),
    ...(binding === null ? {} : { externalAccountBinding: JSON.parse(binding) as unknown }),
  });
  connection.identify(answer.headers.get("location") ?? "");
}

async function orderBody({ names, profile, replaces }: Order, renewalInfo: string | undefined) {
  const replaced = renewalInfo !== undefined && replaces !== null ? await renewalIdOf(replaces) : null;
  return {
    identifiers: names.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value })),
    ...(profile === null ? {} : { profile }),
    ...(replaced === null ? {} : { replaces: replaced }),
  };
}

type Authorization = {
  status: string;
  identifier: { value: string };
  challenges: { type: string; url: string; token: string; error?: unknown }[];
};

async function authorize(
  connection: Connection,
  url: string,
  { account, order }: { account: Account; order: Order },
): Promise<void> {
  const { solver } = order;
  const found = parse((await connection.post(url, "")).body) as Authorization;
  if (found.status === "valid") return;
  const name = found.identifier.value;
  const offered = found.challenges.find(({ type }) => type === solver.type);
  if (!offered)
    throw new AcmeRefusal(
      "unsupportedChallenge",
      `${name}: the authority offers ${found.challenges.map(({ type }) => type).join(", ")} and not ${solver.type}`,
    );
  const answer = `${offered.token}.${account.key.thumbprint}`;
  const value = solver.type === "dns-01" ? base64url(createHash("sha256").update(answer).digest()) : answer;
  const challenge = { name, token: offered.token, value };
  try {
    await solver.set(challenge);
    await connection.post(offered.url, {});
    await poll(connection, url, { until: ["valid"], withinMs: authorizationMs, what: name });
  } finally {
    // What is left behind proves nothing to anybody else.
    await solver.clear(challenge).catch(() => {});
  }
}

type Polling = { until: string[]; withinMs: number; what: string };

/** Asks until the object has one of these states; fails with the authority's reason when it gets another final one. */
async function poll(
  connection: Connection,
  url: string,
  { until, withinMs, what }: Polling,
): Promise<Record<string, unknown>> {
  const deadline = performance.now() + withinMs;
  for (let turn = 1; ; turn++) {
    const answer = await connection.post(url, "");
    const found = parse(answer.body);
    if (until.includes(String(found["status"]))) return found;
    if (!["pending", "processing", "ready"].includes(String(found["status"]))) throw reasonIn(found, what);
    if (performance.now() > deadline)
      throw unavailable(`${what}: the authority did not decide within ${withinMs / 1000} s.`, {
        code: "acme_slow",
      });
    await Bun.sleep(pauseMs(answer, turn));
  }
}

/** 1 to 5 seconds, and no longer than 10 when the authority asks for it. */
function pauseMs({ headers }: Answer, turn: number): number {
  return 1000 * Math.min(retryAfterSeconds(headers) ?? Math.min(turn, 5), 10);
}

function reasonIn(found: Record<string, unknown>, what: string): AcmeRefusal {
  const challenges = (found["challenges"] ?? []) as Authorization["challenges"];
  const problem = found["error"] ?? challenges.find(({ error }) => error !== undefined)?.error;
  const { type, message } = problemIn(problem, `it is ${String(found["status"])}`);
  return new AcmeRefusal(type, `${what}: ${message.replace(/ \([^()]*\)$/, "")}`);
}

/** When the authority wants a certificate to be renewed, and when to ask again. Times in milliseconds. */
type RenewalWindow = { start: number; end: number; askAgainMs: number };

const hour = 3_600_000;

/** Null when the authority does not say. */
export async function readRenewalWindow(
  authority: Authority,
  certificate: string,
): Promise<RenewalWindow | null> {
  const { renewalInfo } = await readDirectory(authority);
  const id = renewalInfo === undefined ? null : await renewalIdOf(certificate);
  if (renewalInfo === undefined || id === null) return null;
  const { status, headers, body } = await getUnsigned(authority, `${renewalInfo.replace(/\/$/, "")}/${id}`);
  if (status !== 200) return null;
  const { suggestedWindow } = parse(body) as { suggestedWindow?: { start?: string; end?: string } };
  const [start, end] = [Date.parse(suggestedWindow?.start ?? ""), Date.parse(suggestedWindow?.end ?? "")];
  if (!(start <= end)) return null;
  const askAgainMs = 1000 * (retryAfterSeconds(headers) ?? 6 * 3600);
  return { start, end, askAgainMs: Math.min(Math.max(askAgainMs, hour), 24 * hour) };
}
