// Sends one mail in a process of its own, whose environment says which certificates to trust, and prints what became of
// it. `mail-send <SmtpOptions as JSON>`.
import { Failure } from "../../src/errors.ts";
import { createSmtp, type SmtpOptions } from "../../src/mail/smtp.ts";
import { parseOutboundAllow } from "../../src/outbound/outbound.ts";

const policy = { allow: parseOutboundAllow("127.0.0.1").entries };
const options = JSON.parse(process.argv[2] ?? "{}") as Omit<SmtpOptions, "policy">;
const message = { id: "1", to: "ann@acme.test", subject: "Hello", text: "Hello Ann" };
try {
  process.stdout.write(await createSmtp({ ...options, policy }).send(message));
} catch (error) {
  process.stdout.write(error instanceof Failure ? `${error.kind} ${error.code}` : String(error));
}
