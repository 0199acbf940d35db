// nginx in front of a registry, with the lines that a test gives it; it reads them anew when they change.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { succeeded } from "../tools/process.ts";
import { until } from "../tools/until.ts";

export type Nginx = {
  /** Starts it, or starts it anew, with these lines beside `proxy_pass`. */
  pass(lines: string[], to: number): Promise<void>;
  stop(): Promise<void>;
};

export async function makeNginx(port: number): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), "pricore-nginx-"));
  const config = join(folder, "nginx.conf");
  let child: Bun.Subprocess | null = null;
  const end = async () => {
    child?.kill("SIGTERM");
    await child?.exited;
    child = null;
  };
  return {
    async pass(lines, to) {
      await end();
      await Bun.write(config, configOf({ folder, port, to, lines }));
      await succeeded(["nginx", "-t", "-q", "-c", config, "-p", folder, "-e", join(folder, "error.log")]);
      const command = ["nginx", "-c", config, "-p", folder, "-e", join(folder, "error.log")];
      child = Bun.spawn(command, { stdio: ["ignore", "ignore", "inherit"] });
      const answers = () =>
        fetch(`http://127.0.0.1:${port}/health`).then(
          () => true,
          () => false,
        );
      await until(answers, { what: "nginx answers" });
    },
    async stop() {
      await end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Options = { folder: string; port: number; to: number; lines: string[] };

function configOf({ folder, port, to, lines }: Options): string {
  const places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  return `daemon off;
${process.getuid?.() === 0 ? "user root;" : ""}
worker_processes 1;
pid ${folder}/nginx.pid;
events { worker_connections 64; }
http {
  access_log off;
  ${places.join(" ")}
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://127.0.0.1:${to}; ${lines.join(" ")} }
  }
}
`;
}
