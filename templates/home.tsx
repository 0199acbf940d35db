import { Bare, BareHead } from "./bare.tsx";
import type { Assets } from "./layout.tsx";
import { CommandList } from "./parts/command.tsx";

export type HomeProps = { appName: string; appUrl: string; isEmpty: boolean; asset: Assets };

/** What somebody sees who opens the registry's address in a browser. */
export function HomePage({ appName, appUrl, isEmpty, asset }: HomeProps) {
  const host = new URL(appUrl).host;
  return (
    <Bare outside={{ appName, appUrl, asset }} title="Package registry" wide>
      <BareHead title="A private Composer registry">
        This server answers Composer at <code>{host}</code>. It needs an access token from the people who run
        it.
      </BareHead>
      {isEmpty ? <FirstSteps /> : <UseIt appUrl={appUrl} host={host} />}
    </Bare>
  );
}

function FirstSteps() {
  return (
    <section class="stack is-close">
      <h2>Nothing is here yet</h2>
      <p class="second">
        On the machine that runs it, make an organization, add a repository and create a token:
      </p>
      <CommandList
        title="In a terminal"
        commands={[
          ['pricore org create acme --name "Acme"'],
          [
            "pricore repo add --org acme ",
            { own: "https://git.example.com/acme/blog.git" },
            " --sync --wait",
          ],
          ["pricore token create --org acme --name ci"],
        ]}
      />
    </section>
  );
}

function UseIt({ appUrl, host }: { appUrl: string; host: string }) {
  return (
    <section class="stack is-close">
      <h2>Use it in a project</h2>
      <p class="second">
        With your organization's address and your token in place of the capital words. It must stand before
        any other repository of the project but Packagist, which always comes last:
      </p>
      <CommandList
        title="In the folder of your project"
        commands={[
          ["composer config repositories.ORGANIZATION composer ", { own: `${appUrl}/ORGANIZATION` }],
          ["composer config http-basic.", { own: host }, " token TOKEN"],
        ]}
      />
    </section>
  );
}
