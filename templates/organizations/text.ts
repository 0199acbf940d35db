// Sentences of the organization pages that are composed from pieces.
import type { Loss } from "../../src/registry/organizations/delete.ts";
import { counted } from "../parts/numbers.ts";

/** What is lost with an organization. */
export function deletionText({ packages, versions, repositories, members, tokens, downloads }: Loss): string {
  const archives = `${counted(packages, "package")} with ${counted(versions, "version")} and their archives`;
  const others = `${counted(repositories, "repository", "repositories")} and ${counted(tokens, "token")}`;
  const used =
    downloads === 0
      ? "No downloads in the last 30 days."
      : `${counted(downloads, "download")} in the last 30 days: those projects will fail at their next install.`;
  const people = members > 1 ? ` ${counted(members, "person", "people")} lose access.` : "";
  return `${archives}, ${others} are deleted immediately and permanently. ${used}${people}`;
}

export function invitationLinkText(email: string, sendsMail: boolean): string {
  const sent = sendsMail
    ? "We emailed another link as well."
    : "No mail server is set up, so send this link yourself.";
  return `${sent} The link works once, within seven days, and only for ${email}.`;
}

export function memberRemovalText(member: { name: string; email: string }, organization: string): string {
  return `${member.email} loses access to ${organization} right away, and so do that person's personal tokens. Organization tokens that ${member.name} created or knows keep working; revoke them if they should not.`;
}

export function vendorReleaseText(vendor: string, packages: number): string {
  const stay = packages === 0 ? "" : `${counted(packages, "package")} of this vendor stay here. `;
  return `${stay}Unknown packages of ${vendor} are no longer protected: Composer will look for them in other registries, where anyone can register such a name.`;
}

export function addressChangeText(appUrl: string, slug: string): string {
  return `Projects that use ${appUrl}/${slug} must switch to the new address. Until then, composer update fails with a message that names it, and installing from a lock file fails because its archives are at the old address. Nobody else can take "${slug}" for a year.`;
}
