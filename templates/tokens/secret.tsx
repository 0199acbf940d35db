// A token that was just made, with all that it takes to use it.
import type { FrameData } from "../frame/shell.ts";
import { CommandBlock } from "../parts/command.tsx";
import { OnceSecret } from "../parts/once-secret.tsx";
import { authJson, loginCommand, projectCommands, requireCommand } from "../organizations/setup-commands.ts";

type NewSecretProps = {
  shell: FrameData;
  slug: string | null;
  name: string;
  secret: string;
  /** A package that the token reads; null while there is none. */
  example: string | null;
  done: string;
};

export function NewSecret({ shell, slug, name, secret, example, done }: NewSecretProps) {
  const { appUrl } = shell;
  const readable =
    slug === null ? shell.organizations : shell.organizations.filter((each) => each.slug === slug);
  return (
    <OnceSecret
      title={`Token ${name} is ready`}
      secret={secret}
      done={done}
      commands={[
        { label: "Once per machine", command: loginCommand(appUrl, secret) },
        ...readable.flatMap((each) =>
          projectCommands({ appUrl, slug: each.slug }).map((command, index) => ({
            label: index > 0 ? "This server has no TLS, so Composer must be told to allow it" : onceFor(each),
            command,
          })),
        ),
        ...(example === null
          ? []
          : [{ label: "Then install a package", command: requireCommand(example, null) }]),
      ]}
      note={
        <details>
          <summary>
            {"For CI, put the token into the secret "}
            <code>COMPOSER_AUTH</code>
            {": show the JSON"}
          </summary>
          <CommandBlock command={[authJson(appUrl, secret)]} plain announcement="JSON copied" />
        </details>
      }
    />
  );

  function onceFor(organization: { name: string }): string {
    return readable.length > 1 ? `Once per project that uses ${organization.name}` : "Once per project";
  }
}
