// The first `composer require`, followed request by request.
import type { SeenRequest } from "../../src/registry/organizations/first-install.ts";
import { Chain, type Link } from "../parts/chain.tsx";
import { Icon } from "../parts/icon.tsx";
import { State } from "../parts/state.tsx";
import { Clock } from "../parts/time.tsx";

type InstallProgressProps = {
  slug: string;
  requests: SeenRequest[];
  isInstalled: boolean;
  /** Packages that are required and not here. */
  missing: string[];
};

/** What Composer has done of the way, and its last requests. */
export function InstallProgress({ slug, requests, isInstalled, missing }: InstallProgressProps) {
  const base = `/${slug}`;
  const first = (test: (request: SeenRequest) => boolean) => requests.find(test)?.at ?? null;
  const reached: [string, number | null][] = [
    ["Composer connected", first(() => true)],
    ["Token accepted", first(({ tokenName }) => tokenName !== null)],
    ["Versions read", first(({ path, status }) => path.startsWith(`${base}/p2/`) && status < 400)],
    ["Archive downloaded", first(({ path, status }) => path.startsWith(`${base}/dists/`) && status < 400)],
  ];
  const now = isInstalled ? -1 : reached.findIndex(([, at]) => at === null);
  const links = reached.map(([name, at], index): Link => {
    if (at !== null) return { name, note: <Clock at={at} />, is: "done" };
    if (isInstalled) return { name, is: "done", note: "earlier" };
    return { name, note: index === now ? "waiting" : undefined, is: index === now ? "now" : "left" };
  });
  const done = links.filter(({ is }) => is === "done").length;
  return (
    <section class="stack is-close" aria-label="Requests from Composer">
      <p class="read-line">
        {isInstalled ? (
          <State kind="done">Installed</State>
        ) : (
          <span class="state is-active strong">
            <Icon name="radio" /> <span>Listening</span>
          </span>
        )}
        <span class="secondary">
          {done === 3 && !isInstalled && missing.length > 0
            ? `Composer needs ${missing.join(", ")} to continue.`
            : (sentences[isInstalled ? 4 : done] ?? "")}
        </span>
        <span class="at-end small secondary">{`${done} of 4`}</span>
      </p>
      <Chain label="The first install" links={links} />
      {requests.length === 0 ? null : (
        <ol class="log">
          {requests.slice(-12).map(({ at, status, method, path, tokenName }) => (
            <li>
              <Clock at={at} /> <span class={status < 400 ? "is-fresh" : "is-plain"}>{status}</span>{" "}
              <span class="path" title={path}>{`${method} ${shortened(path)}`}</span>{" "}
              <span class="secondary">
                {tokenName === null ? "no valid token; Composer will try again" : `token ${tokenName}`}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

const sentences = [
  "Waiting for Composer.",
  "Composer connected without a valid token.",
  "Token accepted. Waiting for Composer to look up the package.",
  "Package found. Waiting for the download.",
  "Composer downloaded the archive.",
];

/** Of an archive the commit is cut as people cut it, so that a request stays one line. */
function shortened(path: string): string {
  return path.replace(/([0-9a-f]{7})[0-9a-f]{33}/, "$1…");
}
