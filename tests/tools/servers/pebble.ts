// Pebble, an authority for tests by Let's Encrypt, and its name server that answers what a test says.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeAuthority } from "./authority.ts";
import { reservedPort } from "./ports.ts";
import { program } from "./services.ts";
import { until } from "../until.ts";

export type Pebble = {
  directory: string;
  /** The file that vouches for the directory, and the certificates that vouch for what is issued. */
  caFile: string;
  roots(): Promise<string>;
  /** Where pebble asks for http-01. */
  httpPort: number;
  /** The ids of the orders' certificates are in its log. */
  printed(): string;
  /** A command of its name server: `set-txt` with `{ host, value }`. */
  dns(command: string, body: Record<string, unknown>): Promise<void>;
  dnsCommands: string;
  stop(): Promise<void>;
};

export type PebbleOptions = {
  /** Of 100 requests so many have their nonce refused. */
  refusedNonces?: number;
  lifetimeSeconds?: number;
  externalAccount?: { keyId: string; key: string };
  httpPort?: number;
};

export async function startPebble(options: PebbleOptions = {}): Promise<Pebble> {
  const folder = await mkdtemp(join(tmpdir(), "pricore-pebble-"));
  const authority = await makeAuthority(folder);
  const own = await authority.issue("pebble", ["localhost", "127.0.0.1"], { days: 3650 });
  const [port, management, dns, dnsManagement] = [0, 0, 0, 0].map(reservedPort);
  const httpPort = options.httpPort ?? reservedPort();
  const { externalAccount } = options;
  const config = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${management}`,
    ...{
      certificate: own.cert,
      privateKey: own.key,
      httpPort,
      tlsPort: reservedPort(),
      ocspResponderURL: "",
    },
    externalAccountBindingRequired: externalAccount !== undefined,
    ...(externalAccount ? { externalAccountMACKeys: { [externalAccount.keyId]: externalAccount.key } } : {}),
    ...(options.lifetimeSeconds ? { certificateValidityPeriod: options.lifetimeSeconds } : {}),
  };
  await Bun.write(join(folder, "config.json"), JSON.stringify({ pebble: config }));
  const none = ["-http01", "", "-https01", "", "-tlsalpn01", ""];
  const addresses = ["-defaultIPv6", "", "-defaultIPv4", "127.0.0.1"];
  const names = Bun.spawn(
    [
      ...[find("pebble-challtestsrv"), ...none, ...addresses],
      ...["-dns01", `127.0.0.1:${dns}`, "-management", `127.0.0.1:${dnsManagement}`],
    ],
    { stdio: ["ignore", "ignore", "ignore"] },
  );
  let printed = "";
  const child = Bun.spawn(
    [find("pebble"), "-config", join(folder, "config.json"), "-dnsserver", `127.0.0.1:${dns}`],
    {
      stdio: ["ignore", "pipe", "ignore"],
      env: {
        PEBBLE_VA_NOSLEEP: "1",
        PEBBLE_WFE_NONCEREJECT: String(options.refusedNonces ?? 0),
        PEBBLE_AUTHZREUSE: "0",
      },
    },
  );
  void (async () => {
    for await (const chunk of child.stdout) printed += new TextDecoder().decode(chunk);
  })();
  const ask = (url: string) => fetch(url, { tls: { ca: authority.pem } } as RequestInit);
  const directory = `https://localhost:${port}/dir`;
  const isThere = () =>
    fetch(`http://127.0.0.1:${dnsManagement}/`).then(
      () => true,
      () => false,
    );
  await until(isThere, { what: "pebble's name server answers", withinMs: 10_000 });
  await until(async () => (await ask(directory).catch(() => null))?.ok === true, { what: "pebble answers" });
  return {
    directory,
    caFile: authority.file,
    roots: async () => (await ask(`https://localhost:${management}/roots/0`)).text(),
    httpPort,
    printed: () => printed,
    dnsCommands: `http://127.0.0.1:${dnsManagement}`,
    async dns(command, body) {
      await fetch(`http://127.0.0.1:${dnsManagement}/${command}`, {
        method: "POST",
        body: JSON.stringify(body),
      });
    },
    async stop() {
      for (const each of [child, names]) each.kill("SIGKILL");
      await Promise.all([child.exited, names.exited]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function find(name: string): string {
  return program(name) ?? name;
}
