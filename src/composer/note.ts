// What a composer.json says that does not reach clients, or reaches them in another form: as data, worded where
// people read it.

export type ManifestNote =
  | { code: "field_left_out"; path: string; expected: string }
  | { code: "root_only"; path: string; expected: string }
  | { code: "control_characters"; path: string }
  | { code: "read_as_list"; path: string }
  | { code: "key_twice"; path: string }
  | { code: "self_link"; path: string }
  | { code: "odd_name"; path: string; problem: string }
  | { code: "name_case"; written: string; name: string };

/** More would tell nobody anything new. */
export const MAX_NOTES = 50;
