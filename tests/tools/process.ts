// Starts a program, waits for its end and keeps what it printed.

export type Outcome = { code: number; stdout: string; stderr: string };

export type StartOptions = {
  cwd?: string;
  env?: Record<string, string | undefined>;
  stdin?: string;
  timeoutMs?: number;
};

/** `code` is 128 + signal for a program that was ended by one, as a shell counts. */
export async function finished(command: string[], options: StartOptions = {}): Promise<Outcome> {
  const child = Bun.spawn(command, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    stdin: options.stdin === undefined ? "ignore" : Buffer.from(options.stdin),
    stdout: "pipe",
    stderr: "pipe",
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs, killSignal: "SIGKILL" }),
  });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  await child.exited;
  return { code: child.exitCode ?? 137, stdout, stderr };
}

/** Like `finished`, for preparations that must work. */
export async function succeeded(command: string[], options: StartOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await finished(command, options);
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${stderr}${stdout}`);
  return stdout;
}
