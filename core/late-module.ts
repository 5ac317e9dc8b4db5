import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/**
 * Returns a function that loads a module of a package when it is first called, for packages of which most starts use nothing.
 * @param name as in `import`, of a package that Node can load synchronously
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- types of packages are found by import only, so the caller names them
export function lateModule<Module>(name: string): () => Module {
  let loaded: Module | undefined
  return () => (loaded ??= require(name) as Module)
}
