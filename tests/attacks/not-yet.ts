// Rows of the list of attacks (section 2.1) that have no test yet, because what they attack is not there yet.
export const notYet: Record<string, string> = {
  S6: "mirrors of other Composer registries do not exist yet",
  S14: "no member can set the base URL of a forge yet",
  S15: "there are no settings for a mail server or a sign-in issuer yet; the bucket's address is the operator's own",
  C10: "a document has no limit of size yet; only the single composer.json has one",
  C14: "nothing is mailed or exported yet",
};
