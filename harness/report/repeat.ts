import type { RunDescription } from '../results/run-result.ts'

/** Returns the command that repeats a run. */
export function repeatCommand(run: RunDescription): string {
  const { overrides = {} } = run
  const flags: (readonly [flag: string, value: string | number | undefined])[] = [
    ['--seed', run.seed],
    ...(overrides.only ?? []).map(load => ['--only', load] as const),
    ['--profile', run.profile],
    ['--vus', overrides.vus],
    ['--rate', overrides.rate],
    ['--duration', overrides.duration],
    ['--warmup', overrides.warmup],
    ...Object.entries(overrides.targetSettings ?? {}).map(
      ([key, value]) => ['--target-set', `${key}=${value}`] as const,
    ),
    ...Object.entries(overrides.variables ?? {}).map(([name, value]) => ['--var', `${name}=${value}`] as const),
    ...(overrides.faults ?? []).map(source => ['--faults', source] as const),
    ...(overrides.thresholds ?? []).map(threshold => ['--threshold', threshold] as const),
    ...(overrides.observe ?? []).map(endpoint => ['--observe', endpoint] as const),
    ['--trace', overrides.trace],
    ['--engine', overrides.engine],
    ['--http-version', overrides.httpVersion],
    // With several places, workers have them.
    ['--place', run.places?.length === 1 ? run.places[0] : undefined],
    ['--ca', overrides.ca],
    ['--cert', overrides.cert],
    ['--key', overrides.key],
    ['--proxy', overrides.proxy === false ? undefined : overrides.proxy],
    ...Object.entries(overrides.hosts ?? {}).map(([name, url]) => ['--host', `${name}=${url}`] as const),
    ['--target', run.embedded ? undefined : run.targetUrl],
    ['--control-url', run.embedded ? undefined : run.controlUrl],
    ...Object.entries(run.tags).map(([key, value]) => ['--tag', `${key}=${value}`] as const),
  ]
  const given = flags.flatMap(([flag, value]) => (value === undefined ? [] : [flag, shellWord(String(value))]))
  const switches = [
    overrides.insecure && '--insecure',
    overrides.proxy === false && '--no-proxy',
    overrides.identify && '--identify',
  ].filter(Boolean)
  return ['loadcell run', shellWord(run.source), ...given, ...switches].join(' ')
}

/** Quotes a word for a POSIX shell. */
export function shellWord(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
