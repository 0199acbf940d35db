// An SSH command for sshd's ForceCommand: git-upload-pack only for clients that name multi_ack, like Azure DevOps.

import { spawn } from "node:child_process";
import { multiAckRequired, namesMultiAck } from "../tools/servers/git-http-server.ts";

const child = spawn("sh", ["-c", process.env.SSH_ORIGINAL_COMMAND ?? "false"], {
  stdio: ["pipe", "inherit", "inherit"],
});
child.on("exit", (code) => process.exit(code ?? 1));
process.stdin.once("data", (first: Buffer) => {
  if (first.toString() !== "0000" && !namesMultiAck(first)) {
    process.stderr.write(multiAckRequired);
    child.kill();
    return;
  }
  child.stdin.write(first);
  process.stdin.pipe(child.stdin);
});
