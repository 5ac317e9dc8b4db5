/** A value that a variable may have. */
export type VariableValue = string | number | boolean

/** A variable by its default, by all its values, of which the first is the default, or by options. */
export type VariableDeclaration = VariableValue | readonly [VariableValue, ...VariableValue[]] | VariableOptions

/** A variable with a `default`, or one that every run has to give. */
export interface VariableOptions {
  /** Type of a variable without a default; default text. */
  type?: 'text' | 'number' | 'boolean'
  default?: VariableValue
  /** A secret is never shown: neither in the terminal, nor in reports. */
  secret?: boolean
}

/** Values of variables, by how they are declared. */
export type Variables<Declared> = { readonly [Name in keyof Declared]: TypeOfVariable<Declared[Name]> }

type TypeOfVariable<D> = D extends readonly (infer Choice)[]
  ? Choice
  : D extends number | { type: 'number' } | { default: number }
    ? number
    : D extends boolean | { type: 'boolean' } | { default: boolean }
      ? boolean
      : string
