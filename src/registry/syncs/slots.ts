// Which sync takes the next place. Each place is a process that may run for minutes, and of those there are few: as long
// as somebody else waits, neither one organization nor one host holds all of them.
import type { App } from "../../app.ts";
import { Postponed } from "../../jobs/queue.ts";
import { findRepositoryById } from "../../store/repositories/repositories.ts";
import { listWaitingSyncs } from "../../store/syncs/requests.ts";
import { hostOf } from "../credentials/remotes.ts";

/** Who holds a place, or waits for one. */
export type Holder = { organization: string; host: string };

/** A sync that steps aside comes back after so long, and goes ahead of everybody when it has done so for too long. */
const asideMs = 3000;
const longestAsideMs = 30_000;

export type SyncSlots = {
  /** Holds a place while `work` runs. Fails as `Postponed` when somebody else has to come first. */
  hold<Result>(app: App, repositoryId: string, work: () => Promise<Result>): Promise<Result>;
};

/** `count` places, as many as this process runs syncs at once. */
export function createSyncSlots(count: number): SyncSlots {
  const held = new Set<Holder>();
  const asideSince = new Map<string, number>();
  let last: Holder[] = [];
  const isPatient = (now: number, repositoryId: string) => {
    const since = asideSince.get(repositoryId) ?? now;
    asideSince.set(repositoryId, since);
    return now - since < longestAsideMs;
  };
  return {
    async hold(app, repositoryId, work) {
      const repository = await findRepositoryById(app.db, repositoryId);
      if (!repository) return work();
      const own = { organization: repository.organization_id, host: hostOf(repository.url) };
      // Of a single place the one before had all of them.
      const others = count === 1 ? last : [...held];
      held.add(own);
      try {
        if (await mustStepAside(app, repositoryId, { own, others, count })) {
          if (isPatient(app.now(), repositoryId)) throw new Postponed(asideMs);
        }
        asideSince.delete(repositoryId);
        last = [own];
        return await work();
      } finally {
        held.delete(own);
      }
    },
  };
}

type Taken = { others: Holder[]; count: number };

/** When somebody waits who would leave more to the rest. */
async function mustStepAside(
  app: App,
  repositoryId: string,
  { own, ...taken }: Taken & { own: Holder },
): Promise<boolean> {
  const ownGreed = greedOf(own, taken);
  if (ownGreed === 0) return false;
  const waiting = await listWaitingSyncs(app.db, { except: repositoryId, now: app.now() });
  const holders = waiting.map(({ organization_id, url }) => ({
    organization: organization_id,
    host: hostOf(url),
  }));
  return holders.some((each) => greedOf(each, taken) < ownGreed);
}

/** 2 when its organization would then hold every place, 1 when only its host would, else 0. */
export function greedOf(own: Holder, { others, count }: Taken): 0 | 1 | 2 {
  const enough = Math.max(1, count - 1);
  const has = (what: keyof Holder) => others.filter((each) => each[what] === own[what]).length >= enough;
  if (has("organization")) return 2;
  return has("host") ? 1 : 0;
}
