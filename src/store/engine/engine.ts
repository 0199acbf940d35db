// Which databases there are, and where one is.

export type ServerEngine = "pgsql" | "mysql";
export type Engine = "sqlite" | ServerEngine;

/** `poolSize` is the most connections of this process. */
export type ServerAddress = { engine: ServerEngine; url: string; poolSize?: number; tls?: DatabaseTls };

/** Encrypted, and the server's certificate is checked; against `ca` where it is given. PEM. */
export type DatabaseTls = { ca?: string; cert?: string; key?: string };
export type DatabaseAddress = { engine: "sqlite"; path: string } | ServerAddress;
