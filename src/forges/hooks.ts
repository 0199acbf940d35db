// Webhooks: the four forges differ in paths and field names only.
import { ask, askFor, type ForgeApi } from "./ask.ts";
import { listIn, objectIn, textIn, type Json } from "./json.ts";
import type { ForgeCredential, ForgeWebhook, Forge } from "./forge.ts";
import { inTrouble, notThere, scopeMissing } from "./failures.ts";

type HookApi = {
  /** Below `api`: `/repos/acme/blog/hooks`. */
  path(repository: string): string;
  /** Query that lists enough webhooks to find ours. */
  query: string;
  update: "PUT" | "PATCH";
  /** Request body that creates or changes a webhook. */
  body(of: { url: string; secret: string }): Json;
  /** The webhooks in the answer of a list request. */
  list(json: unknown): unknown;
  read(hook: Json): Omit<ForgeWebhook, "id"> & { id: string | null };
};

export function hooksOf(
  forge: ForgeApi,
  hookApi: HookApi,
): Pick<Forge, "registerWebhook" | "findWebhook" | "removeWebhook"> {
  const purpose = "webhooks";
  /** Without permission for webhooks, forges answer as if the repository did not exist. */
  const list = async (access: ForgeCredential, path: string) => {
    const at = hookApi.path(path) + hookApi.query;
    const listed = await ask(forge, access, { path: at, purpose });
    if (listed) return listed;
    const host = new URL(forge.origin).host;
    const isThere = await ask(forge, access, { path: hookApi.path(path).replace(/\/hooks$/, ""), purpose });
    if (!isThere) throw notThere(host, `repository ${path}`);
    const none = { headers: new Headers(), body: "" };
    throw scopeMissing(host, { purpose, needs: forge.needs(purpose, none) });
  };
  const find = async (access: ForgeCredential, { path, id }: { path: string; id: string }) => {
    const at = `${hookApi.path(path)}/${encodeURIComponent(id)}`;
    const answer = await ask(forge, access, { path: at, purpose });
    return answer && { hook: hookApi.read(objectIn(answer.json)), at: answer.url };
  };
  return {
    async registerWebhook(access, { path, url, secret }) {
      const what = `repository ${path}`;
      const listed = await list(access, path);
      // The path after a rename: forges redirect reads, but refuse writes at the old path.
      const base = listed.url.replace(/\?.*$/, "");
      const same = listIn(hookApi.list(listed.json))
        .map(hookApi.read)
        .find((hook) => hook.url === url && hook.id !== null);
      const body = hookApi.body({ url, secret });
      const change = same
        ? { path: `${base}/${encodeURIComponent(same.id ?? "")}`, method: hookApi.update }
        : { path: base, method: "POST" as const };
      const made = await askFor(forge, access, { ...change, body, purpose, what });
      const id = hookApi.read(objectIn(made.json)).id ?? same?.id;
      if (!id) throw inTrouble(new URL(forge.origin).host, "gave the webhook no id");
      return id;
    },
    async findWebhook(access, of) {
      const found = await find(access, of);
      return found && { ...found.hook, id: found.hook.id ?? of.id };
    },
    async removeWebhook(access, of) {
      const found = await find(access, of);
      if (found) await ask(forge, access, { path: found.at, method: "DELETE", purpose });
    },
  };
}

/** GitHub and Gitea keep the address in `config`. */
export function readConfiguredHook(hook: Json) {
  return {
    id: textIn(hook["id"]),
    url: textIn(objectIn(hook["config"])["url"]) ?? "",
    isActive: hook["active"] === true,
    events: Array.isArray(hook["events"]) ? hook["events"].map(String) : [],
  };
}
