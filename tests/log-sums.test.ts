// What anybody can write into the log by asking again and again.
import { expect, jest, test } from "bun:test";
import { createLog } from "../src/log.ts";

test("FA14: of many alike lines about one network, some are written and the rest are summed up", () => {
  jest.useFakeTimers();
  const lines: string[] = [];
  const log = createLog({ level: "info", format: "json", write: (line) => void lines.push(line) });
  for (let count = 0; count < 1000; count++) log.warn("host.rejected", { address: `2001:db8::${count}` });
  log.warn("host.rejected", { address: "192.0.2.7" });
  log.warn("csrf.denied", { address: "2001:db8::1" });
  for (let count = 0; count < 100; count++) log.info("sync.finished", { repository: "blog" });
  const of = (event: string) => lines.filter((line) => line.includes(`"${event}"`)).length;
  expect([of("host.rejected"), of("csrf.denied"), of("sync.finished")]).toEqual([61, 1, 100]);
  jest.advanceTimersByTime(60_000);
  expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({
    event: "log.summed",
    of: "host.rejected",
    lines: 940,
    networks: "2001:db8:0:0::/64 1000, 192.0.2.7 1",
  });
  log.warn("host.rejected", { address: "2001:db8::1" });
  expect(of("host.rejected")).toBe(63);
  jest.useRealTimers();
});

test("FA14: lines about ever other networks are bounded as well", () => {
  jest.useFakeTimers();
  const lines: string[] = [];
  const log = createLog({ level: "info", format: "json", write: (line) => void lines.push(line) });
  for (let count = 0; count < 5000; count++)
    log.warn("token.bad", { address: `2001:db8:${count.toString(16)}::1` });
  expect(lines).toHaveLength(600);
  jest.advanceTimersByTime(60_000);
  expect(lines.at(-1)).toContain('"lines":4400');
  jest.useRealTimers();
});
