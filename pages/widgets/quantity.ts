const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const tenths = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const hundredths = new Intl.NumberFormat('en', { maximumFractionDigits: 2 })

/** Three digits are enough to read at a glance. */
export function number(value: number): string {
  const size = Math.abs(value)
  if (size >= 100) return whole.format(value)
  return (size >= 10 ? tenths : hundredths).format(value)
}

export function count(value: number): string {
  return whole.format(value)
}

export function perSecond(value: number): string {
  return `${number(value)}/s`
}

export function percent(share: number): string {
  const value = share * 100
  return `${value > 0 && value < 1 ? hundredths.format(value) : tenths.format(value)} %`
}

export function milliseconds(valueMs: number): string {
  if (valueMs >= 60_000) return `${number(valueMs / 60_000)} min`
  if (valueMs >= 10_000) return `${number(valueMs / 1000)} s`
  return `${number(valueMs)} ms`
}

export function bytes(value: number): string {
  if (value >= 1_073_741_824) return `${number(value / 1_073_741_824)} GiB`
  if (value >= 1_048_576) return `${number(value / 1_048_576)} MiB`
  if (value >= 1024) return `${number(value / 1024)} KiB`
  return `${whole.format(value)} B`
}

/** The time of day, to the second. */
export function clockTime(wallTimeMs: number): string {
  return new Date(wallTimeMs).toTimeString().slice(0, 8)
}
