// The answers of Bun's own router: Composer's reads, the pushes of forges, and whether this process is well.
import type { App } from "../app.ts";
import { composerFailure } from "./answers.ts";
import { createReadAnswers } from "./composer/answer-read.ts";
import { readDist, readPackage, readRoot } from "./composer/reads.ts";
import type { Answer } from "./listen.ts";
import type { Counters } from "./operations/counters.ts";
import { createHealth } from "./operations/health.ts";
import { createProbe } from "./operations/probe.ts";
import { createMetrics } from "./operations/metrics.ts";
import { createContext } from "./request/context.ts";
import type { Guards, RequestGuard } from "./request/guard.ts";
import { directRoutes, type DirectPath } from "./routes.ts";
import { createWebhooks, type WebhookParams } from "./webhooks/routes.ts";

export function directAnswers(app: App, guards: Guards, counters: Counters): Record<DirectPath, Answer> {
  const { guard } = guards;
  const reads = createReadAnswers(app, guards);
  return {
    "/:organization/packages.json": reads.answer("/:organization/packages.json", readRoot),
    "/:organization/p2/:vendor/:file": reads.answer("/:organization/p2/:vendor/:file", readPackage),
    "/:organization/dists/:vendor/:name/*": reads.answer("/:organization/dists/:vendor/:name/*", readDist),
    "/webhooks/:provider/:repository": webhookAnswer(app, guard),
    "/health": healthAnswer(app, guard),
    "/.well-known/pricore/probe": probeAnswer(app, guard),
    "/metrics": metricsAnswer(app, {
      guard,
      metrics: createMetrics(app, { counters, cache: reads.figures }),
    }),
  };
}

const inHeader = "Send the secret of the webhook in the header X-Webhook-Token, or sign the body with it.";

function webhookAnswer(app: App, guard: RequestGuard): Answer {
  const route = directRoutes["/webhooks/:provider/:repository"];
  const receive = createWebhooks(app, guard);
  return (request, server) => {
    const context = createContext(app, request, server);
    const refusal =
      guard.refuseHost(context) ??
      guard.refuseCredentialInAddress(context, inHeader) ??
      guard.refuseBody(context, route);
    return refusal ?? receive(context, request.params as WebhookParams);
  };
}

/** A monitor may know this process by another name, so no Host is required. */
function healthAnswer(app: App, guard: RequestGuard): Answer {
  const health = createHealth(app);
  return (request, server) => {
    const context = createContext(app, request, server);
    return guard.refuseBody(context, directRoutes["/health"]) ?? health(context);
  };
}

/** A proxy that replaces the host is what it looks for, so no Host is required. */
function probeAnswer(app: App, guard: RequestGuard): Answer {
  const probe = createProbe(app);
  return (request, server) => {
    const context = createContext(app, request, server);
    const refusal = guard.refuseBody(context, directRoutes["/.well-known/pricore/probe"]);
    if (refusal) return refusal;
    const peer = server.requestIP(request)?.address ?? "";
    return probe({ context, peer }).catch((error: unknown) => composerFailure(app, request, error));
  };
}

type MetricsParts = { guard: RequestGuard; metrics: ReturnType<typeof createMetrics> };

function metricsAnswer(app: App, { guard, metrics }: MetricsParts): Answer {
  return (request, server) => {
    const refusal = guard.refuseBody(createContext(app, request, server), directRoutes["/metrics"]);
    if (refusal) return refusal;
    const peer = server.requestIP(request)?.address ?? "";
    return metrics(request, peer).catch((error: unknown) => composerFailure(app, request, error));
  };
}
