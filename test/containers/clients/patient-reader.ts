/**
 * A consumer of another make, which trusts no connection that has gone silent: it gives it up, opens another, and goes on
 * behind the last event it has seen. A line for each event, reset and opening. Arguments: the target's URL.
 */
const origin = process.argv[2]
const SILENCE_MS = 5000

const grant = new URLSearchParams({
  grant_type: 'client_credentials',
  client_id: 'notification-dashboard',
  client_secret: 'consumer-secret',
})

let lastEventId = ''
for (;;) {
  try {
    await follow()
  } catch (error) {
    console.log(`broken ${String(error)}`)
  }
  await new Promise(resolve => setTimeout(resolve, 500))
}

async function follow(): Promise<void> {
  const impatience = new AbortController()
  const lose = () => impatience.abort(new Error(`silent for ${SILENCE_MS} ms`))
  let timer = setTimeout(lose, SILENCE_MS)
  const { signal } = impatience
  try {
    const token = await fetch(`${origin}/oauth/token`, { method: 'POST', body: grant, signal })
    const { access_token } = (await token.json()) as { access_token: string }
    const answer = await fetch(`${origin}/v1/streams/orders?from=earliest`, {
      signal,
      headers: { authorization: `Bearer ${access_token}`, ...(lastEventId && { 'last-event-id': lastEventId }) },
    })
    console.log(`opened ${answer.status}`)
    let text = ''
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      clearTimeout(timer)
      timer = setTimeout(lose, SILENCE_MS)
      const frames = (text + chunk).split('\n\n')
      text = frames.pop()!
      for (const frame of frames) take(frame)
    }
  } finally {
    clearTimeout(timer)
  }
}

function take(frame: string): void {
  const fields = new Map(frame.split('\n').map(line => [line.split(':')[0], line.slice(line.indexOf(':') + 1).trim()]))
  const data = fields.get('data')
  if (data === undefined) return
  lastEventId = fields.get('id') ?? lastEventId
  if (fields.get('event') === 'reset') console.log(`reset ${data}`)
  else console.log(`event ${(JSON.parse(data) as { event_id: string }).event_id}`)
}
