// Sessions in Redis: one hash per session, keyed by the hash of its cookie's secret and expired by Redis; and per user a
// hash of session id → session key. Each change is one script, so that it is atomic.
import { unavailable, type Failure } from "../errors.ts";
import type { RedisConnection } from "../redis/connection.ts";
import type { Database } from "../store/engine/database.ts";
import { listSessionGenerations, type Session } from "../store/accounts/sessions.ts";
import { findUserById } from "../store/accounts/users.ts";
import { mostSessions, type SessionChange, type Sessions } from "./sessions.ts";

type RedisSessionsOptions = {
  redis: RedisConnection;
  db: Database;
  /** Prefix of all keys. */
  prefix: string;
  now: () => number;
};

type Kept = Session & { generation: string };

export function createRedisSessions({ redis, db, prefix, now }: RedisSessionsOptions): Sessions {
  const nameOf = (hash: string) => `${prefix}session:${hash}`;
  const indexOf = (userId: string) => `${prefix}sessions:${userId}`;

  async function run(script: string, keys: string[], values: (string | number)[]): Promise<unknown> {
    return redis.ask((client) => client.eval(script, keys.length, ...keys, ...values)).catch(away);
  }

  async function change(session: Session, fields: SessionChange & { generation?: string }): Promise<void> {
    const hash = fields.hash ?? session.hash;
    const keys = [nameOf(session.hash), nameOf(hash), indexOf(session.user_id)];
    const values = [session.id, ...Object.entries(fields).flat()];
    await redis.ask((client) => client.eval(scripts.change, keys.length, ...keys, ...values));
  }

  return {
    async add(user, session, onCommit) {
      const added: Session = { ...session, id: Bun.randomUUIDv7(), user_id: user.id };
      const kept: Kept = { ...added, generation: user.session_generation };
      const keys = [nameOf(added.hash), indexOf(user.id)];
      await run(scripts.add, keys, [
        Math.max(1, added.expires_at - now()),
        added.id,
        ...Object.entries(kept).flat(),
      ]);
      // The activity is written once the session exists; nobody has its secret yet.
      await db.transaction(onCommit);
      return added;
    },
    async find(hash) {
      const kept = sessionIn(await redis.ask((client) => client.hgetall(nameOf(hash))).catch(away));
      const user = kept && (await findUserById(db, kept.user_id));
      if (!user || user.deleted_at !== null || kept.generation !== user.session_generation) return null;
      return { session: kept, user };
    },
    async list({ id, session_generation }) {
      const found = sessionsIn(await run(scripts.list, [indexOf(id)], []));
      const own = found.filter(({ generation }) => generation === session_generation);
      return own.toSorted((a, b) => b.seen_at - a.seen_at);
    },
    async listAmong(sessions) {
      if (sessions.length === 0) return [];
      const keys = sessions.map(({ userId }) => indexOf(userId));
      const ids = sessions.map(({ id }) => id);
      const found = sessionsIn(await run(scripts.among, keys, ids));
      const generations = await listSessionGenerations(db, [
        ...new Set(sessions.map(({ userId }) => userId)),
      ]);
      return found.filter((session) => session.generation === generations.get(session.user_id));
    },
    update: (session, fields) => change(session, fields).catch(away),
    keepOne: (session, generation, fields) =>
      change(session, { ...fields, generation }).catch((cause: unknown) => {
        throw failure("Your change is saved, and all your sessions have ended. Sign in again.", cause);
      }),
    async remove(userId, id, onCommit) {
      if ((await run(scripts.remove, [indexOf(userId)], [id])) === 1) await db.transaction(onCommit);
    },
  };
}

/** From this many sessions in a user's list, expired ones are removed from it. */
const forgetFrom = 20;

/** The scripts compute session keys themselves: in a cluster all of them are in the slot of the prefix. */
const scripts = {
  add: `
    redis.call('hset', KEYS[1], unpack(ARGV, 3))
    redis.call('pexpire', KEYS[1], ARGV[1])
    if redis.call('hlen', KEYS[2]) >= ${forgetFrom} then
      local names = redis.call('hgetall', KEYS[2])
      local left = {}
      for at = 1, #names, 2 do
        local seen = redis.call('hget', names[at + 1], 'seen_at')
        if seen then left[#left + 1] = { tonumber(seen), names[at], names[at + 1] }
        else redis.call('hdel', KEYS[2], names[at]) end
      end
      table.sort(left, function(a, b) return a[1] < b[1] end)
      for at = 1, #left - ${mostSessions - 1} do
        redis.call('hdel', KEYS[2], left[at][2])
        redis.call('del', left[at][3])
      end
    end
    redis.call('hset', KEYS[2], ARGV[2], KEYS[1])
    if redis.call('pttl', KEYS[2]) < tonumber(ARGV[1]) then redis.call('pexpire', KEYS[2], ARGV[1]) end`,
  change: `
    if redis.call('exists', KEYS[1]) == 0 then return 0 end
    if KEYS[1] ~= KEYS[2] then redis.call('rename', KEYS[1], KEYS[2]) end
    redis.call('hset', KEYS[2], unpack(ARGV, 2))
    redis.call('hset', KEYS[3], ARGV[1], KEYS[2])
    return 1`,
  list: `
    local found = {}
    local names = redis.call('hgetall', KEYS[1])
    for at = 1, #names, 2 do
      local session = redis.call('hgetall', names[at + 1])
      if #session > 0 then found[#found + 1] = session else redis.call('hdel', KEYS[1], names[at]) end
    end
    return found`,
  among: `
    local found = {}
    for at = 1, #KEYS do
      local name = redis.call('hget', KEYS[at], ARGV[at])
      if name then found[#found + 1] = redis.call('hgetall', name) end
    end
    return found`,
  remove: `
    local name = redis.call('hget', KEYS[1], ARGV[1])
    if not name then return 0 end
    redis.call('hdel', KEYS[1], ARGV[1])
    return redis.call('del', name)`,
};

/** A script's reply: alternating fields and values, empty for a missing session. */
function sessionsIn(answer: unknown): Kept[] {
  const found = (answer as string[][]).map((pairs) => {
    const fields: Record<string, string> = {};
    for (let at = 0; at < pairs.length; at += 2) fields[pairs[at] ?? ""] = pairs[at + 1] ?? "";
    return sessionIn(fields);
  });
  return found.filter((session) => session !== null);
}

function sessionIn(fields: Record<string, string>): Kept | null {
  const { id, hash, user_id, address, user_agent, generation } = fields;
  if (id === undefined || hash === undefined || user_id === undefined) return null;
  return {
    id,
    hash,
    user_id,
    created_at: Number(fields["created_at"]),
    seen_at: Number(fields["seen_at"]),
    expires_at: Number(fields["expires_at"]),
    confirmed_at: Number(fields["confirmed_at"]),
    remembered: fields["remembered"] === "1" ? 1 : 0,
    address: address ?? "",
    user_agent: user_agent ?? "",
    generation: generation ?? "",
  };
}

function away(cause: unknown): never {
  throw failure("Who is signed in cannot be looked up right now. Nobody was signed out; try again.", cause);
}

/** The error that a page shows. */
function failure(message: string, cause: unknown): Failure {
  const made = unavailable(message, { code: "sessions_away", retryAfterSeconds: 5 });
  return Object.assign(made, { cause });
}
