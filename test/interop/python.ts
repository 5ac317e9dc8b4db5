import { spawnSync } from 'node:child_process'
import { toolPath } from './tools/programs.ts'

/** Debian's packages are seen by its own Python only, which need not be the first one on the path. */
const candidates = [
  process.env['LOADCELL_TEST_PYTHON'] ?? 'python3',
  '/usr/bin/python3',
  toolPath('otlp-python'),
  toolPath('foreign-python'),
  toolPath('kubernetes-python'),
  toolPath('llm-python'),
  toolPath('graphql-python'),
  toolPath('stomp-python'),
  toolPath('grpc-python'),
  toolPath('socketio-python'),
]

/** Returns a Python that has the module; undefined, with a loud note, if none has. */
export function pythonWith(module: string, pack: string): string | undefined {
  const found = candidates.find(path => spawnSync(path, ['-c', `import ${module}`]).status === 0)
  if (found === undefined) {
    const why = `no ${candidates.join(' or ')} has the package ${pack} (pip install ${pack}, or set LOADCELL_TEST_PYTHON)`
    process.stderr.write(`\n!!! SKIPPED: ${why}. Its format was not read by that tool.\n\n`)
  }
  return found
}

export function run(python: string | undefined, script: string, input: string | Buffer) {
  const { stdout, stderr } = spawnSync(python ?? '', ['-c', script], { input, encoding: 'utf8' })
  return { stdout: stdout.trim(), stderr }
}
