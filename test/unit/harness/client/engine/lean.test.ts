import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { beforeEach, describe, expect, it } from 'vitest'
import type { EngineExchange } from '../../../../../harness/client/engine/engine.ts'
import { LeanPool, type Receive } from '../../../../../harness/client/engine/lean/pool.ts'
import { Deadlines } from '../../../../../harness/client/timing/deadlines.ts'
import { ManualClock } from '../manual-clock.ts'

/** One connection as its server has it. */
class Line {
  written = ''
  readonly socket: Socket
  readonly #receive: Receive

  constructor(receive: Receive) {
    this.#receive = receive
    const write = (bytes: Buffer, _encoding: unknown, done: () => void): void => {
      this.written += bytes.toString('latin1')
      log.push(`write ${/\/(\S+)/.exec(bytes.toString('latin1'))?.[1]}`)
      done()
    }
    this.socket = new Duplex({ read() {}, write }) as Socket
  }

  /** Lets the client receive bytes, in memory that is used again. */
  send(text: string): void {
    const bytes = Buffer.from(text, 'latin1')
    this.#receive(bytes, 0, bytes.length)
    bytes.fill(0)
  }
}

/** Everything that happened, in order. */
let log: string[]
let lines: Line[]
let clock: ManualClock
let pool: LeanPool

beforeEach(() => {
  log = []
  lines = []
  clock = new ManualClock()
  pool = new LeanPool('http://server', {
    clock,
    deadlines: new Deadlines(clock),
    open: (receive, done) => {
      const line = new Line(receive)
      lines.push(line)
      queueMicrotask(() => done(null, line.socket))
    },
  })
})

/** The listener of one request, which may do more when it is told of something. */
interface Asked {
  exchange: EngineExchange
  text: string
  /** When the response was received, as it is told at the end. */
  receivedAt: number | undefined
  on: (event: string) => void
}

function ask(name: string, closes = false): Asked {
  const tell = (event: string): void => {
    log.push(`${event} ${name}`)
    asked.on(event)
  }
  const asked: Omit<Asked, 'exchange'> & { exchange?: EngineExchange } = { text: '', receivedAt: undefined, on() {} }
  asked.exchange = pool.send(
    { method: 'GET', path: `/${name}`, headers: {}, body: null },
    {
      onSend: () => tell('send'),
      onHead: () => tell('head'),
      onData(chunk) {
        asked.text += chunk.toString('latin1')
        tell('data')
      },
      onEnd() {
        asked.receivedAt = asked.exchange!.receivedAt
        tell('end')
      },
      onFailure: ({ reason }) => tell(reason),
    },
    closes,
  )
  return asked as Asked
}

/** Sends requests, and waits until they are written. */
async function askAll(...names: string[]): Promise<Asked[]> {
  const all = names.map(name => ask(name))
  await turn()
  log.length = 0
  return all
}

function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

