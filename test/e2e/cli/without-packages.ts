/** Returns variables with which a command finds no package whose name begins with this. */
export function withoutPackages(prefix: string): { NODE_OPTIONS: string } {
  const source = `import { registerHooks } from 'node:module'
registerHooks({ resolve(name, context, next) {
  if (!name.startsWith(${JSON.stringify(prefix)})) return next(name, context)
  throw Object.assign(new Error('not found'), { code: 'ERR_MODULE_NOT_FOUND' })
} })`
  return { NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(source)}"` }
}
