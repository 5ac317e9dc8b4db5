/** The target of `target.ts` with the questions for faults cut out of its request path: the difference is what asking costs. */
import { registerHooks } from 'node:module'

const questions = [
  `    if (!faults.on) return admit(exchange, request, reply, done)
    injectBefore(parts, { exchange, request, reply }, () => admit(exchange, request, reply, done), done)`,
  `    if (faulted !== undefined) return injectAfter(faulted, reply, payload, () => begin(exchange, reply), done)`,
]
const answers = ['    admit(exchange, request, reply, done)', '']

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    if (!url.endsWith('/target/http/receive.ts')) return loaded
    return { ...loaded, source: cutOut(Buffer.from(loaded.source as Uint8Array).toString()) }
  },
})
await import('./target.ts')

function cutOut(source: string): string {
  return questions.reduce((text, question, at) => {
    if (!text.includes(question)) throw new Error(`receive.ts has no such lines any more:\n${question}`)
    return text.replace(question, answers[at] as string)
  }, source)
}
