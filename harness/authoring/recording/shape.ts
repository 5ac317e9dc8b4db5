import type { BodyShape, ShapeKind } from '../code/guards.ts'
import { isFields } from '../json-tree.ts'
import type { KnownSecrets } from '../secrets/known-secrets.ts'
import { looksSecret } from '../secrets/secret-text.ts'

/** Most fields that are checked, most elements of a list that are looked at, and how deep. */
const MOST_FIELDS = 12
const MOST_ELEMENTS = 50
const DEEPEST = 3

/** Returns the shape of a recorded value: the fields that it has, and their types. Names that may be values are left out. */
export function shapeOf(value: unknown, secrets: KnownSecrets, depth = 0): BodyShape {
  const kind = kindOf(value)
  const shape: BodyShape = { kinds: kind === undefined ? [] : [kind], fields: new Map() }
  if (depth >= DEEPEST) return shape
  if (Array.isArray(value)) {
    const items = value.slice(0, MOST_ELEMENTS).map(item => shapeOf(item, secrets, depth + 1))
    if (items.length > 0) shape.items = items.reduce(common)
  } else if (isFields(value)) {
    const names = Object.keys(value)
    // An object with keys such as 2026-01 or user17 is a map: another response has other keys.
    const isMap = names.filter(name => !isPlainName(name, secrets) || /\d/.test(name)).length * 4 > names.length
    for (const name of isMap ? [] : names.filter(each => isPlainName(each, secrets)).slice(0, MOST_FIELDS)) {
      const field = shapeOf(value[name], secrets, depth + 1)
      // What was null or absent once says nothing.
      if (field.kinds.length > 0) shape.fields.set(name, field)
    }
  }
  return shape
}

/** Returns what two elements of a list have in common. */
function common(left: BodyShape, right: BodyShape): BodyShape {
  if (left.kinds.length === 0 || right.kinds.length === 0) return { kinds: [], fields: new Map() }
  const kinds = [...new Set([...left.kinds, ...right.kinds])]
  const fields = new Map<string, BodyShape>()
  for (const [name, field] of left.fields) {
    const other = right.fields.get(name)
    if (other !== undefined) fields.set(name, common(field, other))
  }
  return {
    kinds,
    fields,
    ...(left.items !== undefined && right.items !== undefined && { items: common(left.items, right.items) }),
  }
}

function isPlainName(name: string, secrets: KnownSecrets): boolean {
  return /^[A-Za-z_]\w{0,39}$/.test(name) && !looksSecret(name) && !secrets.isIn(name)
}

function kindOf(value: unknown): ShapeKind | undefined {
  if (value === null || value === undefined) return undefined
  if (Array.isArray(value)) return 'array'
  const type = typeof value
  return type === 'string' || type === 'number' || type === 'boolean' || type === 'object' ? type : undefined
}
