import type { DurationOption, OptionStyle, PreparedCommand, RequestedLoad, ToolCommand } from '../tool.ts'

/** Returns whether one of the names (`-o`, `--output`) is among the arguments, with its value in the same or the next one. */
export function hasOption(args: readonly string[], names: readonly string[], style: OptionStyle = 'joined'): boolean {
  return args.some(arg => names.some(name => arg === name || arg.startsWith(`${name}=`) || isJoined(arg, name, style)))
}

/** Returns the value of an option that takes one: `-o x`, `-o=x`, `-ox`, `--output x` or `--output=x`. The last one counts. */
export function optionValue(
  args: readonly string[],
  names: readonly string[],
  style: OptionStyle = 'joined',
): string | undefined {
  let value: string | undefined
  for (const [index, arg] of args.entries()) {
    for (const name of names) {
      if (arg === name) value = args[index + 1] ?? value
      else if (arg.startsWith(`${name}=`)) value = arg.slice(name.length + 1)
      else if (isJoined(arg, name, style)) value = arg.slice(name.length)
    }
  }
  return value
}

/** Returns the arguments with another duration in place of theirs; undefined if there is none to replace. */
export function withDuration(
  args: readonly string[],
  { names, style = 'joined', written = seconds => `${seconds}s`, mayBeAdded }: DurationOption,
  durationMs: number,
): string[] | undefined {
  const text = written(Math.max(1, Math.round(durationMs / 1000)))
  const changed = [...args]
  let isFound = false
  for (const [index, arg] of args.entries()) {
    for (const name of names) {
      if (arg === name && index + 1 < args.length) changed[index + 1] = text
      else if (arg.startsWith(`${name}=`)) changed[index] = `${name}=${text}`
      else if (isJoined(arg, name, style)) changed[index] = `${name}${text}`
      else continue
      isFound = true
    }
  }
  if (isFound) return changed
  return mayBeAdded ? [...changed, names[0]!, text] : undefined
}

/** Returns a command as it is, whose report is what it prints. */
export function unchanged({ args }: ToolCommand, requested: RequestedLoad): PreparedCommand {
  return { args: [...args], env: {}, added: [], files: [], readsStdout: true, requested }
}

/**
 * Returns the arguments with options put right behind the tool's own name, which may be an argument of a launcher
 * (`taskset -c 1 ab …`). They are unchanged when it is not among them.
 */
export function argsWith(
  { program, args }: ToolCommand,
  programs: readonly string[],
  options: readonly string[],
): string[] {
  const words = [program, ...args]
  const at = words.findIndex(word => programs.includes(programName(word)))
  return at === -1 ? [...args] : [...args.slice(0, at), ...options, ...args.slice(at)]
}

/** Returns the name of a program in lower case, without its folder, its extension and the version that npx takes: `autocannon`. */
export function programName(word: string): string {
  return (word.split(/[/\\]/).at(-1) ?? '')
    .replace(/\.(?:exe|cmd|bat|sh|js|mjs|cjs|jar|py)$/i, '')
    .replace(/@[^@]*$/, '')
    .toLowerCase()
}

/** Whether an argument is a short option with its value joined to it. */
function isJoined(arg: string, name: string, style: OptionStyle): boolean {
  return style === 'joined' && /^-[^-]$/.test(name) && arg.length > 2 && arg.startsWith(name) && arg[2] !== '='
}
