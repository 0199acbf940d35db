// Deleting a version or a package, after being shown who uses it, and bringing it back.
import { DeletionPage } from "../../../../templates/packages/deletion.tsx";
import type { DeletionProps } from "../../../../templates/packages/view.ts";
import type { App } from "../../../app.ts";
import { Failure, notFound } from "../../../errors.ts";
import {
  restorePackage,
  restoreVersion,
  deletePackage,
  deleteVersion,
} from "../../../registry/packages/deletions.ts";
import { daysBack, onlyFits, usageOf } from "../../../registry/packages/usage.ts";
import type { Membership } from "../../../store/organizations/members.ts";
import type { FullVersion } from "../../../store/packages/pages.ts";
import { routesOf } from "../../access.ts";
import { seeOther, statusOf } from "../../answers.ts";
import { fields, orFailure } from "../../forms.ts";
import { toastCookie } from "../../cookies/session.ts";
import { page, type OrganizationPage, type PageSetup } from "../../page.ts";
import { perDay } from "./downloads.ts";
import { packagePageOf, type Names, type PackagePage } from "./package-page.ts";
import { fullVersionOf } from "./version.ts";

const path = "/organizations/:slug/packages/:vendor/:name";
/** A new object for each route: Elysia writes into the one it is given. */
const admins = () => ({ member: "admin", confirmed: true }) as const;

export function deletionPages(setup: PageSetup) {
  const { app } = setup;
  return routesOf(app, "deletions")
    .get(
      `${path}/delete`,
      async ({ context, membership, params }) => {
        const props = await propsOf(app, membership, await targetOf(app, membership, params));
        return page(setup, context, { render: (shell) => DeletionPage({ shell, ...props }) });
      },
      admins(),
    )
    .get(
      `${path}/versions/:version/delete`,
      async ({ context, membership, params }) => {
        const props = await propsOf(app, membership, await targetOf(app, membership, params));
        return page(setup, context, { render: (shell) => DeletionPage({ shell, ...props }) });
      },
      admins(),
    )
    .post(
      `${path}/delete`,
      async ({ context, membership, params, body, actor }) => {
        const { confirm: typed } = fields(body, ["confirm"]);
        const target = await targetOf(app, membership, params);
        const { pkg, head } = target.subject;
        const { organization } = membership;
        const done = await orFailure(() =>
          deletePackage(app, { organization, packageId: pkg.id, actor, typed }),
        );
        if (done instanceof Failure) return failedPage(setup, { context, target, failure: done });
        return seeOther(head.listHref, [toastCookie(app, `${head.name} was deleted.`)]);
      },
      admins(),
    )
    .post(
      `${path}/versions/:version/delete`,
      async ({ context, membership, params, body, actor }) => {
        const { confirm: typed } = fields(body, ["confirm"]);
        const target = await targetOf(app, membership, params);
        const { subject, version } = target;
        if (!version) throw notFound("There is no page at this address.");
        const of = {
          organization: membership.organization,
          packageId: subject.pkg.id,
          versionId: version.id,
        };
        const done = await orFailure(() => deleteVersion(app, { ...of, actor, typed }));
        if (done instanceof Failure) return failedPage(setup, { context, target, failure: done });
        const message = `${subject.head.name} ${version.version} was deleted.`;
        return seeOther(`${subject.head.href}/versions`, [toastCookie(app, message)]);
      },
      admins(),
    )
    .post(
      `${path}/bring-back`,
      async ({ membership, params, body, actor }) => {
        fields(body, []);
        const { pkg, head } = await packagePageOf(app, membership, params);
        const { organization } = membership;
        await restorePackage(app, { organization, packageId: pkg.id, actor });
        return seeOther(head.href, [toastCookie(app, `${head.name} will be restored by the next sync.`)]);
      },
      admins(),
    )
    .post(
      `${path}/versions/:version/bring-back`,
      async ({ membership, params, body, actor }) => {
        fields(body, []);
        const { subject, version } = await targetOf(app, membership, params);
        if (!version) throw notFound("There is no page at this address.");
        const { organization } = membership;
        const target = { organization, packageId: subject.pkg.id, versionId: version.id };
        await restoreVersion(app, { ...target, actor });
        const message = `${version.version} will be restored by the next sync.`;
        return seeOther(`${subject.head.href}/versions`, [toastCookie(app, message)]);
      },
      admins(),
    );
}

type Target = { subject: PackagePage; version: FullVersion | null };

async function targetOf(
  app: App,
  membership: Membership,
  { version, ...names }: Names & { version?: string },
): Promise<Target> {
  const subject = await packagePageOf(app, membership, names);
  return { subject, version: version === undefined ? null : await fullVersionOf(app, { subject, version }) };
}

async function propsOf(
  app: App,
  { organization }: Membership,
  { subject, version }: Target,
  problem: string | null = null,
): Promise<DeletionProps> {
  const { head, versions } = subject;
  const isGone = version === null ? subject.pkg.deleted_at !== null : version.removed_at !== null;
  if (isGone) throw notFound("There is no page at this address.");
  const versionNormalized = version?.version_normalized ?? null;
  const usage = await usageOf(app, organization.id, { name: head.name, versionNormalized });
  const others = versions.map((line) => line.version_normalized).filter((each) => each !== versionNormalized);
  const sizes = versions.reduce((sum, line) => sum + (line.size_bytes ?? 0), 0);
  return {
    head,
    version: version?.version ?? null,
    versions: versions.length,
    archiveBytes: version === null ? sizes : (version.size_bytes ?? 0),
    downloads: { ...perDay(usage.days, daysBack(app.now(), 30)), before: null },
    tokens: usage.tokens,
    dependents: usage.dependents.map((each) => ({
      ...each,
      only: versionNormalized !== null && onlyFits(each.constraint, { version: versionNormalized, others }),
    })),
    dependentsTotal: usage.dependentsTotal,
    problem,
  };
}

type FailedDeletion = {
  context: OrganizationPage;
  target: Target;
  failure: Failure;
};

/** The page again, with the problem beside the field. */
async function failedPage(setup: PageSetup, { context, target, failure }: FailedDeletion): Promise<Response> {
  const props = await propsOf(setup.app, context.membership, target, failure.message);
  return page(setup, context, {
    status: statusOf[failure.kind],
    render: (shell) => DeletionPage({ shell, ...props }),
  });
}
