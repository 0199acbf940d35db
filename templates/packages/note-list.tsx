/** What was left out of a version, or is not as its author wrote it. */
export function NoteList({ notes }: { notes: string[] }) {
  return (
    <ul class="secondary">
      {notes.map((note) => (
        <li class="breaks">{note}</li>
      ))}
    </ul>
  );
}
