const decimals = [0, 1, 2].map(
  digits => new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits }),
)

/** Formats three significant digits below a thousand, whole numbers above: `0.42`, `4.20`, `42.0`, `420`, `4,200`. */
export function formatNumber(value: number): string {
  const magnitude = Math.abs(value)
  if (magnitude > 0 && magnitude < 0.005) return value > 0 ? '<0.01' : '>−0.01'
  const digits = value === 0 || magnitude >= 99.95 ? 0 : magnitude >= 9.995 ? 1 : 2
  return (decimals[digits] as Intl.NumberFormat).format(value).replace('-', '−')
}

/** Formats a whole number: `12,345`. */
export function formatCount(value: number): string {
  return (decimals[0] as Intl.NumberFormat).format(value).replace('-', '−')
}

/** `0.42 %`. Only all is 100 %, and only nothing 0 %: `99.98 %`, `>99.99 %`, `<0.01 %`. */
export function formatShare(share: number): string {
  const percent = share * 100
  if (percent < 99.95 || percent >= 100) return `${formatNumber(percent)} %`
  if (percent >= 99.995) return '>99.99 %'
  return `${(decimals[2] as Intl.NumberFormat).format(percent)} %`
}
