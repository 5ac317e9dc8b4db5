import { API, type Project, type Symbol, type Type, TypeFlags, SymbolFlags } from 'typescript/unstable/sync'
import { join } from 'node:path'
import { root } from './markdown.ts'

export interface Exports {
  /** Names of fields by the name of their type. A field of an inline object is `outer.inner`. */
  types: ReadonlyMap<string, string[]>
  functions: string[]
}

/** Reads the exported types of a module that are declared in the folder. Types without fields are left out. */
export function exportsOf(module: string, folder: string): Exports {
  const api = new API({ cwd: root })
  try {
    const config = join(root, 'tsconfig.json')
    const project = api.updateSnapshot({ openProject: config }).getProject(config)
    if (project === undefined) throw new Error(`cannot read ${config}`)
    return readExports(project, module, folder)
  } finally {
    api.close()
  }
}

function readExports({ checker, program }: Project, module: string, folder: string): Exports {
  const source = program.getSourceFile(module)
  const moduleSymbol = source && checker.getSymbolAtLocation(source)
  if (moduleSymbol === undefined) throw new Error(`cannot read ${module}`)
  const types = new Map<string, string[]>()
  const functions: string[] = []
  for (const exported of checker.getExportsOfModule(moduleSymbol)) {
    const symbol = exported.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
    if (symbol.flags & SymbolFlags.Function) functions.push(exported.name)
    const type = symbol.flags & SymbolFlags.Type ? checker.getDeclaredTypeOfSymbol(symbol) : undefined
    if (type === undefined || !isWithin(symbol)) continue
    const fields = fieldsOf(type)
    if (fields.length > 0) types.set(exported.name, fields)
  }
  return { types, functions }

  function isWithin(symbol: Symbol): boolean {
    return symbol.declarations.some(({ path }) => path.startsWith(`${folder}/`))
  }

  function fieldsOf(type: Type): string[] {
    const arms = type.isUnionType() ? type.getTypes() : [type]
    const properties = arms.flatMap(arm => checker.getPropertiesOfType(arm)).filter(isWithin)
    return [...new Set(properties.flatMap(property => [property.name, ...inlineFields(property)]))]
  }

  /** Returns the fields of an inline object type. */
  function inlineFields(property: Symbol): string[] {
    const type = checker.getTypeOfSymbol(property)
    const arms = type?.isUnionType() ? type.getTypes() : type === undefined ? [] : [type]
    return arms
      .filter(arm => arm.flags & TypeFlags.Object && arm.getSymbol()?.name === '__type')
      .flatMap(arm => checker.getPropertiesOfType(arm))
      .filter(isWithin)
      .map(({ name }) => `${property.name}.${name}`)
  }
}
