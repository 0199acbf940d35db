// Where backups go, when they are made and how long they are kept.
import { durationText, parseDuration } from "../duration.ts";
import { listIn, type Reader } from "./reader.ts";
import type { S3Access } from "../storage/s3-client.ts";

/** How many sets are kept: the newest of each of so many days, weeks and months. */
export type Keep = { daily: number; weekly: number; monthly: number };

export type BackupConfig = {
  /** A folder, or `s3://bucket/prefix`; null: no backups by themselves. */
  to: string | null;
  /** The bucket's name stands in the target. */
  s3: Omit<S3Access, "bucket">;
  isEncrypted: boolean;
  /** Minutes after midnight, in the machine's time; null: never by themselves. */
  dailyAt: number | null;
  keep: Keep;
  /** Nothing is ever deleted or overwritten at the target. */
  appendOnly: boolean;
  /** How often a backup is restored on trial; null: never. */
  rehearseEveryMs: number | null;
};

export function backup(read: Reader): BackupConfig {
  const s3 = (name: string) => read.text(`BACKUP_S3_${name}`, "");
  return {
    to: target(read),
    s3: {
      accessKeyId: s3("ACCESS_KEY_ID"),
      secretAccessKey: s3("SECRET_ACCESS_KEY"),
      region: s3("DEFAULT_REGION") || "us-east-1",
      endpoint: s3("ENDPOINT") || null,
      virtualHosted: !["true", "1"].includes(s3("USE_PATH_STYLE_ENDPOINT")),
    },
    isEncrypted: read.choice("BACKUP_ENCRYPTION", "on", ["on", "off"]) === "on",
    dailyAt: dailyAt(read),
    keep: keep(read),
    appendOnly: read.flag("BACKUP_APPEND_ONLY", false),
    rehearseEveryMs: every(read, "BACKUP_REHEARSE", { fallback: "7d", least: 60_000 }),
  };
}

function target(read: Reader): string | null {
  const text = read.text("BACKUP_TO", "");
  if (text === "") return null;
  if (text.startsWith("s3://") && !/^s3:\/\/[^/]+/.test(text))
    read.problem("BACKUP_TO", `"${text}" is not an address like s3://bucket/prefix`);
  return text;
}

function dailyAt(read: Reader): number | null {
  const text = read.text("BACKUP_SCHEDULE", "03:00");
  if (text === "off") return null;
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hours === undefined) read.problem("BACKUP_SCHEDULE", `"${text}" is not a time like 03:00, or off`);
  return Number(hours) * 60 + Number(minutes);
}

function keep(read: Reader): Keep {
  const found: Keep = { daily: 0, weekly: 0, monthly: 0 };
  const text = read.text("BACKUP_KEEP", "7 daily, 4 weekly, 12 monthly");
  for (const part of listIn(text)) {
    const [, count, name] = /^(\d{1,4}) (daily|weekly|monthly)$/.exec(part) ?? [];
    if (name === undefined)
      read.problem("BACKUP_KEEP", `"${part}" is not a part like 7 daily, 4 weekly or 12 monthly`);
    else found[name as keyof Keep] = Number(count);
  }
  return found;
}

function every(
  read: Reader,
  name: string,
  { fallback, least }: { fallback: string; least: number },
): number | null {
  const text = read.text(name, fallback);
  if (text === "off") return null;
  const ms = parseDuration(text);
  if (ms === null || ms < least)
    read.problem(
      name,
      `"${text}" is not a duration of at least ${durationText(least)} like ${fallback}, or off`,
    );
  return ms;
}
