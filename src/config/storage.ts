// Where archives are stored.
import type { S3Access } from "../storage/s3-client.ts";
import type { Reader } from "./reader.ts";

export type Storage = { kind: "local" } | { kind: "s3"; s3: S3Access; linkSeconds: number };

export function storage(read: Reader): Storage {
  if (read.choice("DIST_DISK", "local", ["local", "s3"]) === "local") return { kind: "local" };
  const either = (name: string) => read.text(`S3_${name}`, read.text(`AWS_${name}`, ""));
  const needed = (name: string, what: string) => {
    const value = either(name);
    if (value === "") read.problem(`S3_${name}`, `is needed with DIST_DISK=s3: ${what}`);
    return value;
  };
  return {
    kind: "s3",
    linkSeconds: read.integer("DIST_SIGNED_URL_EXPIRY", 30, 1, 10_080) * 60,
    s3: {
      accessKeyId: needed("ACCESS_KEY_ID", "the access key"),
      secretAccessKey: needed("SECRET_ACCESS_KEY", "the secret key"),
      region: either("DEFAULT_REGION") || "us-east-1",
      bucket: needed("BUCKET", "the bucket for archives"),
      endpoint: either("ENDPOINT") || null,
      virtualHosted: !["true", "1"].includes(either("USE_PATH_STYLE_ENDPOINT") || "false"),
    },
  };
}
