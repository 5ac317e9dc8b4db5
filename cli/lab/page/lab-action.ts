import { checker, dottedPath, variant } from '../../../core/check.ts'
import { Type } from '../../../core/schema.ts'
import { LabInputError } from '../../../labs/lab-input.ts'
import type { LabAction } from '../../../pages/lab/lab-state.ts'

/** Only the form is checked here. The lab knows which names and numbers it has. */
const texts = Type.Record(Type.String(), Type.String({ maxLength: 100 }), { maxProperties: 100 })

const written = checker(
  Type.Union([
    variant('run', { settings: texts, predictions: texts }),
    variant('change', { settings: texts }),
    variant('answer', { option: Type.Integer({ minimum: 1, maximum: 9 }) }),
    variant('stop'),
    variant('again'),
    variant('rename', { learner: Type.String({ minLength: 1, maxLength: 100 }) }),
  ]),
)

/** Reads an action of the page. @throws LabInputError that says what was expected and what came */
export function readLabAction(text: string): LabAction {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new LabInputError('expected an action as JSON')
  }
  if (written.check(value)) return value
  const errors = written.errors(value)
  throw new LabInputError(
    errors.map(({ pointer, detail }) => `${dottedPath(pointer) || 'the action'}: ${detail}`).join('; '),
  )
}
