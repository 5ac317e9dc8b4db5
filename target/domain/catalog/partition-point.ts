/** The first place of 0…length that passes, where all before it do not and all after it do; `length` if none does. */
export function partitionPoint(length: number, passes: (place: number) => boolean): number {
  let [low, high] = [0, length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (passes(middle)) high = middle
    else low = middle + 1
  }
  return low
}
