import { describe, expect, it } from 'vitest'
import type { AppliedOperation } from '../../../contract/sockets/collaboration.ts'
import { random, randomInteger } from '../../../core/random.ts'
import { NaiveSocket, type Received } from '../../support/naive-socket.ts'
import { clientsFlag, testTarget, type TestTarget, tokenOf } from './support.ts'

const clients = clientsFlag({
  ann: ['collaboration'],
  bob: ['collaboration'],
  cyd: ['collaboration'],
  eve: ['streams.read'],
})

const collaborationTarget = (flags: Record<string, string> = {}) => testTarget({ ...clients, ...flags })

async function enter(target: TestTarget, id = 'ann', query = '', tenant = 'public'): Promise<NaiveSocket> {
  const session = await tokenOf(target, id)
  return NaiveSocket.open(`${target.url}/ws/collaboration?session=${session}${query}`, { 'x-tenant-id': tenant })
}

const documentId = 'doc-1'
const join = { action: 'join_document', documentId, presence: { cursor: 0 } }
const resume = (lastSequence: number) => ({ action: 'resume_session', documentId, lastSequence })
const insert = (position: number, text: string, base?: number) => ({
  action: 'apply_operation',
  documentId,
  operation: { type: 'insert_text', position, text, ...(base !== undefined && { base }) },
  clientTimestamp: 1_700_000_000_000,
})
const remove = (position: number, length: number, base?: number) => ({
  action: 'apply_operation',
  documentId,
  operation: { type: 'delete_text', position, length, ...(base !== undefined && { base }) },
})

/** States the rules independently, so that the target is not compared with itself. */
function changed(text: string, frame: Received): string {
  const { type, position, ...what } = frame['operation'] as AppliedOperation
  const letters = text.split('')
  if (type === 'insert_text') letters.splice(position, 0, ...(what as { text: string }).text.split(''))
  else letters.splice(position, (what as { length: number }).length)
  return letters.join('')
}

