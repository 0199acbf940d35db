// The answers of Bun's own router: Composer's reads, the pushes of forges, and whether this process is well.
import type { App } from "../app.ts";
import { composerFailure } from "./answers.ts";
import { createReadAnswers } from "./composer/answer-read.ts";
import { readDist, readPackage, readRoot } from "./composer/reads.ts";
import type { Answer } from "./listen.ts";
import type { Counters } from "./operations/counters.ts";
import { createHealth } from "./operations/health.ts";
import { createMetrics } from "./operations/metrics.ts";
import type { Guards } from "./pages.ts";
import { clientAddressOf } from "./request/client-address.ts";
import { rememberAddress } from "./request/client.ts";
import type { RequestGuard } from "./request/guard.ts";
import { directRoutes, type DirectPath } from "./routes.ts";
import { createWebhooks } from "./webhooks/routes.ts";

export function directAnswers(app: App, guards: Guards, counters: Counters): Record<DirectPath, Answer> {
  const { guard } = guards;
  const reads = createReadAnswers(app, guards);
  return {
    "/:organization/packages.json": reads.answer("/:organization/packages.json", readRoot),
    "/:organization/p2/:vendor/:file": reads.answer("/:organization/p2/:vendor/:file", readPackage),
    "/:organization/dists/:vendor/:name/*": reads.answer("/:organization/dists/:vendor/:name/*", readDist),
    "/webhooks/:provider/:repository": webhookAnswer(app, guard),
    "/health": healthAnswer(app, guard),
    "/metrics": metricsAnswer(app, {
      guard,
      metrics: createMetrics(app, { counters, cache: reads.figures }),
    }),
  };
}

const inHeader = "Send the secret of a webhook as the header X-Webhook-Token, or sign the body with it.";

function webhookAnswer(app: App, guard: RequestGuard): Answer {
  const route = directRoutes["/webhooks/:provider/:repository"];
  const receive = createWebhooks(app, guard);
  return (request, server) => {
    rememberAddress(request, clientAddressOf(app, request, server));
    const refused =
      guard.refuseHost(request) ??
      guard.refuseCredentialInAddress(request, inHeader) ??
      guard.refuseBody(request, route);
    return refused ?? receive(request);
  };
}

/** A monitor may know this process by another name, so no Host is required. */
function healthAnswer(app: App, guard: RequestGuard): Answer {
  const health = createHealth(app);
  return (request) => guard.refuseBody(request, directRoutes["/health"]) ?? health(request);
}

type MetricsParts = { guard: RequestGuard; metrics: ReturnType<typeof createMetrics> };

function metricsAnswer(app: App, { guard, metrics }: MetricsParts): Answer {
  return (request, server) => {
    const refused = guard.refuseBody(request, directRoutes["/metrics"]);
    if (refused) return refused;
    const peer = server.requestIP(request)?.address ?? "";
    return metrics(request, peer).catch((error: unknown) => composerFailure(app, request, error));
  };
}
