import { Arrow, Expression, quoted } from './expression.ts'

/** Longest line of the code. */
export const WIDTH = 120

/** A formatter leaves a long text beside a name that is no longer than this, with its colon. */
const LONGEST_SHORT_KEY = 6

/** The columns of a line that are taken before and after a value, and the indentation of the line. */
interface Columns {
  indent: number
  before: number
  after: number
}

/** Returns a value as code: on one line if it fits, and else with one field or element on each line. */
function valueCode(value: unknown, room: Columns): string {
  const line = flat(value)
  if (line !== undefined && room.before + line.length + room.after <= WIDTH) return line
  if (value instanceof Arrow) return `${value.head}\n${pad(room.indent + 2)}${value.body}`
  if (value instanceof Expression) return value.source
  if (Array.isArray(value)) return brokenArray(value, room.indent)
  if (typeof value === 'object' && value !== null) return brokenObject(value, room.indent)
  return line ?? 'undefined'
}

/** Returns a call as lines without indentation of the first. @param before everything before the `(`, such as `const order = await http.post` */
export function callCode(before: string, args: readonly unknown[], indent: number): string {
  const inner = args.map(flat)
  const line = inner.includes(undefined) ? undefined : `${before}(${inner.join(', ')})`
  if (line !== undefined && indent + line.length <= WIDTH) return line
  const last = args.at(-1)
  const head = `${before}(${[...inner.slice(0, -1), ''].join(', ')}`
  const isObject = typeof last === 'object' && last !== null && !(last instanceof Expression) && !Array.isArray(last)
  if (isObject && indent + head.length + 1 <= WIDTH) return `${head}${brokenObject(last, indent)})`
  const room = { indent: indent + 2, before: indent + 2, after: 1 }
  const lines = args.map(arg => `${pad(indent + 2)}${valueCode(arg, room)},\n`)
  return `${before}(\n${lines.join('')}${pad(indent)})`
}

/** Returns operands that are joined by `&&` or `||`, each on its own line if they do not fit on one. */
export function chainCode(before: string, operands: readonly Operand[], indent: number): string {
  const together = chained(operands)
  const line = `${before} ${together}`
  if (indent + line.length <= WIDTH) return line
  const inner = indent + 2
  if (inner + together.length <= WIDTH) return `${before} (\n${pad(inner)}${together}\n${pad(indent)})`
  const lines = operands.map((operand, at) => {
    const after = at < operands.length - 1 ? ' &&' : ''
    const whole = `${pad(inner)}${inline(operand)}${after}`
    if (whole.length <= WIDTH || typeof operand === 'string') return whole
    return `${pad(inner)}(${operand.join(` ||\n${pad(inner + 2)}`)})${after}`
  })
  return `${before} (\n${lines.join('\n')}\n${pad(indent)})`
}

/** A condition, or several of which one must hold. */
export type Operand = string | readonly string[]

/** A single choice needs no parentheses around it. */
function chained(operands: readonly Operand[]): string {
  const [only] = operands
  if (operands.length === 1 && only !== undefined && typeof only !== 'string') return only.join(' || ')
  return operands.map(inline).join(' && ')
}

function inline(operand: Operand): string {
  return typeof operand === 'string' ? operand : `(${operand.join(' || ')})`
}

export function pad(columns: number): string {
  return ' '.repeat(columns)
}

/** Returns the name of a field as it stands in an object literal. */
export function fieldKey(name: string): string {
  return isIdentifier(name) ? name : quoted(name)
}

export function isIdentifier(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name)
}

/** Returns a value on one line; undefined if it must be broken. */
function flat(value: unknown): string | undefined {
  if (value instanceof Expression) return value.source.includes('\n') ? undefined : value.source
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined'
  if (Array.isArray(value)) return flatArray(value)
  const fields = fieldsOf(value).map(([key, item]) => {
    const line = flat(item)
    if (line === undefined) return undefined
    return isNamed(key, item) ? key : `${fieldKey(key)}: ${line}`
  })
  if (fields.includes(undefined)) return undefined
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`
}

/** A formatter breaks a list of several objects or lists with several parts each, even if it fits on a line. */
function flatArray(values: readonly unknown[]): string | undefined {
  const isTable = values.length > 1 && (values.every(hasManyFields) || values.every(hasManyItems))
  const items = values.map(flat)
  return isTable || items.includes(undefined) ? undefined : `[${items.join(', ')}]`
}

function hasManyFields(value: unknown): boolean {
  return isPlainObject(value) && fieldsOf(value).length > 1
}

function hasManyItems(value: unknown): boolean {
  return Array.isArray(value) && value.length > 1
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Expression)
}

function brokenObject(value: object, indent: number): string {
  const inner = indent + 2
  const lines = fieldsOf(value).map(([key, item]) => {
    const start = isNamed(key, item) ? '' : `${fieldKey(key)}: `
    const code = valueCode(item, { indent: inner, before: inner + start.length, after: 1 })
    const isLong =
      typeof item === 'string' && inner + start.length + code.length + 1 > WIDTH && start.length > LONGEST_SHORT_KEY
    return `${pad(inner)}${isLong ? `${start.trimEnd()}\n${pad(inner + 2)}` : start}${code},\n`
  })
  return `{\n${lines.join('')}${pad(indent)}}`
}

function brokenArray(values: readonly unknown[], indent: number): string {
  const inner = indent + 2
  const room = { indent: inner, before: inner, after: 1 }
  const items = values.map(item => valueCode(item, room))
  const lines = values.every(item => typeof item === 'number') ? filled(items, inner) : items
  return `[\n${lines.map(line => `${pad(inner)}${line},\n`).join('')}${pad(indent)}]`
}

/** Puts as many numbers on each line as fit. */
function filled(items: readonly string[], indent: number): string[] {
  const lines: string[] = []
  for (const item of items) {
    const longer = `${lines.at(-1)}, ${item}`
    if (lines.length > 0 && indent + longer.length + 1 <= WIDTH) lines[lines.length - 1] = longer
    else lines.push(item)
  }
  return lines
}

/** Tells whether the value is a constant of the same name as its field. */
function isNamed(key: string, value: unknown): boolean {
  return value instanceof Expression && value.source === key
}

/** The key `__proto__` of a literal would set the prototype. */
function fieldsOf(value: object): [string, unknown][] {
  return Object.entries(value).filter(([key, item]) => item !== undefined && key !== '__proto__')
}
