import { createApp, type App } from "../app.ts";
import { secretVariable } from "../config/environment.ts";
import { addressIn } from "../config/database.ts";
import { invalid } from "../errors.ts";
import { moveDatabase, type MoveProgress } from "../registry/moves/database.ts";
import { cancelMove, findMove } from "../registry/moves/record.ts";
import type { DatabaseAddress } from "../store/engine/engine.ts";
import type { Command, Output } from "./command.ts";

const variable = "PRICORE_MOVE_TO";

export const move: Record<string, Command> = {
  database: {
    summary: "Move to another database while the server runs; the old one points to it afterward",
    usage: "",
    arity: [0, 0],
    options: {
      to: {
        type: "string",
        value: "URL",
        help: `postgres://…, mysql://…, or sqlite; with a password better in ${variable}`,
      },
    },
    async run(app, args, out) {
      const text = args.text("to") ?? secretVariable(variable) ?? "";
      const address = addressIn(text, app.config.dataDir);
      if (address === null)
        throw invalid("--to is an address like postgres://user:password@host/pricore, or sqlite.", {
          code: "usage",
        });
      await moveTo(app, address, { out, advice: enterSettings });
    },
  },
  back: {
    summary: "Move back to the database that the settings name",
    usage: "",
    arity: [0, 0],
    options: {},
    async runOn(config, _args, out) {
      const app = await createApp(config, { mayMake: false });
      try {
        await moveTo(app, config.database, { out, advice: [] });
      } finally {
        await app.close();
      }
    },
  },
  status: {
    summary: "Show the move that runs",
    usage: "",
    arity: [0, 0],
    options: {},
    async run(app, _args, out) {
      const found = await findMove(app);
      const human =
        found === null
          ? "No move is running."
          : `${found.state}, last seen ${new Date(found.at).toISOString()}`;
      out.result(found && { state: found.state, at: new Date(found.at).toISOString() }, human);
    },
  },
  cancel: {
    summary: "Forget a move that was cut off; nothing was moved",
    usage: "",
    arity: [0, 0],
    options: {},
    async run(app, _args, out) {
      await cancelMove(app);
      out.result({}, "No move is running.");
    },
  },
};

const enterSettings = [
  "The old database is as it was, refuses writes and points to the new one. Enter the new one in the settings",
  "(DB_CONNECTION, DB_URL) before you delete it.",
];

async function moveTo(
  app: App,
  address: DatabaseAddress,
  { out, advice }: { out: Output; advice: string[] },
): Promise<void> {
  const report = await moveDatabase(app, address, (progress) => out.progress(lineOf(progress)));
  const held = `${(report.heldMs / 1000).toFixed(1)} s`;
  out.result({ ...report, engine: address.engine }, [
    `Moved ${report.rows} rows of ${report.tables} tables in ${report.seconds.toFixed(0)} s; writes waited ${held}.`,
    "A running server goes on with the new database within a second.",
    ...advice,
  ]);
}

function lineOf({ state, table, rows, total }: MoveProgress): string {
  if (state === "copying") return `Copying ${table}: ${rows} of ${total} rows`;
  return state === "catching up" ? `Catching up: ${rows} changes` : "Comparing, while writes wait";
}
