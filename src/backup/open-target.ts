// A target by its name: a folder, or `s3://bucket/prefix` with the keys of BACKUP_S3_*.
import type { BackupConfig } from "../config/backup.ts";
import { invalid } from "../errors.ts";
import { openBucket } from "./bucket.ts";
import { openFolder } from "./folder.ts";
import type { Target } from "./target.ts";

/** Fails as `invalid` when no target is named, or a bucket without its keys. */
export function openTarget({ to, s3 }: Pick<BackupConfig, "to" | "s3">): Target {
  if (to === null)
    throw invalid("No backup target is configured.", {
      code: "backup_target",
      advice: "Set BACKUP_TO to a folder or to s3://bucket/prefix, or name the target with the command.",
    });
  const [, bucket, prefix = ""] = /^s3:\/\/([^/]+)\/?(.*?)\/*$/.exec(to) ?? [];
  if (bucket === undefined) return openFolder(to);
  if (s3.accessKeyId === "" || s3.secretAccessKey === "")
    throw invalid(`The bucket ${bucket} needs keys.`, {
      code: "backup_target",
      advice: "Set BACKUP_S3_ACCESS_KEY_ID and BACKUP_S3_SECRET_ACCESS_KEY.",
    });
  return openBucket({ ...s3, bucket, prefix });
}
