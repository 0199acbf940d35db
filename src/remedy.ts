// What helps against a failure, as data. It names no command and no page: src/cli/remedies.ts has the commands,
// src/http/pages/remedies.ts has the links and words, and JSON answers carry it as it is.

type InRepository = { organization: string; repository: string };

export type Remedy =
  | ({ do: "sync" } & InRepository)
  | ({ do: "confirm-removals" } & InRepository)
  | ({ do: "forget-host-key" } & InRepository)
  | ({ do: "edit-repository"; change: "credentials" | "url" | "either" } & InRepository)
  | ({ do: "check-webhook" } & InRepository)
  | { do: "add-repository"; organization: string }
  /** The name that was chosen, or made from the URL, cannot be used. */
  | { do: "name-repository"; organization: string }
  | { do: "choose-ssh-key"; organization: string }
  | { do: "restore-version"; organization: string; package: string }
  /** With `package` one that may read it. */
  | { do: "create-token"; organization: string; package: string | null }
  | { do: "create-administrator" }
  | { do: "replace-key" }
  | { do: "make-recovery-key" }
  | { do: "replace-recovery-key" }
  /** It opens the backup: nobody else can. */
  | { do: "give-recovery-key" }
  | { do: "allow-missing-archives" }
  | { do: "choose-data-folder" }
  | { do: "choose-port" }
  /** `to`: null where only the operator knows the value. */
  | { do: "change-setting"; variable: string; to: string | null }
  /** See what is wrong with the settings. */
  | { do: "check-settings" }
  /** What a check found can be mended by the program itself. */
  | { do: "mend"; check: string }
  | { do: "migrate" }
  | { do: "run-worker" }
  | { do: "see-jobs" }
  /** `line`: as nginx has it. */
  | { do: "configure-proxy"; line: string }
  /** A line for the unit of the service, or for sysctl. */
  | { do: "configure-system"; place: "service" | "kernel"; line: string }
  /** An account at a Git host, again. */
  | { do: "connect-account"; organization: string }
  | { do: "rename-organization"; organization: string }
  /** `href`: where the version is described. */
  | { do: "upgrade"; version: string; href: string | null }
  | { do: "back-up" }
  | { do: "rehearse" }
  | { do: "print-service-steps" }
  /** `variable`: of the environment, which may hold it. */
  | { do: "give-password"; variable: string }
  /** Look which ones there are. */
  | { do: "list"; what: List; organization: string | null };

export type List = "organizations" | "users" | "repositories" | "packages" | "tokens";

export type RemedyKind = Remedy["do"];
