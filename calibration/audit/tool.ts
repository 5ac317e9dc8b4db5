import type { ToolReport, ToolTraits } from './tool-report.ts'

/** How a tool reads its options: `words` have no value joined to them, since `-cpus` is another option than `-c`, as in Go. */
export type OptionStyle = 'joined' | 'words'

/** A file or an output stream of a tool. Text outputs are UTF-8. */
export interface ReportSource {
  /** File name without its folder, or `stdout`. */
  name: string
  bytes: Buffer
}

/** A command that starts a tool, as the user typed it. */
export interface ToolCommand {
  program: string
  args: readonly string[]
  /** Its output for the `helpOption` of its tool; absent without any. */
  help?: string | undefined
}

/** A command as the audit starts it, and where the report will be. */
export interface PreparedCommand {
  args: string[]
  env: Record<string, string>
  /** Sentences that say what was added and why; empty when nothing was. */
  added: string[]
  /**
   * Files that the tool will write: those in the audit's folder that were asked for here, or those that the command itself
   * names already. A name may be a folder (Gatling), of which all files are read.
   */
  files: string[]
  /** Whether stdout is part of the report. */
  readsStdout: boolean
  /** The load that the command's flags ask for, as far as they say. */
  requested: RequestedLoad
}

/** The load that a user asks of a tool. An absent member was not asked for, or stands in the tool's own script. */
export interface RequestedLoad {
  /** Users, threads or connections at the peak. */
  users?: number
  ratePerSecond?: number
  requests?: number
  durationMs?: number
}

/** Address of the target in its parts. */
export interface TargetAddress {
  /** Origin without a trailing slash, e.g. `http://127.0.0.1:8080`. */
  url: string
  host: string
  port: number
}

/** A load tool whose reports can be read. One file a tool, and one line in `tools.ts`. */
export interface Tool {
  name: string
  /** Base names of the programs that start it. */
  programs: readonly string[]
  /** Formats that `read` knows, in words, for error messages and help, e.g. `JSON summary (--json)`. */
  formats: readonly string[]
  traits: ToolTraits
  /** Its option for how long it runs, if it has one: an audit shortens some runs. */
  duration?: DurationOption | undefined
  /** Option for which it lists its options, for a tool whose versions have different ones. */
  helpOption?: string
  /** Option that names its script, for a tool that learns the address of the target nowhere else: `{host}` and `{port}` are filled in there. */
  scriptOption?: readonly string[]
  /** Exit code by which it says that its own run proves nothing, for example because its machine was too busy. */
  invalidExitCode?: number
  /** Asks the tool for a machine-readable report in `folder` by its own flags, unless the command does already, and names the target by its own host flag, if it has one. */
  prepare(command: ToolCommand, target: TargetAddress, folder: string): PreparedCommand
  /** Whether the bytes look like one of its formats, whole or damaged. Cheap, and never throws. */
  recognizes: (source: ReportSource) => boolean
  /** @throws ReportError when the content is damaged, of an unknown version, or of another unit. */
  read(sources: readonly ReportSource[]): ToolReport
}

export interface DurationOption {
  names: readonly string[]
  style?: OptionStyle
  /** Writes a number of seconds as the tool reads it. Default: `10s`. */
  written?: (seconds: number) => string
  /** Whether it may stand in a command that has none. */
  mayBeAdded?: true
}

/** A report that cannot be read. The message says what was expected, what came and what to do. */
export class ReportError extends Error {}
