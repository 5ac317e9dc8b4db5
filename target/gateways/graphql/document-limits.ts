import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'

export interface OperationLimits {
  depth: number
  cost: number
  aliases: number
}

/** Items of a list whose field has no limit in the document, by the name of the field of the root. */
const defaultLimits: Readonly<Record<string, number>> = { products: 20, orders: 20, messages: 100 }

/**
 * Checks an operation against the limits before it is validated, because validation itself takes time that grows with the square
 * of the number of fields. The walk ends at the first limit that is passed, so that it takes no longer than the cost allows.
 * @throws GraphQLError with the code of the limit
 */
export function checkLimits(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  limits: OperationLimits,
): void {
  new Walk(document, variables, limits).enter(operation.selectionSet, 1, 1)
}

class Walk {
  readonly #fragments = new Map<string, FragmentDefinitionNode>()
  /** Fragments that the current place is within. */
  readonly #within = new Set<string>()
  readonly #variables: Readonly<Record<string, unknown>>
  readonly #limits: OperationLimits
  #cost = 0
  #aliases = 0

  constructor(document: DocumentNode, variables: Readonly<Record<string, unknown>>, limits: OperationLimits) {
    this.#variables = variables
    this.#limits = limits
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(definition.name.value, definition)
    }
  }

  /** @param times how often the fields may be produced. @param depth undefined within introspection, which has a limit of its own */
  enter({ selections }: SelectionSetNode, depth: number | undefined, times: number): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) this.#field(selection, depth, times)
      else if (selection.kind === Kind.INLINE_FRAGMENT) this.enter(selection.selectionSet, depth, times)
      else this.#spread(selection.name.value, depth, times)
    }
  }

  #field(field: FieldNode, depth: number | undefined, times: number): void {
    const { name, alias, selectionSet } = field
    const { depth: mostDepth, cost, aliases } = this.#limits
    const level = name.value.startsWith('__') ? undefined : depth
    if (level !== undefined && level > mostDepth) {
      throw passed('too_deep', `expected at most ${mostDepth} levels of fields (graphql.depth)`, field)
    }
    if (alias !== undefined && ++this.#aliases > aliases) {
      throw passed('too_many_aliases', `expected at most ${aliases} aliases (graphql.aliases)`, field)
    }
    this.#cost += times
    if (this.#cost > cost) {
      throw passed('too_costly', `expected an operation of cost ${cost} at most (graphql.cost)`, field)
    }
    if (selectionSet !== undefined) {
      this.enter(selectionSet, level === undefined ? undefined : level + 1, times * this.#itemsOf(field, depth === 1))
    }
  }

  #spread(name: string, depth: number | undefined, times: number): void {
    const fragment = this.#fragments.get(name)
    // Validation reports it.
    if (fragment === undefined) return
    if (this.#within.has(name)) {
      throw passed('fragment_cycle', `the fragment ${JSON.stringify(name)} contains itself`, fragment)
    }
    this.#within.add(name)
    this.enter(fragment.selectionSet, depth, times)
    this.#within.delete(name)
  }

  /** Returns the largest number of items that a field may produce, as its limit says. */
  #itemsOf({ name, arguments: given = [] }: FieldNode, isRoot: boolean): number {
    const value = given.find(argument => argument.name.value === 'limit')?.value
    const limit =
      value?.kind === Kind.INT
        ? Number(value.value)
        : value?.kind === Kind.VARIABLE
          ? this.#variables[value.name.value]
          : undefined
    return typeof limit === 'number' && limit > 0 ? limit : (isRoot && defaultLimits[name.value]) || 1
  }
}

function passed(code: string, message: string, node: FieldNode | FragmentDefinitionNode): GraphQLError {
  return new GraphQLError(message, { nodes: node, extensions: { code } })
}
