// SSH: one connection, one channel that runs git-upload-pack. The caller stores and pins the host key: a first one is
// reported, a different one refused.

import ssh2, { type ClientChannel, type Client, type ServerHostKeyAlgorithm } from "ssh2";
import { conflict, Failure, forbidden, invalid, messageOf, notFound, unavailable } from "../errors.ts";
import { checkHost } from "../outbound/outbound.ts";
import { fingerprint } from "./keys.ts";
import type { GitLimits } from "./mirror.ts";
import { flush, readPktLines } from "./pkt-line.ts";
import type { RemoteUrl } from "./remote.ts";
import { sanitizeMessage } from "./server-message.ts";
import type { TransportOptions, Transport } from "./transport.ts";

type SshUrl = Extract<RemoteUrl, { kind: "ssh" }>;
type Identity = { privateKey: string; hostKey: string | null };

export async function openSsh(
  url: SshUrl,
  identity: Identity,
  options: TransportOptions,
): Promise<Transport> {
  const [address = ""] = await checkHost(options.policy, url, options.resolve);
  const { client, hostKey } = await connect(url, { ...identity, address }, options);
  try {
    const channel = await run(client, `git-upload-pack ${quoted(url.path)}`);
    const lines = readPktLines(readChannel(channel, { client, host: url.host, limits: options.limits }));
    return {
      lines,
      packUrl: null,
      hostKey,
      movedTo: null,
      close() {
        channel.end(flush);
        client.end();
      },
      async request(body) {
        channel.write(body);
        return lines;
      },
    };
  } catch (error) {
    client.end();
    throw error;
  }
}

// ssh-rsa is the key type; SHA-1 signatures with it are not accepted.
const algorithmsByType: Record<string, ServerHostKeyAlgorithm[]> = {
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
};
const everyType: ServerHostKeyAlgorithm[] = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
];

function acceptedAlgorithms(pinned: string | null): ServerHostKeyAlgorithm[] {
  const type = pinned?.split(" ")[0];
  return type === undefined ? everyType : (algorithmsByType[type] ?? [type as ServerHostKeyAlgorithm]);
}

type Connecting = Identity & { address: string };

function connect(
  url: SshUrl,
  { privateKey, hostKey: pinned, address }: Connecting,
  { limits }: TransportOptions,
) {
  return new Promise<{ client: Client; hostKey: string }>((resolve, reject) => {
    const client = new ssh2.Client();
    let presented = "";
    client.once("ready", () => resolve({ client, hostKey: presented }));
    client.on("error", (error) => {
      const changed =
        pinned !== null && (presented === "" ? /host key/.test(error.message) : presented !== pinned);
      reject(changed ? changedHostKey(url.host, pinned, presented) : connectionFailure(url.host, error));
    });
    try {
      client.connect({
        host: address,
        port: url.port,
        username: url.user,
        privateKey,
        algorithms: { serverHostKey: acceptedAlgorithms(pinned) },
        readyTimeout: limits.connectMs,
        hostVerifier: (key: Buffer) => {
          presented = `${key.toString("latin1", 4, 4 + key.readUInt32BE(0))} ${key.toString("base64")}`;
          return pinned === null || presented === pinned;
        },
      });
    } catch {
      reject(
        invalid("The SSH key can't be read; it must be a private key without a passphrase.", {
          code: "ssh_key_unreadable",
          field: "credential",
        }),
      );
    }
  });
}

function run(client: Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) reject(unavailable(`The git server refused to run git-upload-pack: ${error.message}.`));
      else resolve(channel);
    });
  });
}

/** Quotes for the remote shell as git itself does. */
function quoted(path: string): string {
  return `'${path.replace(/['!]/g, (character) => `'\\${character}'`)}'`;
}

type Reading = { client: Client; host: string; limits: GitLimits };

async function* readChannel(
  channel: ClientChannel,
  { client, host, limits }: Reading,
): AsyncGenerator<Uint8Array> {
  const stderr: Buffer[] = [];
  channel.stderr.on("data", (chunk: Buffer) => stderr.length < 20 && stderr.push(chunk));
  const exited = new Promise<unknown>((resolve) => channel.once("exit", resolve).once("close", resolve));
  let failure: Failure | null = null;
  let received = false;
  const wait = (what: string, ms: number) =>
    setTimeout(() => {
      failure = unavailable(`${host} ${what} (limit ${ms / 1000} s).`, { code: "outbound_timeout" });
      client.destroy();
    }, ms);
  const total = wait("took too long", limits.totalMs);
  let timer = wait("did not answer", limits.firstByteMs);
  // A reader that stops early never resumes this generator, and a pending timer would keep the process alive.
  client.once("close", () => {
    clearTimeout(timer);
    clearTimeout(total);
  });
  try {
    for await (const chunk of channel as AsyncIterable<Buffer>) {
      clearTimeout(timer);
      received = true;
      yield chunk;
      timer = wait("fell silent", limits.silenceMs);
    }
    const code = await exited;
    if (code !== 0)
      throw received ? cutOff(host, Buffer.concat(stderr)) : refused(host, Buffer.concat(stderr));
  } catch (error) {
    throw failure ?? (error instanceof Failure ? error : cutOff(host, Buffer.concat(stderr)));
  } finally {
    clearTimeout(timer);
    clearTimeout(total);
  }
}

// Only text on standard error: the repository does not exist, or this key may not read it.
function refused(host: string, stderr: Buffer): Failure {
  return notFound(`${host} does not open the repository: ${sanitizeMessage(stderr)}`, {
    code: "git_not_found",
    advice: "Check the address, and that the SSH key may read the repository.",
  });
}

function cutOff(host: string, stderr: Buffer): Failure {
  const message = sanitizeMessage(stderr);
  return unavailable(`${host} cut the connection.${message && ` The server said: ${message}`}`, {
    code: "outbound_cut",
  });
}

function changedHostKey(host: string, pinned: string, presented: string): Failure {
  const now = presented === "" ? `no key of type ${pinned.split(" ")[0]} any more` : fingerprint(presented);
  return conflict(
    `The host key of ${host} has changed: ${fingerprint(pinned)} was stored, the server now shows ${now}.`,
    {
      code: "ssh_hostkey_changed",
      advice:
        "If the server's owner confirms the new key, remove the stored one; the next sync stores it anew.",
    },
  );
}

function connectionFailure(host: string, error: Error & { level?: string; code?: string }): Failure {
  if (error.level === "client-authentication") {
    return forbidden(`${host} does not accept the SSH key.`, {
      code: "git_unauthorized",
      advice: "Add the public key to the repository's deploy keys.",
    });
  }
  if (error.level === "client-timeout") {
    return unavailable(`${host} could not be reached in time.`, { code: "outbound_timeout" });
  }
  const why = error.code ?? sanitizeMessage(Buffer.from(messageOf(error)));
  return unavailable(`${host} can't be reached over SSH (${why}).`, { code: "outbound_unreachable" });
}
