import { cachedDataVersionTag } from 'node:v8'
import { expect, test } from 'vitest'
import { withDeepInlining } from '../../../../harness/run/deep-inlining.ts'

// The tag of compiled modules changes with the flags of V8, which has no other way to read them.
const usual = cachedDataVersionTag()

test('V8 inlines deeply until the last load of the process has ended, and as usual from then on', async () => {
  const first = Promise.withResolvers<void>()
  const second = Promise.withResolvers<void>()
  const loads = [first, second].map(({ promise }) => withDeepInlining(() => promise))
  const deep = cachedDataVersionTag()
  expect(deep).not.toBe(usual)
  first.resolve()
  await loads[0]
  expect(cachedDataVersionTag()).toBe(deep)
  second.resolve()
  await loads[1]
  expect(cachedDataVersionTag()).toBe(usual)
})

test('V8 inlines as usual after a load that failed', async () => {
  const failing = withDeepInlining(() => Promise.reject(new Error('a defect')))
  await expect(failing).rejects.toThrow('a defect')
  expect(cachedDataVersionTag()).toBe(usual)
})
