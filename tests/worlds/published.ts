// A server of the built binary with two organizations; acme has published acme/blog.
import { databaseBeside } from "../attacks/database-beside.ts";
import type { Database } from "bun:sqlite";
import { openOperator, type OpenOptions, type Operator } from "./shell.ts";
import { makeRepository, type GitRepository } from "../tools/repositories.ts";
import type { Served } from "../tools/binary.ts";

export type Published = {
  ann: Operator;
  server: Served;
  repository: GitRepository;
  /** Of acme, for everything. */
  token: string;
  /** Of the organization "other". */
  foreign: string;
  /** Another one of acme; `args` as in `token create`. */
  makeToken(name: string, ...args: string[]): Promise<string>;
  ask(path: string, options?: Asked): Promise<Response>;
  /** The address path of the archive of acme/blog 1.0.0. */
  dist: string;
  sync(): Promise<void>;
  /** The database, as another program has it open. */
  database(): Database;
  close(): Promise<void>;
};

export type Asked = {
  method?: string;
  token?: string | null;
  headers?: Record<string, string>;
  body?: string | ReadableStream<Uint8Array>;
};

export async function openPublished({ env, ...options }: OpenOptions = {}): Promise<Published> {
  const ann = await openOperator({ ...options, env: { LOG_LEVEL: "info", ...env } });
  try {
    return await prepare(ann);
  } catch (error) {
    await ann.close();
    throw error;
  }
}

/** What Composer asks of an organization; `dist` is the path of an archive. */
export function endpointsOf({ dist }: Pick<Published, "dist">): { method: "GET" | "POST"; path: string }[] {
  return [
    { method: "GET", path: "/acme/packages.json" },
    { method: "GET", path: "/acme/p2/acme/blog.json" },
    { method: "GET", path: "/acme/p2/acme/blog~dev.json" },
    { method: "GET", path: dist },
    { method: "GET", path: "/acme/list.json" },
    { method: "GET", path: "/acme/search.json?q=blog&type=" },
    { method: "GET", path: "/acme/providers/acme/blog.json" },
    { method: "POST", path: "/acme/notify-batch" },
    { method: "POST", path: "/acme/api/security-advisories" },
  ];
}

/** Sends bytes as they are and answers what comes back. */
export async function sendRaw({ port }: Served, text: string): Promise<{ status: number; body: string }> {
  const closed = Promise.withResolvers<void>();
  let received = "";
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      data: (_socket, bytes) => void (received += bytes.toString()),
      close: () => closed.resolve(),
    },
  });
  socket.write(text);
  socket.flush();
  await closed.promise;
  const [head = "", body = ""] = received.split("\r\n\r\n", 2);
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), body };
}

async function prepare(ann: Operator): Promise<Published> {
  const repository = await makeRepository(ann.folder, "acme/blog", [
    { manifest: { name: "acme/blog" }, tags: ["1.0.0"] },
  ]);
  const server = await ann.serve();
  const makeToken = (name: string, ...args: string[]) =>
    ann.must("token", "create", "--org", "acme", "--name", name, ...args);
  await ann.must("org", "create", "acme");
  await ann.must("org", "create", "other");
  await ann.must("repo", "add", "--org", "acme", repository.path, "--sync", "--wait");
  const token = await makeToken("ci");
  const reference = await repository.reference("1.0.0");
  return {
    ann,
    server,
    repository,
    token,
    foreign: await ann.must("token", "create", "--org", "other", "--name", "ci"),
    makeToken,
    ask: (path, { method = "GET", token: bearer = token, headers = {}, body } = {}) =>
      fetch(server.url + path, {
        method,
        headers: { ...(bearer === null ? {} : { Authorization: `Bearer ${bearer}` }), ...headers },
        redirect: "manual",
        ...(body === undefined ? {} : { body }),
      }),
    dist: `/acme/dists/acme/blog/1.0.0/${reference}.zip`,
    sync: async () => void (await ann.must("sync", "--org", "acme", "blog", "--wait")),
    database: () => databaseBeside(ann.dataDir),
    close: () => ann.close(),
  };
}
