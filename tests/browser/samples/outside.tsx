import { PublicLayout, PublicHead, FactorSteps, OtherWays } from "../../../templates/frame/bare.tsx";
import type { Assets } from "../../../templates/frame/layout.tsx";
import { Button } from "../../../templates/parts/button.tsx";
import { Chain } from "../../../templates/parts/chain.tsx";
import { CommandList } from "../../../templates/parts/command.tsx";
import { Field, OneTimeCode } from "../../../templates/parts/field.tsx";
import { Icon } from "../../../templates/parts/icon.tsx";
import { Steps } from "../../../templates/frame/steps.tsx";
import { appUrl, host } from "./shell.ts";

export function SignIn({ asset }: { asset: Assets }) {
  return (
    <PublicLayout
      outside={{ appName: "Pricore", appUrl, asset, version: "1.4.2" }}
      title="Sign in"
      doing="You are signing in to"
      about="The private Composer packages of Acme."
    >
      <PublicHead title="Sign in" />
      <form class="form" method="post" action="/sign-in">
        <Field
          name="email"
          type="email"
          label="Email"
          value="ann@acme.example"
          autocomplete="username"
          required
        />
        <Field
          name="password"
          type="password"
          label="Password"
          autocomplete="current-password"
          error="That email and password do not belong together. Try again, or reset the password."
          required
        />
        <Button variant="primary" wide busy="Signing in…">
          Sign in
        </Button>
      </form>
      <OtherWays
        ways={[
          { href: "/sign-in/github", icon: "github", text: "Sign in with GitHub" },
          { href: "/reset", icon: "mail", text: "Reset the password" },
        ]}
      />
    </PublicLayout>
  );
}

export function SecondFactor({ asset }: { asset: Assets }) {
  return (
    <PublicLayout
      outside={{ appName: "Pricore", appUrl, asset, version: "1.4.2" }}
      title="Sign in"
      doing="You are signing in to"
      about="The private Composer packages of Acme."
    >
      <FactorSteps steps={["Password", "Second factor"]} now={1} />
      <PublicHead title="Enter the code from your app">
        Signing in as <b>ann@acme.example</b>. <a href="/sign-in">Not you?</a>
      </PublicHead>
      <form class="form" method="post" action="/sign-in/code">
        <OneTimeCode
          name="code"
          error="This code was not accepted. Codes change every 30 seconds; enter the current one."
        />
        <Button variant="primary" wide>
          Sign in
        </Button>
      </form>
      <OtherWays
        ways={[{ href: "#recovery", icon: "life-buoy", text: "Use a recovery code", note: "6 left" }]}
      />
      <p class="small muted">
        Lost both? An administrator can run <code>pricore user disable-2fa</code>.
      </p>
    </PublicLayout>
  );
}

export function Setup({ asset }: { asset: Assets }) {
  const token = "prc_7Qm2ZkV9xT4bLr8NwYc3HsJ6pDfA1gEoU5iK0tRn8aWq2x";
  return (
    <Steps
      outside={{ appName: "Pricore", appUrl, asset }}
      title="Setup"
      now={2}
      steps={[
        { name: "Account", note: "ann@acme.example" },
        { name: "Organization", note: ["Acme, ", <code>/acme</code>] },
        { name: "First install", note: "Repository read, waiting for Composer" },
      ]}
      skip={{ href: "/", text: "Skip, go to the dashboard" }}
    >
      <PublicHead title={["Now install ", <span class="mono">acme/billing</span>]}>
        The repository is read and its versions are published. Run these three lines in any PHP project; this
        page follows along.
      </PublicHead>
      <CommandList
        title="In your project folder"
        caption="Copy all three"
        commands={[
          ["composer config repositories.acme composer ", { own: `${appUrl}/acme` }],
          ["composer config --auth http-basic.", { own: host }, ` token ${token}`],
          ["composer require ", { own: "acme/billing" }],
        ]}
        note={[
          <Icon name="key-round" small />,
          <span>The token was made for you and is shown only on this page.</span>,
        ]}
      />
      <Chain
        label="The first install"
        links={[
          { name: "Composer connected", note: "12:04:09", is: "done" },
          { name: "Token accepted", note: "12:04:10", is: "done" },
          { name: "Versions read", note: "12:04:11", is: "done" },
          { name: "Archive downloaded", note: "waiting", is: "now" },
        ]}
      />
    </Steps>
  );
}
