import { ok, warn, type Check } from "../check.ts";

const slowRatio = 25;

export const jit: Check = {
  id: "jit",
  title: "Compiler of the engine",
  run({ machine }) {
    if (machine.engineRatio() < slowRatio) return ok("Code is compiled.");
    return warn(
      "The engine's compiler seems to be switched off, so answers take two to three times as long.",
      {
        remedy: { do: "configure-system", place: "service", line: "MemoryDenyWriteExecute=no" },
      },
    );
  },
};
