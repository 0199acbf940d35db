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

/** An address that is refused leaves a line in the log, whoever proposed it. */
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

/** The user of `https://ann@git.example.com/…` is the credential's, unless another one is given. */
export function namedBy<Given extends GivenCredential | null | "keep">(
  username: string | null,
  given: Given,
): Given {
  if (typeof given !== "object" || given?.kind !== "basic" || given.username.trim() !== "") return given;
  return Object.assign({}, given, { username: username ?? "" });
}

/** What no sync may ever reach is refused at once; a name that is not known yet may be known later. */
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

/** As it would be stored; what cannot be understood stays as it is. */
export function plainAddress(text: string): string {
  try {
    return readAddress(text).url;
  } catch {
    return text.trim();
  }
}

/** The user that an address names; null when it names nobody, or cannot be understood. */
export function userOfAddress(text: string): string | null {
  try {
    return readAddress(text, { allowLocal: true }).username;
  } catch {
    return null;
  }
}

/** For showing an address that was refused: what stands where a secret may stand is masked. */
export function maskAddress(text: string): string {
  return text
    .replace(/\/\/[^/\s]*@/g, "//***@")
    .replace(/(^|\s)[^\s/@:]+:[^\s@]*@/g, "$1***@")
    .replace(/([?&#][^=&\s]*=)[^&\s]*/g, "$1***");
}
