// What the service consists of, as data: the same list is printed and carried out.
import { mergeSettings, valueIn } from "./settings.ts";
import { places, unitText } from "./unit.ts";

export type Owner = "root" | "service";

export type Step =
  | { do: "create-user"; name: string; home: string }
  | { do: "make-folder"; path: string; mode: number; owner: Owner }
  | { do: "copy-program"; from: string; path: string }
  | { do: "write-file"; path: string; mode: number; owner: Owner; group: Owner; text: string }
  | { do: "link"; path: string; to: string }
  | { do: "remove"; path: string }
  | { do: "run"; words: string[]; when: When };

/** Always, if one of these paths was changed before, or if a path is there. */
type When = "always" | { changed: string[] } | { present: string };

type Installation = {
  version: string;
  /** The program that is running now, and becomes the service's. */
  program: string;
  /** The text of the settings as they are; null when there are none yet. */
  settings: string | null;
  /** Settings to enter or to change. */
  changes: Record<string, string>;
};

export function installSteps({ version, program, settings, changes }: Installation): Step[] {
  const text = mergeSettings(settings, changes);
  const folder = `${places.programs}/${version}`;
  const current = `${places.programs}/current`;
  const file = { mode: 0o644, owner: "root", group: "root" } as const;
  return [
    { do: "create-user", name: places.user, home: places.data },
    { do: "make-folder", path: places.data, mode: 0o700, owner: "service" },
    { do: "make-folder", path: places.settingsFolder, mode: 0o755, owner: "root" },
    { do: "write-file", path: places.settings, mode: 0o640, owner: "root", group: "service", text },
    // So that commands, which know the data folder, read the settings of the service.
    { do: "link", path: `${places.data}/.env`, to: places.settings },
    { do: "make-folder", path: folder, mode: 0o755, owner: "root" },
    { do: "copy-program", from: program, path: `${folder}/pricore` },
    { do: "link", path: current, to: version },
    { do: "link", path: places.command, to: places.program },
    { do: "write-file", path: places.sysctl, ...file, text: sysctlText },
    { do: "write-file", path: places.unit, ...file, text: unitText({ lowPorts: hasLowPorts(text) }) },
    { do: "run", words: ["sysctl", "-q", "-p", places.sysctl], when: { changed: [places.sysctl] } },
    { do: "run", words: ["systemctl", "daemon-reload"], when: { changed: [places.unit] } },
    { do: "run", words: ["systemctl", "enable", "pricore"], when: "always" },
    {
      do: "run",
      words: ["systemctl", "restart", "pricore"],
      when: { changed: [places.unit, places.settings, current, `${folder}/pricore`] },
    },
    { do: "run", words: ["systemctl", "start", "pricore"], when: "always" },
  ];
}

/** Leaves the data, the settings and the user. */
export function removeSteps(): Step[] {
  return [
    { do: "run", words: ["systemctl", "stop", "pricore"], when: { present: places.unit } },
    { do: "run", words: ["systemctl", "disable", "pricore"], when: { present: places.unit } },
    { do: "remove", path: places.unit },
    { do: "run", words: ["systemctl", "daemon-reload"], when: { changed: [places.unit] } },
    { do: "remove", path: places.sysctl },
    { do: "remove", path: places.command },
    { do: "remove", path: places.programs },
  ];
}

/** Without it, connections that the system gave to a server which is just closing its socket are reset. */
const sysctlText = `# New connections move on to the next server when Pricore is restarted or upgraded.
net.ipv4.tcp_migrate_req = 1
`;

function hasLowPorts(settings: string): boolean {
  const port = Number(valueIn(settings, "PORT") ?? 8000);
  return (port > 0 && port < 1024) || !["off", null].includes(valueIn(settings, "TLS"));
}
