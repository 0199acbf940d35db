// What a repository does now: a sync that runs or waits, or what went wrong with the last one.
import { Button } from "../parts/button.tsx";
import { CommandBlock } from "../parts/command.tsx";
import { Notice, Panel } from "../parts/notice.tsx";
import { Progress } from "../parts/progress.tsx";
import { State } from "../parts/state.tsx";
import { progressText, retryText, servedText } from "./text.ts";
import type { Failed, FailureCause, RepositoryView, RunningSync } from "./view.ts";

type Shown = { repository: RepositoryView; base: string; now: number; canEdit: boolean };

/** Nothing when the last sync ended well. */
export function RepositoryStatus({ repository, base, now, canEdit }: Shown) {
  const { running, state, failure, key } = repository;
  const cancel = canEdit ? <Cancel base={base} isCanceling={!repository.mayCancel} /> : null;
  if (running)
    return (
      <Panel>
        <div class="stack is-tight">
          <Running running={running} now={now} url={repository.url} />
          {cancel}
        </div>
      </Panel>
    );
  if (waitsForKey(repository) && key && canEdit)
    return (
      <Notice tone="waiting" icon="key-round" title="Add the deploy key first">
        <div class="stack is-tight">
          <p>
            Add this public key to the repository's deploy keys. Read access is enough. Then click{" "}
            <b>Sync now</b>.
          </p>
          <CommandBlock plain command={[key.publicKey]} announcement="Public key copied" />
          <p class="hint">{key.fingerprint}</p>
        </div>
      </Notice>
    );
  if (state === "waiting")
    return (
      <Panel>
        <div class="stack is-tight">
          <State
            kind="waiting"
            word={repository.isPaused ? "Waiting: syncs are paused" : "Waiting to start"}
          />
          {repository.isPaused ? (
            <p class="hint">An administrator paused syncs. This sync will run when they resume.</p>
          ) : null}
          {repository.mayCancel ? cancel : null}
        </div>
      </Panel>
    );
  if (!failure) return <></>;
  return <WentWrong failure={failure} {...{ repository, now, canEdit }} />;
}

/** The Git host redirects to another URL. */
export function Moved({ repository, base, canEdit }: Omit<Shown, "now">) {
  const { movedTo, name } = repository;
  if (movedTo === null) return <></>;
  return (
    <Notice tone="waiting" icon="link" title={`Now at ${movedTo}`}>
      <div class="stack is-tight">
        <p>
          {`The Git host redirects the old URL of ${name} to the new one. It may stop doing so and give the old URL to another repository.`}
        </p>
        {canEdit ? (
          <form method="post" action={`${base}/follow`}>
            <Button small busy="Updating…">
              Use the new URL
            </Button>
          </form>
        ) : (
          <p>An admin of the organization can switch to the new URL.</p>
        )}
      </div>
    </Notice>
  );
}

/** What it has recorded until then is complete, and stays. */
function Cancel({ base, isCanceling }: { base: string; isCanceling: boolean }) {
  if (isCanceling) return <p class="hint">Canceled. It will stop within seconds.</p>;
  return (
    <form method="post" action={`${base}/cancel`}>
      <Button small busy="Canceling…">
        Cancel sync
      </Button>
    </form>
  );
}

/** It has a new deploy key, and the first sync was not started yet. */
export function waitsForKey({ state, syncs, key }: RepositoryView): boolean {
  return state === "waiting" && syncs.length === 0 && key !== null;
}

function Running({ running, now, url }: { running: RunningSync; now: number; url: string }) {
  const { total, done, added, updated, skipped, current, startedAt, by } = running;
  const time = progressText({ done, total, soFarMs: now - startedAt });
  if (total === 0)
    return (
      <div class="facts">
        <State kind="running" word="Syncing" />
        <span>{`Checking ${hostOf(url)} for changes`}</span>
        <span class="at-end">{time}</span>
      </div>
    );
  const unchanged = Math.max(0, done - added - updated - skipped);
  return (
    <Progress
      label="Sync"
      total={total}
      noun="tags and branches"
      shares={[
        { of: "added", text: "added", count: added },
        ...(updated > 0 ? [{ of: "added" as const, text: "updated", count: updated }] : []),
        { of: "unchanged", text: "unchanged", count: unchanged },
        { of: "skipped", text: "skipped", count: skipped },
      ]}
      current={current ?? undefined}
      doing={current === null ? undefined : "is next"}
      time={time}
      note={`Trigger: ${by}, ${new Date(startedAt).toISOString().slice(11, 19)}`}
    />
  );
}

const titles: Record<FailureCause, string> = {
  removals: "Removing versions needs your approval",
  "host-key": "The SSH host key has changed",
  access: "Pricore has no access to this repository",
  forgotten: "The credential must be entered again",
  missing: "The repository was not found",
  address: "The URL cannot be used",
  content: "Nothing was published",
  costly: "The sync was stopped",
  server: "The last sync failed",
};

function WentWrong(props: Omit<Shown, "base"> & { failure: Failed }) {
  const { failure, repository, now, canEdit } = props;
  const { message, cause, link, nextAttemptAt, syncHref } = failure;
  const { versions, credential } = repository;
  const links = [...(link === null || !canEdit ? [] : [link]), { href: syncHref, text: "View sync" }];
  const title =
    cause === "access" && credential !== null
      ? `${hostOf(repository.url)} rejected the credential "${credential}"`
      : titles[cause];
  return (
    <Notice tone={cause === "removals" ? "waiting" : "failed"} title={title} links={links}>
      {message} {servedText(versions)}
      {nextAttemptAt === null ? "" : ` ${retryText(nextAttemptAt, now)}`}
    </Notice>
  );
}

/** Of an address: `git.example.com`. */
export function hostOf(url: string): string {
  return /^(?:[a-z]+:\/\/)?(?:[^@/]+@)?([^/:]+)/i.exec(url)?.[1] ?? "the Git server";
}