describe('collaboration', () => {
  it('answers each frame of a naive script with the frame it expects', async () => {
    const socket = await enter(await collaborationTarget())
    expect(await socket.ask(join)).toEqual({ type: 'document_joined', documentId, sequence: 0, text: '', members: 1 })
    for (let n = 1; n <= 20; n += 2) {
      expect(await socket.ask(insert(99, `line ${n}`))).toEqual({
        type: 'operation_applied',
        documentId,
        sequence: n,
        operation: { type: 'insert_text', position: expect.any(Number) as number, text: `line ${n}` },
        author: 'ann',
      })
      expect(await socket.ask(remove(0, 100))).toMatchObject({ type: 'operation_applied', sequence: n + 1 })
    }
    // There is nothing to delete, but the operation is answered.
    expect(await socket.ask(remove(3, 5))).toMatchObject({ sequence: 21, operation: { position: 0, length: 0 } })
    expect(await socket.ask(resume(21))).toEqual({ type: 'session_resumed', documentId, sequence: 21, replayed: 0 })
    expect(await socket.ask({ ...join, action: 'update_presence' })).toEqual({ type: 'presence_updated', documentId })
    expect(await socket.ask({ action: 'ping', ts: 7 })).toMatchObject({ type: 'pong', ts: 7 })
    expect(await socket.ask({ action: 'leave_document', documentId })).toEqual({ type: 'document_left', documentId })
    expect(await socket.ask({ action: 'leave_document', documentId })).toMatchObject({ type: 'document_left' })
  })

  it.each(['report 7', 'a/b', '_draft', 'Größe', 42])(
    'takes documents as scripts name them, and repeats it: %j',
    async documentId => {
      const target = await collaborationTarget()
      const [ann, bob] = [await enter(target, 'ann', '&presence=yes'), await enter(target, 'bob')]
      for (let n = 0; n < 2; n += 1) {
        const joined = await ann.ask({ action: 'join_document', documentId, presence: null, extra: 1 })
        expect(joined).toMatchObject({ type: 'document_joined', documentId, members: 1 })
      }
      expect(await bob.ask({ action: 'join_document', documentId })).toMatchObject({ documentId, members: 2 })
      expect(await ann.next()).toMatchObject({ type: 'presence', documentId, state: 'joined' })
      expect(await ann.ask({ ...insert(0, 'a'), documentId })).toMatchObject({ type: 'operation_applied', documentId })
      expect(await bob.next()).toMatchObject({ type: 'operation_applied', documentId })
      expect(await ann.ask({ ...resume(1), documentId })).toMatchObject({ type: 'session_resumed', documentId })
      await bob.ask({ action: 'leave_document', documentId })
      expect(await ann.next()).toMatchObject({ type: 'presence', documentId, state: 'left' })
      expect(await ann.ask({ action: 'join_document', documentId: String(documentId) })).toMatchObject({ text: 'a' })
    },
  )

  it('applies random operations of a script that never saw the text', async () => {
    const socket = await enter(await collaborationTarget())
    await socket.ask(join)
    const chance = random(3)
    let text = ''
    for (let sequence = 1; sequence <= 100; sequence += 1) {
      const position = randomInteger(chance, 101)
      const base = [undefined, null, sequence - 1][sequence % 3]
      const operation =
        chance.next() < 0.5
          ? { type: 'insert_text', position, text: 'x'.repeat(randomInteger(chance, 3)), base }
          : { type: 'delete_text', position, length: [0, 1, 5, 1_000_000][randomInteger(chance, 4)], base }
      const clientTimestamp = [null, 1_700_000_000.25, '2026-01-01T00:00:00Z'][sequence % 3]
      const applied = await socket.ask({ action: 'apply_operation', documentId, operation, clientTimestamp })
      expect(applied).toMatchObject({ type: 'operation_applied', documentId, sequence })
      const told = applied['operation'] as AppliedOperation
      expect(told.position).toBe(Math.min(position, text.length))
      text = changed(text, applied)
    }
    expect(await socket.ask(join)).toMatchObject({ sequence: 100, text })
    expect(await socket.ask(resume(101))).toMatchObject({ type: 'session_resumed', replayed: 0, resync: { text } })
  })

  it('gives an operation without effect a sequence, and sends it to all members', async () => {
    const target = await collaborationTarget()
    const [ann, bob] = [await enter(target), await enter(target, 'bob')]
    await ann.ask(join)
    await bob.ask(join)
    await ann.ask(insert(0, 'abc'))
    const nothing = [
      { type: 'insert_text', position: 99, text: '' },
      { type: 'delete_text', position: 1, length: 0 },
    ] as const
    expect(await ann.ask({ action: 'apply_operation', documentId, operation: nothing[0] })).toMatchObject({
      sequence: 2,
      operation: { type: 'insert_text', position: 3, text: '' },
    })
    expect(await ann.ask({ action: 'apply_operation', documentId, operation: nothing[1] })).toMatchObject({
      sequence: 3,
      operation: nothing[1],
    })
    for (const sequence of [1, 2, 3]) expect(await bob.next()).toMatchObject({ sequence })
    expect(await bob.ask(join)).toMatchObject({ text: 'abc', sequence: 3 })
  })

  it('hears a wish for presence in any of its spellings', async () => {
    const target = await collaborationTarget()
    const wishes = await Promise.all(
      ['1', 'true', 'True', 'yes'].map(wish => enter(target, 'ann', `&presence=${wish}`)),
    )
    const others = await Promise.all(
      ['0', 'false', 'False', 'no'].map(wish => enter(target, 'ann', `&presence=${wish}`)),
    )
    for (const socket of [...others, ...wishes]) {
      await socket.ask(join)
    }
    const bob = await enter(target, 'bob')
    await bob.ask(join)
    for (const socket of wishes) {
      for (let frame = await socket.next(); frame['member'] !== 'bob'; frame = await socket.next()) {
        expect(frame).toMatchObject({ type: 'presence' })
      }
    }
    for (const socket of others) expect(await socket.ask({ action: 'ping' })).toMatchObject({ type: 'pong' })
    await expect(enter(target, 'ann', '&presence=maybe')).rejects.toThrow('400')
  })

  it('sends every member the same operations in the same order, and their texts are equal once quiet', async () => {
    const target = await collaborationTarget()
    const members = await Promise.all(['ann', 'bob', 'cyd'].map(id => enter(target, id)))
    for (const member of members) await member.ask(join)
    const chance = random(5)
    const texts = members.map(() => '')
    const sequences = members.map(() => 0)
    const read = async (index: number) => {
      const frame = await (members[index] as NaiveSocket).next()
      expect(frame).toMatchObject({ type: 'operation_applied', sequence: (sequences[index] as number) + 1 })
      texts[index] = changed(texts[index] as string, frame)
      sequences[index] = frame['sequence'] as number
    }
    for (let round = 0; round < 60; round += 1) {
      for (const [index, member] of members.entries()) {
        const [text, base] = [texts[index] as string, sequences[index]]
        const position = randomInteger(chance, text.length + 1)
        if (chance.next() < 0.6) member.send(insert(position, `<${round}>`, base))
        else member.send(remove(position, 1 + randomInteger(chance, 6), base))
      }
      // Clients read at different speeds, so they edit texts of different versions.
      for (const index of members.keys()) if (chance.next() < 0.5) await read(index)
    }
    // At least one sequence per operation, and more if a deletion was split.
    const written = members.length * 60
    while (Math.min(...sequences) < written) await read(sequences.indexOf(Math.min(...sequences)))
    const late = await enter(target, 'ann')
    const joined = (await late.ask(join)) as { sequence: number; text: string }
    for (const index of members.keys()) {
      while ((sequences[index] as number) < joined.sequence) await read(index)
      expect(texts[index]).toBe(joined.text)
    }
  })

  it('spares text inserted inside a deletion, and sends the deletion as two operations', async () => {
    const target = await collaborationTarget()
    const [ann, bob] = [await enter(target), await enter(target, 'bob')]
    await ann.ask(join)
    await bob.ask(join)
    await ann.ask(insert(0, 'abcdef'))
    await ann.ask(insert(3, 'XX'))
    bob.send(remove(1, 4, 1))
    for (const socket of [ann, bob]) {
      const frames: Received[] = []
      while (frames.at(-1)?.['sequence'] !== 4) frames.push(await socket.next())
      expect(frames.slice(-2)).toMatchObject([
        { sequence: 3, author: 'bob', operation: { type: 'delete_text', position: 5, length: 2 } },
        { sequence: 4, author: 'bob', operation: { type: 'delete_text', position: 1, length: 2 } },
      ])
    }
    expect(await bob.ask(join)).toMatchObject({ text: 'aXXf', sequence: 4 })
  })

  it('replays missed operations in order to a client that resumes, and then continues live', async () => {
    const target = await collaborationTarget()
    const ann = await enter(target)
    await ann.ask(join)
    for (const letter of 'abcde') await ann.ask(insert(99, letter))
    const bob = await enter(target, 'bob')
    expect(await bob.ask(resume(2))).toEqual({ type: 'session_resumed', documentId, sequence: 5, replayed: 3 })
    for (const [index, text] of ['c', 'd', 'e'].entries()) {
      expect(await bob.next()).toMatchObject({ sequence: 3 + index, author: 'ann', operation: { text } })
    }
    await ann.ask(insert(0, '!'))
    expect(await bob.next()).toMatchObject({ sequence: 6, operation: { text: '!' } })
    // Resuming made bob a member.
    expect(await ann.ask(join)).toMatchObject({ members: 2, text: '!abcde' })
  })

  it('sends the whole text if the history was evicted, never existed, or exceeds the budget', async () => {
    const target = await collaborationTarget({ 'collaboration.historyOperations': '3' })
    const ann = await enter(target)
    await ann.ask(join)
    for (const letter of 'abcde') await ann.ask(insert(99, letter))
    const resync = { type: 'session_resumed', documentId, sequence: 5, replayed: 0, resync: { text: 'abcde' } }
    expect(await ann.ask(resume(1))).toEqual(resync)
    expect(await ann.ask(resume(6))).toEqual(resync)
    expect(await ann.ask(resume(2))).toMatchObject({ replayed: 3 })

    const narrow = await enter(await collaborationTarget({ 'sockets.slowConsumer.budgetBytes': '2048' }))
    await narrow.ask(join)
    for (let n = 0; n < 10; n += 1) await narrow.ask(insert(0, 'x'.repeat(200)))
    expect(await narrow.ask(resume(0))).toMatchObject({ replayed: 0, resync: { text: 'x'.repeat(2000) } })
    expect(await narrow.ask(resume(8))).toMatchObject({ replayed: 2 })
  })

  it('sends presence of other members to those that asked for it, and to no others', async () => {
    const target = await collaborationTarget()
    const watcher = await enter(target, 'ann', '&presence=1')
    const [bob, cyd] = [await enter(target, 'bob'), await enter(target, 'cyd')]
    expect(await watcher.ask(join)).toMatchObject({ members: 1 })
    await bob.ask({ ...join, presence: { cursor: 3 } })
    expect(await watcher.next()).toEqual({
      type: 'presence',
      documentId,
      member: 'bob',
      presence: { cursor: 3 },
      state: 'joined',
    })
    await bob.ask(join)
    await cyd.ask(join)
    expect(await watcher.next()).toMatchObject({ member: 'cyd', state: 'joined' })
    await bob.ask({ action: 'update_presence', documentId, presence: 'typing' })
    expect(await watcher.next()).toMatchObject({ member: 'bob', presence: 'typing', state: 'changed' })
    await bob.ask({ action: 'leave_document', documentId })
    expect(await watcher.next()).toMatchObject({ member: 'bob', presence: null, state: 'left' })
    await cyd.close()
    expect(await watcher.next()).toMatchObject({ member: 'cyd', state: 'left' })
    // Bob received only answers, so the next frame is the answer to this.
    expect(await bob.ask({ action: 'ping' })).toMatchObject({ type: 'pong' })
  })

  it('keeps tenants apart', async () => {
    const target = await collaborationTarget()
    const [ann, bob] = [await enter(target), await enter(target, 'bob', '', 'other')]
    await ann.ask(join)
    await ann.ask(insert(0, 'secret'))
    expect(await bob.ask(join)).toMatchObject({ text: '', sequence: 0, members: 1 })
  })

  it('refuses bad frames, and the socket stays open', async () => {
    const target = await collaborationTarget({
      'collaboration.documents': '1',
      'collaboration.documentChars': '10',
      'sockets.subscriptions': '1',
    })
    const [ann, bob] = [await enter(target), await enter(target, 'bob')]
    expect(await ann.ask(insert(0, 'a'))).toEqual({
      type: 'error',
      code: 'not_subscribed',
      detail: 'expected a document that this client has joined, got doc-1: send join_document first',
      in_reply_to: 'apply_operation',
    })
    expect(await ann.ask({ ...join, action: 'update_presence' })).toMatchObject({ code: 'not_subscribed' })
    await ann.ask(join)
    expect(await ann.ask({ ...join, documentId: 'doc-2' })).toMatchObject({ code: 'too_many_subscriptions' })
    expect(await bob.ask({ ...join, documentId: 'doc-2' })).toMatchObject({ code: 'too_many_channels' })
    expect(await bob.ask({ ...resume(0), documentId: 'doc-2' })).toMatchObject({ code: 'too_many_channels' })
    expect(await bob.ask(join)).toMatchObject({ members: 2 })
    expect(await ann.ask(insert(0, 'a', 1))).toMatchObject({
      code: 'invalid_request',
      detail: 'expected a base of 0…0, got 1: resume_session returns what was missed',
    })
    expect(await ann.ask(insert(0, 'x'.repeat(11)))).toMatchObject({
      code: 'invalid_request',
      detail: 'expected a document of at most 10 characters, got 11',
    })
    for (const operation of [
      { type: 'insert_text', position: -1, text: 'a' },
      { type: 'insert_text', position: 0, text: null },
      { type: 'delete_text', position: 0, length: -1 },
      { type: 'insert_text', position: 0, text: 'a', base: -1 },
      { type: 'replace_text', position: 0, text: 'a' },
      null,
    ]) {
      const refused = await ann.ask({ action: 'apply_operation', documentId, operation })
      expect(refused).toMatchObject({ type: 'error', code: 'invalid_request', in_reply_to: 'apply_operation' })
    }
    expect(await ann.ask(insert(0, 'x'))).toMatchObject({ sequence: 1 })
  })

  it('is closed to tokens without its scope', async () => {
    const target = await collaborationTarget()
    await expect(enter(target, 'eve')).rejects.toThrow('403')
    await expect(NaiveSocket.open(`${target.url}/ws/collaboration`)).rejects.toThrow('401')
  })

  it('is in the ledger: operations as events to each member, answers not', async () => {
    const target = await collaborationTarget()
    const [ann, bob] = [await enter(target), await enter(target, 'bob')]
    await ann.ask(join)
    await bob.ask(join)
    for (let n = 1; n <= 3; n += 1) {
      await ann.ask(insert(0, 'a'))
      await bob.next()
    }
    await bob.ask(resume(1))
    await bob.next()
    await bob.next()
    await ann.close()
    await bob.close()
    const { sockets } = await target.settledLedger()
    expect(sockets.endpoints).toMatchObject([
      { operation: 'sockets.collaboration', opened: 2, received: 6, delivered: 8, unsent: 0, closed: { client: 2 } },
    ])
  })

  it('forgets documents without members at a reset', async () => {
    const target = await collaborationTarget()
    const ann = await enter(target)
    await ann.ask(join)
    await ann.ask(insert(0, 'kept'))
    const reset = () => fetch(`${target.url}/_loadcell/reset?what=data`, { method: 'POST' })
    await reset()
    expect(await ann.ask(join)).toMatchObject({ text: 'kept' })
    await ann.ask({ action: 'leave_document', documentId })
    await reset()
    expect(await ann.ask(join)).toMatchObject({ text: '', sequence: 0 })
  })
})
