// Where Redis is.

/**
 * One server by its URL, the nodes of a cluster of which any may be asked first, or the sentinels that know which
 * server is the master called `name`.
 */
export type RedisAddress = (
  | { url: string }
  | { cluster: RedisNode[]; login: RedisLogin }
  | { sentinels: RedisNode[]; name: string; login: RedisLogin; sentinelPassword: string | null }
) & {
  /** The certificate authority of the servers, PEM. */
  ca?: string;
};

export type RedisNode = { host: string; port: number };
export type RedisLogin = { username: string | null; password: string | null; tls: boolean };
