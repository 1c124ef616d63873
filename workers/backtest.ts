/** `ringmaster backtest`: captures through the whole engine in virtual time. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type BacktestRequest, EXIT, exitCodeOf, renderTable } from '../src/cli/index.ts'
import { errorLine, money } from '../src/core/index.ts'
import { FileJournal } from '../src/trading/index.ts'
import { PAPER_ACCOUNT } from './exchange-messages.ts'
import { openRecordedRun, playToEnd } from './recorded-run.ts'
import { VirtualEngine } from './virtual-engine.ts'

/** Plays the files to their end and prints what became of it. @returns the exit code */
export async function backtest(request: BacktestRequest): Promise<number> {
  const print = (text: string): void => void process.stdout.write(`${text}\n`)
  try {
    const { files } = request
    const run = await openRecordedRun(request, files)
    const { config, markets, originMs } = run
    const symbols = config.trading_pairs
    const out = resolve(request.out ?? join(config.data_dir, 'backtests', new Date().toISOString().replace(/[:.]/g, '-')))
    mkdirSync(out, { recursive: true })
    const path = join(out, 'trading.journal')
    const journal = new FileJournal(path)
    const started = performance.now()
    const engine = new VirtualEngine({ config, markets, originMs, journal, onLog: (line) => line.level === 'error' && print(`${(line.atNs / 1e9).toFixed(3)} s  ${line.actor}: ${line.message} ${JSON.stringify(line.data)}`) })
    const endNs = await playToEnd(engine, run, 'backtest')
    const wallets = engine.exchange.wallet(PAPER_ACCOUNT)
    const executions = engine.exchange.executions(PAPER_ACCOUNT, {})
    engine.stop()
    const tookS = (performance.now() - started) / 1000
    const events = markets.reduce((sum, market) => sum + market.tape.length, 0)
    const bytes = readFileSync(path)
    const fees = executions.reduce((sum, one) => sum.add(one.fee), money(0))
    const rows: [string, string][] = [
      ['recorded', `${new Date(originMs).toISOString()} + ${(endNs / 1e9).toFixed(1)} s, ${events} events of ${symbols.join(', ')}`],
      ['took', `${tookS.toFixed(2)} s, ${Math.round(events / tookS)} events/s, ${(endNs / 1e9 / tookS).toFixed(0)} × real time`],
      ['executions', String(executions.length)],
      ['fees', `${fees.toFixed()} USDT`],
      ['balance', `${config.exchange.starting_balance} → ${wallets.balance.toFixed()} USDT (equity ${wallets.equity.toFixed()})`],
      ['journal', `${path}, ${journal.length} records, sha256 ${createHash('sha256').update(bytes).digest('hex')}`],
    ]
    print(request.json ? JSON.stringify(Object.fromEntries(rows)) : renderTable(['backtest', ''], rows))
    return EXIT.ok
  } catch (error) {
    process.stderr.write(`${errorLine(error)}\n`)
    return exitCodeOf(error)
  }
}
