// How many statements a page needs. That number does not grow with what the page shows.
import type { TestApp } from "../worlds/process.ts";

/** The statements that `work` made the database run; those that are prepared by hand (tokens, documents) do not count. */
export async function queriesOf(world: TestApp, work: () => Promise<unknown>): Promise<string[]> {
  const statements: string[] = [];
  world.watchQueries((statement) => void statements.push(statement));
  try {
    await work();
  } finally {
    world.watchQueries(null);
  }
  return statements;
}

/** Looks three times and tells the least, because jobs and open pages ask the database whenever they like. */
export async function countQueries(world: TestApp, look: () => Promise<unknown>): Promise<number> {
  const counts: number[] = [];
  for (let times = 0; times < 3; times++) counts.push((await queriesOf(world, look)).length);
  return Math.min(...counts);
}
