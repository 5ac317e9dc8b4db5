import { Type } from 'typebox'
import { checker } from '../../../../core/check.ts'

const check = Type.Object({ name: Type.String(), fails: Type.Integer({ minimum: 0 }) })
const group = checker(
  Type.Object({
    checks: Type.Optional(Type.Union([Type.Array(check), Type.Record(Type.String(), check)])),
    groups: Type.Optional(Type.Union([Type.Array(Type.Unknown()), Type.Record(Type.String(), Type.Unknown())])),
  }),
)

/** Deepest nesting of groups that is read. */
const DEEPEST = 20

/**
 * Returns the failures of each check, in all groups together; undefined when none failed. Groups and checks are lists in the data of
 * handleSummary(), and members by their names in a summary export.
 */
export function failedChecksIn(root: unknown): Record<string, number> | undefined {
  const fails = new Map<string, number>()
  const visit = (value: unknown, depth: number) => {
    if (depth > DEEPEST || !group.check(value)) return
    for (const { name, fails: count } of Object.values(value.checks ?? {}))
      if (count > 0) fails.set(name, (fails.get(name) ?? 0) + count)
    for (const inner of Object.values(value.groups ?? {})) visit(inner, depth + 1)
  }
  visit(root, 0)
  return fails.size === 0 ? undefined : Object.fromEntries(fails)
}
