/** Goes on at once with what is known already, later with what is promised: an `await` would always be later. */
export function thenMaybe<Value, Result>(
  value: Value | Promise<Value>,
  go: (value: Value) => Result | Promise<Result>,
): Result | Promise<Result> {
  return value instanceof Promise ? value.then(go) : go(value);
}
