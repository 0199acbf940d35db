// What an organization is called, where it is, and which names are its own.
import { paths } from "../../../../templates/paths.ts";
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
import { routesOf } from "../../access.ts";
import { seeOther, statusOf } from "../../answers.ts";
import { fields, orFailure, problemOf, type Problem } from "../../forms.ts";
import { toastCookie } from "../../cookies/session.ts";
import { page, type OrganizationPage, type PageSetup } from "../../page.ts";

const settings = "/organizations/:slug/settings";
// Made anew for each route: Elysia writes into what it is given.
const admin = () => ({ member: "admin" }) as const;
const confirmedAdmin = () => ({ member: "admin", confirmed: true }) as const;
const owner = () => ({ member: "owner", confirmed: true }) as const;

export function settingsPages(setup: PageSetup) {
  return routesOf(setup.app, "settings")
    .get(settings, ({ context }) => general(setup, context), admin())
    .post(settings, ({ context, body }) => change(setup, context, body), admin())
    .post(`${settings}/vendors`, ({ context, body }) => addVendor(setup, context, body), admin())
    .get(
      `${settings}/vendors/:vendor`,
      ({ context, params }) => confirmPage(setup, context, params.vendor),
      confirmedAdmin(),
    )
    .post(
      `${settings}/vendors/:vendor`,
      ({ context, params, body }) => giveUp(setup, context, { vendor: params.vendor, body }),
      confirmedAdmin(),
    )
    .get(`${settings}/address`, ({ context }) => address(setup, context), owner())
    .post(`${settings}/address`, ({ context, body }) => move(setup, context, body), owner());
}

type Input = { form?: GeneralForm; vendor?: string; failure?: Failure };

async function general(
  setup: PageSetup,
  context: OrganizationPage,
  { form, vendor = "", failure }: Input = {},
): Promise<Response> {
  const { organization, member } = context.membership;
  const { id, slug, name, notice, publishes_source } = organization;
  const owned = await listVendors(setup.app.db, id);
  const counts = await countPackagesOfVendors(setup.app.db, id, owned);
  const vendors = owned.map((each) => ({ vendor: each, packages: counts.get(each) ?? 0 }));
  const kept = form ?? { name, notice: notice ?? "", publishesSource: publishes_source === 1 };
  const isOwner = member.role === "owner";
  return page(setup, context, {
    ...statusAfter(failure),
    render: (shell) =>
      GeneralPage({ shell, slug, form: kept, vendors, vendor, isOwner, problem: problemAfter(failure) }),
  });
}

async function change(setup: PageSetup, context: OrganizationPage, body: unknown): Promise<Response> {
  const { app } = setup;
  const { organization } = context.membership;
  const sent = fields(body, ["name", "notice", "publishes_source"]);
  const form = { name: sent.name, notice: sent.notice, publishesSource: sent.publishes_source === "1" };
  const isSame = (organization.publishes_source === 1) === form.publishesSource;
  // Telling of the source or not writes every document anew; a new name does not.
  const { publishesSource, ...texts } = form;
  const changes = isSame ? texts : { ...texts, publishesSource };
  const failure = await orFailure(() =>
    updateOrganization(app, organization, { change: changes, actor: context.actor }),
  );
  if (failure instanceof Failure) return general(setup, context, { form, failure });
  return seeOther(paths.settings(context.membership.organization.slug), [toastCookie(app, "Changes saved.")]);
}

async function addVendor(setup: PageSetup, context: OrganizationPage, body: unknown): Promise<Response> {
  const { vendor } = fields(body, ["vendor"]);
  const named = vendor.trim().toLowerCase();
  const failure = await orFailure(() =>
    claimVendor(setup.app, context.membership.organization, { vendor: named, actor: context.actor }),
  );
  if (failure instanceof Failure) return general(setup, context, { vendor, failure });
  return seeOther(paths.settings(context.membership.organization.slug), [
    toastCookie(setup.app, `${named} is protected now.`),
  ]);
}

async function confirmPage(
  setup: PageSetup,
  context: OrganizationPage,
  vendor: string,
  failure?: Failure,
): Promise<Response> {
  const { id, slug } = context.membership.organization;
  if (!(await listVendors(setup.app.db, id)).includes(vendor))
    throw notFound("There is no page at this address.");
  const packages = (await countPackagesOfVendors(setup.app.db, id, [vendor])).get(vendor) ?? 0;
  return page(setup, context, {
    ...statusAfter(failure),
    render: (shell) => GiveUpVendorPage({ shell, slug, vendor, packages, problem: problemAfter(failure) }),
  });
}

async function giveUp(
  setup: PageSetup,
  context: OrganizationPage,
  { vendor, body }: { vendor: string; body: unknown },
): Promise<Response> {
  const typed = fields(body, ["confirm"]).confirm.trim();
  if (typed !== vendor)
    return confirmPage(setup, context, vendor, invalid(`Type ${vendor} to release it. Nothing was changed.`));
  await giveUpVendor(setup.app, context.membership.organization, { vendor, actor: context.actor });
  return seeOther(paths.settings(context.membership.organization.slug), [
    toastCookie(setup.app, `${vendor} was released.`),
  ]);
}

function address(
  setup: PageSetup,
  context: OrganizationPage,
  { typed = "", failure }: { typed?: string; failure?: Failure } = {},
) {
  const { slug } = context.membership.organization;
  return page(setup, context, {
    ...statusAfter(failure),
    render: (shell) => ChangeAddressPage({ shell, slug, typed, problem: problemAfter(failure) }),
  });
}

async function move(setup: PageSetup, context: OrganizationPage, body: unknown): Promise<Response> {
  const { slug: typed } = fields(body, ["slug"]);
  const slug = typed.trim();
  const failure = await orFailure(() =>
    moveOrganization(setup.app, context.membership.organization, { slug, actor: context.actor }),
  );
  if (failure instanceof Failure) return address(setup, context, { typed, failure });
  const message = `The address is now ${setup.app.config.appUrl}/${slug}.`;
  return seeOther(paths.settings(slug), [toastCookie(setup.app, message)]);
}

function statusAfter(failure: Failure | undefined): { status?: number } {
  return failure === undefined ? {} : { status: statusOf[failure.kind] };
}

function problemAfter(failure: Failure | undefined): Problem | null {
  return failure === undefined ? null : problemOf(failure);
}
