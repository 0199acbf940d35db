// An operator whose servers get their certificates from an authority of the tests.
import type { Operator } from "../worlds/shell.ts";
import type { Served } from "../tools/binary.ts";
import type { Pebble } from "../tools/servers/pebble.ts";
import { reservedPort } from "../tools/servers/ports.ts";
import { until } from "../tools/until.ts";
import { eventsIn, type LoggedEvent } from "../tools/world.ts";
import { openWorld } from "../worlds/world.ts";

export type SecureOperator = Operator & {
  port: number;
  https: string;
  http: string;
  /** A server with `TLS=acme`. */
  serveAcme(env?: Record<string, string>): Promise<Served>;
};

type Place = Pick<Pebble, "directory" | "caFile"> & { httpPort: number };

export async function openSecureOperator({ directory, caFile, httpPort }: Place): Promise<SecureOperator> {
  const port = reservedPort();
  const https = `https://packages.acme.test:${port}`;
  const env = {
    ...{ TLS: "acme", ACME_DIRECTORY: directory, ACME_CA_FILE: caFile, ACME_EMAIL: "ann@acme.test" },
    ...{ PORT: String(port), HTTP_PORT: String(httpPort), APP_URL: https },
  };
  const ann = await openWorld({ in: "shell", env });
  return {
    ...ann,
    ...{ port, https, http: `http://127.0.0.1:${httpPort}` },
    serveAcme: (more = {}) => ann.serve({ env: more }),
  };
}

/** The first line of this event, as soon as it is there. */
export async function logged(served: Served, event: string, count = 1): Promise<LoggedEvent> {
  const isLogged = () => eventsIn(served.printed(), event).length >= count;
  await until(isLogged, { withinMs: 20_000 }).catch(() => {
    throw new Error(`${event} was not logged:\n${served.printed()}`);
  });
  return eventsIn(served.printed(), event)[count - 1] as LoggedEvent;
}
