// Protections that separate accounts and organizations.
import type { Mutant } from "./mutant.ts";

const secondFactor = "tests/attacks/people/second-factor.test.ts";
const webhooks = "tests/attacks/webhooks.test.ts";

export const peopleMutants: Mutant[] = [
  {
    name: "a code of the app opens once",
    file: "src/store/accounts/users.ts",
    find: '"totp_last_step", "<", step)',
    replace: '"totp_last_step", "<=", step)',
    test: { file: secondFactor, title: "I8" },
  },
  {
    name: "a recovery code opens once",
    file: "src/store/accounts/recovery-codes.ts",
    find: '.where("hash", "=", hash).where("used_at", "is", null).executeTakeFirst()',
    replace: '.where("hash", "=", hash).executeTakeFirst()',
    test: { file: secondFactor, title: "FT4" },
  },
  {
    name: "new recovery codes void the old ones",
    file: "src/store/accounts/recovery-codes.ts",
    find: 'await db.write.deleteFrom("recovery_codes").where("user_id", "=", userId).execute();',
    replace: "",
    test: { file: secondFactor, title: "I11" },
  },
  {
    name: "codes two steps away are refused",
    file: "src/registry/accounts/totp.ts",
    find: "epochTolerance: stepSeconds }",
    replace: "epochTolerance: 4 * stepSeconds }",
    test: { file: secondFactor, title: "I8" },
  },
  {
    name: "a new reset link voids the one before",
    file: "src/registry/one-time-secrets.ts",
    find: "await voidOneTimeSecrets(db, issue);",
    replace: "void voidOneTimeSecrets;",
    test: { file: "tests/attacks/people/people.test.ts", title: "I6" },
  },
  {
    name: "a secret that is confirmed is a new one",
    file: "src/registry/accounts/sessions.ts",
    find: "await app.sessions.update(session, { hash, confirmed_at: app.now() });",
    replace: "await app.sessions.update(session, { confirmed_at: app.now() }); void hash;",
    test: { file: "tests/attacks/people/sign-in.test.ts", title: "I4" },
  },
  {
    name: "members may not do what admins may",
    file: "src/http/access.ts",
    find: "if (rank[membership.member.role] < rank[least])",
    replace: "if (rank[membership.member.role] < 0)",
    test: { file: "tests/attacks/people/matrix.test.ts", title: "T4" },
  },
  {
    name: "some routes ask for the password again",
    file: "src/http/access.ts",
    find: "if (!isConfirmed(app, viewer))",
    replace: "if (!isConfirmed(app, viewer) && viewer === null)",
    test: { file: "tests/attacks/people/matrix.test.ts", title: "T4" },
  },
  {
    name: "the pages of the instance are for its administrators",
    file: "src/http/access.ts",
    find: '(person === "administrator" && viewer.user.is_admin === 0)',
    replace: '(person === "administrator" && viewer.user.is_admin === 2)',
    test: { file: "tests/attacks/people/matrix.test.ts", title: "T4" },
  },
  {
    name: "a sealed value opens for its own row alone",
    file: "src/secrets.ts",
    find: "cipher.setAAD(Buffer.from(row)).setAuthTag(bytes.subarray(12, 28));",
    replace:
      "cipher.setAAD(Buffer.from(row)).setAuthTag(bytes.subarray(12, 28)); return Buffer.from(sealed).toString();",
    test: { file: "tests/secrets.test.ts", title: "does not open for another row" },
  },
  {
    name: "a delivery is signed",
    file: "src/forges/signature.ts",
    find: "return secrets.filter((secret) => timingSafeEqual(received, hmac(secret, [body]))).length > 0;",
    replace: "return secrets.length > 0 && received.length > 0 && body.length >= 0;",
    test: { file: webhooks, title: "W1" },
  },
  {
    name: "a delivery belongs to its repository's own host",
    file: "src/registry/webhooks/receive.ts",
    find: "target?.provider === provider && isGitHostName(provider)",
    replace: "isGitHostName(provider)",
    test: { file: webhooks, title: "W2" },
  },
  {
    name: "an expired token opens nothing",
    file: "src/http/composer/token-auth.ts",
    find: "known.rights.expiresAt <= now",
    replace: "known.rights.expiresAt < 0",
    test: { file: "tests/http/tokens.test.ts", title: "tells the holder of an expired token" },
    isCompiled: true,
  },
  {
    name: "a token with patterns sees what they match",
    file: "src/http/composer/token-auth.ts",
    find: "patterns === null || patterns.some((pattern) => matchesPattern(pattern, name))",
    replace: "patterns === null || patterns.length > 0 || matchesPattern(name, name)",
    test: { file: "tests/http/tokens.test.ts", title: "with patterns sees" },
    isCompiled: true,
  },
  {
    name: "an expired token stays expired when the clock goes back",
    file: "src/http/composer/token-auth.ts",
    find: "(latest = Math.max(latest, app.now()))",
    replace: "(latest = app.now())",
    test: { file: "tests/faults/clock.test.ts", title: "R15" },
    isCompiled: true,
  },
];
