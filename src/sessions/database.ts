import type { Database } from "../store/engine/database.ts";
import {
  addSession,
  findSession,
  listSessions,
  listSessionsAmong,
  removeSession,
  updateSession,
} from "../store/accounts/sessions.ts";
import { findUserById } from "../store/accounts/users.ts";
import { endedMeanwhile, mostSessions, type Sessions } from "./sessions.ts";

export function createDatabaseSessions(db: Database): Sessions {
  return {
    add: ({ id, session_generation }, session, onCommit) =>
      db.transaction(async (open) => {
        const now = await findUserById(open, id);
        if (now?.session_generation !== session_generation) throw endedMeanwhile();
        for (const { id: last } of (await listSessions(open, id)).slice(mostSessions - 1))
          await removeSession(open, id, last);
        const added = await addSession(open, { ...session, user_id: id });
        await onCommit(open);
        return added;
      }),
    find: (hash) => findSession(db, hash),
    list: ({ id }) => listSessions(db, id),
    listAmong: (sessions) =>
      listSessionsAmong(
        db,
        sessions.map(({ id }) => id),
      ),
    update: ({ id }, change) => updateSession(db, id, change),
    async keepOne({ id }, _generation, change) {
      if (Object.keys(change).length > 0) await updateSession(db, id, change);
    },
    remove: (userId, id, onCommit) =>
      db.transaction(async (open) => {
        if (await removeSession(open, userId, id)) await onCommit(open);
      }),
  };
}
