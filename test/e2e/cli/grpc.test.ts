import { describe, expect, it } from 'vitest'
import { loadcell } from './loadcell.ts'
import { withoutPackages } from './without-packages.ts'

describe('gRPC from the command line', () => {
  it('ends at once and says what to install if the package that the target needs is missing', async () => {
    const { code, output } = await loadcell(['target', '--port', '0', '--set', 'grpc.enabled=true'], {
      env: withoutPackages('@grpc/proto-loader'),
    })
    expect({ code, output }).toEqual({
      code: 104,
      output: expect.stringContaining('npm install --save-dev @grpc/proto-loader') as string,
    })
    expect(output).not.toContain('internal error')
  })
})
