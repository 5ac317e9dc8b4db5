import { readFileSync } from 'node:fs'

/** Returns the version of Loadcell. */
export function version(): string {
  // From source the manifest is two folders up; from dist/, three.
  const manifest = import.meta.filename.endsWith('.ts') ? '../../package.json' : '../../../package.json'
  return (JSON.parse(readFileSync(new URL(manifest, import.meta.url), 'utf8')) as { version: string }).version
}
