// Notes: what is left out of a version, or differs from what its author wrote. Stored as data, and worded here.
import type { ManifestNote } from "../../composer/note.ts";
import type { ArchiveNote } from "../../git/mirror.ts";

export type Note = ManifestNote | ArchiveNote | EarlierNote;

/** A sentence, as an earlier release stored it. */
type EarlierNote = { code: "earlier"; text: string };

export type WordedNote = Note & { text: string };

/** A whole sentence. */
export function noteText(note: Note): string {
  switch (note.code) {
    case "field_left_out":
      return `composer.json: ${note.path} was left out; it must be ${note.expected}.`;
    case "root_only":
      return `composer.json: ${note.path} must be ${note.expected}; only a root package uses it.`;
    case "control_characters":
      return `composer.json: ${note.path} contained control characters, which were removed.`;
    case "read_as_list":
      return `composer.json: ${note.path} is an object; its values were used as a list.`;
    case "key_twice":
      return `composer.json: ${note.path} appears twice; the last one counts.`;
    case "self_link":
      return `composer.json: a link from the package to itself was left out of ${note.path}.`;
    case "odd_name":
      return `composer.json: ${note.path}: ${note.problem}.`;
    case "name_case":
      return `composer.json calls the package ${note.written}; it is published as ${note.name} because Composer only accepts lower-case names.`;
    case "submodule":
      return `The submodule "${note.path}" is left out of the archive.`;
    case "outward_link":
      return `The symbolic link "${note.path}" points outside the package and is left out of the archive.`;
    case "lfs_pointer":
      return `"${note.path}" is a Git LFS pointer; the file behind it is not in the archive.`;
    case "file_left_out":
      return `"${note.path}" is left out: ${note.why}. Rename it in git if the package needs it.`;
    case "folded_names":
      return `"${note.other}" and "${note.path}" are the same file on systems that ignore case.`;
    case "more_files":
      return `… and ${note.count} more files.`;
    case "earlier":
      return note.text;
  }
}

export type NotedVersion = { package: string; version: string; notes: WordedNote[] };

const namedVersions = 5;

/** One line for each note, with the versions that have it. */
export function noteLines(versions: Pick<NotedVersion, "version" | "notes">[]): string[] {
  const byText = new Map<string, string[]>();
  for (const { version, notes } of versions)
    for (const { text } of notes) {
      const versions = byText.get(text);
      if (versions) versions.push(version);
      else byText.set(text, [version]);
    }
  return Array.from(byText, ([text, versions]) => {
    const more = versions.length > namedVersions ? ` and ${versions.length - namedVersions} more` : "";
    return `Note: ${text} (${versions.slice(0, namedVersions).join(", ")}${more})`;
  });
}

const shownBesideRef = 3;

/** The summary beside the ref that gives the version; null without notes. */
export function notesSummary(notes: Note[]): string | null {
  if (notes.length === 0) return null;
  const more = notes.length > shownBesideRef ? [`And ${notes.length - shownBesideRef} more notes.`] : [];
  return [...notes.slice(0, shownBesideRef).map(noteText), ...more].join(" ");
}

/** The column's text; null without notes. */
export function storedNotes(notes: Note[]): string | null {
  return notes.length === 0 ? null : JSON.stringify(notes);
}

export function readNotes(stored: string | null): Note[] {
  return stored === null ? [] : (JSON.parse(stored) as Note[]);
}

export function wordedNotes(stored: string | null): WordedNote[] {
  return readNotes(stored).map((note) => ({ ...note, text: noteText(note) }));
}
