// Looks for what the tests need and installs what is missing, as root on Debian; else says what to install.
// `bun tests/tools/install.ts`; with CI=true what stays missing is a failure.
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { fakeTimeLibrary } from "./fake-time.ts";
import { program } from "./servers/services.ts";

type Need = { what: string; isThere: () => boolean; packages: string[] };

const command = (name: string, ...packages: string[]): Need => ({
  what: name,
  isThere: () => program(name) !== null,
  packages,
});

const extension = (name: string): Need => ({
  what: `the PHP extension ${name}`,
  isThere: () => phpExtensions().includes(name),
  packages: [`php-${name}`],
});

const needs: Need[] = [
  command("php", "php-cli"),
  ...["zip", "mbstring", "xml", "curl"].map(extension),
  command("composer", "composer"),
  command("git", "git"),
  command("sshd", "openssh-server"),
  command("ssh-keygen", "openssh-client"),
  command("initdb", "postgresql"),
  command("mariadbd", "mariadb-server"),
  command("redis-server", "redis-server"),
  command("nginx", "nginx"),
  command("sqlite3", "sqlite3"),
  command("rsync", "rsync"),
  command("openssl", "openssl"),
  command("pebble", "pebble"),
  {
    what: "nginx's headers-more module",
    isThere: () => existsSync("/usr/lib/nginx/modules/ngx_http_headers_more_filter_module.so"),
    packages: ["libnginx-mod-http-headers-more-filter"],
  },
  command("wrk", "wrk"),
  command("unzip", "unzip"),
  command("strace", "strace"),
  command("setpriv", "util-linux"),
  command("systemd-analyze", "systemd"),
  { what: "libfaketime", isThere: () => fakeTimeLibrary() !== null, packages: ["libfaketime"] },
  command("chromium", "chromium"),
];

const missing = () => needs.filter((need) => !need.isThere());
const mayInstall = process.getuid?.() === 0 && program("apt-get") !== null;

if (missing().length > 0 && mayInstall) install(missing().flatMap(({ packages }) => packages));
const left = missing();
if (left.length > 0) {
  const packages = left.flatMap(({ packages }) => packages).join(" ");
  console.error(`The tests lack ${left.map(({ what }) => what).join(", ")}.`);
  console.error(`On Debian, as root: apt-get install --no-install-recommends ${packages}`);
  if (process.env.CI === "true") process.exit(1);
}

function phpExtensions(): string[] {
  const php = program("php");
  return php ? Bun.spawnSync([php, "-m"]).stdout.toString().toLowerCase().split("\n") : [];
}

function install(packages: string[]): void {
  console.error(`Installing ${packages.join(" ")}`);
  withoutServices(() => {
    aptGet("update", "-qq");
    aptGet("install", "-qq", "-y", "--no-install-recommends", ...packages);
  });
}

function aptGet(...args: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  Bun.spawnSync(["apt-get", ...args], { env, stdio: ["ignore", "ignore", "inherit"] });
}

/** Debian asks this program whether a package may start its service; 101 is no. */
function withoutServices(work: () => void): void {
  const policy = "/usr/sbin/policy-rc.d";
  if (existsSync(policy)) return work();
  writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    work();
  } finally {
    rmSync(policy);
  }
}
