// How a project uses the registry of an organization: on a machine, in the project, in CI.
import { Frame } from "../frame/frame.tsx";
import { ButtonLink } from "../parts/button.tsx";
import { CommandBlock, CommandList, CopyButton } from "../parts/command.tsx";
import { PageHead, Section } from "../parts/head.tsx";
import {
  authJson,
  loginCommand,
  projectCommands,
  requireCommand,
  snippets,
  type Snippet,
} from "./setup-commands.ts";
import type { FrameData } from "../frame/shell.ts";
import { paths } from "../paths.ts";

type UseProps = {
  shell: FrameData;
  slug: string;
  /** What the last command installs; null while the organization has no package. */
  example: string | null;
};

const token = "TOKEN";

export function UsePage({ shell, slug, example }: UseProps) {
  const { appUrl } = shell;
  const inProject = [
    ...projectCommands({ appUrl, slug }),
    ...(example === null ? [] : [requireCommand(example, null)]),
  ];
  return (
    <Frame shell={shell} title="Use in a project" section="packages" path={[{ label: "Use in a project" }]}>
      <div class="stack">
        <PageHead
          title="Use in a project"
          about={[
            `Install packages from ${shell.organization?.name ?? slug} in three steps. `,
            <a href={paths.docs("use-in-a-project")}>More in the docs</a>,
          ]}
        />
        <Section title="1. Get a token">
          <div class="stack is-close">
            <p class="prose">
              {"Composer signs in with your token. Below, replace "}
              <code>{token}</code>
              {" with it."}
            </p>
            <div class="actions">
              <ButtonLink href="/account/tokens/new" variant="primary" icon="key-round">
                Create my token
              </ButtonLink>
              <a href="/account/tokens">View my tokens</a>
            </div>
          </div>
        </Section>
        <Section title="2. Once per machine">
          <div class="stack">
            <CommandBlock command={loginCommand(appUrl, token)} />
          </div>
        </Section>
        <Section title="3. Once per project">
          <div class="stack">
            <CommandList
              title="In the folder with composer.json (a new project starts with composer init)"
              commands={inProject}
            />
          </div>
        </Section>
        <Section title="In CI and image builds" note="use an organization token">
          <div class="stack is-close">
            {snippets().map((snippet) => (
              <SnippetPart snippet={snippet} />
            ))}
            <div class="stack is-tight">
              <h3>COMPOSER_AUTH</h3>
              <CommandBlock command={[authJson(appUrl, token)]} plain announcement="JSON copied" />
            </div>
          </div>
        </Section>
      </div>
    </Frame>
  );
}

function SnippetPart({ snippet: { name, file, before, lines } }: { snippet: Snippet }) {
  const text = lines.join("\n");
  return (
    <details class="more" id={name.toLowerCase().replaceAll(" ", "-")}>
      <summary>
        {name} <span class="secondary mono small">{file}</span>
      </summary>
      <div class="stack is-tight">
        <p>{before}</p>
        <div class="commands">
          <div class="above">
            <span class="mono">{file}</span>
            <CopyButton text={text} caption="Copy" announcement={`${file} copied`} framed />
          </div>
          <pre class="lines" tabindex="0">
            {lines.map((line) => (
              <code class="command-line is-plain">{line}</code>
            ))}
          </pre>
        </div>
      </div>
    </details>
  );
}
