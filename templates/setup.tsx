import { Layout, type Assets } from "./layout.tsx";

export type Outside = { appName: string; appUrl: string; asset: Assets };
type Problem = { field: string | null; message: string };

export type SetupAccountProps = Outside & {
  secret: string;
  form: { name: string; email: string };
  problem: Problem | null;
};

export function SetupAccountPage({ appName, asset, secret, form, problem }: SetupAccountProps) {
  return (
    <Layout title="Set up" appName={appName} asset={asset}>
      <h1>Make the first account</h1>
      <form method="post" action={`/setup/${secret}`}>
        <input name="name" value={form.name} />
        <input name="email" value={form.email} />
        <input name="password" type="password" />
        {problem === null ? null : <p role="alert">{problem.message}</p>}
        <button type="submit">Create account</button>
      </form>
    </Layout>
  );
}

export type SetupOrganizationProps = Outside & {
  email: string;
  form: { name: string; slug: string };
  problem: Problem | null;
};

export function SetupOrganizationPage({ appName, asset, form, problem }: SetupOrganizationProps) {
  return (
    <Layout title="Set up" appName={appName} asset={asset}>
      <h1>Name your organization</h1>
      <form method="post" action="/setup">
        <input name="name" value={form.name} />
        <input name="slug" value={form.slug} />
        {problem === null ? null : <p role="alert">{problem.message}</p>}
        <button type="submit">Create organization</button>
      </form>
    </Layout>
  );
}
