// Every event of every forge, verified and forged, as its parser reads it.
import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { deliveryReaders } from "../../src/forges/deliveries.ts";
import type { GitHostName } from "../../src/forges/forge.ts";
import { forgeriesOf, hexOf, proofOf, recorded, recordedAs } from "./recorded.ts";

const secret = "whsec_c2VjcmV0LW9mLXRoZS13ZWJob29r";
const other = "whsec_c2VjcmV0LW9mLWFub3RoZXI=";

function read(
  forge: GitHostName,
  { headers, body }: { headers: Record<string, string>; body: string },
  secrets = [secret],
) {
  const received = { headers: new Headers(headers), body: new TextEncoder().encode(body) };
  return deliveryReaders[forge](received, secrets);
}

describe("a signed delivery is read:", () => {
  for (const { name, forge, headers, body, expected } of recorded)
    test(name, () => {
      const proven = { ...headers, ...proofOf(forge, secret, body) };
      expect(read(forge, { headers: proven, body })).toEqual(expected);
    });

  test("there is one of every kind for every forge", () => {
    const kinds = (forge: string) =>
      recorded.filter((each) => each.forge === forge).map((each) => each.expected.effect);
    for (const forge of ["github", "gitlab", "bitbucket", "gitea"]) {
      expect(kinds(forge)).toContain("sync");
      expect(kinds(forge)).toContain("ignored");
      expect(kinds(forge).length).toBeGreaterThan(5);
    }
  });
});

describe("a delivery without a valid signature is nothing:", () => {
  for (const name of ["github-push", "gitlab-push", "bitbucket-push", "gitea-push", "git-push"]) {
    const { forge, headers, body } = recordedAs(name);
    for (const forgery of forgeriesOf(forge, { secret, other, body }))
      test(`${forge} with ${forgery.what}`, () => {
        const forged = { headers: { ...headers, ...forgery.headers }, body: forgery.body };
        expect(read(forge, forged)).toBeNull();
        const right = { headers: { ...headers, ...proofOf(forge, secret, body) }, body };
        expect(read(forge, right)).not.toBeNull();
      });
  }

  test("where there is no secret", () => {
    for (const { forge, headers, body } of recorded) {
      expect(read(forge, { headers: { ...headers, ...proofOf(forge, "", body) }, body }, [])).toBeNull();
    }
  });

  test("where the proof is one of another forge", () => {
    const { body } = recordedAs("github-push");
    const forges = Object.keys(deliveryReaders) as GitHostName[];
    for (const reader of forges)
      for (const prover of forges) {
        if (reader === prover || (reader === "gitea" && prover === "github")) continue;
        expect(read(reader, { headers: proofOf(prover, secret, body), body })).toBeNull();
      }
  });
});

test("each of two secrets proves, and so does neither alone for the other", () => {
  for (const name of ["github-push", "gitlab-push", "gitea-push"]) {
    const { forge, headers, body } = recordedAs(name);
    const signed = (with_: string) => ({ headers: { ...headers, ...proofOf(forge, with_, body) }, body });
    expect(read(forge, signed(secret), [other, secret])).not.toBeNull();
    expect(read(forge, signed(other), [other, secret])).not.toBeNull();
    expect(read(forge, signed(secret), [other])).toBeNull();
  }
});

test("GitHub and Gitea may send the payload as a form", () => {
  for (const name of ["github-push", "gitea-push"]) {
    const { forge, headers, body, expected } = recordedAs(name);
    const form = new URLSearchParams({ payload: body }).toString();
    const sent = {
      ...headers,
      "Content-Type": "application/x-www-form-urlencoded",
      ...proofOf(forge, secret, form),
    };
    expect(read(forge, { headers: sent, body: form })).toEqual(expected);
  }
});

test("Forgejo and Gitea prove themselves by any of their signatures", () => {
  const { headers, body } = recordedAs("gitea-push");
  const hex = hexOf(secret, body);
  const proofs: Record<string, string>[] = [
    { "X-Forgejo-Signature": hex },
    { "X-Gitea-Signature": hex },
    { "X-Hub-Signature-256": `sha256=${hex}` },
  ];
  for (const proof of proofs)
    expect(read("gitea", { headers: { ...headers, ...proof }, body })?.event).toBe("push");
});

