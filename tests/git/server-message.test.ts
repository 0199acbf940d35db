// What git servers require of clients, and their messages when they refuse one.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { Failure } from "../../src/errors.ts";
import type { Remote } from "../../src/git/mirror.ts";
import type { Git } from "../../src/reading/mirror.ts";
import { flush, pktLine } from "../../src/git/pkt-line.ts";
import { startGitHttp } from "../tools/servers/git-http-server.ts";
import { startSshd } from "../tools/servers/sshd.ts";
import { makeBareRepository } from "./bare-repository.ts";
import { advertisement, someCommit, startEvilServer, type Saying } from "./evil-server.ts";
import { anonymous, makeFolder, makeGit, removeFolder } from "./ground.ts";

let folder: string;

beforeAll(async () => {
  folder = await makeFolder();
  const repository = await makeBareRepository(join(folder, "blog.git"));
  await repository.commit({ "composer.json": '{"name": "acme/blog"}' }, { tag: "v1" });
  await repository.commit({ "composer.json": '{"name": "acme/blog"}', a: "a" }, { annotatedTag: "v2" });
});

afterAll(() => removeFolder(folder));

/** The names of all refs with a readable composer.json. */
async function readAll(git: Git, remote: Remote, listAgain = false): Promise<string[]> {
  const { refs } = await git.listRefs(remote);
  const mirror = await git.openMirror(listAgain ? { ...remote } : remote, refs);
  try {
    for (const { reference } of refs)
      expect(JSON.stringify((await mirror.snapshot(reference)).composerJson)).toContain("acme/blog");
    return refs.map(({ name }) => name);
  } finally {
    await mirror.close();
  }
}

describe("A server that refuses clients without multi_ack", () => {
  test("FC1: is mirrored over HTTP, whether the refs are listed again or not", async () => {
    const server = startGitHttp({ root: folder, needsMultiAck: true });
    const remote = anonymous(`${server.url}/blog.git`);
    expect(await readAll(makeGit({ folder }), remote)).toEqual(["main", "v1", "v2"]);
    expect(await readAll(makeGit({ folder }), remote, true)).toEqual(["main", "v1", "v2"]);
    await server.stop();
  });

  test("FC1: is mirrored over SSH", async () => {
    const command = `${process.execPath} ${join(import.meta.dir, "strict-upload-pack.ts")}`;
    const sshd = await startSshd({ root: folder, command });
    const remote: Remote = {
      ...anonymous(sshd.url("blog.git")),
      credential: { kind: "ssh-key", privateKey: sshd.privateKey },
    };
    expect(await readAll(makeGit({ folder }), remote)).toEqual(["main", "v1", "v2"]);
    await sshd.stop();
  });

  const offers: [string, string][] = [
    ["multi_ack side-band-64k shallow", " multi_ack side-band-64k\n"],
    [
      "multi_ack_detailed multi_ack side-band-64k shallow ofs-delta agent=git/2",
      " multi_ack_detailed side-band-64k ofs-delta agent=pricore\n",
    ],
    ["side-band-64k shallow", " side-band-64k\n"],
  ];
  test.each(offers)("FC1: names only what is offered: %s", async (offered, expected) => {
    const server = await startEvilServer({
      advertise: { body: advertisement([`${someCommit} refs/heads/main`], offered) },
      upload: { body: pktLine("ERR no") },
    });
    await makeGit({ folder })
      .openMirror(anonymous(server.url), [{ kind: "branch", name: "main", reference: someCommit }])
      .catch(() => {});
    server.stop();
    expect(server.bodies[0]).toContain(`want ${someCommit}${expected}`);
  });
});

const password = "s3cret/pass word+ä";
const pair = Buffer.from(`ann:${password}`).toString("base64");

async function refusal(saying: Saying, isUpload = false): Promise<Failure> {
  const list = { body: advertisement([`${someCommit} refs/heads/main`]) };
  const server = await startEvilServer(
    isUpload ? { advertise: list, upload: saying } : { advertise: saying },
  );
  const remote: Remote = {
    ...anonymous(server.url),
    credential: { kind: "basic", username: "ann", password },
  };
  const git = makeGit({ folder, limits: { totalMs: 20_000 } });
  try {
    const { refs } = await git.listRefs(remote);
    const mirror = await git.openMirror(remote, refs);
    await mirror.close();
  } catch (error) {
    return error as Failure;
  } finally {
    server.stop();
  }
  throw new Error("nothing was refused");
}

