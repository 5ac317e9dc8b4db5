/**
 * Several people edit the same documents at once, and all end up with the same text.
 *
 * Each editor keeps a copy and changes it only as the server says: operations come back to all in one order, already adapted to what
 * others did meanwhile. From time to time an editor compares its copy with the server's text. A commuter loses its connection again
 * and again, and asks only for what it missed (`resume_session`).
 */
import { between, type CollaborationFrame, randomInteger, type Random, scenario, type Socket, user } from 'loadcell'

type Applied = Extract<CollaborationFrame, { type: 'operation_applied' }>

const DOCUMENTS = 4
const documentOf = (id: number) => `minutes-${id % DOCUMENTS}`
const sessionOf = (name: string, id: number) => ({ session: `collab-session-${name}-${id}` })

export default scenario({
  description: '40 people write four documents together; some of them are offline every other moment.',

  load: { executor: 'constant-vus', vus: 40, duration: '25s' },

  users: [
    user('editor', {
      share: 4,
      think: between('100ms', '600ms'),
      async begin({ ws, vu, check }) {
        const documentId = documentOf(vu.id)
        const socket = await ws.open<CollaborationFrame>('/ws/collaboration', { query: sessionOf('editor', vu.id) })
        const joined = await socket.request({ action: 'join_document', documentId }, { type: 'document_joined' })
        check(joined, { 'is the document that was joined': frame => frame?.documentId === documentId })
        const copy = new Copy(joined)
        return { socket, documentId, copy, me: `editor-${vu.id}` }
      },
      tasks: {
        edit: {
          weight: 9,
          async run({ state: { socket, documentId, copy, me }, random, check }) {
            const operation = { ...edit(copy.textAt(), random), base: copy.sequence }
            const mine = await socket.request(
              { action: 'apply_operation', documentId, operation, clientTimestamp: Date.now() },
              (frame): frame is Applied => frame.type === 'operation_applied' && frame.author === me,
              { name: 'apply' },
            )
            check(mine, { 'comes back to its author': frame => frame !== undefined })
            if (mine !== undefined) copy.take(mine)
            await copy.takeAll(socket)
          },
        },
        compare: {
          weight: 1,
          async run({ state: { socket, documentId, copy }, check }) {
            const joined = await socket.request({ action: 'join_document', documentId }, { type: 'document_joined' })
            await copy.takeAll(socket)
            // Later operations are not applied until the copy has been compared.
            check(joined, {
              'is the document that was joined': frame => frame?.documentId === documentId,
              'is the text of our copy': frame => frame?.text === copy.textAt(frame?.sequence),
            })
          },
        },
      },
    }),

    user('commuter', {
      share: 1,
      think: between('200ms', '1s'),
      begin: () => ({ copy: undefined as Copy | undefined }),
      async iterate({ ws, state, vu, sleep, check }) {
        const documentId = documentOf(vu.id)
        const socket = await ws.open<CollaborationFrame>('/ws/collaboration', { query: sessionOf('commuter', vu.id) })
        if (state.copy === undefined) {
          state.copy = new Copy(
            await socket.request({ action: 'join_document', documentId }, { type: 'document_joined' }),
          )
        } else {
          state.copy.textAt()
          const resume = { action: 'resume_session', documentId, lastSequence: state.copy.sequence }
          const resumed = await socket.request(resume, { type: 'session_resumed' }, { name: 'resume' })
          check(resumed, { 'is told what it missed': frame => frame?.documentId === documentId })
          // After too long an absence, the target sends the whole text instead of the operations.
          if (resumed?.resync !== undefined) state.copy = new Copy({ sequence: resumed.sequence, ...resumed.resync })
        }
        await sleep('1s')
        await state.copy.takeAll(socket)
      },
    }),
  ],

  thresholds: {
    'ws_req_duration{name:apply}': ['p(95)<200'],
    event_gaps: ['count==0'],
    event_duplicates: ['count==0'],
    event_out_of_order: ['count==0'],
    ws_req_failed: ['rate==0'],
    checks: ['rate==1'],
  },
})

/** A member's copy of the text. It applies operations in the order of their sequence, whatever order they arrive in. */
class Copy {
  text: string
  sequence: number
  readonly #early = new Map<number, Applied['operation']>()

  constructor({ text, sequence }: { text: string; sequence: number } = { text: '', sequence: 0 }) {
    this.text = text
    this.sequence = sequence
  }

  take({ sequence, operation }: Applied) {
    if (sequence > this.sequence) this.#early.set(sequence, operation)
  }

  /** Takes everything that has arrived. */
  async takeAll(socket: Socket<CollaborationFrame>) {
    for (let frame; (frame = await socket.receive({ type: 'operation_applied' }, { timeout: 0 })); ) this.take(frame)
  }

  /** Returns the text at a sequence, which must not be in the past. */
  textAt(sequence = Number.POSITIVE_INFINITY) {
    for (let next; this.sequence < sequence && (next = this.#early.get(this.sequence + 1)) !== undefined; ) {
      this.#early.delete(++this.sequence)
      const [inserted, deleted] = next.type === 'insert_text' ? [next.text, 0] : ['', next.length]
      this.text = this.text.slice(0, next.position) + inserted + this.text.slice(next.position + deleted)
    }
    return this.text
  }
}

function edit(text: string, random: Random) {
  const position = randomInteger(random, text.length + 1)
  return text.length > 200 || random.next() < 0.3
    ? { type: 'delete_text' as const, position, length: 1 + randomInteger(random, 8) }
    : { type: 'insert_text' as const, position, text: 'agenda '.slice(0, 1 + randomInteger(random, 7)) }
}
