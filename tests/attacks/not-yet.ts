// Attacks of docs/security.md that have no test yet, because what they attack is not there yet.
export const notYet: Record<string, string> = {
  S6: "mirrors of other Composer registries do not exist yet",
  T6: "mirrors of other Composer registries do not exist yet",
  K3: "the encryption key cannot be changed yet",
  K5: "there are no backups to download yet",
  K6: "the tests of backups hold it under other ids, OP29 to OP32",
  K7: "the record of what was done is not chained yet",
  K11: "no release is published, and nothing updates itself",
  DC5: "public registries are not looked at yet",
};
