// URLs as users paste them: from clone buttons, browsers, commands and configuration files.

import { describe, expect, test } from "bun:test";
import { Failure } from "../../src/errors.ts";
import { readAddress } from "../../src/git/address.ts";
import { parseRemote } from "../../src/git/remote.ts";
import { maskAddress } from "../../src/registry/repositories/addresses.ts";

function refusal(text: string, allowLocal = false): Failure {
  try {
    readAddress(text, { allowLocal });
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error(`${text} was understood`);
}

const blog = "https://github.com/acme/blog";

const understood: [text: string, url: string, username?: string][] = [
  // Clone buttons
  ["https://ann@bitbucket.org/acme/blog.git", "https://bitbucket.org/acme/blog.git", "ann"],
  ["https://acme@dev.azure.com/acme/Shop/_git/blog", "https://dev.azure.com/acme/Shop/_git/blog", "acme"],
  ["https://ann%40acme.test@git.acme.test/blog.git", "https://git.acme.test/blog.git", "ann@acme.test"],
  ["https://ann@acme.test@git.acme.test/blog.git", "https://git.acme.test/blog.git", "ann@acme.test"],
  ["https://ann:@git.acme.test/blog.git", "https://git.acme.test/blog.git", "ann"],
  ["https://x-token-auth@bitbucket.org/acme/blog.git", "https://bitbucket.org/acme/blog.git", "x-token-auth"],
  ["https://dev.azure.com/acme/My Shop/_git/my blog", "https://dev.azure.com/acme/My%20Shop/_git/my%20blog"],
  [
    "https://dev.azure.com/acme/My%20Shop/_git/my%20blog",
    "https://dev.azure.com/acme/My%20Shop/_git/my%20blog",
  ],
  ["git@ssh.dev.azure.com:v3/acme/My%20Shop/blog", "git@ssh.dev.azure.com:v3/acme/My%20Shop/blog"],
  ["ssh://git@altssh.bitbucket.org:443/acme/blog.git", "ssh://git@altssh.bitbucket.org:443/acme/blog.git"],
  ["org-12@github.com:acme/blog.git", "org-12@github.com:acme/blog.git"],
  // Without a scheme, or with a damaged one
  ["github.com/acme/blog", blog],
  ["www.github.com/acme/blog.git", "https://github.com/acme/blog.git"],
  ["git.acme.test:8443/acme/blog.git", "https://git.acme.test:8443/acme/blog.git"],
  ["HTTPS://GitHub.com/acme/blog", blog],
  ["https:/github.com/acme/blog", blog],
  ["https//github.com/acme/blog", blog],
  ["http://github.com/acme/blog", blog],
  ["https://github.com:acme/blog.git", "https://github.com/acme/blog.git"],
  ["github:acme/blog", blog],
  ["git+https://github.com/acme/blog.git", "https://github.com/acme/blog.git"],
  ["git+ssh://git@github.com/acme/blog.git", "ssh://git@github.com/acme/blog.git"],
  ["scm:git:https://github.com/acme/blog.git", "https://github.com/acme/blog.git"],
  ["github.com:acme/blog.git", "git@github.com:acme/blog.git"],
  ["git@github.com/acme/blog.git", "git@github.com:acme/blog.git"],
  ["ssh://git@github.com:acme/blog.git", "git@github.com:acme/blog.git"],
  ["ssh://git@git.acme.test:2222/acme/blog.git", "ssh://git@git.acme.test:2222/acme/blog.git"],
  // Extra characters around the URL
  ["https://git.acme.test/acme/blog?ref=main", "https://git.acme.test/acme/blog"],
  ["https://git.acme.test/acme/blog.git#readme", "https://git.acme.test/acme/blog.git"],
  ["https://github.com/acme/blog?tab=readme-ov-file#installation", blog],
  ["https://git.acme.test/acme/blog/.git", "https://git.acme.test/acme/blog"],
  ["https://git.acme.test/acme/blog/.git/", "https://git.acme.test/acme/blog"],
  ["https://git.acme.test//acme//blog.git///", "https://git.acme.test/acme/blog.git"],
  ["git@git.acme.test:acme/blog/.git", "git@git.acme.test:acme/blog"],
  ["git@git.acme.test:acme/blog.git/", "git@git.acme.test:acme/blog.git"],
  ["git@git.acme.test:acme/blog.git?x#y", "git@git.acme.test:acme/blog.git"],
  ["ssh://git@git.acme.test/acme/blog.git/#y", "ssh://git@git.acme.test/acme/blog.git"],
  ["https://git.acme.test/acme/my%20blog.git", "https://git.acme.test/acme/my%20blog.git"],
  ["ssh://git@git.acme.test/acme/my%20blog.git", "ssh://git@git.acme.test/acme/my%20blog.git"],
  [` \u200B<${blog}>, `, blog],
  [`"${blog}"`, blog],
  [`\`${blog}\`;`, blog],
  // Commands and configurations
  ["git clone https://github.com/acme/blog.git", "https://github.com/acme/blog.git"],
  ["$ git clone --depth 1 -b main git@github.com:acme/blog.git shop", "git@github.com:acme/blog.git"],
  ["git remote add origin ssh://git@git.acme.test/acme/blog.git", "ssh://git@git.acme.test/acme/blog.git"],
  ["git clone 'https://ann@bitbucket.org/acme/blog.git'", "https://bitbucket.org/acme/blog.git", "ann"],
  ["gh repo clone acme/blog", blog],
  ["glab repo clone acme/team/blog", "https://gitlab.com/acme/team/blog"],
  ["composer config repositories.blog vcs https://github.com/acme/blog", blog],
  ['{"type": "vcs", "url": "https:\\/\\/github.com\\/acme\\/blog"}', blog],
  // Pages
  ["https://github.com/acme/blog/tree/main/src", blog],
  ["https://github.com/acme/blog/blob/main/README.md#L10-L20", blog],
  ["https://github.com/acme/blog/pull/12/files", blog],
  ["https://github.com/acme/blog.git/info/refs?service=git-upload-pack", "https://github.com/acme/blog.git"],
  ["https://raw.githubusercontent.com/acme/blog/main/composer.json", blog],
  ["https://api.github.com/repos/acme/blog/tags", blog],
  ["https://github.acme.test/acme/blog/blob/main/a.php", "https://github.acme.test/acme/blog"],
  ["https://gitlab.com/acme/team/blog/-/tree/main?ref_type=heads", "https://gitlab.com/acme/team/blog"],
  ["https://gitlab.acme.test/acme/team/blog/-/blob/main/a.php", "https://gitlab.acme.test/acme/team/blog"],
  ["https://gitlab.acme.test/acme/team/blog/-/merge_requests/3", "https://gitlab.acme.test/acme/team/blog"],
  ["https://bitbucket.org/acme/blog/src/main/composer.json", "https://bitbucket.org/acme/blog"],
  ["https://codeberg.org/acme/blog/src/branch/main/a.php", "https://codeberg.org/acme/blog"],
  ["https://git.acme.test/acme/blog/src/tag/v1/a.php", "https://git.acme.test/acme/blog"],
  [
    "https://bb.acme.test/projects/SHOP/repos/blog/browse/src?at=main",
    "https://bb.acme.test/scm/shop/blog.git",
  ],
  ["https://bb.acme.test/users/ann/repos/blog/browse", "https://bb.acme.test/scm/~ann/blog.git"],
  [
    "https://dev.azure.com/acme/Shop/_git/blog?path=/src&version=GBmain",
    "https://dev.azure.com/acme/Shop/_git/blog",
  ],
  ["https://dev.azure.com/acme/Shop/_git/blog/pullrequest/7", "https://dev.azure.com/acme/Shop/_git/blog"],
  ["https://acme.visualstudio.com/Shop/_git/blog/commits", "https://acme.visualstudio.com/Shop/_git/blog"],
];

describe("An address", () => {
  const each = understood.map(([text, url, username = null]) => ({ text, url, username }));
  test.each(each)("FC11: is understood: $text", ({ text, url, username }) => {
    const address = readAddress(text);
    expect([address.url, address.username]).toEqual([url, username]);
    expect(parseRemote(address.url)).toEqual(address.remote);
    expect(readAddress(address.url).url).toBe(address.url);
  });

  test.each([
    ["file:///srv/git/blog.git", "/srv/git/blog.git"],
    ["file://localhost/srv/my%20blog", "/srv/my blog"],
    ["/srv/git/blog/.git/", "/srv/git/blog"],
    ["/srv/git/blog.git//", "/srv/git/blog.git"],
  ])("FC11: of a local folder is understood on the command line: %s", (text, path) => {
    expect(readAddress(text, { allowLocal: true }).remote).toEqual({ kind: "local", path });
    expect(refusal(text)).toMatchObject({ code: "scheme_not_allowed" });
    expect(refusal(text).message).toContain("A folder of the server");
  });

  const refused: [text: string, code: string, message: RegExp][] = [
    ["git://git.acme.test/x.git", "scheme_not_allowed", /git:\/\/ is neither encrypted/],
    ["C:\\work\\blog", "scheme_not_allowed", /A folder of your computer/],
    ["acme/blog", "scheme_not_allowed", /whole address, such as https:\/\/github\.com\/acme\/blog/],
    ["https://github.com/acme", "url_malformed", /page of github\.com, not a repository/],
    ["https://packagist.org/packages/acme/blog", "url_malformed", /page of Packagist/],
    ["https://git.acme.test/acme/my blog.git", "url_malformed", /write it as %20/],
    ["git clone blog", "url_malformed", /Paste the address alone/],
    ["git clone https://a.test/x https://b.test/y", "url_malformed", /Paste the address alone/],
    ["https://git.acme.test/a%0ab", "url_malformed", /control or invisible/],
    ["https://git.acme.test/a\u202Eb", "url_malformed", /control or invisible/],
    ["ext::sh -c id", "scheme_not_allowed", /must begin with/],
    ["git clone --upload-pack=id ext::sh", "url_malformed", /Paste the address alone/],
    ["--upload-pack=touch /tmp/x", "scheme_not_allowed", /must begin with/],
    ["git@-oProxyCommand=id:x", "url_malformed", /malformed/],
    ["ssh://-oProxyCommand=id/x", "url_malformed", /malformed/],
    ["ssh://git@host:-oProxyCommand=id", "url_malformed", /malformed/],
    ["https://git.acme.test\\@evil.test/x", "url_malformed", /malformed/],
    ["", "scheme_not_allowed", /must begin with/],
    [`https://git.acme.test/${"x".repeat(2100)}`, "url_malformed", /2,048/],
  ];
  test.each(refused)("FC11: is refused with the reason: %j", (text, code, message) => {
    const failure = refusal(text);
    expect(failure).toMatchObject({ kind: "invalid", field: "url", code });
    expect(failure.message).toMatch(message);
  });

  test("FC11: of git:// at a public forge gets the one to use instead", () => {
    expect(refusal("git://github.com/acme/blog.git").advice).toBe("Try https://github.com/acme/blog.git");
  });

  const secrets = [
    "https://ann:canary@git.acme.test/x",
    "git clone https://ann:canary@git.acme.test/x.git",
    "https://ghp_canary0123456789@github.com/acme/blog.git",
    "https://glpat-canary@gitlab.com/acme/blog.git",
    `https://${"canary4567".repeat(4)}@git.acme.test/x`,
    "https://x-access-token:canary@github.com/acme/blog",
    "ssh://git:canary@git.acme.test/x",
    "git:canary@git.acme.test:acme/x",
    "git.acme.test/x?private_token=canary",
    "https://git.acme.test/x?a=b&access_token=canary#y",
    '{"url": "https://ann:canary@git.acme.test/x"}',
  ];
  test.each(secrets)("FC11: with a secret is refused, and shown without it: %s", (text) => {
    expect(refusal(text)).toMatchObject({ code: "url_credentials" });
    expect(maskAddress(text)).not.toContain("canary");
    expect(refusal(text).message).not.toContain("canary");
  });

  test("FC11: made of whatever takes linear time", () => {
    const parts = [
      "/-",
      "git clone ",
      "a.",
      "a@",
      ":",
      "/tree/",
      "%20",
      '"url":',
      "//",
      "?",
      "<",
      "b.test/x:",
    ];
    for (const part of parts) {
      const started = performance.now();
      try {
        readAddress(part.repeat(100_000));
        readAddress(`https://a.test/${part.repeat(2000 / part.length)}`);
      } catch {
        // refused
      }
      maskAddress(part.repeat(4000));
      expect([part, performance.now() - started < 1000]).toEqual([part, true]);
    }
  });
});
