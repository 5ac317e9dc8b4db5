import { createServer, type RequestListener, type ServerOptions } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { LeanResponse, type Waiter } from '../../../../target/http/lean-response.ts'

const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'

/** Sends requests over one connection, and returns everything that comes back until the server closes it. */
async function exchange(options: ServerOptions, handler: RequestListener, sent: string): Promise<string> {
  const server = createServer({ keepAliveTimeout: 72_000, ...options }, handler)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  try {
    return await new Promise((resolve, reject) => {
      const chunks: Buffer[] = []
      const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
      client.on('data', chunk => chunks.push(chunk))
      client.on('error', reject)
      client.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')))
      client.end(sent)
    })
  } finally {
    server.close()
  }
}

/** The answers of Node's own response and of the lean one to the same requests. */
async function both(handler: RequestListener, sent = GET): Promise<{ node: string; lean: string }> {
  const node = await exchange({}, handler, sent)
  const lean = await exchange({ ServerResponse: LeanResponse }, handler, sent)
  const undated = (text: string) => text.replaceAll(/Date: [^\r]+/g, 'Date: …')
  expect(lean.toLowerCase()).toContain('date: ')
  return { node: undated(node), lean: undated(lean) }
}

const length = (body: string) => ({ 'content-length': Buffer.byteLength(body) })

describe('LeanResponse writes the same bytes as Node', () => {
  const answers: Record<string, RequestListener> = {
    'for JSON with a length': (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', ...length('{"a":1}'), etag: '"x"' }).end('{"a":1}')
    },
    'for a body beyond ASCII': (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', ...length('"é€😀"') }).end('"é€😀"')
    },
    'for a header beyond ASCII': (_request, response) => {
      response.writeHead(200, { 'x-request-id': 'caf\u00e9', ...length('body') }).end('body')
    },
    'for a body in bytes': (_request, response) => {
      response.writeHead(200, length('body')).end(Buffer.from('body'))
    },
    'for a body in pieces': (_request, response) => {
      response.writeHead(200, length('body'))
      response.write('bo')
      response.end('dy')
    },
    'without a length': (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' }).end('body')
    },
    'without a body': (_request, response) => {
      response.writeHead(204, { 'x-a': 'b' }).end()
    },
    'with headers that were set one by one': (_request, response) => {
      response.setHeader('vary', 'origin')
      response.writeHead(200, length('body')).end('body')
    },
    'with an answer that closes the connection': (_request, response) => {
      response.writeHead(400, { connection: 'close', ...length('body') }).end('body')
    },
    'with a header of several values': (_request, response) => {
      response.writeHead(200, { 'set-cookie': ['a=1', 'b=2'], ...length('body') }).end('body')
    },
    'with names in capitals': (_request, response) => {
      response.writeHead(200, { 'X-Upper': '1', 'Content-Length': '4' }).end('body')
    },
    'with a date of its own': (_request, response) => {
      response.writeHead(200, { date: 'Thu, 01 Jan 1970 00:00:00 GMT', ...length('body') }).end('body')
    },
  }

  it.each(Object.entries(answers))('%s', async (_, handler) => {
    const { node, lean } = await both(handler)
    expect(lean).toBe(node)
  })

  it('for HEAD, for HTTP/1.0 and for a request that closes the connection', async () => {
    const handler: RequestListener = (_request, response) => {
      response.writeHead(200, { 'x-a': '1', ...length('body') }).end('body')
    }
    for (const request of [
      GET.replace('GET', 'HEAD'),
      GET.replace('1.1', '1.0'),
      GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'),
    ]) {
      const { node, lean } = await both(handler, request)
      expect(lean).toBe(node)
    }
  })

  it('for requests one behind another, with values that change', async () => {
    let ordinal = 0
    const { node, lean } = await both((_request, response) => {
      const body = `answer ${ordinal++ % 3}`
      response.writeHead(200, { 'x-request-id': body, 'cache-control': 'no-store', ...length(body) }).end(body)
    }, GET.repeat(3))
    expect(lean).toBe(node)
    expect(lean).toContain('x-request-id: answer 2')
  })
})

it('LeanResponse refuses a value with a line break, as Node does', async () => {
  let message = ''
  const handler: RequestListener = (_request, response) => {
    try {
      response.writeHead(200, { 'x-a': 'b\r\nx-c: d', ...length('body') })
    } catch (error) {
      message = (error as Error).message
      response.writeHead(500, length('')).end()
    }
  }
  const { lean } = await both(handler)
  expect(message).toContain('x-a')
  expect(lean).not.toContain('x-c')
})

describe('LeanResponse waits for the end of the turn', () => {
  /** Answers with a body as long as its ordinal, and notes what happens. */
  function waiting(events: string[]): RequestListener {
    let ordinal = 0
    return (_request, response) => {
      const name = String(++ordinal)
      const waiter: Waiter = {
        now: () => 7,
        headSent: at => events.push(`${name} begins at ${at}`),
        left: at => events.push(`${name} ends at ${at}`),
      }
      response.writeHead(200, length(name))
      ;(response as LeanResponse).waitFor(waiter, 5)
      response.end(name)
      events.push(`${name} is given: ended ${response.writableEnded}, finished ${response.writableFinished}`)
    }
  }

  it('and answers requests one behind another in order', async () => {
    const events: string[] = []
    const text = await exchange({ ServerResponse: LeanResponse }, waiting(events), GET.repeat(2))
    expect(text.match(/\r\n\r\n\d/g)).toEqual(['\r\n\r\n1', '\r\n\r\n2'])
    expect(events).toEqual([
      '1 is given: ended true, finished false',
      '2 is given: ended true, finished false',
      '1 begins at 5',
      '1 ends at 7',
      '2 begins at 7',
      '2 ends at 7',
    ])
  })

  it('and writes nothing for a client that is gone', async () => {
    const events: string[] = []
    const listener = waiting(events)
    await exchange(
      { ServerResponse: LeanResponse },
      (request, response) => {
        listener(request, response)
        response.destroy()
      },
      GET,
    )
    expect(events).toEqual(['1 is given: ended true, finished false'])
  })
})
