// The certificate: how long it is good for, for which names, and whether the next one comes.
import { certificateStatus } from "../../registry/certificates/status.ts";
import { fail, ok, warn, withApp, type Check } from "../check.ts";

/** A third of the lifetime is when it is renewed; a little less means that this did not happen. */
const warnShare = 0.3;
const failShare = 1 / 12;
const dayMs = 86_400_000;

export const tls: Check = {
  id: "tls",
  title: "Certificate",
  run: withApp(async (app, { now }) => {
    const { source, names, certificate, problem } = await certificateStatus(app);
    if (source === "off") return ok("Another program serves HTTPS, or nobody.");
    const help = {
      advice:
        source === "files"
          ? "Put a new certificate into its files."
          : "Correct what the authority says; it is tried again.",
    };
    const because = problem === null ? "" : ` ${problem}`;
    if (certificate === null) return fail(problem ?? "There is no certificate yet.", help);
    const missing = names.filter((name) => !isCovered(certificate.names, name));
    if (missing.length > 0) return fail(`The certificate is not for ${missing.join(", ")}.${because}`, help);
    const left = certificate.notAfter - now();
    const share = left / (certificate.notAfter - certificate.notBefore);
    const until = `until ${new Date(certificate.notAfter).toISOString().slice(0, 10)}`;
    const seen =
      left < 0 ? `The certificate has expired.${because}` : `The certificate is good ${until}.${because}`;
    if (share < failShare) return fail(seen, help);
    if (share < warnShare || problem !== null) return warn(seen, help);
    return ok(`The certificate is good ${until}, ${Math.floor(left / dayMs)} days.`);
  }),
};

function isCovered(names: string[], name: string): boolean {
  return names.includes(name) || names.includes(name.replace(/^[^.]+/, "*"));
}
