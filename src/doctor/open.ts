// What the checks look at: of this process, or opened for them.
import { createApp, type App } from "../app.ts";
import { parseConfig, type Config } from "../config/config.ts";
import type { Sources } from "../config/sources.ts";
import { unknownSettings } from "../config/unknown.ts";
import { Failure } from "../errors.ts";
import type { Context } from "./check.ts";
import { machine } from "./machine.ts";

/** For a process that serves or runs jobs. */
export function contextOf(app: App): Context {
  const { config, now } = app;
  return {
    ...{ problems: [], unknown: config.unknownSettings, config, app, appProblem: null },
    ...{ machine, isServing: true, isThorough: false, now },
  };
}

/** Opens the installation as far as it can be opened, and changes nothing. Close its `app`. */
export async function openContext(
  sources: Sources,
  { isThorough = false }: { isThorough?: boolean } = {},
): Promise<Context> {
  const parsed = parseConfig(sources.environment, { quiet: true, inEnvFile: sources.inEnvFile });
  const beside = { unknown: unknownSettings(sources), machine, isServing: false, isThorough, now: Date.now };
  if ("problems" in parsed)
    return { ...beside, problems: parsed.problems, config: null, app: null, appProblem: null };
  return { ...beside, problems: [], config: parsed.config, ...(await tryOpen(parsed.config)) };
}

async function tryOpen(config: Config): Promise<Pick<Context, "app" | "appProblem">> {
  try {
    return { app: await createApp(config, { mayMake: false, mayMigrate: false }), appProblem: null };
  } catch (error) {
    if (error instanceof Failure) return { app: null, appProblem: error };
    throw error;
  }
}
