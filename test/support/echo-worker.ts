import { ChildProcessLink, channelToParent } from '../../harness/bus/child-process-link.ts'
import { echo, textCodec } from './echo.ts'

echo(new ChildProcessLink(channelToParent(process), textCodec), () => process.kill(process.pid, 'SIGKILL'))
