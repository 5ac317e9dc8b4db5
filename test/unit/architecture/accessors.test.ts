import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/** Deeper than the members of a class: the accessor of an object that a function makes. */
const ACCESSOR_OF_LITERAL = /^ {4,}(?:get|set) \w+\(/m
/** The only object with an own accessor may be a prototype. */
const ACCESSOR_OF_INSTANCE = /Object\.definePropert(?:y|ies)\(this,/

/**
 * V8 makes a hidden class for every object that gets an accessor of its own. It lives in the old generation, and until the next full collection it keeps
 * what the accessor refers to. For the answer of a faulted request, that was everything the request had allocated.
 */
it('no function of the target makes objects with accessors of their own', () => {
  const paths = readdirSync('target', { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('.ts'))
  const sources = paths.map(path => ({ path, source: readFileSync(join('target', path), 'utf8') }))
  expect(sources.length).toBeGreaterThan(100)
  const made = sources.filter(({ source }) => ACCESSOR_OF_INSTANCE.test(source) || ACCESSOR_OF_LITERAL.test(source))
  expect(made.map(({ path }) => path)).toEqual([])
})
