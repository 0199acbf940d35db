// Notes about a composer.json whose content is not published, or not as written. They are data; the text is written
// where it is shown.

export type ManifestNote =
  | { code: "field_left_out"; path: string; expected: string }
  | { code: "root_only"; path: string; expected: string }
  | { code: "control_characters"; path: string }
  | { code: "read_as_list"; path: string }
  | { code: "key_twice"; path: string }
  | { code: "self_link"; path: string }
  | { code: "odd_name"; path: string; problem: string }
  | { code: "name_case"; written: string; name: string };

/** More notes would add nothing new. */
export const MAX_NOTES = 50;
