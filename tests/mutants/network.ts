// Protections of outgoing and incoming requests.
import type { Mutant } from "./mutant.ts";

const outbound = "src/outbound/outbound.ts";
const attacks = "tests/attacks/outbound.test.ts";

export const networkMutants: Mutant[] = [
  {
    name: "private addresses are refused",
    file: outbound,
    find: "if (allowed.length === 0 && hidden !== undefined)",
    replace: "if (false && allowed.length === 0 && hidden !== undefined)",
    test: { file: attacks, title: "S1" },
    isCompiled: true,
  },
  {
    name: "IPv4 inside NAT64 and 6to4 is private",
    file: "src/outbound/networks.ts",
    find: '"::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16',
    replace: '"100::/64 2001:db8::/32',
    test: { file: "tests/outbound.test.ts", title: "does not lead to %s" },
  },
  {
    name: "a redirect is checked like the first address",
    file: outbound,
    find: "return { url, addresses: await addressesOf(policy, url, resolve) };",
    replace:
      "return { url, addresses: await addressesOf({ allow: [{ host: url.hostname, port: null }] }, url, resolve) };",
    test: { file: attacks, title: "S4" },
    isCompiled: true,
  },
  {
    name: "credentials stay with their origin",
    file: outbound,
    find: "headers = withoutCredentials(headers);",
    replace: "void withoutCredentials;",
    test: { file: attacks, title: "S5" },
    isCompiled: true,
  },
  {
    name: "addresses with a password are refused on the way out",
    file: outbound,
    find: 'if (url.username !== "" || url.password !== "" ||',
    replace: "if (false as boolean &&",
    test: { file: "tests/outbound.test.ts", title: "refuses credentials in an address" },
  },
  {
    name: "redirects end after three",
    file: outbound,
    find: "const redirectLimit = 3;",
    replace: "const redirectLimit = 300;",
    test: { file: attacks, title: "S10" },
    isCompiled: true,
  },
  {
    name: "plain HTTP needs the operator's word",
    file: outbound,
    find: "if (allowed.length === 0 && target.insecure)",
    replace: "if (false && allowed.length === 0 && target.insecure)",
    test: { file: "tests/cli/repositories.test.ts", title: "over an open line is refused" },
    isCompiled: true,
  },
  {
    name: "only trusted proxies are believed",
    file: "src/http/request/client-address.ts",
    find: "while (hops.length > 0 && isTrusted(address)) {",
    replace: "while (hops.length > 0 && isTrusted(peer) !== null) {",
    test: { file: "tests/attacks/people/sign-in.test.ts", title: "H16" },
  },
  {
    name: "the Host header must be ours",
    file: "src/http/request/guard.ts",
    find: "if (host === own || (own === hostname && host === withPort)) return null;",
    replace: "if (host !== withPort + withPort) return null;",
    test: { file: "tests/attacks/http.test.ts", title: "H1" },
    isCompiled: true,
  },
  {
    name: "a token in an address is refused",
    file: "src/http/request/guard.ts",
    find: 'if (!url.includes("?") || !credential.test(url)) return null;',
    replace: "if (!credential.test(url) || url) return null;",
    test: { file: "tests/http/tokens.test.ts", title: "in the address is refused" },
    isCompiled: true,
  },
  {
    name: "a form of another site changes nothing",
    file: "src/http/request/origin.ts",
    find: "if (isOurs) return;",
    replace: "if (isOurs || origin !== null) return;",
    test: { file: "tests/attacks/people/matrix.test.ts", title: "I5" },
  },
  {
    name: "a form without Origin and Sec-Fetch-Site changes nothing",
    file: "src/http/request/origin.ts",
    find: "(fetchSite !== null || origin !== null) &&",
    replace: "",
    test: { file: "tests/attacks/people/matrix.test.ts", title: "FT3" },
  },
  {
    name: "signing in leads to no other site",
    file: "src/http/answers.ts",
    find: '/^\\/(?![/\\\\])[\\x21-\\x7e]*$/.test(path) && !path.includes("\\\\")',
    replace: 'path.startsWith("/")',
    test: { file: "tests/attacks/people/organization.test.ts", title: "H10" },
  },
];
