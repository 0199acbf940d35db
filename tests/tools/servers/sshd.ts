// A real sshd on a free port, for the repositories of one folder. Whoever logs in with its key is the current user.

import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { reservedPort } from "./ports.ts";
import { succeeded } from "../process.ts";

export type Sshd = {
  host: string;
  port: number;
  user: string;
  /** The one key that may log in. */
  privateKey: string;
  /** `ssh://…` of a repository, by its path under the root. */
  url(repository: string): string;
  /** Restarts with another host key of the same type. */
  rotateHostKey(): Promise<void>;
  stop(): Promise<void>;
};

const host = "127.0.0.1";

type Options = {
  root: string;
  /** What runs in place of the command that a client asks for, which is then in SSH_ORIGINAL_COMMAND. */
  command?: string;
};

export async function startSshd({ root, command }: Options): Promise<Sshd> {
  const folder = await mkdtemp(join(tmpdir(), "sshd-"));
  const port = reservedPort();
  const user = process.getuid?.() === 0 ? "root" : userInfo().username;
  const privateKey = await makeKey(join(folder, "login"));
  await Bun.write(join(folder, "authorized_keys"), Bun.file(join(folder, "login.pub")));
  await writeFile(
    join(folder, "sshd_config"),
    `${configuration(folder, port)}${command ? `ForceCommand ${command}\n` : ""}`,
  );
  // sshd demands this folder when root starts it.
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true });
  let server = await start(folder, port);
  const end = async () => {
    server.kill();
    await server.exited;
  };
  return {
    host,
    port,
    user,
    privateKey,
    url: (repository) => `ssh://${user}@${host}:${port}${join(root, repository)}`,
    async rotateHostKey() {
      await end();
      await rm(join(folder, "host"));
      server = await start(folder, port);
    },
    async stop() {
      await end();
      await rm(folder, { recursive: true });
    },
  };
}

async function start(folder: string, port: number): Promise<Bun.Subprocess> {
  if (!(await Bun.file(join(folder, "host")).exists())) await makeKey(join(folder, "host"));
  const server = Bun.spawn(["/usr/sbin/sshd", "-D", "-e", "-f", join(folder, "sshd_config")], {
    stdio: ["ignore", "ignore", "ignore"],
  });
  while (!(await answers(port))) {
    if (server.exitCode !== null) throw new Error(`sshd ended with ${server.exitCode}`);
    await Bun.sleep(20);
  }
  return server;
}

function configuration(folder: string, port: number): string {
  return `${[
    `Port ${port}`,
    `ListenAddress ${host}`,
    `HostKey ${join(folder, "host")}`,
    `AuthorizedKeysFile ${join(folder, "authorized_keys")}`,
    `PidFile ${join(folder, "pid")}`,
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "UsePAM no",
    "StrictModes no",
    "SetEnv GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=*",
  ].join("\n")}\n`;
}

async function makeKey(path: string): Promise<string> {
  await rm(`${path}.pub`, { force: true });
  await succeeded(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path]);
  await chmod(path, 0o600);
  return Bun.file(path).text();
}

async function answers(port: number): Promise<boolean> {
  try {
    const socket = await Bun.connect({ hostname: host, port, socket: { data() {} } });
    socket.end();
    return true;
  } catch {
    return false;
  }
}
