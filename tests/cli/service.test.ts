// The service of systemd: on this machine's own files, in a mount namespace where changes are kept apart, with a
// recording systemctl, because systemd does not run it.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unitText } from "../../src/service/unit.ts";
import { binary } from "../tools/binary.ts";
import { finished, succeeded } from "../tools/process.ts";

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "pricore-service-"))));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Everything that the service touches is covered with memory, and gone with the namespace. */
const covered = `
set -e
mount -t tmpfs none $1
for each in etc var usr; do
  mkdir $1/$each.up $1/$each.work
done
mount -t overlay etc -o lowerdir=/etc,upperdir=$1/etc.up,workdir=$1/etc.work /etc
mount -t overlay var -o lowerdir=/var/lib,upperdir=$1/var.up,workdir=$1/var.work /var/lib
mount -t overlay usr -o lowerdir=/usr/local,upperdir=$1/usr.up,workdir=$1/usr.work /usr/local
mount -t tmpfs none /run
mkdir -p /run/systemd/system /run/fake
for each in systemctl sysctl; do
  printf '#!/bin/sh\\necho %s "$@" >> /run/fake/calls\\n' $each > /run/fake/$each
  chmod +x /run/fake/$each
done
PATH=/run/fake:$PATH
pricore=$2
`;

async function inNamespace(script: string): Promise<string> {
  const place = await mkdtemp(join(folder, "ns-"));
  return succeeded(["unshare", "-m", "sh", "-c", covered + script, "sh", place, binary]);
}

test("OP43: install does what it prints, twice changes nothing, and remove leaves data and settings", async () => {
  const printed = await inNamespace(`
    $pricore service install --print APP_URL=https://packages.acme.test > /run/script
    sh -e /run/script >/dev/null
    stat -c '%n %a %U:%G' /var/lib/pricore /etc/pricore/pricore.env /usr/local/lib/pricore/current/pricore
    readlink /usr/local/bin/pricore /var/lib/pricore/.env
    cat /etc/pricore/pricore.env /etc/systemd/system/pricore.service /run/fake/calls`);
  const installed = await inNamespace(`
    $pricore service install APP_URL=https://packages.acme.test >/dev/null 2>&1
    stat -c '%n %a %U:%G' /var/lib/pricore /etc/pricore/pricore.env /usr/local/lib/pricore/current/pricore
    readlink /usr/local/bin/pricore /var/lib/pricore/.env
    cat /etc/pricore/pricore.env /etc/systemd/system/pricore.service /run/fake/calls`);
  expect(installed).toBe(printed);
  expect(installed).toContain("/etc/pricore/pricore.env 640 root:pricore");
  expect(installed).toContain("/var/lib/pricore 700 pricore:pricore");
  expect(installed).toContain("APP_URL=https://packages.acme.test\n");

  const again = await inNamespace(`
    $pricore service install PORT=8001 >/dev/null 2>&1
    echo '# by hand' >> /etc/pricore/pricore.env
    : > /run/fake/calls
    $pricore service install --json 2>/dev/null
    cat /run/fake/calls
    $pricore service install PORT=443 --json 2>/dev/null | grep -c pricore.service
    cat /etc/pricore/pricore.env; grep Capabilit /etc/systemd/system/pricore.service
    touch /var/lib/pricore/data
    $pricore service remove >/dev/null 2>&1
    $pricore service remove --json 2>/dev/null || $2 service remove --json
    ls -A /var/lib/pricore /etc/pricore; ls /usr/local/lib/pricore /etc/systemd/system/pricore.service 2>&1 | wc -l`);
  expect(again).toStartWith("[]\nsystemctl enable pricore\nsystemctl start pricore\n");
  expect(again).toContain("PORT=443\n# by hand\n");
  expect(again).toContain("AmbientCapabilities=CAP_NET_BIND_SERVICE");
  expect(again).toContain("/etc/pricore:\npricore.env\n\n/var/lib/pricore:\n.env\ndata\n2\n");
});

test("OP44: the unit is valid, exposes at most 2.0, and leaves the engine its compiler", async () => {
  for (const lowPorts of [false, true]) {
    const unit = join(folder, "pricore.service");
    await Bun.write(unit, unitText({ lowPorts }).replace("/usr/local/lib/pricore/current/pricore", binary));
    const rated = await succeeded(["systemd-analyze", "security", "--offline=true", "--no-pager", unit]);
    const exposure = Number(/Overall exposure level.*?([\d.]+) /.exec(rated)?.[1]);
    expect(exposure).toBeGreaterThan(0);
    expect(exposure).toBeLessThanOrEqual(2);
    const verified = await finished(["systemd-analyze", "verify", unit]);
    expect(verified.stdout + verified.stderr).toBe("");
    expect(await readFile(unit, "utf8")).not.toContain("MemoryDenyWriteExecute");
  }
});

test("without systemd it changes nothing, and says how to see the unit", async () => {
  const { code, stderr } = await finished([binary, "service", "install"], { env: {} });
  expect(code).toBe(1);
  expect(stderr).toContain("systemd does not run this machine");
  expect(stderr).toContain("pricore service install --print");
});
