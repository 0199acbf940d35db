// What is done to a repository, each on a page of its own: edit, removals, host key, remove.
import type { FrameData } from "../frame/shell.ts";
import { Button, ButtonLink, Cancel } from "../parts/button.tsx";
import { DialogBody, Removal } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { PageHead } from "../parts/head.tsx";
import { Notice } from "../parts/notice.tsx";
import { counted } from "../parts/numbers.ts";
import { AccessFields, type AccessForm, type Problem, type StoredChoice } from "./new.tsx";
import { ActPage } from "./show.tsx";
import { RefList, type RefListProps } from "./refs.tsx";

type Of = { shell: FrameData; base: string; name: string };

export function EditRepositoryPage(
  props: Of & {
    url: string;
    form: AccessForm & { name: string; url: string };
    stored: StoredChoice[];
    /** The credential that it has; left out when it has none. */
    keeps?: string;
    problem: Problem | null;
  },
) {
  const { shell, base, name, url, form, stored, keeps, problem } = props;
  const isLocal = url.startsWith("/");
  return (
    <ActPage shell={shell} base={base} name={name} title="Edit">
      <PageHead
        title="Edit repository"
        about={
          isLocal
            ? url
            : "Change the address if the repository was renamed or moved. Published versions are kept."
        }
      />
      <form class="form stack" method="post" action={`${base}/edit`}>
        <Field
          name="name"
          label="Name"
          value={form.name}
          required
          maxlength={100}
          hint="What people see here. Packages have the names that composer.json gives them."
          error={problem?.field === "name" ? problem.message : undefined}
        />
        {isLocal ? null : (
          <Field
            name="url"
            label="Address"
            value={form.url}
            mono
            required
            maxlength={2048}
            error={problem?.field === "url" ? problem.message : undefined}
          />
        )}
        <AccessFields
          form={form}
          stored={stored}
          problem={problem}
          {...(keeps === undefined ? {} : { keeps })}
        />
        <div class="actions">
          <Button look="primary" busy="Saving…">
            Save changes
          </Button>
          <Cancel href={base} />
        </div>
      </form>
    </ActPage>
  );
}

/** A sync stopped: what would go, and the consent. */
export function RemovalsPage(props: Of & { message: string; refs: RefListProps; downloads: number }) {
  const { shell, base, name, message, refs, downloads } = props;
  return (
    <ActPage shell={shell} base={base} name={name} title="Removals">
      <PageHead title="Remove versions whose tags and branches are gone?" />
      <Notice tone="waiting" title={message}>
        {downloads > 0
          ? `Packages of this repository were downloaded ${counted(downloads, "time")} in the last 30 days. `
          : ""}
        Versions that go can no longer be required. Lock files that name them go on working: their archives
        stay.
      </Notice>
      {refs.refs.length > 0 ? <RefList {...refs} /> : null}
      <form class="actions" method="post" action={`${base}/removals`}>
        <Button destroys busy="Asking…">
          Sync and remove them
        </Button>
        <ButtonLink href={base} look="quiet" data-close="">
          Keep everything
        </ButtonLink>
      </form>
    </ActPage>
  );
}

export function HostKeyPage(
  props: Of & { host: string; fingerprint: string | null; changed: string | null },
) {
  const { shell, base, name, host, fingerprint, changed } = props;
  return (
    <ActPage shell={shell} base={base} name={name} title="Host key">
      <div class="form">
        <DialogBody
          page
          title={`Forget the host key of ${host}?`}
          about="The next sync keeps whatever key the server then shows. Do it only if the server's owner has confirmed a new one: otherwise somebody else may be answering in its place."
        >
          {changed === null ? null : <Notice tone="failed" title={changed} />}
          {fingerprint === null ? (
            <p>No key of this host is kept: there is nothing to forget.</p>
          ) : (
            <p>
              Kept now: <code class="breaks">{fingerprint}</code>
            </p>
          )}
          <form class="actions" method="post" action={`${base}/host-key`}>
            <Button destroys disabled={fingerprint === null}>
              Forget host key
            </Button>
            <Cancel href={base} />
          </form>
        </DialogBody>
      </div>
    </ActPage>
  );
}

export type Loss = { packages: string[]; versions: number; downloads: number; vendors: string[] };

export function RemoveRepositoryPage(props: Of & { loss: Loss; problem: Problem | null }) {
  const { shell, base, name, loss, problem } = props;
  return (
    <ActPage shell={shell} base={base} name={name} title="Remove">
      <div class="form">
        <Removal
          page
          title={`Remove ${name}?`}
          loss={lossWords(loss)}
          expects={name}
          action={`${base}/remove`}
          verb="Remove repository"
          cancel={base}
          error={problem?.message}
        />
      </div>
    </ActPage>
  );
}

function lossWords({ packages, versions, downloads, vendors }: Loss): string {
  if (packages.length === 0)
    return "It publishes no package, so nothing that Composer sees changes. Its history of syncs is lost.";
  const named =
    packages.slice(0, 3).join(", ") + (packages.length > 3 ? ` and ${packages.length - 3} more` : "");
  const lately =
    downloads === 0
      ? "Nobody downloaded them in the last 30 days."
      : `They were downloaded ${counted(downloads, "time")} in the last 30 days.`;
  return [
    `${counted(packages.length, "package")} (${named}) with ${counted(versions, "version")} can no longer be required: the next composer update of projects that do will fail.`,
    lately,
    `Lock files go on working, because archives stay. Names under ${vendors.join(", ")} are still answered here and left to no other registry.`,
    `The history of syncs is lost.`,
  ].join(" ");
}
