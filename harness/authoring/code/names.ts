/** Words that cannot name a constant or function in a module, and names that a scenario uses itself. */
const TAKEN =
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function ' +
  'if implements import in instanceof interface let new null package private protected public return static super switch this throw true try ' +
  'typeof undefined var void while with yield async of NaN Infinity Object Array String Number Boolean JSON Promise Symbol Error Date Math RegExp ' +
  'scenario user between exactly environment valueOf fieldOf isObject response value stream event status data item http sse auth cookies check sleep fake random state vu globalThis console process'

/** Names within a file, each used once. */
export class Names {
  readonly #taken: Set<string>

  constructor(taken: Iterable<string> = TAKEN.split(' ')) {
    this.#taken = new Set(taken)
  }

  /** Returns the name, with a number if it is taken. */
  claim(wanted: string, separator = ''): string {
    let name = wanted
    for (let number = 2; this.#taken.has(name); number++) name = `${wanted}${separator}${number}`
    this.#taken.add(name)
    return name
  }

  /** Returns names for a part of the file: those that are taken here are taken there. */
  within(): Names {
    return new Names(this.#taken)
  }
}

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

/** Returns a name for the body of a response: the last two words of the path that are no version, for one thing unless a list was asked for. */
export function bodyName(method: string, path: string): string {
  const segments = path.split('/').filter(segment => segment !== '')
  const words = segments.filter(segment => /^[a-z][a-z_-]*$/i.test(segment) && segment !== 'api').slice(-2)
  const isOne = method === 'POST' || segments.at(-1)?.startsWith('{') === true
  return [...words.slice(0, -1), isOne ? singular(words.at(-1) ?? '') : words.at(-1)].join(' ')
}

function capitalized(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1)
}