const response = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`

describe('The responses of one turn', () => {
  it('are read one after the other at its end, in the order in which they came', async () => {
    await askAll('a', 'b', 'c')
    for (const at of [1, 2, 0]) lines[at]!.send(response('x'))
    expect(log).toEqual([])
    await turn()
    expect(log).toEqual(['b', 'c', 'a'].flatMap(name => [`head ${name}`, `data ${name}`, `end ${name}`]))
  })

  it('have the times at which they came', async () => {
    const asked = await askAll('a', 'b')
    asked[0]!.on = () => clock.stall(50)
    lines[0]!.send(response('one'))
    clock.stall(0.5)
    lines[1]!.send(response('two'))
    await turn()
    expect(asked.map(({ receivedAt, text }) => [receivedAt, text])).toEqual([
      [0, 'one'],
      [0.5, 'two'],
    ])
  })

  it('are read before its end once one of them has waited for a millisecond', async () => {
    await askAll('a', 'b', 'c')
    lines[0]!.send(response('x'))
    clock.stall(1)
    lines[1]!.send(response('x'))
    expect(log.filter(event => event.startsWith('end'))).toEqual(['end a', 'end b'])
    lines[2]!.send(response('x'))
    expect(log).not.toContain('end c')
    await turn()
    expect(log).toContain('end c')
  })

  it('are each read whole, even if all of them are more than can be kept', async () => {
    const asked = await askAll(...Array.from({ length: 40 }, (_, index) => `${index}`))
    for (const [index, line] of lines.entries()) line.send(response(String.fromCharCode(65 + index).repeat(3000)))
    await turn()
    expect(asked.map(({ text }) => text)).toEqual(asked.map((_, index) => String.fromCharCode(65 + index).repeat(3000)))
    // The memory is free again.
    const [late] = await askAll('late')
    log.length = 0
    lines.at(-1)!.send(response('late'))
    await turn()
    expect(late!.text).toBe('')
  })

  it('are not heard by a request that another listener has aborted in the meantime', async () => {
    const [first, second] = await askAll('a', 'b')
    first!.on = event => event === 'end' && second!.exchange.abort()
    lines[0]!.send(response('x'))
    lines[1]!.send(response('x'))
    await turn()
    expect(log).toEqual(['head a', 'data a', 'end a'])
    expect(lines[1]!.socket.destroyed).toBe(true)
  })

  it('are complete although their connections have ended, or are lost, before they are read', async () => {
    await askAll('ended', 'lost', 'cut')
    lines[0]!.send('HTTP/1.1 200 OK\r\n\r\nuntil the end')
    lines[0]!.socket.emit('end')
    lines[1]!.send(response('x'))
    lines[1]!.socket.emit('error', Object.assign(new Error('reset'), { code: 'ECONNRESET' }))
    lines[2]!.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx')
    lines[2]!.socket.emit('end')
    await turn()
    const of = (name: string) => log.filter(event => event.endsWith(` ${name}`)).map(event => event.split(' ')[0])
    expect(of('ended')).toEqual(['head', 'data', 'end'])
    expect(of('lost')).toEqual(['head', 'data', 'end'])
    expect(of('cut')).toEqual(['head', 'data', 'closed'])
    expect(pool.connections).toBe(0)
  })

  it('come whole if one is paused while a second piece of it is already there', async () => {
    const [asked] = await askAll('a')
    asked!.on = event => event === 'head' && asked!.exchange.pause()
    lines[0]!.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\none')
    lines[0]!.send('two')
    lines[0]!.send('six')
    await turn()
    expect(log).toEqual(['head a'])
    asked!.exchange.resume()
    await turn()
    expect(asked!.text).toBe('onetwosix')
    expect(log.at(-1)).toBe('end a')
  })

  it('do not wait if the request has its connection alone, as a stream has', async () => {
    ask('stream', true)
    await turn()
    log.length = 0
    lines[0]!.send('HTTP/1.1 200 OK\r\n\r\nevent')
    expect(log).toEqual(['head stream', 'data stream'])
  })
})

describe('The requests that follow', () => {
  it('are written together, after the loop has looked at the sockets once more, each just after its time was taken', async () => {
    const asked = await askAll('a', 'b')
    for (const [index, each] of asked.entries()) each.on = event => event === 'end' && ask(`next-${index}`)
    for (const line of lines) line.send(response('x'))
    await turn()
    expect(log.filter(event => /send|write/.test(event))).toEqual([])
    await turn()
    expect(log.slice(-4)).toEqual(['send next-0', 'write next-0', 'send next-1', 'write next-1'])
    expect(lines).toHaveLength(2)
  })

  it('take no connection that the server closes meanwhile', async () => {
    const [asked] = await askAll('a')
    asked!.on = event => event === 'end' && ask('next')
    lines[0]!.send(response('x'))
    await turn()
    lines[0]!.socket.emit('end')
    await turn()
    await turn()
    expect(lines[0]!.written).not.toContain('/next')
    expect(lines[1]!.written).toContain('/next')
  })

  it('are not written if they were aborted before', async () => {
    const [asked] = await askAll('a')
    let next: Asked | undefined
    asked!.on = event => {
      if (event === 'end') next = ask('next')
    }
    lines[0]!.send(response('x'))
    await turn()
    next!.exchange.abort()
    await turn()
    await turn()
    expect(log).toEqual(['head a', 'data a', 'end a'])
  })
})
