// What an organization is called, where it is, and which names are its own.
import { Elysia } from "elysia";
import {
  ChangeAddressPage,
  GeneralPage,
  GiveUpVendorPage,
  type GeneralForm,
} from "../../../../templates/organizations/settings.tsx";
import { Failure, invalid, notFound } from "../../../errors.ts";
import { moveOrganization } from "../../../registry/organizations/change-address.ts";
import {
  claimVendor,
  giveUpVendor,
  updateOrganization,
} from "../../../registry/organizations/organizations.ts";
import { countPackagesOfVendors } from "../../../store/packages/packages.ts";
import { listVendors } from "../../../store/organizations/vendors.ts";
import { accessFor } from "../../access.ts";
import { seeOther, statusOf } from "../../answers.ts";
import { fields, orFailure, problemOf, type Problem } from "../../forms.ts";
import { toastCookie } from "../../cookies/session.ts";
import { page, type OrganizationPage, type PageSetup } from "../../page.ts";

const settings = "/organizations/:slug/settings";
// Made anew for each route: Elysia writes into what it is given.
const admin = () => ({ member: "admin" }) as const;
const confirmedAdmin = () => ({ member: "admin", confirmed: true }) as const;
const owner = () => ({ member: "owner", confirmed: true }) as const;

export function settingsPages(site: PageSetup) {
  return new Elysia({ name: "settings" })
    .use(accessFor(site.app))
    .get(settings, (asked) => general(site, asked), admin())
    .post(settings, ({ body, ...asked }) => change(site, asked, body), admin())
    .post(`${settings}/vendors`, ({ body, ...asked }) => addVendor(site, asked, body), admin())
    .get(
      `${settings}/vendors/:vendor`,
      ({ params, ...asked }) => ask(site, asked, params.vendor),
      confirmedAdmin(),
    )
    .post(
      `${settings}/vendors/:vendor`,
      ({ params, body, ...asked }) => giveUp(site, asked, { vendor: params.vendor, body }),
      confirmedAdmin(),
    )
    .get(`${settings}/address`, (asked) => address(site, asked), owner())
    .post(`${settings}/address`, ({ body, ...asked }) => move(site, asked, body), owner());
}

type Shown = { form?: GeneralForm; vendor?: string; failure?: Failure };

async function general(
  site: PageSetup,
  seen: OrganizationPage,
  { form, vendor = "", failure }: Shown = {},
): Promise<Response> {
  const { organization, member } = seen.membership;
  const { id, slug, name, notice, publishes_source } = organization;
  const owned = await listVendors(site.app.db, id);
  const counts = await countPackagesOfVendors(site.app.db, id, owned);
  const vendors = owned.map((each) => ({ vendor: each, packages: counts.get(each) ?? 0 }));
  const kept = form ?? { name, notice: notice ?? "", publishesSource: publishes_source === 1 };
  const isOwner = member.role === "owner";
  return page(site, seen, {
    ...statusAfter(failure),
    render: (shell) =>
      GeneralPage({ shell, slug, form: kept, vendors, vendor, isOwner, problem: problemAfter(failure) }),
  });
}

async function change(site: PageSetup, seen: OrganizationPage, body: unknown): Promise<Response> {
  const { app } = site;
  const { organization } = seen.membership;
  const sent = fields(body, ["name", "notice", "publishes_source"]);
  const form = { name: sent.name, notice: sent.notice, publishesSource: sent.publishes_source === "1" };
  const isSame = (organization.publishes_source === 1) === form.publishesSource;
  // Telling of the source or not writes every document anew; a new name does not.
  const { publishesSource, ...words } = form;
  const asked = isSame ? words : { ...words, publishesSource };
  const failure = await orFailure(() =>
    updateOrganization(app, organization, { change: asked, actor: actorOf(seen) }),
  );
  if (failure instanceof Failure) return general(site, seen, { form, failure });
  return seeOther(addressOf(seen), [toastCookie(app, "The settings are saved.")]);
}

async function addVendor(site: PageSetup, seen: OrganizationPage, body: unknown): Promise<Response> {
  const { vendor } = fields(body, ["vendor"]);
  const named = vendor.trim().toLowerCase();
  const failure = await orFailure(() =>
    claimVendor(site.app, seen.membership.organization, { vendor: named, actor: actorOf(seen) }),
  );
  if (failure instanceof Failure) return general(site, seen, { vendor, failure });
  return seeOther(addressOf(seen), [toastCookie(site.app, `Unknown names of ${named} are shielded now.`)]);
}

async function ask(
  site: PageSetup,
  seen: OrganizationPage,
  vendor: string,
  failure?: Failure,
): Promise<Response> {
  const { id, slug } = seen.membership.organization;
  if (!(await listVendors(site.app.db, id)).includes(vendor))
    throw notFound("There is nothing at this address.");
  const packages = (await countPackagesOfVendors(site.app.db, id, [vendor])).get(vendor) ?? 0;
  return page(site, seen, {
    ...statusAfter(failure),
    render: (shell) => GiveUpVendorPage({ shell, slug, vendor, packages, problem: problemAfter(failure) }),
  });
}

async function giveUp(
  site: PageSetup,
  seen: OrganizationPage,
  { vendor, body }: { vendor: string; body: unknown },
): Promise<Response> {
  const typed = fields(body, ["confirm"]).confirm.trim();
  if (typed !== vendor)
    return ask(site, seen, vendor, invalid(`Type ${vendor} to give it up. Nothing was changed.`));
  await giveUpVendor(site.app, seen.membership.organization, { vendor, actor: actorOf(seen) });
  return seeOther(addressOf(seen), [toastCookie(site.app, `${vendor} is given up.`)]);
}

function address(
  site: PageSetup,
  seen: OrganizationPage,
  { typed = "", failure }: { typed?: string; failure?: Failure } = {},
) {
  const { slug } = seen.membership.organization;
  return page(site, seen, {
    ...statusAfter(failure),
    render: (shell) => ChangeAddressPage({ shell, slug, typed, problem: problemAfter(failure) }),
  });
}

async function move(site: PageSetup, seen: OrganizationPage, body: unknown): Promise<Response> {
  const { slug: typed } = fields(body, ["slug"]);
  const slug = typed.trim();
  const failure = await orFailure(() =>
    moveOrganization(site.app, seen.membership.organization, { slug, actor: actorOf(seen) }),
  );
  if (failure instanceof Failure) return address(site, seen, { typed, failure });
  const said = `The address is ${site.app.config.appUrl}/${slug} now.`;
  return seeOther(`/organizations/${slug}/settings`, [toastCookie(site.app, said)]);
}

function addressOf({ membership }: OrganizationPage): string {
  return `/organizations/${membership.organization.slug}/settings`;
}

function actorOf({ viewer }: OrganizationPage): string {
  return `user:${viewer.user.id}`;
}

function statusAfter(failure: Failure | undefined): { status?: number } {
  return failure === undefined ? {} : { status: statusOf[failure.kind] };
}

function problemAfter(failure: Failure | undefined): Problem | null {
  return failure === undefined ? null : problemOf(failure);
}
