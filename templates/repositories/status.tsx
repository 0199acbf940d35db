// What a repository does now: a sync that runs or waits, or what went wrong with the last one.
import { Button } from "../parts/button.tsx";
import { CommandBlock } from "../parts/command.tsx";
import { Notice, Panel } from "../parts/notice.tsx";
import { count, span } from "../parts/numbers.ts";
import { Progress } from "../parts/progress.tsx";
import { State } from "../parts/state.tsx";
import { relative } from "../parts/time.tsx";
import { withoutScheme } from "./list.tsx";
import type { Failed, FailureCause, RepositoryView, RunningSync } from "./view.ts";

type Shown = { repository: RepositoryView; base: string; now: number; canEdit: boolean };

/** Nothing when the last sync ended well. */
export function RepositoryStatus({ repository, base, now, canEdit }: Shown) {
  const { running, state, failure, key } = repository;
  const cancel = canEdit ? <Cancel base={base} isAsked={!repository.mayCancel} /> : null;
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
      <Notice tone="waiting" icon="key-round" title="Give the forge the deploy key first">
        <div class="stack is-tight">
          <p>
            Add this public key to the repository's deploy keys; read access is enough. Then press{" "}
            <b>Sync now</b>.
          </p>
          <CommandBlock plain command={[key.publicKey]} said="Public key copied" />
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
            word={repository.isPaused ? "Waiting: syncs are paused" : "Waiting for its turn"}
          />
          {repository.isPaused ? (
            <p class="hint">An administrator of this server paused them. This sync runs when they resume.</p>
          ) : null}
          {repository.mayCancel ? cancel : null}
        </div>
      </Panel>
    );
  if (!failure) return <></>;
  return <WentWrong failure={failure} {...{ repository, now, canEdit }} />;
}

/** Its forge knows it under another address by now. */
export function Moved({ repository, base, canEdit }: Omit<Shown, "now">) {
  const { movedTo, name } = repository;
  if (movedTo === null) return <></>;
  return (
    <Notice tone="waiting" icon="link" title={`Now at ${withoutScheme(movedTo)}`}>
      <div class="stack is-tight">
        <p>
          {`The forge leads from the old address of ${name} to the new one. It may stop to do so, and give the old one to another repository.`}
        </p>
        {canEdit ? (
          <form method="post" action={`${base}/follow`}>
            <Button small busy="Following…">
              Use the new address
            </Button>
          </form>
        ) : (
          <p>An administrator of the organization can take the new address.</p>
        )}
      </div>
    </Notice>
  );
}

/** What it has recorded until then is complete, and stays. */
function Cancel({ base, isAsked }: { base: string; isAsked: boolean }) {
  if (isAsked) return <p class="hint">It was cancelled, and stops within seconds.</p>;
  return (
    <form method="post" action={`${base}/cancel`}>
      <Button small busy="Cancelling…">
        Cancel sync
      </Button>
    </form>
  );
}

/** A key was made for it, and nobody has asked for the first sync yet. */
export function waitsForKey({ state, syncs, key }: RepositoryView): boolean {
  return state === "waiting" && syncs.length === 0 && key !== null;
}

function Running({ running, now, url }: { running: RunningSync; now: number; url: string }) {
  const { total, done, added, updated, skipped, current, startedAt, by } = running;
  const soFar = now - startedAt;
  const left = done >= 5 && total > done ? (soFar / done) * (total - done) : null;
  const time = `${span(soFar)} so far${left === null ? "" : `, about ${span(Math.max(1000, left))} left`}`;
  if (total === 0)
    return (
      <div class="facts">
        <State kind="running" word="Syncing" />
        <span>{`Asking ${hostOf(url)} what is new`}</span>
        <span class="at-end">{time}</span>
      </div>
    );
  const unchanged = Math.max(0, done - added - updated - skipped);
  return (
    <Progress
      label="Sync"
      total={total}
      noun="refs"
      shares={[
        { of: "added", words: "added", count: added },
        ...(updated > 0 ? [{ of: "added" as const, words: "updated", count: updated }] : []),
        { of: "unchanged", words: "unchanged", count: unchanged },
        { of: "skipped", words: "skipped", count: skipped },
      ]}
      current={current ?? undefined}
      doing={current === null ? undefined : "is next"}
      time={time}
      note={`Started by ${by} at ${new Date(startedAt).toISOString().slice(11, 19)}`}
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
  const still =
    versions > 0
      ? `Composer still gets ${versions === 1 ? "its one version" : `all ${count(versions)} versions`}.`
      : "Nothing has been published from it yet.";
  const next = nextAttemptAt === null ? "" : ` Pricore tries again ${soon(nextAttemptAt, now)}.`;
  const links = [...(link === null || !canEdit ? [] : [link]), { href: syncHref, words: "See the sync" }];
  const title =
    cause === "access" && credential !== null
      ? `${hostOf(repository.url)} rejected the credential "${credential}"`
      : titles[cause];
  return (
    <Notice tone={cause === "removals" ? "waiting" : "failed"} title={title} links={links}>
      {message} {still}
      {next}
    </Notice>
  );
}

/** Of an address: `git.example.com`. */
export function hostOf(url: string): string {
  return /^(?:[a-z]+:\/\/)?(?:[^@/]+@)?([^/:]+)/i.exec(url)?.[1] ?? "the git server";
}

function soon(at: number, now: number): string {
  return at <= now ? "in a moment" : relative(at, now);
}
