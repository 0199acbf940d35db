import { describe, expect, test } from "bun:test";
import { Failure } from "../../src/errors.ts";
import { parseRemote } from "../../src/git/remote.ts";

function refusal(text: string, options?: { allowLocal: boolean }): string {
  try {
    parseRemote(text, options);
    return "accepted";
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    expect(error.kind).toBe("invalid");
    expect(error.field).toBe("url");
    return error.code;
  }
}

describe("The address of a repository", () => {
  test("may be https, http, ssh or git@host:path", () => {
    expect(parseRemote("https://git.example.com/acme/blog.git")).toEqual({
      kind: "http",
      url: "https://git.example.com/acme/blog.git",
    });
    expect(parseRemote("http://git.example.com:8080/acme/blog/")).toEqual({
      kind: "http",
      url: "http://git.example.com:8080/acme/blog",
    });
    const ssh = {
      kind: "ssh",
      user: "git",
      host: "git.example.com",
      port: 22,
      path: "acme/blog.git",
    } as const;
    expect(parseRemote("git@git.example.com:acme/blog.git")).toEqual(ssh);
    expect(parseRemote("ssh://git@git.example.com/acme/blog.git")).toEqual({
      ...ssh,
      path: "/acme/blog.git",
    });
    expect(parseRemote("ssh://ann@Git.Example.com:2222/~ann/my%20blog.git")).toEqual({
      kind: "ssh",
      user: "ann",
      host: "git.example.com",
      port: 2222,
      path: "~ann/my blog.git",
    });
    expect(parseRemote("ssh://[fd00::1]/blog.git")).toMatchObject({ host: "fd00::1", user: "git" });
  });

  test("may be a local path only on the operator's command line", () => {
    expect(parseRemote("/srv/git/blog.git/", { allowLocal: true })).toEqual({
      kind: "local",
      path: "/srv/git/blog.git",
    });
    expect(refusal("/srv/git/blog.git")).toBe("scheme_not_allowed");
    expect(refusal("../blog.git", { allowLocal: true })).toBe("scheme_not_allowed");
    expect(refusal("/srv/\0", { allowLocal: true })).toBe("url_malformed");
  });

  test.each([
    "ext::sh -c id",
    "fd::17/foo",
    "file:///etc/passwd",
    "/etc",
    "../x",
    "C:\\x",
    "git://git.example.com/x",
    "ftp://git.example.com/x",
    "data:text/plain,x",
    "--upload-pack=touch /tmp/x",
    "-oProxyCommand=id",
    "git.example.com:acme/blog.git",
    "",
  ])("is refused for its scheme: %s", (text) => {
    expect(refusal(text)).toBe("scheme_not_allowed");
  });

  test.each([
    "ssh://-oProxyCommand=id/x",
    "ssh://git@-host/x",
    "ssh://-user@git.example.com/x",
    "git@-oProxyCommand=id:x",
    "git@git.example.com:-x",
    "git@git.example.com:",
    "git@git.example.com:a\nb",
    "ssh://git.example.com/a%0ab",
    "ssh://git.example.com/%zz",
    "ssh://git.example.com:99999/x",
    "ssh://git.example.com/",
    "ssh://git.exa mple.com/x",
    "https://git.example.com/x?y=z",
    "https://git.example.com/x#y",
    "https://git.example.com/a\tb",
    "https://git.example.com/a%0d%0ab",
    "https://git.example.com\\@evil.example/x",
    "https://",
  ])("is refused as malformed: %j", (text) => {
    expect(refusal(text)).toBe("url_malformed");
  });

  test("has at most 2,048 characters", () => {
    expect(refusal(`https://git.example.com/${"x".repeat(2048)}`)).toBe("url_malformed");
  });

  test("never carries a credential", () => {
    for (const text of [
      "https://ann:secret@git.example.com/x",
      "https://ann@git.example.com/x",
      "ssh://git:secret@git.example.com/x",
    ]) {
      expect(refusal(text)).toBe("url_credentials");
    }
  });
});
