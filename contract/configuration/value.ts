import { Type } from 'typebox'
import { DistributionValue, DurationValue } from '../distribution.ts'

export const closed = { additionalProperties: false }

export function duration(fallback: string, description: string) {
  return Type.Union(DurationValue.anyOf, { ...DurationValue, default: fallback, description })
}

export function distribution(fallback: DistributionValue, description: string) {
  return Type.Union(DistributionValue.anyOf, { ...DistributionValue, default: fallback, description })
}
