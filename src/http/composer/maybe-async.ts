/** Calls `go` at once when the value is here, and later when it is a promise; an `await` would always be later. */
export function thenMaybe<Value, Result>(
  value: Value | Promise<Value>,
  go: (value: Value) => Result | Promise<Result>,
): Result | Promise<Result> {
  return value instanceof Promise ? value.then(go) : go(value);
}
