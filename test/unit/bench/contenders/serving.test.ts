import { expect, test } from 'vitest'
import { serving, servingTable } from '../../../../bench/contenders/serving.ts'

const reading = (requests: number, serverCpuSeconds: number) => ({
  requests,
  failed: 0,
  seconds: 2,
  cpuSeconds: 1,
  serverCpuSeconds,
})
const contender = (name: string) => ({ name, measure: () => Promise.resolve(reading(1, 1)) })

test('a server is compared with the plain route and bare node:http, in rate and in CPU time', () => {
  const { rows } = servingTable(
    't',
    [contender('target'), contender('fastify'), contender('bare')],
    [[reading(800, 0.04)], [reading(1000, 0.03)], [reading(1600, 0.02)]],
  )
  expect(rows[0]).toEqual(['target', '400', '0.80', '0.50', '50.0', '0.60'])
})

test('the CPU time of the server covers its turn only, and a turn with refusals is discarded', async () => {
  let cpuSeconds = 7
  const generator = (failed: number) => ({
    name: 'generator',
    drive: () => Promise.resolve({ requests: 10, failed, seconds: 1, cpuSeconds: (cpuSeconds += 0.5) }),
    stop: () => Promise.resolve(),
  })
  const server = { cpuSeconds: () => cpuSeconds }
  const order = { url: 'http://127.0.0.1/', connections: 1 }

  expect(await serving('good', server, generator(0), order).measure(1)).toMatchObject({ serverCpuSeconds: 0.5 })
  await expect(serving('bad', server, generator(1), order).measure(1)).rejects.toThrow('bad: 1 of 10 requests failed')
})
