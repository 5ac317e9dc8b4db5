import { describe, expect, it } from 'vitest'
import { loadConfiguration } from '../../../../../target/configuration/load.ts'
import { LiveSettings } from '../../../../../target/configuration/settings.ts'
import type { SharedDocument } from '../../../../../target/domain/collaboration/document.ts'
import { Documents } from '../../../../../target/domain/collaboration/documents.ts'
import { plenty } from '../../../../support/memory.ts'

function documents(limits: Record<string, number> = {}): Documents<string> {
  const flags = Object.fromEntries(
    Object.entries(limits).map(([name, value]) => [`collaboration.${name}`, String(value)]),
  )
  return new Documents(new LiveSettings(loadConfiguration({ env: {}, flags })), plenty())
}

function joined(all: Documents<string>, id: string, member = 'ann', tenant = 'public'): SharedDocument<string> {
  const document = all.join(tenant, id, member)
  if (document === undefined) throw new Error(`there is no room for ${id}`)
  return document
}

function write(all: Documents<string>, document: SharedDocument<string>, text: string): void {
  all.apply(document, { type: 'insert_text', position: 0, text }, 'ann')
}

describe('documents', () => {
  it('are each tenant’s own', () => {
    const all = documents()
    write(all, joined(all, 'plan', 'ann', 'a'), 'secret')
    expect(joined(all, 'plan', 'bob', 'b')).toMatchObject({ text: '', sequence: 0 })
    expect(joined(all, 'plan', 'bob', 'a')).toMatchObject({ text: 'secret', sequence: 1 })
  })

  it('outlive their members', () => {
    const all = documents()
    write(all, joined(all, 'plan'), 'kept')
    expect(all.leave('public', 'plan', 'ann')).toMatchObject({ isEmpty: true })
    expect(all.leave('public', 'plan', 'ann')).toBeUndefined()
    expect(joined(all, 'plan').text).toBe('kept')
  })

  it('are forgotten if there are too many, the longest left first, and never while they have members', () => {
    const all = documents({ documents: 3 })
    for (const id of ['one', 'two', 'three']) write(all, joined(all, id), id)
    expect(all.join('public', 'four', 'bob')).toBeUndefined()
    all.leave('public', 'two', 'ann')
    all.leave('public', 'one', 'ann')
    expect(joined(all, 'four').text).toBe('')
    expect(all.find('public', 'two')).toBeUndefined()
    expect(all.find('public', 'one')?.text).toBe('one')
    expect(all.find('public', 'three')?.text).toBe('three')
  })

  it('continue after the highest forgotten sequence, so that an old session cannot resume a new document', () => {
    const all = documents({ documents: 1 })
    const first = joined(all, 'plan')
    for (let n = 0; n < 5; n += 1) write(all, first, 'x')
    all.leave('public', 'plan', 'ann')
    joined(all, 'other')
    all.leave('public', 'other', 'ann')
    const again = joined(all, 'plan')
    expect(again).toMatchObject({ text: '', sequence: 5 })
    expect(again.since(3)).toBeUndefined()
  })

  it('free memory by forgetting documents without members, then operations, and then refuse insertions', () => {
    const all = documents({ memoryBytes: 65_536 })
    const idle = joined(all, 'idle')
    write(all, idle, 'x'.repeat(12_000))
    all.leave('public', 'idle', 'ann')
    const busy = joined(all, 'busy')
    write(all, busy, 'x'.repeat(10_000))
    expect(all.find('public', 'idle')).toBeDefined()
    write(all, busy, 'y')
    expect(all.find('public', 'idle')).toBeUndefined()
    for (let n = 0; n < 3; n += 1) write(all, busy, 'z'.repeat(8000))
    // Its history is gone by now, its text is not.
    expect(busy.since(1)).toBeUndefined()
    expect(() => {
      for (let n = 0; n < 3; n += 1) write(all, busy, 'z'.repeat(8000))
    }).toThrow(/collaboration.memoryBytes/)
    const { length } = busy.text
    expect(length).toBeGreaterThan(30_000)
    all.apply(busy, { type: 'delete_text', position: 0, length: 20_000 }, 'ann')
    write(all, busy, 'room again')
    expect(busy.text.length).toBe(length - 20_000 + 10)
  })

  it('are emptied at a reset, except those with members', () => {
    const all = documents()
    write(all, joined(all, 'left'), 'gone')
    write(all, joined(all, 'open'), 'kept')
    all.leave('public', 'left', 'ann')
    all.reset()
    expect(joined(all, 'left')).toMatchObject({ text: '', sequence: 0 })
    expect(joined(all, 'open').text).toBe('kept')
  })
})
