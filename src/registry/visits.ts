// Who listens to an organization's events, and whether they still may: the session lasts and the person is a member.
import type { App } from "../app.ts";
import { listMembersAmong } from "../store/members.ts";
import { listSessionsAmong } from "../store/sessions.ts";
import { hasEnded } from "./sessions.ts";

export type Visit = { sessionId: string; userId: string; organizationId: string };

/** Of the visits those that may go on: two statements, however many there are. */
export async function whoMayStay<Each extends Visit>(app: App, visits: Each[]): Promise<Set<Each>> {
  if (visits.length === 0) return new Set();
  const now = app.now();
  const [sessions, members] = await Promise.all([
    listSessionsAmong(app.db, [...new Set(visits.map(({ sessionId }) => sessionId))]),
    listMembersAmong(app.db, [...new Set(visits.map(({ userId }) => userId))]),
  ]);
  const alive = new Set(sessions.filter((session) => !hasEnded(session, now)).map(({ id }) => id));
  const joined = new Set(members.map((member) => `${member.organization_id} ${member.user_id}`));
  const mayStay = ({ sessionId, userId, organizationId }: Each) =>
    alive.has(sessionId) && joined.has(`${organizationId} ${userId}`);
  return new Set(visits.filter(mayStay));
}
