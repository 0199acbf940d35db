// Which passwords are refused: length alone stops guessing, except for those that everybody tries first. The list is
// the facts of public leaks: the passwords seen most often, as @zxcvbn-ts/language-common 3.0.4 (MIT) counts them, as
// far as they matter with a piece repeated or a number behind them.
import { invalid, type Failure } from "../../errors.ts";
import list from "./common-passwords.txt" with { type: "text" };
import { maxPasswordBytes } from "./password-hashing.ts";

const shortest = 12;
const common = new Set(list.trim().split("\n"));

/**
 * `about` is what others know of the person: address and name. Fails as `invalid`.
 */
export function checkNewPassword(password: string, about: string[] = []): void {
  const text = password.toLowerCase();
  if (password.length < shortest || Buffer.byteLength(password) > maxPasswordBytes)
    throw refused("Passwords need at least 12 characters and can have up to 1,024 bytes.");
  if (isCommon(text)) throw refused("This password is too common. Choose another one.");
  if (about.some((each) => termsOf(each).includes(bare(text))))
    throw refused("Don't use your name or email address as your password.");
}

/** On the list, a common one with a number behind it, or one and the same piece again and again. */
function isCommon(text: string): boolean {
  const piece = /^(.{1,8}?)\1+$/s.exec(text)?.[1] ?? text;
  return [text, piece, bare(text), bare(piece)].some((each) => common.has(each)) || piece.length < 5;
}

/** Without the digits and marks at its ends. */
function bare(text: string): string {
  return text.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "");
}

function termsOf(known: string): string[] {
  const text = known.trim().toLowerCase();
  const parts = [text, text.split("@")[0] ?? "", text.replace(/\s+/g, "")];
  return parts.map(bare).filter((part) => part !== "");
}

function refused(message: string): Failure {
  return invalid(message, { field: "password", code: "password_refused" });
}
