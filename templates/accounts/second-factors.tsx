// Setting up and removing the second factors of an account.
import { AccountFrame } from "./menu.tsx";
import type { FrameData } from "../frame/shell.ts";
import { Button, Cancel } from "../parts/button.tsx";
import { CopyButton } from "../parts/command.tsx";
import { DialogBody } from "../parts/dialog.tsx";
import { Field, OneTimeCode } from "../parts/field.tsx";
import { PageHead } from "../parts/head.tsx";
import { Icon } from "../parts/icon.tsx";
import { Notice } from "../parts/notice.tsx";
import { Elsewhere, errorAt, type Problem } from "../parts/problem.tsx";
import { PasskeyProblem } from "../sign-in/sign-in.tsx";

type AppSetupProps = {
  shell: FrameData;
  /** For typing, in groups of four. */
  secretKey: string;
  address: string;
  modules: boolean[][];
  problem: Problem | null;
};

export function AppSetupPage({ shell, secretKey, address, modules, problem }: AppSetupProps) {
  return (
    <AccountFrame shell={shell} page="security" title="Set up an authenticator app">
      <PageHead
        title="Set up an authenticator app"
        about="Any app for one-time codes works, such as your password manager, Aegis, Google Authenticator or 2FAS."
      />
      <div class="stack is-narrow">
        <p>
          <strong>1. Scan this code with the app.</strong>
        </p>
        <QrCode modules={modules} text="QR code with the key of your account" />
        <p class="secondary">
          {"On this device? "}
          <a href={address}>Open it in the app</a>
          {", or type the key: "}
          <span class="address">
            <code>{secretKey}</code>
            <CopyButton text={secretKey.replaceAll(" ", "")} label="Copy key" announcement="Key copied" />
          </span>
        </p>
        <form class="stack" method="post" action="/account/security/app/confirm">
          <OneTimeCode
            name="code"
            label="2. Enter the code that the app shows"
            error={errorAt(problem, "code")}
          />
          <Elsewhere problem={problem} fields={["code"]} />
          <div class="actions">
            <Button variant="primary" busy="Checking…">
              Turn on
            </Button>
            <Cancel href="/account/security" />
          </div>
        </form>
      </div>
    </AccountFrame>
  );
}

/** Dark modules as one path: black on white in both themes, since cameras want it so. */
function QrCode({ modules, text }: { modules: boolean[][]; text: string }) {
  const size = modules.length;
  const path = modules
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")))
    .join("");
  return (
    <svg
      class="qr-code"
      width="220"
      height="220"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={text}
      shape-rendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

/** `codes` is null when they were shown before. */
export function RecoveryCodesPage(props: { shell: FrameData; codes: string[] | null; isFirst: boolean }) {
  const { shell, codes, isFirst } = props;
  if (codes === null)
    return (
      <AccountFrame shell={shell} page="security" title="Recovery codes">
        <PageHead title="Recovery codes" />
        <Notice
          tone="plain"
          title="These codes were shown once"
          links={[{ href: "/account/security", text: "Go to Security" }]}
        >
          They cannot be shown again. If you lost them, create new ones.
        </Notice>
      </AccountFrame>
    );
  const text = `${codes.join("\n")}\n`;
  return (
    <AccountFrame shell={shell} page="security" title="Recovery codes">
      <PageHead
        title="Recovery codes"
        about="Store these somewhere safe. Each code signs you in once, without the second factor."
      />
      <section class="once" aria-label="New recovery codes">
        <header>
          <h2>
            <Icon name="life-buoy" />
            <span>Ten codes, each works once</span>
          </h2>
          <span class="small secondary">
            <Icon name="eye-off" small /> Shown once. Only hashes are stored.
          </span>
        </header>
        <ol class="recovery-codes mono">
          {codes.map((code) => (
            <li>{code}</li>
          ))}
        </ol>
        <div class="actions">
          <CopyButton text={text} caption="Copy codes" announcement="Codes copied" primary />
          <a
            class="button is-small"
            download="pricore-recovery-codes.txt"
            href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`}
          >
            <Icon name="download" small />
            Download
          </a>
        </div>
        <footer>
          {isFirst ? null : <span class="small secondary">Earlier codes no longer work.</span>}
          <a class="button" href="/account/security">
            Done, I've saved them
          </a>
        </footer>
      </section>
    </AccountFrame>
  );
}

export function NewPasskeyPage({
  shell,
  name,
  problem,
}: {
  shell: FrameData;
  name: string;
  problem: Problem | null;
}) {
  return (
    <AccountFrame shell={shell} page="security" title="Add a passkey">
      <PageHead
        title="Add a passkey"
        about="Your browser asks where to keep it, and for your fingerprint, face or PIN."
      />
      <form
        class="stack is-narrow"
        method="post"
        action="/account/security/passkeys"
        data-passkey="add"
        data-challenge="/account/security/passkeys/challenge"
        hidden
      >
        <input type="hidden" name="answer" value="" />
        <Field
          name="name"
          label="Name"
          value={name}
          hint="A name you'll recognize later, for example Work laptop."
          placeholder="Laptop"
          maxlength={100}
          required
          autofocus
          autocomplete="off"
          error={errorAt(problem, "name")}
        />
        <PasskeyProblem />
        <Elsewhere problem={problem} fields={["name"]} />
        <div class="actions">
          <Button variant="primary" icon="fingerprint">
            Add passkey
          </Button>
          <Cancel href="/account/security" />
        </div>
      </form>
      <noscript>
        <p>Passkeys need JavaScript.</p>
      </noscript>
    </AccountFrame>
  );
}

/** `isLast`: nothing but the password is left afterwards. */
export function RemoveFactorPage(props: {
  shell: FrameData;
  title: string;
  action: string;
  verb: string;
  isLast: boolean;
}) {
  const { shell, title, action, verb, isLast } = props;
  return (
    <AccountFrame shell={shell} page="security" title={verb}>
      <DialogBody
        page
        title={title}
        about={
          isLast
            ? "This is your last second factor: your account will be protected by your password only, and your recovery codes stop working. Your other sessions are signed out."
            : "Your other ways to sign in stay. Your other sessions are signed out."
        }
      >
        <form method="post" action={action}>
          <div class="actions">
            <Button destroys busy="Removing…">
              {verb}
            </Button>
            <Cancel href="/account/security" />
          </div>
        </form>
      </DialogBody>
    </AccountFrame>
  );
}
