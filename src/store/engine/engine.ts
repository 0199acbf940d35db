// Which databases there are, and where one is.

export type ServerEngine = "pgsql" | "mysql";
export type Engine = "sqlite" | ServerEngine;

export type ServerAddress = { engine: ServerEngine; url: string; poolSize?: number };
export type DatabaseAddress = { engine: "sqlite"; path: string } | ServerAddress;
