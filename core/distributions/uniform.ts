import { type Distribution, fromQuantiles } from '../distribution.ts'
import { fixed } from './fixed.ts'

export function uniform(minMs: number, maxMs: number): Distribution {
  const widthMs = maxMs - minMs
  if (widthMs === 0) return fixed(minMs)
  return fromQuantiles({
    meanMs: (minMs + maxMs) / 2,
    quantile: q => minMs + q * widthMs,
    cdf: valueMs => Math.min(Math.max((valueMs - minMs) / widthMs, 0), 1),
  })
}
