const shared: readonly object[] = [
  Object.prototype,
  Array.prototype,
  Function.prototype,
  String.prototype,
  Number.prototype,
  Map.prototype,
  Promise.prototype,
  Buffer.prototype
]

/** What all objects of these kinds have; another text later means that somebody has reached one of their prototypes. */
export function prototypesText(): string {
  return JSON.stringify(shared.map((prototype) => Reflect.ownKeys(prototype).map(String)))
}
