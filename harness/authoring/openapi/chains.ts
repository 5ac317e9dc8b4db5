import type { ListedOperation } from './operation-list.ts'
import { idPathIn, idPathInList } from './ids.ts'
import { successOf } from './response.ts'
import type { Schemas } from './schema.ts'

/** Operations of one task, in their order. The response to the first names what the others are about. */
export interface Chain {
  operations: readonly ListedOperation[]
  /** Path of the value in the first response that the parameter of the others takes. */
  capture?: { path: string; collection: string }
}

const ORDER = ['GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE']

/**
 * Groups operations into tasks. A task that creates a thing goes on to read, change and delete it. An operation that reads a thing
 * whose id the document does not give follows the one that lists such things. Every other operation is a task of its own.
 */
export function chainsOf(operations: readonly ListedOperation[], schemas: Schemas): Chain[] {
  const chains = new Map<ListedOperation, Chain>()
  const chained = new Set<ListedOperation>()
  const begin = (
    first: ListedOperation,
    path: (parameter: string) => string | undefined,
    fits: (each: ListedOperation) => boolean,
  ) => {
    const members = operations.filter(
      each => each !== first && !chained.has(each) && fits(each) && isWithin(each, first.path),
    )
    const [parameter] = members.map(each => parameterAfter(each, first.path))
    const capturePath = parameter === undefined ? undefined : path(parameter)
    if (capturePath === undefined) return
    const same = members.filter(each => path(parameterAfter(each, first.path)!) === capturePath)
    for (const each of same) chained.add(each)
    const sorted = same.toSorted((a, b) => ORDER.indexOf(a.method) - ORDER.indexOf(b.method))
    chains.set(first, { operations: [first, ...sorted], capture: { path: capturePath, collection: first.path } })
  }
  for (const first of operations.filter(({ method }) => method === 'POST')) {
    const response = successOf(first)?.response
    if (response !== undefined && !chained.has(first))
      begin(
        first,
        parameter => idPathIn(schemas, response, parameter),
        () => true,
      )
  }
  for (const first of operations.filter(({ method }) => method === 'GET')) {
    const response = successOf(first)?.response
    // Listed things belong to others: they are read, never changed.
    const fits = (each: ListedOperation) => each.method === 'GET' && !hasGivenId(each, first.path)
    if (response !== undefined && !chained.has(first))
      begin(first, parameter => idPathInList(schemas, response, parameter), fits)
  }
  return operations.filter(each => !chained.has(each)).map(each => chains.get(each) ?? { operations: [each] })
}

/** Returns the name of the parameter that follows the path of a collection. */
export function parameterAfter({ path }: ListedOperation, collection: string): string | undefined {
  return /^\/\{([^{}/]+)\}(?:\/|$)/.exec(path.startsWith(collection) ? path.slice(collection.length) : '')?.[1]
}

function isWithin(operation: ListedOperation, collection: string): boolean {
  return parameterAfter(operation, collection) !== undefined
}

/** Tells whether the document itself gives an id that exists. */
function hasGivenId(operation: ListedOperation, collection: string): boolean {
  const name = parameterAfter(operation, collection)
  const fields = operation.parameters.find(each => each.place === 'path' && each.name === name)?.fields
  return fields?.['example'] !== undefined || fields?.['examples'] !== undefined
}
