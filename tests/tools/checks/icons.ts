// Makes `public/icons.svg` and `templates/parts/icons.ts` from lucide: `bun tests/tools/checks/icons.ts`. Add a name below and
// run it again. The sprite's address carries the hash of its content, as that of every public file does.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Name on the page: name in lucide, where the two differ. */
const names: Record<string, string> = Object.fromEntries(
  [
    "arrow-down arrow-up ban bell book-open building-2 calendar check chevron-down chevron-left chevron-right",
    "chevrons-up-down circle-alert circle-check circle-dashed circle-dot circle-dot-dashed circle-minus circle-question-mark circle-x",
    "clock copy corner-down-left database download ellipsis external-link eye-off file-text fingerprint folder-git-2",
    "git-branch git-commit-horizontal github gitlab globe history info key-round keyboard life-buoy link list-checks loader lock",
    "log-out mail monitor moon package package-plus pause pencil play plus radio refresh-cw rotate-ccw scale search",
    "server settings shield shield-alert sun tag terminal trash-2 triangle-alert upload user user-plus users webhook",
    "wifi-off x",
  ]
    .join(" ")
    .split(" ")
    .map((name) => [name, name]),
);
names["overview"] = "chart-no-axes-column";

const folder = dirname(fileURLToPath(import.meta.resolve("lucide-static/package.json")));
const root = join(import.meta.dir, "../../..");
const license = readFileSync(join(folder, "LICENSE"), "utf8")
  .trim()
  .replaceAll(/-(?=-)/g, "- ");

const sprite = `<!-- The icons are lucide's (https://lucide.dev), under this licence:\n\n${license}\n-->
<svg xmlns="http://www.w3.org/2000/svg">
${Object.entries(names)
  .toSorted(([a], [b]) => (a < b ? -1 : 1))
  .map(([name, original]) => symbol(name, readFileSync(join(folder, "icons", `${original}.svg`), "utf8")))
  .join("\n")}
</svg>
`;
const hash = createHash("sha256").update(sprite).digest("hex").slice(0, 10);
writeFileSync(join(root, "public/icons.svg"), sprite);
writeFileSync(
  join(root, "templates/parts/icons.ts"),
  `// Made by tests/tools/checks/icons.ts.
export const sprite = "/assets/icons.${hash}.svg";

export type IconName =
${Object.keys(names)
  .toSorted()
  .map((name) => `  | "${name}"`)
  .join("\n")};
`,
);

function symbol(name: string, svg: string): string {
  const body = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  const drawn = `fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"`;
  return `<symbol id="${name}" viewBox="0 0 24 24" ${drawn}>${body.replaceAll(/\s*\n\s*/g, "")}</symbol>`;
}
