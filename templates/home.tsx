import { Layout, type Assets } from "./layout.tsx";

export type HomeProps = { appName: string; appUrl: string; isEmpty: boolean; asset: Assets };

/** What somebody sees who opens the registry's address in a browser. */
export function HomePage({ appName, appUrl, isEmpty, asset }: HomeProps) {
  const host = new URL(appUrl).host;
  return (
    <Layout title="Package registry" appName={appName} asset={asset}>
      <h1>A private Composer registry</h1>
      <p class="lead">
        This server answers Composer at <code>{host}</code>. It needs an access token from the people who run
        it.
      </p>
      {isEmpty ? <FirstSteps /> : <UseIt appUrl={appUrl} host={host} />}
    </Layout>
  );
}

function FirstSteps() {
  return (
    <section>
      <h2>Nothing is here yet</h2>
      <p>On the machine that runs it, make an organization, add a repository and create a token:</p>
      <pre class="commands">
        {[
          'pricore org create acme --name "Acme"',
          "pricore repo add --org acme https://git.example.com/acme/blog.git --sync --wait",
          "pricore token create --org acme --name ci",
        ].join("\n")}
      </pre>
    </section>
  );
}

function UseIt({ appUrl, host }: { appUrl: string; host: string }) {
  return (
    <section>
      <h2>Use it in a project</h2>
      <p>
        With your organization's address and your token in place of the capital words. It must stand before
        any other repository of the project but Packagist, which always comes last:
      </p>
      <pre class="commands">
        {[
          `composer config repositories.ORGANIZATION composer ${appUrl}/ORGANIZATION`,
          `composer config http-basic.${host} token TOKEN`,
        ].join("\n")}
      </pre>
    </section>
  );
}
