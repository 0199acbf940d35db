// Who listens to an organization's events, and whether they still may: the session lasts and the person is a member.
import type { App } from "../../app.ts";
import { listMembersAmong } from "../../store/organizations/members.ts";
import { hasEnded } from "./sessions.ts";

export type Listener = { sessionId: string; userId: string; organizationId: string };

/** Those of the listeners that may go on: two statements, however many there are. */
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
