// The address that somebody gives for a repository: what it names, and whether it may be reached at all.
import type { App } from "../../app.ts";
import { Failure } from "../../errors.ts";
import { readAddress, type Address } from "../../git/address.ts";
import type { RemoteUrl } from "../../git/remote.ts";
import { checkHost } from "../../outbound/outbound.ts";
import type { Organization } from "../../store/organizations/organizations.ts";
import { refuseInvisible } from "../names.ts";
import { logRefusal } from "../security-log.ts";
import type { GivenCredential } from "../credentials/credentials.ts";

/** Logs an address that is refused. */
export async function checkAddress(
  app: App,
  organization: Organization,
  { url: text, allowLocal, actor }: { url: string; allowLocal: boolean; actor: string },
): Promise<Address> {
  try {
    const address = readAddress(text, { allowLocal });
    refuseInvisible(address.url, "url");
    await refuseUnreachable(app, address.remote);
    return address;
  } catch (error) {
    logRefusal(app.log, error, { organization: organization.slug, actor });
    throw error;
  }
}

/** The user in `https://ann@git.example.com/…` is the credential's, unless the form names another one. */
export function namedBy<Given extends GivenCredential | null | "keep">(
  username: string | null,
  input: Given,
): Given {
  if (typeof input !== "object" || input?.kind !== "basic" || input.username.trim() !== "") return input;
  return Object.assign({}, input, { username: username ?? "" });
}

/** Refuses a host that no sync may reach. A name that does not resolve yet may do so later. */
async function refuseUnreachable(app: App, remote: RemoteUrl): Promise<void> {
  if (remote.kind === "local") return;
  const policy = { allow: app.config.outboundAllow };
  await checkHost(policy, remote.kind === "ssh" ? remote : endpointOf(remote.url)).catch((error: unknown) => {
    if (error instanceof Failure && error.kind === "unavailable") return;
    throw error;
  });
}

function endpointOf(text: string): { host: string; port: number; insecure: boolean } {
  const url = new URL(text);
  const insecure = url.protocol === "http:";
  return { host: url.hostname, port: Number(url.port) || (insecure ? 80 : 443), insecure };
}

/** The address as it would be stored; text that is no address stays as it is. */
export function plainAddress(text: string): string {
  try {
    return readAddress(text).url;
  } catch {
    return text.trim();
  }
}

/** The user in an address; null when there is none, or the text is no address. */
export function userOfAddress(text: string): string | null {
  try {
    return readAddress(text, { allowLocal: true }).username;
  } catch {
    return null;
  }
}

/** Masks the parts of a refused address that may be a secret, so that it can be shown. */
export function maskAddress(text: string): string {
  return text
    .replace(/\/\/[^/\s]*@/g, "//***@")
    .replace(/(^|\s)[^\s/@:]+:[^\s@]*@/g, "$1***@")
    .replace(/([?&#][^=&\s]*=)[^&\s]*/g, "$1***");
}
