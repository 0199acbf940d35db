import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { listActivity } from "../../../src/store/organizations/activity.ts";
import { findMembership } from "../../../src/store/organizations/members.ts";
import type { Organization } from "../../../src/store/organizations/organizations.ts";
import type { Role } from "../../../src/store/schema.ts";
import type { TestApp } from "../../worlds/process.ts";
import { mailsTo } from "../../tools/mails.ts";
import { password, signedIn, visitor } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

let world: TestApp;
let acme: Organization;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  acme = await world.organization("acme");
  await world.organization("other");
});
afterAll(() => world?.close());
// What may be mailed in an hour is counted, and a password counts for ten minutes.
beforeEach(() => world.tick(3_600_000));

const members = "/organizations/acme/settings/members";
const as = (name: string, role: Role) => signedIn(world, name, { roles: { acme: role } });
const roleOf = async (name: string) => {
  const { user } = await signedIn(world, name);
  return (await findMembership(world.app.db, "acme", user.id))?.member.role ?? null;
};
const actions = async () =>
  (await listActivity(world.app.db, acme.id, 3)).map(({ action, subject }) => `${action} ${subject}`);

/** The link that is shown once after an invitation. */
async function invite(by: Awaited<ReturnType<typeof as>>, email: string, role = "member"): Promise<string> {
  const answer = await by.post(`${members}/invitations`, { email, role });
  return linkOn(await by.read(answer.headers.get("location") ?? ""));
}

function linkOn(html: string): string {
  const [, path = ""] = /data-copy="[^"]*?(\/invitations\/[\w-]+)"/.exec(html) ?? [];
  return path;
}

describe("the members of an organization", () => {
  test("are listed with their role, and found by a part of name or address", async () => {
    const ann = await as("ann", "owner");
    await as("ben", "admin");
    await as("cleo", "member");
    const all = await ann.read(members);
    for (const each of ["ann@acme.test", "ben@acme.test", "cleo@acme.test"]) expect(all).toContain(each);
    const found = await ann.read(`${members}?q=CLE`);
    expect(found).toContain("cleo@acme.test");
    expect(found).not.toContain("ben@acme.test");
    expect(await ann.read(`${members}?role=admin`)).not.toContain("cleo@acme.test");
    expect(await ann.read(`${members}?q=nobody`)).toContain("Nobody matches");
  });

  test("cannot open the list themselves", async () => {
    const cleo = await as("cleo", "member");
    expect((await cleo.get(members)).status).toBe(403);
  });

  test("become admins and members again, which is recorded", async () => {
    const ann = await as("ann", "owner");
    const { user } = await as("cleo", "member");
    await ann.post(`${members}/${user.id}/role`, { role: "admin" });
    expect(await roleOf("cleo")).toBe("admin");
    await ann.post(`${members}/${user.id}/role`, { role: "member" });
    expect(await roleOf("cleo")).toBe("member");
    expect(await actions()).toContain("member.role_changed cleo@acme.test");
  });

  test("are asked about before they are removed, and are gone then", async () => {
    const ben = await as("ben", "admin");
    const dora = await as("dora", "member");
    expect(await ben.read(`${members}/${dora.user.id}/remove`)).toContain("Remove dora?");
    await ben.post(`${members}/${dora.user.id}/remove`);
    expect(await roleOf("dora")).toBeNull();
    expect((await dora.get("/organizations/acme")).status).toBe(404);
    expect(await actions()).toContain("member.removed dora@acme.test");
  });

  test("can leave, and the owner cannot", async () => {
    const emil = await as("emil", "admin");
    expect(await emil.read("/account/organizations")).toContain("Leave acme");
    await emil.post("/account/organizations/acme/leave");
    expect(await roleOf("emil")).toBeNull();
    expect(await actions()).toContain("member.left emil@acme.test");
    const ann = await as("ann", "owner");
    const refused = await ann.post("/account/organizations/acme/leave");
    expect(refused.status).toBe(409);
    expect(await refused.text()).toContain("Transfer the ownership first");
    expect(await roleOf("ann")).toBe("owner");
  });

  test("are asked for the password again when it was given long ago", async () => {
    const ann = await as("ann", "owner");
    const { user } = await as("cleo", "member");
    world.tick(11 * 60_000);
    const answer = await ann.post(`${members}/${user.id}/role`, { role: "admin" });
    expect(answer.headers.get("location")).toStartWith("/confirm");
    expect(await roleOf("cleo")).toBe("member");
  });

  test("of another organization are not there", async () => {
    const ann = await as("ann", "owner");
    const { user } = await signedIn(world, "olga", { roles: { other: "member" } });
    for (const id of [user.id, "0190-nobody"]) {
      const answer = await ann.post(`${members}/${id}/role`, { role: "admin" });
      expect(answer.status).toBe(404);
    }
  });
});

describe("the ownership", () => {
  test("is handed on by the owner alone, who types the address and becomes an admin", async () => {
    const ann = await as("ann", "owner");
    const ben = await as("ben", "admin");
    expect((await ben.get(`${members}/transfer`)).status).toBe(403);
    const typo = await ann.post(`${members}/transfer`, { user: ben.user.id, confirm: "acmé" });
    expect(typo.status).toBe(422);
    await ann.post(`${members}/transfer`, { user: ben.user.id, confirm: "acme" });
    expect([await roleOf("ann"), await roleOf("ben")]).toEqual(["admin", "owner"]);
    expect(await actions()).toContain("ownership.transferred ben@acme.test");
    expect((await mailsTo(world.app, "ben@acme.test"))[0]?.subject).toBe("acme has a new owner");
    await ben.post(`${members}/transfer`, { user: ann.user.id, confirm: "acme" });
  });

  test("goes to a member only", async () => {
    const ann = await as("ann", "owner");
    const { user } = await signedIn(world, "olga", { roles: { other: "member" } });
    const answer = await ann.post(`${members}/transfer`, { user: user.id, confirm: "acme" });
    expect(answer.status).toBe(404);
    expect(await roleOf("ann")).toBe("owner");
  });
});

