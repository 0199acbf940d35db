// Limits that the system sets to this process, and what its kernel is set to.
import { ok, unknown, warn, type Check } from "../check.ts";

const leastFiles = 8192;
const leastMemoryBytes = 256 * 1024 * 1024;
const leastBacklog = 1024;

export const limits: Check = {
  id: "limits",
  title: "Limits of the process",
  async run({ machine }) {
    const text = await machine.read("/proc/self/limits");
    if (text === null) return unknown("This system does not tell the limits of a process.");
    const files = Number(/^Max open files\s+(\d+)/m.exec(text)?.[1] ?? Infinity);
    if (files < leastFiles)
      return warn(`At most ${files} files and connections can be open.`, {
        remedy: { do: "configure-system", place: "service", line: "LimitNOFILE=65536" },
      });
    const memory = Number((await machine.read("/sys/fs/cgroup/memory.max")) ?? NaN);
    if (memory < leastMemoryBytes)
      return warn(`At most ${Math.floor(memory / 1024 ** 2)} MB of memory can be used.`, {
        remedy: { do: "configure-system", place: "service", line: "MemoryMax=512M" },
      });
    return ok(`${Number.isFinite(files) ? files : "Any number of"} files can be open.`);
  },
};

export const kernel: Check = {
  id: "kernel",
  title: "Kernel settings",
  async run({ machine }) {
    const [migrates, backlog] = await Promise.all([
      machine.read("/proc/sys/net/ipv4/tcp_migrate_req"),
      machine.read("/proc/sys/net/core/somaxconn"),
    ]);
    if (migrates === null && backlog === null)
      return unknown("This system does not tell the settings of its kernel.");
    if (backlog !== null && Number(backlog) < leastBacklog)
      return warn(`At most ${Number(backlog)} connections can wait to be accepted.`, {
        remedy: { do: "configure-system", place: "kernel", line: "net.core.somaxconn=4096" },
      });
    if (migrates !== null && Number(migrates) !== 1)
      return warn("A few new connections are cut off when the server is restarted without a pause.", {
        remedy: { do: "configure-system", place: "kernel", line: "net.ipv4.tcp_migrate_req=1" },
      });
    return ok("The kernel is set for many connections.");
  },
};
