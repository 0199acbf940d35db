// The fields of a new account.
import { Field } from "../parts/field.tsx";
import { Elsewhere, errorAt, type Problem } from "../parts/problem.tsx";

export type UserForm = { name: string; email: string };

/** Name, email address and password, and the problem that belongs to none of them. */
export function UserFields({ form, problem }: { form: UserForm; problem: Problem | null }) {
  return (
    <>
      <Field
        name="name"
        label="Your name"
        value={form.name}
        autocomplete="name"
        required
        autofocus
        error={errorAt(problem, "name")}
      />
      <Field
        name="email"
        type="email"
        label="Email address"
        value={form.email}
        autocomplete="username"
        required
        hint="You'll use it to sign in."
        error={errorAt(problem, "email")}
      />
      <NewPasswordField problem={problem} />
      <Elsewhere problem={problem} fields={["name", "email", "password"]} />
    </>
  );
}

export function NewPasswordField(props: { problem: Problem | null; label?: string; autofocus?: boolean }) {
  const { problem, label = "Password", autofocus } = props;
  return (
    <Field
      name="password"
      type="password"
      label={label}
      autocomplete="new-password"
      minlength={12}
      required
      autofocus={autofocus}
      hint="At least 12 characters. A short sentence works well."
      error={errorAt(problem, "password")}
    />
  );
}
