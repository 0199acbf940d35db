// The SSH host key that is expected of the repository's server, and forgetting it.
import { HostKeyPage } from "../../../../templates/repositories/edit.tsx";
import { notFound } from "../../../errors.ts";
import { fingerprintOf } from "../../../registry/credentials/credentials.ts";
import { sshHostOf } from "../../../registry/credentials/remotes.ts";
import { forgetHostKey } from "../../../registry/repositories/repositories.ts";
import { requestSync } from "../../../registry/sync-requests.ts";
import { causeOf } from "../../../registry/syncs/causes.ts";
import { findHostKey } from "../../../store/repositories/host-keys.ts";
import { routesOf } from "../../access.ts";
import { seeOther } from "../../answers.ts";
import { toastCookie } from "../../cookies/session.ts";
import { page, type PageSetup } from "../../page.ts";
import { foundIn, repositoryRoute } from "./find.ts";

export function hostKeyPages(setup: PageSetup) {
  const { app } = setup;
  return routesOf(app, "repository-host-key", repositoryRoute)
    .get(
      "/host-key",
      async ({ context, membership, params }) => {
        const { repository, base } = await foundIn(app, membership, params);
        const host = sshHostOf(repository.url);
        if (host === null) throw notFound("This repository does not use SSH.");
        const key = await findHostKey(app.db, membership.organization.id, host);
        const fingerprint = key === null ? null : await fingerprintOf(key);
        const changed = causeOf(repository.error_code) === "host-key" ? repository.error : null;
        const { name } = repository;
        return page(setup, context, {
          render: (shell) => HostKeyPage({ shell, base, name, host, fingerprint, changed }),
        });
      },
      { member: "admin" },
    )
    .post(
      "/host-key",
      async ({ membership, params, actor }) => {
        const { repository, base } = await foundIn(app, membership, params);
        const { organization } = membership;
        const host = await forgetHostKey(app, { organization, repository, actor });
        await requestSync(app, repository, { actor });
        return seeOther(base, [toastCookie(app, `The host key of ${host} was forgotten.`)]);
      },
      { member: "admin", confirmed: true },
    );
}
