// What is done to a repository, each on a page of its own: edit, removals, host key, remove.
import type { FrameData } from "../frame/shell.ts";
import { Button, ButtonLink, Cancel } from "../parts/button.tsx";
import { DialogBody, Removal } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { Form } from "../parts/form.tsx";
import { PageHead } from "../parts/head.tsx";
import { Notice } from "../parts/notice.tsx";
import { errorAt, type Problem } from "../parts/problem.tsx";
import { counted } from "../parts/numbers.ts";
import { AccessFields, type AccessForm, type StoredChoice } from "./new.tsx";
import { ActionPage } from "./show.tsx";
import { removalText, type Loss } from "./text.ts";
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
    <ActionPage shell={shell} base={base} name={name} title="Edit">
      <PageHead
        title="Edit repository"
        about={
          isLocal
            ? url
            : "Change the URL if the repository was renamed or moved. Published versions are kept."
        }
      />
      <Form action={`${base}/edit`} submit="Save changes" busy="Saving…" cancel={base}>
        <Field
          name="name"
          label="Name"
          value={form.name}
          required
          maxlength={100}
          hint="Shown in this dashboard. Package names come from composer.json."
          error={errorAt(problem, "name")}
        />
        {isLocal ? null : (
          <Field
            name="url"
            label="URL"
            value={form.url}
            mono
            required
            maxlength={2048}
            error={errorAt(problem, "url")}
          />
        )}
        <AccessFields
          form={form}
          stored={stored}
          problem={problem}
          {...(keeps === undefined ? {} : { keeps })}
        />
      </Form>
    </ActionPage>
  );
}

/** A sync stopped: what would go, and the consent. */
export function RemovalsPage(props: Of & { message: string; refs: RefListProps; downloads: number }) {
  const { shell, base, name, message, refs, downloads } = props;
  return (
    <ActionPage shell={shell} base={base} name={name} title="Removals">
      <PageHead title="Remove versions whose tags or branches are gone?" />
      <Notice tone="waiting" title={message}>
        {downloads > 0
          ? `Packages from this repository were downloaded ${counted(downloads, "time")} in the last 30 days. `
          : ""}
        Removed versions can no longer be required. Lock files that already use them keep working, because
        their archives are kept.
      </Notice>
      {refs.refs.length > 0 ? <RefList {...refs} /> : null}
      <form class="actions" method="post" action={`${base}/removals`}>
        <Button destroys busy="Starting…">
          Sync and remove them
        </Button>
        <ButtonLink href={base} variant="quiet" data-close="">
          Keep all versions
        </ButtonLink>
      </form>
    </ActionPage>
  );
}

export function HostKeyPage(
  props: Of & { host: string; fingerprint: string | null; changed: string | null },
) {
  const { shell, base, name, host, fingerprint, changed } = props;
  return (
    <ActionPage shell={shell} base={base} name={name} title="Host key">
      <div class="form">
        <DialogBody
          page
          title={`Forget the host key of ${host}?`}
          about="The next sync trusts whatever key the server presents. Do this only if the server's owner confirmed a new key; otherwise someone else may be answering in its place."
        >
          {changed === null ? null : <Notice tone="failed" title={changed} />}
          {fingerprint === null ? (
            <p>No key is stored for this host.</p>
          ) : (
            <p>
              Stored key: <code class="breaks">{fingerprint}</code>
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
    </ActionPage>
  );
}

export function RemoveRepositoryPage(props: Of & { loss: Loss; problem: Problem | null }) {
  const { shell, base, name, loss, problem } = props;
  return (
    <ActionPage shell={shell} base={base} name={name} title="Remove">
      <div class="form">
        <Removal
          page
          title={`Remove ${name}?`}
          loss={removalText(loss)}
          expects={name}
          action={`${base}/remove`}
          verb="Remove repository"
          cancel={base}
          error={problem?.message}
        />
      </div>
    </ActionPage>
  );
}
