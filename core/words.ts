/** Splits a name or a text into its words, in lower case: `orderId`, `order-id` and `Order ID` have the same. */
export function wordsOf(text: string): string[] {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(word => word !== '')
}

/** `orderId`. @param fallback for text without letters, and before a digit */
export function camelCase(text: string, fallback = 'value'): string {
  const words = wordsOf(text).slice(0, 6)
  const name = words.map((word, at) => (at === 0 ? word : capitalized(word))).join('')
  return /^[a-z]/.test(name) ? name : `${fallback}${name === '' ? '' : capitalized(name)}`
}

/** `OrderId`. */
export function pascalCase(text: string, fallback = 'Value'): string {
  return capitalized(camelCase(text, fallback))
}

/** `ORDER_ID`. */
export function constantCase(text: string): string {
  return wordsOf(text).slice(0, 6).join('_').toUpperCase()
}

/** `order-id`, for the name of a file. */
export function kebabCase(text: string, fallback: string): string {
  return wordsOf(text).slice(0, 8).join('-').slice(0, 60) || fallback
}

/** Returns the word for one of the things that a segment of a path names: `orders` → `order`. */
export function singular(word: string): string {
  if (/(ss|us|is|news|series)$/.test(word) || word.length < 4) return word
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`
  if (/(x|ch|sh|ss)es$/.test(word)) return word.slice(0, -2)
  return word.endsWith('s') ? word.slice(0, -1) : word
}

function capitalized(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1)
}
