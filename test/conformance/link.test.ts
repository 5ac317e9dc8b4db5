import { fork } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { ChildProcessLink, channelToChild } from '../../harness/bus/child-process-link.ts'
import { inProcessLink } from '../../harness/bus/in-process-link.ts'
import type { Link, LinkEnd } from '../../harness/bus/link.ts'
import { ReliableLink } from '../../harness/bus/reliable-link.ts'
import { echo, type Note, textCodec } from '../support/echo.ts'
import { LossyWires } from '../support/lossy-wire.ts'

/** Returns one side of a link, whose other side sends everything back. */
const kinds: Record<string, () => Link<Note, Note>> = {
  'within a process': () => {
    const [near, far] = inProcessLink<Note, Note>()
    echo(far)
    return near
  },
  'to a child process': () => {
    const child = fork(resolve(import.meta.dirname, '../support/echo-worker.ts'), { serialization: 'advanced' })
    onTestFinished(() => void child.kill('SIGKILL'))
    return new ChildProcessLink<Note, Note>(channelToChild(child), textCodec)
  },
  'over a bus': () => {
    const wires = new LossyWires(systemClock)
    const options = { clock: systemClock, codec: textCodec, mostPacketBytes: 100_000, lostAfterMs: 10_000 }
    const [near, far] = wires.ends.map(wire => new ReliableLink<Note, Note>(wire, options)) as [
      ReliableLink<Note, Note>,
      ReliableLink<Note, Note>,
    ]
    echo(far)
    onTestFinished(() => near.close())
    return near
  },
}

/** Collects what comes back. */
function received(link: Link<Note, Note>) {
  const texts: string[] = []
  let look = () => {}
  link.receive(({ text }) => {
    texts.push(text)
    look()
  })
  const count = (wanted: number) =>
    new Promise<string[]>(resolve => {
      look = () => {
        if (texts.length >= wanted) resolve(texts)
      }
      look()
    })
  return { texts, count }
}

describe.each(Object.entries(kinds))('a link %s', (_, connect) => {
  it('keeps the order of many messages in both directions', async () => {
    const link = connect()
    const { count } = received(link)
    const sent = Array.from({ length: 500 }, (_, ordinal) => `message ${ordinal}`)
    for (const text of sent) link.send({ text })
    expect(await count(500)).toEqual(sent)
  })

  it('reads a message before send returns', async () => {
    const link = connect()
    const { count } = received(link)
    const note = { text: 'as it was' }
    link.send(note)
    note.text = 'changed afterwards'
    expect(await count(1)).toEqual(['as it was'])
  })

  it('carries a message of several megabytes', async () => {
    const link = connect()
    const { count } = received(link)
    const text = 'é'.repeat(1_500_000)
    link.send({ text })
    const [echoed] = await count(1)
    expect(echoed === text).toBe(true)
  })

  it('passes on what came before there was a receiver', async () => {
    const link = connect()
    link.send({ text: 'early' })
    await systemClock.sleep(50)
    const { count } = received(link)
    link.send({ text: 'later' })
    expect(await count(2)).toEqual(['early', 'later'])
  })

  it('ends on both sides when the other closes it, after everything that it sent', async () => {
    const link = connect()
    const { texts } = received(link)
    for (let ordinal = 0; ordinal < 100; ordinal++) link.send({ text: `message ${ordinal}` })
    link.send({ text: 'close' })
    const { detail } = await link.ended
    expect(texts).toHaveLength(100)
    expect(detail).not.toBe('')
  })

  it('is closed after everything that was sent before, and sends nothing afterwards', async () => {
    const link = connect()
    const { texts, count } = received(link)
    link.send({ text: 'last' })
    await count(1)
    link.close()
    link.close()
    link.send({ text: 'too late' })
    expect((await link.ended).state).toBe('closed')
    expect(texts).toEqual(['last'])
  })
})

describe('a link to a child process', () => {
  async function endOf(text: string): Promise<LinkEnd> {
    const link = kinds['to a child process']!()
    const { count } = received(link)
    link.send({ text: 'hello' })
    await count(1)
    link.send({ text })
    return link.ended
  }

  it('is lost when the process dies, with the signal', async () => {
    expect(await endOf('die')).toEqual({ state: 'lost', detail: 'its process ended with SIGKILL' })
  })

  it('is lost when a message cannot be understood, with the reason', async () => {
    expect(await endOf('nonsense')).toMatchObject({ state: 'lost', detail: expect.stringContaining('exit code') })
  })

  it('is lost when the process cannot be started', async () => {
    const child = fork('nowhere.ts', { execPath: '/nowhere/node', serialization: 'advanced' })
    const link = new ChildProcessLink<Note, Note>(channelToChild(child), textCodec)
    expect(await link.ended).toMatchObject({ state: 'lost', detail: expect.stringContaining('ENOENT') })
  })
})
