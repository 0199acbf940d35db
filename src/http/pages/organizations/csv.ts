import { printable } from "../../../printable.ts";

/**
 * A line of a table for spreadsheets (RFC 4180), every cell in quotes. What they would take for a formula gets an
 * apostrophe in front, also behind what another spreadsheet, set to another language, takes for the end of a cell.
 */
export function csvLine(cells: string[]): string {
  return `${cells.map(cell).join(",")}\r\n`;
}

/** At the start or behind a separator, with blanks before it or not; spreadsheets read full-width signs as well. */
const formula = /(^|[;,|\t])(?=\s*[=+\-@＝＋－＠])/gu;

function cell(text: string): string {
  return `"${printable(text).replace(formula, "$1'").replaceAll('"', '""')}"`;
}
