/** Columns up to which an object or array stays on one line. */
const WIDTH = 100
const STEP = '  '

/** Returns a JSON value as text for people: what fits on a line stays on one, as in most editors. */
export function jsonLines(value: unknown, width = WIDTH): string {
  return written(value, '', width).text
}

/** @param room columns that are left on the line */
function written(value: unknown, indent: string, room: number): { text: string; isShort: boolean } {
  if (typeof value !== 'object' || value === null) {
    const text = JSON.stringify(value)
    return { text, isShort: text.length <= room }
  }
  const isList = Array.isArray(value)
  const [open, close] = isList ? '[]' : '{}'
  const inner = indent + STEP
  const keys = isList ? value.map(() => '') : Object.keys(value).map(key => `${JSON.stringify(key)}: `)
  const items = Object.values(value).map((item, index) => {
    const key = keys[index] as string
    const { text, isShort } = written(item, inner, WIDTH - inner.length - key.length)
    return { text: key + text, isShort }
  })
  const line = `${open}${items.map(({ text }) => text).join(', ')}${close}`
  if (items.every(({ isShort, text }) => isShort && !text.includes('\n')) && line.length <= room) {
    return { text: line, isShort: true }
  }
  const lines = items.map(({ text }) => `\n${inner}${text}`).join(',')
  return { text: `${open}${lines}\n${indent}${close}`, isShort: false }
}
