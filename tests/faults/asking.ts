// A client that asks for names of ours, again and again, while something is broken. What it may see is the package,
// an error that ends its run, or nothing; a 404 or a list without the name would send it to somebody else's registry.

export type Asked = {
  /** `http://host:port/acme` */
  url: string;
  token: string;
  /** Names of ours, with a package or only under a vendor of ours. */
  names: string[];
  /** Those of them that have a package: a list of no versions is wrong for them. */
  published: string[];
  /** Where an archive was offered, with its SHA-1. */
  archive?: { url: string; shasum: string };
};

export type Account = {
  requests: number;
  /** How often each status came; 0 when there was no answer. */
  statuses: Record<number, number>;
  /** Every answer that would have opened the hole, in words. */
  wrong: string[];
};

export type Asking = {
  /** Resolves when every question has been asked once more. */
  round(): Promise<void>;
  stop(): Promise<Account>;
};

const pauseMs = 20;
const patienceMs = 60_000;

export function startAsking(requests: Asked): Asking {
  const account: Account = { requests: 0, statuses: {}, wrong: [] };
  const state = { isStopping: false, rounds: 0 };
  const run = async () => {
    while (!state.isStopping) {
      for (const name of requests.names) await askName(requests, name, account);
      await askArchive(requests, account);
      state.rounds++;
      await Bun.sleep(pauseMs);
    }
  };
  const running = run();
  return {
    async round() {
      const before = state.rounds;
      while (state.rounds < before + 2) await Bun.sleep(5);
    },
    async stop() {
      state.isStopping = true;
      await running;
      return account;
    },
  };
}

/** What is wrong with an answer about `name`, or null. */
export function wrongOf(
  { name, status, text }: { name: string; status: number; text: string },
  published: string[],
): string | null {
  if (status === 0 || status === 401 || status === 503) return null;
  if (status !== 200) return `${name} was answered with ${status}`;
  const versions = versionsIn(text, name);
  if (versions === null) return `${name} was answered with a list that does not name it`;
  return versions === 0 && published.includes(name) ? `${name} was answered without its versions` : null;
}

function versionsIn(text: string, name: string): number | null {
  try {
    const list = (JSON.parse(text) as { packages: Record<string, unknown> }).packages[name];
    return Array.isArray(list) ? list.length : null;
  } catch {
    return null;
  }
}

async function askName({ url, token, published }: Asked, name: string, account: Account): Promise<void> {
  const { status, bytes } = await get(`${url}/p2/${name}.json`, token);
  count(account, status);
  const wrong = wrongOf({ name, status, text: bytes.toString() }, published);
  if (wrong !== null) account.wrong.push(wrong);
}

async function askArchive({ archive, token }: Asked, account: Account): Promise<void> {
  if (!archive) return;
  const { status, bytes } = await get(archive.url, token);
  count(account, status);
  if (status === 200 && new Bun.CryptoHasher("sha1").update(bytes).digest("hex") !== archive.shasum)
    account.wrong.push("the archive came with other bytes");
  if (![0, 200, 401, 503].includes(status)) account.wrong.push(`the archive was answered with ${status}`);
}

function count(account: Account, status: number): void {
  account.requests++;
  account.statuses[status] = (account.statuses[status] ?? 0) + 1;
}

/** A connection that is refused or cut is status 0: Composer ends its run at that, too. */
async function get(url: string, token: string): Promise<{ status: number; bytes: Buffer }> {
  try {
    const headers = { Authorization: `Bearer ${token}` };
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(patienceMs) });
    return { status: answer.status, bytes: Buffer.from(await answer.bytes()) };
  } catch {
    return { status: 0, bytes: Buffer.alloc(0) };
  }
}
