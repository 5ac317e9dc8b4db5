/** Most rows of a table over time. */
const MOST_ROWS = 60

/** Returns how many seconds one row of the table of a timeline stands for. */
export function stepOf(seconds: number): number {
  return Math.max(1, Math.ceil(seconds / MOST_ROWS))
}

/** How several rows become one. All other members are the most of any: no peak may be missing because its second is. */
export interface StepRule<Row> {
  /** Members that are taken from the first row. */
  first: readonly (keyof Row)[]
  /** Members that are means. */
  mean: readonly (keyof Row)[]
}

/** Puts every so many rows together into one. */
export function inSteps<Row extends { [Key in keyof Row]?: number | undefined }>(
  rows: readonly Row[],
  step: number,
  { first, mean }: StepRule<Row>,
): Row[] {
  if (step === 1) return [...rows]
  return rows.flatMap((row, index) => {
    if (index % step !== 0) return []
    const group = rows.slice(index, index + step)
    const sum = { ...row }
    for (const key of Object.keys(row) as (keyof Row)[]) {
      if (first.includes(key)) continue
      const values = group.map(each => (each[key] ?? 0) as number)
      const value = mean.includes(key)
        ? values.reduce((total, each) => total + each, 0) / values.length
        : Math.max(...values)
      sum[key] = value as Row[keyof Row]
    }
    return [sum]
  })
}