describe("an invitation", () => {
  test("goes by mail and is shown as a link once", async () => {
    const ann = await as("ann", "owner");
    const answer = await ann.post(`${members}/invitations`, { email: "Finn@acme.test", role: "member" });
    const address = answer.headers.get("location") ?? "";
    const link = linkOn(await ann.read(address));
    const again = await ann.read(address);
    expect(linkOn(again)).toBe("");
    expect(again).toContain("was shown once");
    const [mail] = await mailsTo(world.app, "finn@acme.test");
    expect(mail?.subject).toBe("Join acme on Pricore");
    expect(mail?.links).toHaveLength(1);
    expect(mail?.links[0]).not.toContain(link);
    expect(await actions()).toContain("invitation.sent finn@acme.test");
  });

  test("makes an account for somebody new, with the address that was invited", async () => {
    const ann = await as("ann", "owner");
    const link = await invite(ann, "gina@acme.test", "admin");
    const gina = visitor(world);
    expect(await gina.read(link)).toContain("gina@acme.test");
    const form = { address: "eve@evil.test", name: "Gina", password: password("gina") };
    const answer = await gina.post(`${link}/sign-up`, form);
    expect(answer.headers.get("location")).toBe("/organizations/acme");
    expect((await gina.get("/organizations/acme")).status).toBe(200);
    expect(await roleOf("gina")).toBe("admin");
    expect(await gina.read("/account")).toContain("gina@acme.test");
  });

  test("keeps what was typed when the password is too short, and can be used then", async () => {
    const ann = await as("ann", "owner");
    const link = await invite(ann, "hugo@acme.test");
    const refused = await visitor(world).post(`${link}/sign-up`, { name: "Hugo B", password: "short" });
    expect(refused.status).toBe(422);
    const text = await refused.text();
    expect(text).toContain('value="Hugo B"');
    expect(text).toContain("at least 12 characters");
    const made = await visitor(world).post(`${link}/sign-up`, { name: "Hugo B", password: password("hugo") });
    expect(made.status).toBe(303);
  });

  test("sends somebody with an account to sign in, and back to it", async () => {
    const ann = await as("ann", "owner");
    const ida = await signedIn(world, "ida");
    const link = await invite(ann, "ida@acme.test");
    const page = await visitor(world).read(link);
    expect(page).toContain(`/sign-in?next=${encodeURIComponent(link)}`);
    expect(await ida.read(link)).toContain("Join acme");
    expect((await ida.post(link)).headers.get("location")).toBe("/organizations/acme");
    expect(await roleOf("ida")).toBe("member");
    expect(await actions()).toContain("invitation.accepted ida@acme.test");
  });

  test("sent again has a new link, and the old one is void", async () => {
    const ann = await as("ann", "owner");
    const old = await invite(ann, "jan@acme.test");
    const [, id = ""] = /invitations\/([\w-]+)\/resend/.exec(await ann.read(members)) ?? [];
    const again = await ann.post(`${members}/invitations/${id}/resend`);
    const link = linkOn(await ann.read(again.headers.get("location") ?? ""));
    expect((await visitor(world).get(old)).status).toBe(404);
    expect((await visitor(world).get(link)).status).toBe(200);
    expect(await mailsTo(world.app, "jan@acme.test")).toHaveLength(2);
  });

  test("taken back opens nothing, and is no longer listed", async () => {
    const ann = await as("ann", "owner");
    const link = await invite(ann, "kim@acme.test");
    const [, id = ""] = /invitations\/([\w-]+)\/revoke/.exec(await ann.read(members)) ?? [];
    await ann.post(`${members}/invitations/${id}/revoke`);
    const answer = await visitor(world).get(link);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain("This link is no longer valid");
    expect(await ann.read(members)).not.toContain('<td class="at-name grows is-strong breaks">kim@acme.test');
  });

  test("is not sent twice, and not to a member", async () => {
    const ann = await as("ann", "owner");
    await as("ben", "admin");
    await invite(ann, "lea@acme.test");
    for (const [email, sentence] of [
      ["lea@acme.test", "was already invited"],
      ["ben@acme.test", "is already a member of acme"],
    ] as const) {
      const answer = await ann.post(`${members}/invitations`, { email, role: "member" });
      expect(answer.status).toBe(409);
      expect(await answer.text()).toContain(sentence);
    }
  });

  test("asks for an address that mail can reach", async () => {
    const ann = await as("ann", "owner");
    for (const email of ["", "ann", "a@b, c@d", "a@b\nBcc: c@d"]) {
      const answer = await ann.post(`${members}/invitations`, { email, role: "member" });
      expect(answer.status).toBe(422);
    }
  });

  test("of an admin is void when that person is removed or is no admin any more", async () => {
    const ann = await as("ann", "owner");
    for (const act of ["remove", "role"]) {
      const mia = await as("mia", "admin");
      const link = await invite(mia, `friend-${act}@acme.test`);
      await ann.post(`${members}/${mia.user.id}/${act}`, act === "role" ? { role: "member" } : {});
      expect((await visitor(world).get(link)).status).toBe(404);
    }
  });
});
