/** Take `one` out of `chosen`, or put it in. */
export function toggled<T>(chosen: Set<T>, one: T): void {
  if (!chosen.delete(one)) chosen.add(one)
}
