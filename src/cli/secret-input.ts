// Secrets for commands: from standard input, the environment, or a prompt; never from an argument.
import { secretVariable } from "../config/environment.ts";
import { invalid } from "../errors.ts";

type SecretSource = {
  fromStandardInput: boolean;
  /** The environment variable that may hold it. */
  variable: string;
  /** Null never prompts. */
  prompt: string | null;
};

/** Null when there is no secret and no terminal for a prompt. */
export async function readSecret(source: SecretSource): Promise<string | null> {
  if (source.fromStandardInput) {
    const text = (await Bun.stdin.text()).replace(/\r?\n$/, "");
    if (text === "") throw invalid("Standard input was empty, but a secret was expected.", { code: "usage" });
    return text;
  }
  const value = secretVariable(source.variable);
  if (value !== null) return value;
  return process.stdin.isTTY && source.prompt !== null ? askHidden(source.prompt) : null;
}

async function askHidden(prompt: string): Promise<string> {
  // Echo is turned off first: characters typed right after the prompt must not be shown.
  process.stdin.setRawMode(true);
  process.stderr.write(`${prompt}: `);
  let text = "";
  try {
    for await (const chunk of process.stdin)
      for (const character of String(chunk)) {
        if (["\r", "\n", "\u0004"].includes(character)) return text;
        if (character === "\u0003") throw invalid("Given up.", { code: "usage" });
        text = character === "\u007f" ? text.slice(0, -1) : text + character;
      }
    return text;
  } finally {
    process.stdin.setRawMode(false);
    process.stdin.pause();
    process.stderr.write("\n");
  }
}
