import { Layout, type Assets } from "./layout.tsx";

export type Outside = { appName: string; appUrl: string; asset: Assets };
type Problem = { field: string | null; message: string };

export type SignInProps = Outside & { next: string; email: string; problem: Problem | null };

export function SignInPage({ appName, asset, next, email, problem }: SignInProps) {
  return (
    <Layout title="Sign in" appName={appName} asset={asset}>
      <h1>Sign in</h1>
      <form method="post" action="/sign-in">
        <input type="hidden" name="next" value={next} />
        <label>
          E-mail <input type="email" name="email" value={email} required autocomplete="username" />
        </label>
        <label>
          Password <input type="password" name="password" required autocomplete="current-password" />
        </label>
        {problem === null ? null : <p role="alert">{problem.message}</p>}
        <label>
          <input type="checkbox" name="remember" value="1" /> Stay signed in for 30 days
        </label>
        <button type="submit">Sign in</button>
      </form>
    </Layout>
  );
}

export function ConfirmPage({ appName, asset, next, email, problem }: SignInProps) {
  return (
    <Layout title="Confirm that it is you" appName={appName} asset={asset}>
      <h1>Confirm that it is you</h1>
      <p>You are signed in as {email}.</p>
      <form method="post" action="/confirm">
        <input type="hidden" name="next" value={next} />
        <label>
          Password <input type="password" name="password" required autocomplete="current-password" />
        </label>
        {problem === null ? null : <p role="alert">{problem.message}</p>}
        <button type="submit">Go on</button>
      </form>
    </Layout>
  );
}
