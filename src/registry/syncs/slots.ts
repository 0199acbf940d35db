// Which sync gets the next slot. Each slot is a process that may run for minutes, and there are few of them: as long
// as others wait, neither one organization nor one host gets all of them.
import type { App } from "../../app.ts";
import { Postponed } from "../../jobs/queue.ts";
import { findRepositoryById } from "../../store/repositories/repositories.ts";
import { listWaitingSyncs } from "../../store/syncs/requests.ts";
import { hostOf } from "../credentials/remotes.ts";

/** Whose sync has a slot, or waits for one. */
export type Holder = { organization: string; host: string };

/** A sync that steps aside tries again after `asideMs`, and goes first when it has stepped aside for too long. */
const asideMs = 3000;
const maxAsideMs = 30_000;

type SyncSlots = {
  /** Holds a slot while `work` runs. Fails as `Postponed` when another sync must go first. */
  hold<Result>(app: App, repositoryId: string, work: () => Promise<Result>): Promise<Result>;
};

/** `count` slots: the number of syncs that this process runs at once. */
export function createSyncSlots(count: number): SyncSlots {
  const held = new Set<Holder>();
  const asideSince = new Map<string, number>();
  let last: Holder[] = [];
  const isPatient = (now: number, repositoryId: string) => {
    const since = asideSince.get(repositoryId) ?? now;
    asideSince.set(repositoryId, since);
    return now - since < maxAsideMs;
  };
  return {
    async hold(app, repositoryId, work) {
      const repository = await findRepositoryById(app.db, repositoryId);
      if (!repository) return work();
      const own = { organization: repository.organization_id, host: hostOf(repository.url) };
      // With a single slot, the previous sync had all of them.
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

type SlotState = { others: Holder[]; count: number };

/** Whether another organization or host waits that would take a smaller share of the slots. */
async function mustStepAside(
  app: App,
  repositoryId: string,
  { own, ...slots }: SlotState & { own: Holder },
): Promise<boolean> {
  const ownGreed = greedOf(own, slots);
  if (ownGreed === 0) return false;
  const waiting = await listWaitingSyncs(app.db, { except: repositoryId, now: app.now() });
  const holders = waiting.map(({ organization_id, url }) => ({
    organization: organization_id,
    host: hostOf(url),
  }));
  return holders.some((each) => greedOf(each, slots) < ownGreed);
}

/** 2 when its organization would then hold every slot, 1 when only its host would, else 0. */
export function greedOf(own: Holder, { others, count }: SlotState): 0 | 1 | 2 {
  const enough = Math.max(1, count - 1);
  const has = (what: keyof Holder) => others.filter((each) => each[what] === own[what]).length >= enough;
  if (has("organization")) return 2;
  return has("host") ? 1 : 0;
}
