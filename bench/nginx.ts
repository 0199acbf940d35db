// nginx with one worker over a folder of static files: the speed of the fastest server for the same bytes.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { reservedPort } from "../tests/tools/servers/ports.ts";
import { succeeded } from "../tests/tools/process.ts";

export type Nginx = { origin: string; stop(): Promise<void> };

/** Serves `root`, where a `.gz` next to a file is its compressed form; nginx's own files go to `folder`. */
export async function startNginx(folder: string, root: string): Promise<Nginx> {
  // Its worker runs as another user.
  await succeeded(["chmod", "-R", "a+rX", folder]);
  const port = reservedPort();
  const config = join(folder, "nginx.conf");
  await writeFile(config, configOf({ folder, root, port }));
  const child = Bun.spawn(["nginx", "-c", config, "-p", folder, "-e", join(folder, "error.log")], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const origin = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 100; attempt++) {
    if ((await fetch(origin).catch(() => null)) !== null) break;
    await Bun.sleep(20);
  }
  const stop = async () => {
    child.kill("SIGTERM");
    await child.exited;
  };
  return { origin, stop };
}

function configOf({ folder, root, port }: { folder: string; root: string; port: number }): string {
  return `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
events { worker_connections 4096; }
http {
  types { application/json json; application/zip zip; }
  access_log off;
  sendfile on;
  keepalive_requests 1000000;
  gzip_static on;
  open_file_cache max=100;
  server { listen 127.0.0.1:${port} backlog=4096; root ${root}; }
}
`;
}
