import { concealUrl } from '../../client/address/url-credentials.ts'
import { shortened } from '../code/comment.ts'
import { type JsonFields, fieldsOf, isFields } from '../json-tree.ts'
import { UnusableSource } from '../unusable-source.ts'

/** Longest chain of references from one to the next. */
const MOST_STEPS = 50

/** Follows the references (`$ref`) of a document to its own parts. */
export class References {
  readonly #document: unknown

  constructor(document: unknown) {
    this.#document = document
  }

  /**
   * Returns the object that a value is or refers to, with its name if it has one. Fields beside a reference, as OpenAPI 3.1 allows, are added.
   * @throws UnusableSource for a reference to another file, to nothing, or in a circle
   */
  resolve(value: unknown): { object: JsonFields; name?: string } {
    let object = fieldsOf(value)
    let name: string | undefined
    for (let steps = 0; typeof object['$ref'] === 'string'; steps++) {
      const { $ref: reference, ...beside } = object
      if (steps >= MOST_STEPS) throw circle(reference)
      name = nameOf(reference)
      object = { ...fieldsOf(this.#at(reference)), ...beside }
    }
    return name === undefined ? { object } : { object, name }
  }

  #at(reference: string): unknown {
    if (!reference.startsWith('#')) {
      throw new UnusableSource(
        `the document refers to another file or host (${JSON.stringify(shortened(concealUrl(reference), 80))}), and only references within it are followed`,
        'Bundle it into one file first, for example with `npx @redocly/cli bundle openapi.yaml --output bundled.yaml`.',
      )
    }
    let value: unknown = this.#document
    for (const key of reference.slice(1).split('/').slice(1).map(unescapePointer)) {
      const isThere = (isFields(value) || Array.isArray(value)) && Object.hasOwn(value, key)
      if (!isThere)
        throw new UnusableSource(
          `the document refers to ${JSON.stringify(shortened(reference, 80))}, which it does not have`,
        )
      value = (value as JsonFields)[key]
    }
    return value
  }
}

function circle(reference: string): UnusableSource {
  return new UnusableSource(
    `the reference ${JSON.stringify(shortened(reference, 80))} of the document leads in a circle to itself`,
  )
}

function nameOf(reference: string): string | undefined {
  return unescapePointer(reference.split('/').at(-1) ?? '')
}

function unescapePointer(key: string): string {
  try {
    return decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~')
  } catch {
    return key
  }
}
