// Asks one address on loopback, whatever its name, and prints the answer or the failure. `outbound-ask <url>`.
import { Failure } from "../../src/errors.ts";
import { outbound, parseOutboundAllow } from "../../src/outbound/outbound.ts";

const policy = { allow: parseOutboundAllow("127.0.0.1").entries };
try {
  const response = await outbound(policy, process.argv[2] ?? "", { resolve: async () => ["127.0.0.1"] });
  process.stdout.write(`${response.status} ${await response.text()}`);
} catch (error) {
  process.stdout.write(error instanceof Failure ? `${error.kind} ${error.code}` : String(error));
}
