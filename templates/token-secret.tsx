// A token that was just made, with all that it takes to use it.
import type { Shell } from "./shell.ts";
import { CommandBlock, type Command } from "./parts/command.tsx";
import { OnceSecret } from "./parts/once-secret.tsx";

type NewSecretProps = { shell: Shell; slug: string | null; name: string; secret: string; done: string };

export function NewSecret({ shell, slug, name, secret, done }: NewSecretProps) {
  const { host, protocol, hostname } = new URL(shell.appUrl);
  const readable =
    slug === null ? shell.organizations : shell.organizations.filter((each) => each.slug === slug);
  const isInsecure = protocol === "http:" && !loopback.has(hostname);
  const login: Command = ["composer config --global --auth http-basic.", { own: host }, ` token ${secret}`];
  const json = JSON.stringify({ "http-basic": { [host]: { username: "token", password: secret } } });
  return (
    <OnceSecret
      title={`Token ${name} is ready`}
      secret={secret}
      done={done}
      commands={[
        { label: "Tell Composer once on this machine", command: login },
        ...(isInsecure
          ? [
              {
                label: "This server is reached without TLS, which Composer refuses by itself",
                command: [insecure],
              },
            ]
          : []),
        ...readable.map((each) => ({
          label:
            readable.length > 1
              ? `And once in each project that uses ${each.name}`
              : "And once in each project",
          command: repositoryCommand(shell.appUrl, each.slug),
        })),
      ]}
      note={
        <details>
          <summary>
            {"For CI, put the token into the secret "}
            <code>COMPOSER_AUTH</code>
            {": show the JSON"}
          </summary>
          <CommandBlock command={[json]} plain wraps said="JSON copied" />
        </details>
      }
    />
  );
}

/** `composer config repositories.acme composer https://…/acme`. */
export function repositoryCommand(appUrl: string, slug: string): Command {
  return [`composer config repositories.${slug} composer `, { own: `${appUrl}/${slug}` }];
}

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);
const insecure = "composer config --global secure-http false";
