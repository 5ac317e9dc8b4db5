import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { ControlPlane } from '../../../../harness/control/control-plane.ts'
import { isLoadcell } from '../../../../harness/control/recognise.ts'
import { listen } from '../client/support.ts'

test.each([
  [200, '{"boot":"b1","runs":[]}', true],
  [200, '{"hello":1}', false],
  [200, '<html>', false],
  [404, '{"code":"control_elsewhere"}', true],
  [404, '{"code":"not_found"}', false],
  [403, '{"code":"control_forbidden"}', true],
  [403, '{"error":"go away"}', false],
  [401, '', false],
])('a status of %d with %s is a target of Loadcell: %s', async (status, body, recognised) => {
  const url = await listen(createServer((_request, response) => response.writeHead(status).end(body)))
  expect(await isLoadcell(new ControlPlane({ targetUrl: url }))).toBe(recognised)
})

test('a server that does not answer is none', async () => {
  const url = await listen(createServer(({ socket }) => socket.destroy()))
  expect(await isLoadcell(new ControlPlane({ targetUrl: url }))).toBe(false)
})
