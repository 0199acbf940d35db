import { version as number } from "../../package.json" with { type: "json" };

export { number };
export const versionLine = `pricore ${number} (Bun ${Bun.version})`;
