/** Most rows of a table over time. */
const MOST_ROWS = 60

/** Returns how many seconds one row of the table of a timeline stands for. */
export function stepOf(seconds: number): number {
  return Math.max(1, Math.ceil(seconds / MOST_ROWS))
}

/** Says how rows are merged into one. Other members are maxima, so that peaks are kept. */
export interface StepRule<Row> {
  /** Members of the first row. */
  first: readonly (keyof Row)[]
  /** Members that become means. */
  mean: readonly (keyof Row)[]
}

/** Merges every `step` rows into one. */
export function inSteps<Row extends object>(rows: readonly Row[], step: number, { first, mean }: StepRule<Row>): Row[] {
  if (step === 1) return [...rows]
  return rows.flatMap((row, index) => {
    if (index % step !== 0) return []
    const group = rows.slice(index, index + step)
    const sum = { ...row }
    for (const key of (Object.keys(row) as (keyof Row)[]).filter(each => !first.includes(each))) {
      const values = group.map(each => Number(each[key] ?? 0))
      const value = mean.includes(key)
        ? values.reduce((total, each) => total + each, 0) / values.length
        : Math.max(...values)
      sum[key] = value as Row[keyof Row]
    }
    return [sum]
  })
}
