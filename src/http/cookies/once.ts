// Carries a new secret to the next page and no other: sealed, in a cookie that this page deletes.
import type { App } from "../../app.ts";
import type { Viewer } from "../../registry/accounts/sessions.ts";
import { messageOf } from "../../errors.ts";
import { cookieIn, nameOf, setCookie } from "./session.ts";

/** Whose secret it is, so that no other page shows it. */
type ShownOnce = { id: string; secret: string };

const seconds = 60;

export function onceCookie(app: App, { session }: Viewer, once: ShownOnce): string {
  const sealed = app.secrets.seal("shown-once", session.id, JSON.stringify(once));
  return setCookie(app, { name: name(app), value: encodeURIComponent(sealed), maxAgeSeconds: seconds });
}

/** null when there is none, or it belongs to another session or another id. */
export function onceIn(
  app: App,
  request: Request,
  { viewer, id }: { viewer: Viewer; id: string },
): string | null {
  const sealed = cookieIn(request, name(app));
  if (sealed === null) return null;
  try {
    const text = app.secrets.open("shown-once", viewer.session.id, decodeURIComponent(sealed));
    const once = JSON.parse(text) as ShownOnce;
    return once.id === id ? once.secret : null;
  } catch (error) {
    app.log.debug("shown_once.unreadable", { reason: messageOf(error) });
    return null;
  }
}

export function shownOnceCookie(app: App): string {
  return setCookie(app, { name: name(app), value: "", maxAgeSeconds: 0 });
}

const name = (app: App) => nameOf(app, "pricore-once");
