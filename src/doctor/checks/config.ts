import { fail, ok, warn, type Check } from "../check.ts";

export const config: Check = {
  id: "config",
  title: "Settings",
  isPreflight: true,
  run({ problems, unknown }) {
    if (problems.length > 0) return fail(`${problems.join(". ")}.`, { remedy: { do: "check-settings" } });
    const [first] = unknown;
    if (!first) return ok("Every setting is known and right.");
    const names = unknown.map(({ name, meant }) => (meant === null ? name : `${name} (${meant}?)`));
    return warn(`Nothing reads ${names.join(", ")}.`, {
      advice: first.meant === null ? "Remove it." : `Set ${first.meant} instead of ${first.name}.`,
      remedy: { do: "check-settings" },
    });
  },
};