describe("A refusal over HTTP", () => {
  const text = (status: number, body: string, type = "text/plain"): Saying => ({
    status,
    type,
    body: Buffer.from(body),
  });
  const saml =
    "remote: The `acme' organization has enabled or enforced SAML SSO. To access\nremote: this repository, visit https://github.com/orgs/acme/sso?authorization_request=AB and try again.\n";

  const refusals: [string, Saying, string, RegExp][] = [
    [
      "FC1: 400",
      text(400, "TF401041: multi_ack required\r\n"),
      "git_server_error",
      /400.*TF401041: multi_ack required$/,
    ],
    [
      "FC1: 402 as JSON",
      text(402, '{"errors":[{"message":"Plan ended","x":1}]}', "application/json"),
      "git_server_error",
      /Plan ended$/,
    ],
    [
      "FC1: 418 as a page",
      text(
        418,
        "<html><head><title>Tea &amp; more</title><style>p{}</style></head><p>No <b>coffee</b></html>",
        "text/html; charset=utf-8",
      ),
      "git_server_error",
      /Tea & more No coffee$/,
    ],
    [
      "FC15: 203",
      text(203, "<title>Azure DevOps Services | Sign In</title>", "text/html"),
      "git_unauthorized",
      /valid credential.*Sign In/,
    ],
    [
      "FC15: 401",
      text(401, "remote: Password authentication was removed.\n"),
      "git_unauthorized",
      /Password authentication was removed\.$/,
    ],
    [
      "FC15: 403 of SAML",
      text(403, saml),
      "git_forbidden",
      /refuses access.*enforced SAML SSO\. To access this repository, visit https:\/\/github\.com\/orgs\/acme\/sso.* and try again\.$/,
    ],
    ["FC15: 404", text(404, "Repository not found."), "git_not_found", /Repository not found\.$/],
    [
      "FC15: 429",
      { ...text(429, "Slow down"), headers: { "retry-after": "7" } },
      "git_rate_limited",
      /Slow down$/,
    ],
    [
      "FC15: 451",
      text(451, "Repository unavailable due to DMCA takedown."),
      "git_legal",
      /legal reasons \(status 451\).*DMCA takedown/,
    ],
    [
      "FC15: 503",
      { ...text(503, "Down for maintenance until 9:00"), headers: { "retry-after": "60" } },
      "git_server_error",
      /not available.*503.*until 9:00$/,
    ],
    ["FC15: a status without words", text(500, ""), "git_server_error", /answered with status 500\.$/],
  ];
  test.each(refusals)("%s is reported in the server's own words", async (_, saying, code, message) => {
    for (const isUpload of [false, true]) {
      const failure = await refusal(saying, isUpload);
      expect(failure.code).toBe(code);
      expect(failure.message).toMatch(message);
    }
    if (saying.headers) expect((await refusal(saying)).retryAfterSeconds).toBeGreaterThan(0);
  });

  const echoes = [
    password,
    encodeURIComponent(password),
    pair,
    `Basic ${pair}`,
    Buffer.from(password).toString("base64"),
  ];
  test.each(echoes)("FC1: never repeats the credential, sent as %s", async (secret) => {
    const long = "x".repeat(390 - secret.length / 2);
    const sayings: [Saying, boolean][] = [
      [text(400, `You sent ${secret}\u001b[31m\u202e!`), false],
      [text(400, `${long} ${secret} ${secret}`), false],
      [text(403, JSON.stringify({ message: `You sent ${secret}` }), "application/json"), true],
      [
        {
          body: Buffer.concat([pktLine("# service=git-upload-pack\n"), flush, pktLine(`ERR sent ${secret}`)]),
        },
        false,
      ],
      [{ body: pktLine(`ERR sent ${secret}`) }, true],
      [{ body: Buffer.concat([flush, pktLine("NAK\n"), pktLine(`\u0003${long} ${secret}`)]) }, true],
    ];
    for (const [saying, isUpload] of sayings) {
      const { message } = await refusal(saying, isUpload);
      for (let at = 0; at + 8 <= secret.length; at++) expect(message).not.toContain(secret.slice(at, at + 8));
      expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });

  test("FC1: costs no more than a few kilobytes and seconds, however long it is", async () => {
    const endless = await refusal({
      status: 400,
      type: "text/plain",
      body: Buffer.from("Half a sen"),
      end: "silent",
    });
    expect(endless.message).toEndWith("Half a sen");
    const long = await refusal(text(400, "<p ".repeat(2_000_000), "text/html"));
    expect(long.message.length).toBeLessThan(600);
  });
});
