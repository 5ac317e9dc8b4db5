import type { TProperties } from 'typebox'
import { Type } from '../../../core/schema.ts'
import { closed } from '../../../core/check.ts'

/** A part of the configuration with these keys and no others. */
export function section<Keys extends TProperties>(keys: Keys) {
  return Type.Object(keys, closed)
}

type SettingRange = readonly [least: number, most: number]

/** A whole number that has a default. */
export function integer([minimum, maximum]: SettingRange, fallback: number, description: string) {
  return Type.Integer({ minimum, maximum, default: fallback, description })
}

/** A number that has a default. */
export function number([minimum, maximum]: SettingRange, fallback: number, description: string) {
  return Type.Number({ minimum, maximum, default: fallback, description })
}

/** A switch that has a default. */
export function flag(fallback: boolean, description: string) {
  return Type.Boolean({ default: fallback, description })
}

/** One of these words, with a default. */
export function choice<Value extends string>(values: readonly Value[], fallback: NoInfer<Value>, description: string) {
  return Type.Enum<Value[]>([...values], { default: fallback, description })
}
