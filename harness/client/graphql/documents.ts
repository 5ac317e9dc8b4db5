/** Facts about a document that requests need. */
export interface KnownDocument {
  /** Name of its only operation; undefined without one. */
  readonly name: string | undefined
  /** Whether its events leave out others of their partition on purpose, so that holes are no gaps. */
  readonly hasHolesByDesign: boolean
}

/** Maximum number of documents that are remembered. Beyond it, all are read again. */
const MOST_DOCUMENTS = 1000

const STRINGS_AND_COMMENTS = /"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|#[^\n\r]*/g
const NAMED_OPERATION = /(?:^|[}\s])(?:query|mutation|subscription)\s+([_A-Za-z]\w*)/g
const FILTER = /\b(?:types|group)\s*:/

/** Reads documents, each once: a request costs a look-up. */
export class GraphqlDocuments {
  readonly #known = new Map<string, KnownDocument>()

  of(text: string): KnownDocument {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    if (this.#known.size >= MOST_DOCUMENTS) this.#known.clear()
    const document = read(text)
    this.#known.set(text, document)
    return document
  }
}

function read(text: string): KnownDocument {
  const code = text.replaceAll(STRINGS_AND_COMMENTS, ' ')
  const names = [...code.matchAll(NAMED_OPERATION)].map(match => match[1])
  return { name: names.length === 1 ? names[0] : undefined, hasHolesByDesign: FILTER.test(code) }
}
