import { describe, expect, test } from "bun:test";
import { createForges } from "../../src/forges/forges.ts";

const providers = createForges({
  policy: { allow: [] },
  now: Date.now,
  origins: {
    github: { origin: "https://github.acme.test:8443" },
    gitlab: { origin: "https://gitlab.com" },
    bitbucket: { origin: "https://bitbucket.org" },
    gitea: { origin: null },
  },
});

describe("the forge of an address", () => {
  const known: [string, string][] = [
    ["https://github.com/acme/blog.git", "github https://github.com acme/blog"],
    ["https://github.com/acme/blog/", "github https://github.com acme/blog"],
    ["git@github.com:acme/blog.git", "github https://github.com acme/blog"],
    ["ssh://git@github.com/acme/blog", "github https://github.com acme/blog"],
    ["ssh://git@ssh.github.com:443/acme/blog.git", "github https://github.com acme/blog"],
    ["git@gitlab.com:acme/team/blog.git", "gitlab https://gitlab.com acme/team/blog"],
    ["git@bitbucket.org:acme/blog.git", "bitbucket https://bitbucket.org acme/blog"],
    ["https://codeberg.org/acme/blog.git", "gitea https://codeberg.org acme/blog"],
    ["https://github.acme.test:8443/acme/blog.git", "github https://github.acme.test:8443 acme/blog"],
    ["git@github.acme.test:acme/blog.git", "github https://github.acme.test:8443 acme/blog"],
  ];
  const overSsh: [string, string][] = [
    ["git@ssh.bitbucket.org:acme/blog.git", "bitbucket https://bitbucket.org acme/blog"],
    ["ssh://git@ssh.bitbucket.org/acme/blog.git", "bitbucket https://bitbucket.org acme/blog"],
    ["ssh://git@altssh.bitbucket.org:443/acme/blog.git", "bitbucket https://bitbucket.org acme/blog"],
    ["ssh://git@altssh.gitlab.com:443/acme/team/blog.git", "gitlab https://gitlab.com acme/team/blog"],
    ["ssh://git@SSH.github.com:443/acme/blog.git", "github https://github.com acme/blog"],
    ["org-12@ssh.github.com:acme/blog.git", "github https://github.com acme/blog"],
    ["git@ssh.codeberg.org:acme/blog.git", "gitea https://codeberg.org acme/blog"],
    ["git@ssh.github.acme.test:acme/blog.git", "github https://github.acme.test:8443 acme/blog"],
  ];
  for (const [url, parts] of overSsh)
    test(`FC13: is known by a host that answers SSH alone: ${url}`, () => {
      const { name, origin, path } = providers.recognize(url) ?? {};
      expect(`${name} ${origin} ${path}`).toBe(parts);
    });

  for (const [url, parts] of known)
    test(`is known for ${url}`, () => {
      const { name, origin, path } = providers.recognize(url) ?? {};
      expect(`${name} ${origin} ${path}`).toBe(parts);
    });

  const unknown = [
    "https://git.example.com/acme/blog.git",
    "https://github.acme.test/acme/blog.git",
    "https://ssh.github.com/acme/blog.git",
    "git@ssh.evil.test:acme/blog.git",
    "git@ssh.ssh.github.com:acme/blog.git",
    "git@notssh.github.com:acme/blog.git",
    "git@ssh.dev.azure.com:v3/acme/shop/blog",
    "acme@vs-ssh.visualstudio.com:v3/acme/shop/blog",
    "http://github.com/acme/blog.git",
    "https://github.com.evil.test/acme/blog.git",
    "https://github.com/",
    "https://github.com/%E0%A4%A/blog",
    "/srv/git/github.com/acme/blog.git",
    "",
  ];
  for (const url of unknown)
    test(`is not known for ${url || "nothing"}`, () => {
      expect(providers.recognize(url)).toBeNull();
    });
});
