import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/** Part of a source in which a function is made and assigned to a property at once. */
const ASSIGNED_FUNCTION =
  /(?:^ *|[;{()] ?)\w+(?:!?\.#?\w+|!?\[[^\]\n]+\])+ (?:\?\?|\|\||&&)?= \(*(?:async )?(?:function\b|\w+ =>|\([^=(]*\)(?:: [^=]+)? =>)/m

/**
 * V8 takes a function that is assigned to a property for a method of something that lives long, and puts it into the old generation at once. Until the
 * next full collection it keeps all that it can refer to. For the end of a delay, that was everything the request had allocated. A function with a name
 * of its own begins in the young generation.
 */
it('no function is assigned to a property where it is made', () => {
  const made = ['core', 'target', 'harness'].flatMap(folder => {
    const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('.ts'))
    expect(paths.length).toBeGreaterThan(20)
    return paths.map(path => join(folder, path)).filter(path => ASSIGNED_FUNCTION.test(readFileSync(path, 'utf8')))
  })
  expect(made).toEqual([])
})
