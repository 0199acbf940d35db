// `git http-backend` behind HTTP, for the repositories of one folder.

export type GitHttpServer = {
  /** `http://127.0.0.1:<port>`; a repository is at `<url>/<its path under root>`. */
  url: string;
  port: number;
  /** `GET /acme/blog.git/info/refs?service=git-upload-pack`, in the order they came. */
  requests: string[];
  stop(): Promise<void>;
};

type Options = {
  root: string;
  auth?: { username: string; password: string };
  /** As Azure DevOps: 400 for a request whose first want line names neither form of multi_ack. */
  needsMultiAck?: boolean;
};

const backend = ["git", "http-backend"];

export function startGitHttp({ root, auth, needsMultiAck = false }: Options): GitHttpServer {
  const requests: string[] = [];
  const expected = auth && `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString("base64")}`;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 60,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      requests.push(`${request.method} ${pathname}${search}`);
      if (expected && request.headers.get("authorization") !== expected) {
        return new Response("Unauthorized", {
          status: 401,
          headers: { "www-authenticate": "Basic realm=git" },
        });
      }
      if (needsMultiAck && request.method === "POST") {
        const body = await request.arrayBuffer();
        if (!namesMultiAck(Buffer.from(body))) return new Response(multiAckRequired, { status: 400 });
        return runBackend(new Request(request.url, { method: "POST", headers: request.headers, body }), root);
      }
      return runBackend(request, root);
    },
  });
  const port = server.port ?? 0;
  return { url: `http://127.0.0.1:${port}`, port, requests, stop: () => server.stop(true) };
}

export const multiAckRequired = "TF401041: multi_ack or multi_ack_detailed required.\n";

/** Whether the first line of a request for a pack does what Azure DevOps asks of it. */
export function namesMultiAck(request: Buffer): boolean {
  const line = request.toString("latin1", 4, Number.parseInt(request.toString("latin1", 0, 4), 16));
  return /^want [0-9a-f]{40} (?:.* )?multi_ack(?:_detailed)?(?: |\n)/.test(line);
}

/** The answer of `git http-backend` for a request below a server of one's own. */
export async function runBackend(request: Request, root: string): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const child = Bun.spawn(backend, {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
      PATH_INFO: decodeURIComponent(pathname),
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers.get("content-type") ?? "",
      HTTP_CONTENT_ENCODING: request.headers.get("content-encoding") ?? "",
      GIT_PROTOCOL: request.headers.get("git-protocol") ?? "",
    },
    stdin: request.body ? new Uint8Array(await request.arrayBuffer()) : "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  return cgiResponse(child.stdout);
}

/** The head of a CGI answer becomes status and headers; the rest streams. */
async function cgiResponse(output: ReadableStream<Uint8Array>): Promise<Response> {
  const reader = output.getReader();
  let start: Buffer = Buffer.alloc(0);
  let end = -1;
  while (end < 0) {
    const { value, done } = await reader.read();
    if (done) return new Response("git http-backend gave no answer", { status: 500 });
    start = Buffer.concat([start, value]);
    end = start.indexOf("\r\n\r\n");
  }
  const headers = new Headers();
  let status = 200;
  for (const line of start.toString("latin1", 0, end).split("\r\n")) {
    const [name = "", value = ""] = line.split(/: (.*)/s);
    if (name === "Status") status = Number.parseInt(value, 10);
    else headers.append(name, value);
  }
  const rest = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(start.subarray(end + 4)),
    async pull(controller) {
      const { value, done } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => reader.cancel(),
  });
  return new Response(rest, { status, headers });
}
