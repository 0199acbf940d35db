// Who may ask a route. It is said beside the route, and a test walks every route as everybody to hold it.
import { Elysia } from "elysia";

/** `token`: a token for the organization in the address. `anyone`: no credential is looked at. */
export type Access = "token" | "anyone";

/** Lets a route of Elysia say `{ access: "token" }`. It does nothing there but stay with the route. */
export const declaredAccess = new Elysia({ name: "access" }).macro({ access: nothing });

function nothing(..._said: [Access]): Record<never, never> {
  return {};
}
