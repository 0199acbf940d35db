// A name server for one name that may change its mind, and programs that ask nobody else.

export type Resolver = {
  /** Addresses in the order in which they are given out; the last one stays. */
  answers: string[];
  /** What was given out. */
  lookups: string[];
  /** The command as it runs with this name server. */
  command(command: string[]): string[];
  stop(): void;
};

const address = "127.0.0.1";

/** Only for root: it listens on port 53, and the file that names it is laid over the system's for the command alone. */
export async function startResolver(folder: string): Promise<Resolver> {
  const file = `${folder}/resolv.conf`;
  await Bun.write(file, `nameserver ${address}\n`);
  const lookups: string[] = [];
  const socket = await Bun.udpSocket({
    hostname: address,
    port: 53,
    socket: {
      data(socket, query, port, from) {
        const isIpv4 = query.readUInt16BE(endOfName(query)) === 1;
        const [next = ""] = resolver.answers;
        if (isIpv4) lookups.push(next);
        if (isIpv4 && resolver.answers.length > 1) resolver.answers.shift();
        socket.send(answerTo(query, isIpv4 ? next : null), port, from);
      },
    },
  });
  const mounted = ["sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"', file];
  const resolver: Resolver = {
    answers: [],
    lookups,
    command: (command) => ["unshare", "--mount", ...mounted, ...command],
    stop: () => socket.close(),
  };
  return resolver;
}

const head = 12;

/** The position behind the one question's name. RFC 1035, section 4.1.2. */
function endOfName(query: Buffer): number {
  let at = head;
  while (query[at]) at += (query[at] ?? 0) + 1;
  return at + 1;
}

/** Not to be kept by anybody (a time to live of nothing); null is an answer without addresses. */
function answerTo(query: Buffer, ipv4: string | null): Buffer {
  const answer = Buffer.from(query.subarray(0, endOfName(query) + 4));
  answer.writeUInt16BE(0x8180, 2);
  answer.writeUInt16BE(ipv4 === null ? 0 : 1, 6);
  answer.fill(0, 8, head);
  if (ipv4 === null) return answer;
  const record = [0xc0, head, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...ipv4.split(".").map(Number)];
  return Buffer.concat([answer, Buffer.from(record)]);
}
