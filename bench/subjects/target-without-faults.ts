/** The target of `target.ts` without the checks for faults on its request path, to show what the checks cost. */
import { registerHooks } from 'node:module'

/** A check in the source of the target, and the code that takes its place. */
const checks = [
  {
    file: '/target/http/receive.ts',
    check: `    if (!faults.on) return admit(exchange, request, reply, done)
    injectBefore(dependencies, { exchange, request, reply }, () => admit(exchange, request, reply, done), done)`,
    replacement: '    admit(exchange, request, reply, done)',
  },
  {
    file: '/target/http/answer.ts',
    check: `    if (faulted !== undefined) return injectAfter(faulted, { reply, payload }, () => begin(exchange, reply), done)`,
    replacement: '',
  },
]
let removed = 0

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    const found = checks.find(({ file }) => url.endsWith(file))
    if (found === undefined) return loaded
    const source = Buffer.from(loaded.source as Uint8Array).toString()
    if (!source.includes(found.check)) throw new Error(`${found.file} no longer has these lines:\n${found.check}`)
    removed += 1
    return { ...loaded, source: source.replace(found.check, found.replacement) }
  },
})
await import('./target.ts')
if (removed < checks.length) throw new Error('a check for faults was not removed: its file was not loaded')
