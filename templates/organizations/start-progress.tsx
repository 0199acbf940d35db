// The progress of the first repository and of the first `composer require`.
import { paths } from "../paths.ts";
import type { SeenRequest } from "../../src/registry/organizations/first-install.ts";
import { InstallProgress } from "./install-progress.tsx";
import { RepositoryForm, type Attempt } from "./first-repository.tsx";
import { Button, ButtonLink } from "../parts/button.tsx";
import { CommandList, type Command } from "../parts/command.tsx";
import { Icon } from "../parts/icon.tsx";
import { Notice } from "../parts/notice.tsx";
import { count, counted, span } from "../parts/numbers.ts";
import { State } from "../parts/state.tsx";
import { projectCommands, requireCommand } from "./setup-commands.ts";

export type Organization = { slug: string; name: string };
export type FirstSync = {
  total: number;
  done: number;
  /** Tags and branches with a published version, and those without; while it runs, of those that were read. */
  published: number;
  skipped: number;
  startedAt: number;
  finishedAt: number | null;
};

type StartRepository = {
  name: string;
  url: string;
  state: "waiting" | "syncing" | "fresh" | "failed";
  error: string | null;
  sync: FirstSync | null;
  /** Names that it has published. */
  packages: string[];
};

export type Progress = {
  organization: Organization;
  appUrl: string;
  /** The requests of Composer since the page was opened, oldest first. */
  requests: SeenRequest[];
  isInstalled: boolean;
  /** What was sent just now and could not be taken. */
  attempt: Attempt | null;
  now: number;
} & (
  | { repository: null }
  | {
      repository: StartRepository;
      /** null when it is no longer shown. */
      token: string | null;
      /** What the first package requires of vendors that are served only from here, and is not here. */
      missing: string[];
    }
);

/** The part that updates: it requests itself again when something happens, and every two seconds. */
export function StartProgress(progress: Progress) {
  const { organization, repository, isInstalled } = progress;
  if (repository === null) return <></>;
  const path = paths.start(organization.slug);
  const follows = isInstalled
    ? {}
    : { "hx-get": path, "hx-trigger": "sync from:body, request from:body, install from:body, every 2s" };
  return (
    <div id="progress" class="stack" {...follows} hx-swap="outerHTML">
      <Title repository={repository} isInstalled={isInstalled} />
      <Read repository={repository} />
      {hasFailed(repository) ? (
        <Failed organization={organization} repository={repository} attempt={progress.attempt} />
      ) : null}
      {isInstalled ? null : <Missing progress={progress} missing={progress.missing} />}
      {repository.packages.length > 0 ? (
        <Install progress={progress} name={repository.packages[0] ?? ""} />
      ) : null}
    </div>
  );
}

function Title({ repository, isInstalled }: { repository: StartRepository; isInstalled: boolean }) {
  const [name] = repository.packages;
  if (isInstalled)
    return (
      <header class="stack is-tight">
        <h1>It works</h1>
        <p class="secondary prose">
          Composer installed your package. New pushes will show up within minutes.
        </p>
      </header>
    );
  if (hasFailed(repository))
    return (
      <header class="stack is-tight">
        <h1>The repository could not be read</h1>
        <p class="secondary prose">Check the URL and the credentials, then try again.</p>
      </header>
    );
  if (name === undefined)
    return (
      <header class="stack is-tight">
        <h1>Reading the repository</h1>
        <p class="secondary prose">
          Tags and branches are read, newest first. This page updates automatically.
        </p>
      </header>
    );
  return (
    <header class="stack is-tight">
      <h1>
        Now install <code>{name}</code>
      </h1>
      <p class="secondary prose">
        Its versions are published. Run these commands in any PHP project; this page shows the progress.
      </p>
    </header>
  );
}

