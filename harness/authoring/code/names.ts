import { singular } from '../../../core/words.ts'

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

/** Returns a name for the body of a response: the last two words of the path that are no version, for one thing unless a list was asked for. */
export function bodyName(method: string, path: string): string {
  const segments = path.split('/').filter(segment => segment !== '')
  const words = segments.filter(segment => /^[a-z][a-z_-]*$/i.test(segment) && segment !== 'api').slice(-2)
  const isOne = method === 'POST' || segments.at(-1)?.startsWith('{') === true
  return [...words.slice(0, -1), isOne ? singular(words.at(-1) ?? '') : words.at(-1)].join(' ')
}
