/** Places that are told apart. Workers of further places share one. */
const MOST_PLACES = 32
const OTHER_PLACE = '(other)'
const LONGEST_PLACE = 63
/** Fits in a selector without quotes, in a label of Kubernetes and in a file name. */
const PLACE = new RegExp(`^[A-Za-z0-9][A-Za-z0-9._-]{0,${LONGEST_PLACE - 1}}$`)

export const placeRule = `a place such as eu-west: 1…${LONGEST_PLACE} letters, digits, dots, dashes and underscores`

export function isPlace(text: string): boolean {
  return PLACE.test(text)
}

/**
 * Returns the place that each worker's samples get, in the order of the workers. Their number is bounded, because workers choose
 * their places. A name that is not allowed counts as a further one. Those that are `wanted` keep their names, because thresholds ask for them.
 */
export function boundedPlaces(
  places: readonly (string | undefined)[],
  wanted: readonly string[] = [],
): (string | undefined)[] {
  const there = new Set(places.filter(place => place !== undefined && isPlace(place)))
  const asked = wanted.filter(place => there.has(place))
  const inOrder = [...new Set([...asked, ...there])]
  const kept = new Set(inOrder.slice(0, Math.max(MOST_PLACES, new Set(asked).size)))
  return places.map(place => (place === undefined || kept.has(place) ? place : OTHER_PLACE))
}