function Read({ repository: { url, state, sync } }: { repository: StartRepository }) {
  const kind = ({ fresh: "success", failed: "failed", syncing: "syncing", waiting: "waiting" } as const)[
    state
  ];
  const done = sync?.finishedAt == null ? null : span(sync.finishedAt - sync.startedAt);
  return (
    <p class="read-line">
      <State kind={kind}>
        <code>{url}</code>
      </State>
      <span class="secondary">
        {sync === null
          ? "waiting to start"
          : done === null
            ? `${sync.done} of ${counted(sync.total, "tag or branch", "tags and branches")} read`
            : `${counted(sync.published + sync.skipped, "tag or branch", "tags and branches")} read in ${done}`}
      </span>
      <span class="at-end secondary">
        {sync === null ? null : `${count(sync.published)} published`}
        {sync !== null && sync.skipped > 0 ? `, ${count(sync.skipped)} skipped` : null}
      </span>
    </p>
  );
}

function hasFailed({ state, packages }: StartRepository): boolean {
  return state === "failed" && packages.length === 0;
}

type FailedProps = Pick<Progress, "organization" | "attempt"> & { repository: StartRepository };

function Failed({ organization, repository, attempt }: FailedProps) {
  return (
    <>
      <Notice tone="failed" title="What went wrong">
        {repository.error ?? "No tag or branch has a version."}
      </Notice>
      <RepositoryForm
        id="repair"
        slug={organization.slug}
        form={attempt?.form ?? { url: repository.url, username: "" }}
        problem={attempt?.problem ?? null}
        submit="Try again"
      />
    </>
  );
}

/** Composer would say that the package cannot be found in any version. */
function Missing({ progress, missing }: { progress: Progress; missing: string[] }) {
  const [name, ...others] = missing;
  if (name === undefined) return <></>;
  const { organization, repository, attempt } = progress;
  return (
    <Notice tone="waiting" title={`${repository?.packages[0] ?? ""} needs ${name}, which is not here`}>
      <div class="stack is-close">
        <p>
          Add its repository too: Composer gets packages of this vendor only from here.
          {others.length > 0 ? ` Also missing: ${others.join(", ")}.` : null}
        </p>
        <RepositoryForm
          id={`add-${name}`}
          slug={organization.slug}
          form={attempt?.form ?? { url: "", username: "" }}
          problem={attempt?.problem ?? null}
          placeholder={repository?.url.replace(/[^/:]+$/, `${name.split("/")[1] ?? ""}.git`)}
          submit="Add its repository"
        />
      </div>
    </Notice>
  );
}

function Install({ progress, name }: { progress: Progress; name: string }) {
  const { organization, appUrl, isInstalled } = progress;
  const [token, missing] = progress.repository === null ? [null, []] : [progress.token, progress.missing];
  const followed = (
    <InstallProgress slug={organization.slug} requests={progress.requests} {...{ isInstalled, missing }} />
  );
  const commands: Command[] = [
    ...projectCommands({ appUrl, slug: organization.slug }),
    ["composer config --auth http-basic.", { own: new URL(appUrl).host }, ` token ${token ?? "TOKEN"}`],
    requireCommand(name, null),
  ];
  if (isInstalled)
    return (
      <>
        {followed}
        <div>
          <ButtonLink variant="primary" href={paths.organization(organization.slug)}>
            {`Go to ${organization.name}`}
          </ButtonLink>
        </div>
      </>
    );
  return (
    <>
      <CommandList
        title="In your project folder (in a new project, first run: echo {} > composer.json)"
        commands={commands}
        note={
          token === null ? (
            "The token is no longer shown. Replace TOKEN with one of yours, or create a new one."
          ) : (
            <>
              <Icon name="key-round" small />{" "}
              <span>
                The token <code>first-install</code> was created for you and is shown only on this page. It
                can only read packages.
              </span>
            </>
          )
        }
      />
      {token === null ? (
        <form method="post" action={`${paths.start(organization.slug)}/token`}>
          <Button busy="Creating…">Create a new token</Button>
        </form>
      ) : null}
      {followed}
      <p class="small secondary">
        {"Nothing happening? Check the host name and the proxy, or run Composer with "}
        <code>-vvv</code>
        {" to see more."}
      </p>
    </>
  );
}
