// The phrases that sentences about recorded actions are composed from.
import { paths } from "../paths.ts";
import type { Details, ShownActivity } from "../../src/registry/organizations/activity.ts";
import type { Child } from "../jsx/jsx-runtime.ts";
import type { IconName } from "../parts/icons.ts";
import { counted } from "../parts/numbers.ts";

/** `what` follows the name of who acted, unless the server did it by itself: then it is the whole sentence. */
export type ActivityText = { icon: IconName; what: Child; failed?: boolean };

export type Describe = (entry: ShownActivity, slug: string) => ActivityText;

export const named = (subject: string) => <code>{subject}</code>;
const linked = (href: string, subject: string) => (
  <a href={href}>
    <code>{subject}</code>
  </a>
);
export const repository = (slug: string, name: string) => linked(paths.repository(slug, name), name);
export const pkg = (slug: string, name: string) => linked(paths.package(slug, name), name);

/** "revoked token old-jenkins", or "revoked 3 tokens: a, b and c" for several alike. */
export function each(
  icon: IconName,
  verb: string,
  noun: string,
  show: (slug: string, subject: string) => Child,
): Describe {
  return (entry, slug) => ({
    icon,
    what:
      entry.times > 1
        ? [`${verb} ${counted(entry.times, noun, plural(noun))}: `, several(entry, slug, show)]
        : [`${verb} ${noun} `, show(slug, entry.subject)],
  });
}

/** In a sentence, and one more where that is the last. */
export const namedAtMost = 3;

/** "a, b, c and 4 more", each once. */
export function several(
  { parts }: ShownActivity,
  slug: string,
  show: (slug: string, subject: string) => Child,
): Child {
  const subjects = [...new Set(parts.map(({ subject }) => subject))];
  const visible = subjects.length === namedAtMost + 1 ? subjects : subjects.slice(0, namedAtMost);
  const more = subjects.length - visible.length;
  return visible.map((subject, at) => {
    const isLast = at === visible.length - 1;
    const before = at === 0 ? "" : isLast && more === 0 ? " and " : ", ";
    return [before, show(slug, subject), isLast && more > 0 ? ` and ${more} more` : ""];
  });
}

function plural(noun: string): string {
  return noun.endsWith("y") && !/[aeo]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}

/** "started a sync of blog", or "of blog, shop and 3 more"; for one alone, how often it happened. */
export function about(
  icon: IconName,
  text: string,
  show: (slug: string, subject: string) => Child,
): Describe {
  return (entry, slug) => {
    const isOne = new Set(entry.parts.map(({ subject }) => subject)).size === 1;
    return {
      icon,
      what: [
        `${text} `,
        several(entry, slug, show),
        isOne && entry.times > 1 ? `, ${entry.times} times` : "",
      ],
    };
  };
}

/** " as admin". */
export function as({ role }: Details): string {
  return role === undefined || role === null ? "" : ` as ${role}`;
}

export const plain = (_base: string, subject: string) => named(subject);

export function changes({ added, updated, removed }: Details): string {
  const parts = [
    ["added", Number(added ?? 0)],
    ["updated", Number(updated ?? 0)],
    ["removed", Number(removed ?? 0)],
  ] as const;
  const [first, ...others] = parts.filter(([, count]) => count > 0);
  if (!first) return "nothing changed";
  return [
    `${counted(first[1], "version")} ${first[0]}`,
    ...others.map(([word, count]) => `${count} ${word}`),
  ].join(", ");
}

/** Which settings an entry says were changed. */
export function settingsIn(details: Details): string {
  const changes: string[] = [];
  if ("name" in details) changes.push(`changed the name to ${details["name"]}`);
  if ("notice" in details)
    changes.push(details["notice"] === null ? "removed the notice" : "changed the notice for Composer");
  if ("publishes_source" in details)
    changes.push(details["publishes_source"] === 1 ? "turned on source URLs" : "turned off source URLs");
  return changes.length === 0 ? "saved the settings without changes" : changes.join(" and ");
}