test("GitLab may sign id, time and body with a signing token", () => {
  const { headers, body } = recordedAs("gitlab-push");
  const signature = (text: string) => {
    const key = Buffer.from(secret.replace("whsec_", ""), "base64");
    return `v1,${createHmac("sha256", key).update(text).digest("base64")}`;
  };
  const head = { "webhook-id": "msg-1", "webhook-timestamp": "1772355600" };
  const right = signature(`msg-1.1772355600.${body}`);
  const signed = (value: string, more = {}) =>
    read("gitlab", { headers: { ...headers, ...head, "webhook-signature": value, ...more }, body });
  expect(signed(right)?.id).toBe("msg-1");
  expect(signed(`v1,bm90IHRoaXM= ${right}`)?.id).toBe("msg-1");
  expect(signed(right, { "webhook-id": "msg-2" })).toBeNull();
  expect(signed(right, { "webhook-timestamp": "1772355601" })).toBeNull();
  expect(signed(right.replace("v1,", "v2,"))).toBeNull();
  expect(signed("")).toBeNull();
});

test("older GitLab gives one id to all that an event set off, so the body tells them apart", () => {
  const { "Idempotency-Key": _, ...headers } = recordedAs("gitlab-push").headers;
  const idOf = (name: string) => {
    const { body } = recordedAs(name);
    return read("gitlab", { headers: { ...headers, ...proofOf("gitlab", secret, body) }, body })?.id;
  };
  expect(idOf("gitlab-push")).toStartWith("9cebe914-4827-408f-b014-cfa23a47a35f.");
  expect(idOf("gitlab-push")).toBe(idOf("gitlab-push") ?? "");
  expect(idOf("gitlab-push")).not.toBe(idOf("gitlab-tag-push") ?? "");
});

test("any host may send the secret itself in a header, and say nothing else", () => {
  for (const headers of [
    { Authorization: `Bearer ${secret}` },
    { Authorization: `bearer ${secret}` },
    { "X-Webhook-Token": secret },
  ] as Record<string, string>[]) {
    expect(read("git", { headers, body: "" })).toEqual({ id: null, event: "push", effect: "sync", refs: [] });
    const wrong = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `${value}x`]));
    expect(read("git", { headers: wrong, body: "" })).toBeNull();
  }
});

test("a body that says nonsense asks for a sync all the same", () => {
  const { headers } = recordedAs("github-push");
  const bodies = ["", "null", "[]", '"push"', "{", '{"ref":7}', '{"ref":"refs/heads/a b"}', "\u0000\u00ff"];
  const odd = '{"ref":"refs/heads/\\u001b[31m","ref_type":{},"release":[]}';
  for (const body of [...bodies, odd]) {
    const delivery = read("github", { headers: { ...headers, ...proofOf("github", secret, body) }, body });
    expect([body, delivery?.effect, delivery?.refs]).toEqual([body, "sync", []]);
  }
});

test("a push of ten thousand commits, or of ten thousand refs, is read as little as one", () => {
  const { headers } = recordedAs("bitbucket-push");
  const tag = (at: number) => ({ new: { type: "tag", name: `v${at}` }, old: null });
  const many = JSON.stringify({ push: { changes: Array.from({ length: 10_000 }, (_, at) => tag(at)) } });
  const sent = (body: string) =>
    read("bitbucket", { headers: { ...headers, ...proofOf("bitbucket", secret, body) }, body });
  expect(sent(many)?.refs).toHaveLength(20);
  const padded = JSON.stringify({ push: { changes: [tag(1)] }, padding: "x".repeat(1024 * 1024) });
  expect(sent(padded)).toMatchObject({ effect: "sync", refs: [] });
});

test("an odd name of an event or an odd id is kept as little as it may be", () => {
  const { headers, body } = recordedAs("github-push");
  const sent = (more: Record<string, string>) =>
    read("github", { headers: { ...headers, ...proofOf("github", secret, body), ...more }, body });
  expect(sent({ "X-GitHub-Event": "<script>" })).toMatchObject({ event: "unknown", effect: "ignored" });
  expect(sent({ "X-GitHub-Delivery": "x".repeat(5000) })?.id).toHaveLength(64);
  expect(sent({ "X-GitHub-Delivery": "" })?.id).toBeNull();
});
