// Whether listeners may still receive an organization's events: their session is valid and they are members.
import type { App } from "../../app.ts";
import { listMembersAmong } from "../../store/organizations/members.ts";
import { hasEnded } from "./sessions.ts";

export type Listener = { sessionId: string; userId: string; organizationId: string };

/** Returns the listeners that may stay, with two queries, however many there are. */
export async function whoMayStay<Each extends Listener>(app: App, listeners: Each[]): Promise<Set<Each>> {
  if (listeners.length === 0) return new Set();
  const now = app.now();
  const [sessions, members] = await Promise.all([
    app.sessions.listAmong(listeners.map(({ sessionId, userId }) => ({ id: sessionId, userId }))),
    listMembersAmong(app.db, [...new Set(listeners.map(({ userId }) => userId))]),
  ]);
  const alive = new Set(sessions.filter((session) => !hasEnded(session, now)).map(({ id }) => id));
  const joined = new Set(members.map((member) => `${member.organization_id} ${member.user_id}`));
  const mayStay = ({ sessionId, userId, organizationId }: Each) =>
    alive.has(sessionId) && joined.has(`${organizationId} ${userId}`);
  return new Set(listeners.filter(mayStay));
}
