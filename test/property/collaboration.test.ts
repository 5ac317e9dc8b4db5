import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AppliedOperation, TextOperation } from '../../contract/sockets/collaboration.ts'
import { type Revision, SharedDocument } from '../../target/domain/collaboration/document.ts'
import { applied } from '../../target/domain/collaboration/transformation.ts'

const LIMITS = { documentChars: 100_000, historyOperations: 12 }

/** The next action of a client. Numbers are taken modulo the number of choices. */
const action = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('insert' as const), at: fc.nat(), chars: fc.integer({ min: 0, max: 4 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('delete' as const), at: fc.nat(), chars: fc.integer({ min: 0, max: 8 }) }),
  },
  // It reads some of its waiting frames; the fewer it reads, the older the bases of its operations.
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('read' as const), frames: fc.integer({ min: 1, max: 6 }) }) },
  // It loses its connection and all frames in transit, and resumes.
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('resume' as const) }) },
)

const steps = fc.array(fc.tuple(fc.nat(3), action), { maxLength: 80 })

/** A client as the contract defines it: a text to which operations are applied in order. */
class Client {
  text = ''
  sequence = 0
  inbox: Revision[] = []

  read(frames: number): void {
    for (const { sequence, operation } of this.inbox.splice(0, frames)) {
      expect(sequence).toBe(this.sequence + 1)
      this.text = applied(operation, this.text)
      this.sequence = sequence
    }
  }

  resume(document: SharedDocument<Client>): void {
    const missed = document.since(this.sequence)
    this.inbox = missed ?? []
    if (missed === undefined) [this.text, this.sequence] = [document.text, document.sequence]
  }
}

/** All characters are different, so a text shows where each one is and which are missing. */
function freshCharacters(): (count: number) => string {
  let next = 0x4e00
  return count => Array.from({ length: count }, () => String.fromCharCode(next++)).join('')
}

function operationOf(
  step: { kind: 'insert' | 'delete'; at: number; chars: number },
  client: Client,
  fresh: (count: number) => string,
): TextOperation {
  const { text, sequence: base } = client
  // Sometimes a position past the end, which counts as the end.
  const position = step.at % (text.length + 2)
  if (step.kind === 'insert') return { type: 'insert_text', position, text: fresh(step.chars), base }
  return { type: 'delete_text', position, length: step.chars, base }
}

/**
 * The meaning of an operation in terms of characters: an insertion stands whole, behind what stood before its place and in front of
 * what stood behind it, as far as that is still there; a deletion takes what its author saw there, and nothing else.
 */
function expectMeaning(operation: TextOperation, seen: string, before: string, after: string): void {
  const place = Math.min(operation.position, seen.length)
  if (operation.type === 'delete_text') {
    const gone = new Set(seen.slice(place, place + operation.length))
    expect(after).toBe(Array.from(before, character => (gone.has(character) ? '' : character)).join(''))
    return
  }
  if (operation.text === '') return expect(after).toBe(before)
  const start = after.indexOf(operation.text)
  expect(after.slice(0, start) + after.slice(start + operation.text.length)).toBe(before)
  for (const character of seen.slice(0, place)) expect(after.indexOf(character)).toBeLessThan(start)
  for (const character of seen.slice(place)) {
    if (after.includes(character)) expect(after.indexOf(character)).toBeGreaterThan(start)
  }
}

test('all texts are equal in the end, and every operation has the effect its author intended', () => {
  fc.assert(
    fc.property(steps, steps => {
      const document = new SharedDocument<Client>(0, () => LIMITS)
      const clients = Array.from({ length: 4 }, () => new Client())
      const fresh = freshCharacters()
      for (const [index, step] of steps) {
        const client = clients[index] as Client
        if (step.kind === 'read') client.read(step.frames)
        else if (step.kind === 'resume') client.resume(document)
        else {
          const operation = operationOf(step, client, fresh)
          if (document.since(client.sequence) === undefined) {
            expect(() => document.apply(operation, 'x')).toThrow('resume_session')
            client.resume(document)
            continue
          }
          const [seen, before] = [client.text, document.text]
          const revisions = document.apply(operation, String(index))
          expect(revisions.length).toBeGreaterThan(0)
          for (const client of clients) client.inbox.push(...revisions)
          expectMeaning(operation, seen, before, document.text)
        }
      }
      for (const client of clients) client.read(Number.POSITIVE_INFINITY)
      for (const client of clients) expect(client).toMatchObject({ text: document.text, sequence: document.sequence })
    }),
    { numRuns: 500 },
  )
})

test('a member that resumes from any sequence has the right text', () => {
  fc.assert(
    fc.property(steps, steps => {
      const document = new SharedDocument<Client>(0, () => LIMITS)
      const texts = ['']
      const fresh = freshCharacters()
      for (const [, step] of steps) {
        if (step.kind !== 'insert' && step.kind !== 'delete') continue
        const base = Math.max(0, document.sequence - (step.at % LIMITS.historyOperations))
        const seen = Object.assign(new Client(), { text: texts[base] as string, sequence: base })
        for (const { sequence, operation } of document.apply(operationOf(step, seen, fresh), 'x')) {
          texts[sequence] = applied(operation, texts[sequence - 1] as string)
        }
        expect(document.text).toBe(texts[document.sequence])
      }
      for (const [sequence, text] of texts.entries()) {
        const missed = document.since(sequence)
        expect(missed === undefined).toBe(document.sequence - sequence > LIMITS.historyOperations)
        if (missed === undefined) continue
        expect(missed.map(revision => revision.sequence)).toEqual(
          Array.from({ length: document.sequence - sequence }, (_, index) => sequence + 1 + index),
        )
        const operations: AppliedOperation[] = missed.map(({ operation }) => operation)
        expect(operations.reduce((text, operation) => applied(operation, text), text)).toBe(document.text)
      }
    }),
    { numRuns: 300 },
  )
})
