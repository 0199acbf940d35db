import { disableSecondFactor } from "../registry/accounts/second-factor.ts";
import { createUser, resetPassword } from "../registry/accounts/users.ts";
import { listUsers, type User } from "../store/accounts/users.ts";
import { isoTime, table, type Arguments, type Command } from "./command.ts";
import { readSecret } from "./secret-input.ts";

const password = {
  "password-stdin": { type: "boolean", help: "Read the password from standard input" },
} as const;

export const user: Record<string, Command> = {
  create: {
    summary: "Add a user",
    usage: "",
    arity: [0, 0],
    options: {
      email: { type: "string", value: "ADDRESS", help: "Email address" },
      name: { type: "string", value: "NAME", help: "Full name" },
      admin: { type: "boolean", help: "Make this user an administrator of the server" },
      ...password,
    },
    makesDatabase: (args) => args.flag("admin"),
    async run(app, args, out) {
      const added = await createUser(app, {
        email: args.required("email"),
        name: args.required("name"),
        isAdmin: args.flag("admin"),
        password: await askPassword(args),
        actor: "cli",
      });
      out.result(toJson(added), `Added ${added.name} <${added.email}>.`);
    },
  },
  list: {
    summary: "List users",
    usage: "",
    arity: [0, 0],
    options: {},
    async run(app, _args, out) {
      const users = (await listUsers(app.db)).map(toJson);
      const rows = users.map((each) => [each.email, each.name, each.admin ? "yes" : "no", each.createdAt]);
      out.result(users, table(["EMAIL", "NAME", "ADMIN", "SINCE"], rows));
    },
  },
  "reset-password": {
    summary: "Set a new password for a user",
    usage: "",
    arity: [0, 0],
    options: { email: { type: "string", value: "ADDRESS", help: "Email address" }, ...password },
    async run(app, args, out) {
      const email = args.required("email");
      await resetPassword(app, { email, password: await askPassword(args), actor: "cli" });
      out.result({ email }, `The password of ${email} was changed.`);
    },
  },
  "disable-2fa": {
    summary: "Turn off the second factor of a user who has lost it",
    usage: "",
    arity: [0, 0],
    options: { email: { type: "string", value: "ADDRESS", help: "Email address" } },
    async run(app, args, out) {
      const email = args.required("email");
      await disableSecondFactor(app, { email, actor: "cli" });
      out.result({ email }, `The second factor of ${email} is off, and all sessions have ended.`);
    },
  },
};

function askPassword(args: Arguments): Promise<string | null> {
  return readSecret({
    fromStandardInput: args.flag("password-stdin"),
    variable: "PRICORE_PASSWORD",
    prompt: "Password",
  });
}

function toJson(each: User) {
  return {
    id: each.id,
    email: each.email,
    name: each.name,
    admin: each.is_admin === 1,
    createdAt: isoTime(each.created_at),
  };
}
