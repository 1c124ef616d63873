import type { Config, LoadedConfig } from '../config/index.ts'

/** What a command that starts something is given. */
export interface StartRequest {
  readonly loaded: LoadedConfig
  /** JSON lines on standard output instead of text for people. */
  readonly json: boolean
  readonly color: boolean
}

export interface BacktestRequest extends StartRequest {
  readonly files: readonly string[]
  /** Folder for the journal and the report; null: a new one in the data folder. */
  readonly out: string | null
}

export interface SoakRequest extends StartRequest {
  readonly minutes: number
}

/** What `simulate` is asked for. */
export interface SimulateRequest {
  readonly seeds: number
  /** The first one. */
  readonly seed: number
  /** Kinds of faults to draw from; none: all. */
  readonly faults: readonly string[]
  readonly venue: 'bybit' | 'okx' | 'both'
  /** Virtual minutes with faults of each seed. */
  readonly minutes: number
  /** File with a plan to be played instead of seeds. */
  readonly plan: string | null
  /** null: as many as there are cores. */
  readonly threads: number | null
  /** Makes the plan of the first failing seed as small as it gets. */
  readonly shrink: boolean
}

/** What `record` is asked for. */
export interface RecordRequest {
  readonly venue: 'bybit' | 'okx'
  readonly symbols: readonly string[]
  readonly out: string
  /** Levels of the book; null: Bybit 50, OKX 400. */
  readonly depth: number | null
  /** Address of a built-in exchange (`http://host:port`); null for the venue's own. */
  readonly url: string | null
  /** null: until stopped. */
  readonly minutes: number | null
  readonly rotateBytes: number
  /** null: by size only. */
  readonly rotateMinutes: number | null
  readonly compress: 'gzip' | 'zstd'
}

/** What `strategy replay` is asked for. */
export interface StrategyReplayRequest {
  readonly loaded: LoadedConfig
  /** Files of candles, each a market of its own. */
  readonly files: readonly string[]
  readonly json: boolean
  /** A table for each file too. */
  readonly each: boolean
}

/** What `alerts test` is asked for. */
export interface AlertsTestRequest {
  readonly loaded: LoadedConfig
  readonly json: boolean
}

export interface CollectRequest extends StartRequest {
  /** Played in virtual time; none: the engine runs on paper. */
  readonly files: readonly string[]
  /** null: until stopped. */
  readonly minutes: number | null
}

/** What commands on a data set are asked for. */
export interface DatasetRequest {
  readonly dir: string
  readonly label: Config['label']
  readonly json: boolean
}

export interface LabelRequest extends DatasetRequest {
  /** Labels anew what was finished. */
  readonly force: boolean
}

export interface DatasetInfoRequest extends DatasetRequest {
  /** File for a page with plots; null: none. */
  readonly html: string | null
}

/** What `train` is asked for. */
export interface TrainRequest {
  readonly loaded: LoadedConfig
  /** Version to publish as; null: network, size and time. */
  readonly version: string | null
  /** null: as long as it takes. */
  readonly minutes: number | null
  /** null: as many as there are cores. */
  readonly threads: number | null
  /** Begins anew where an interrupted training could be gone on with. */
  readonly fresh: boolean
  /** Collects from a generated market with a planted edge first. */
  readonly demo: boolean
  readonly json: boolean
}

export interface JournalView {
  /** First record to show. */
  readonly from: number
  readonly limit: number
  readonly json: boolean
  /** Trace id, client id, venue's order id, execution id or `position/n`: only its chain is shown. Absent: everything. */
  readonly only?: string
}

/** What `db`, `audit` and `explain` are asked for. */
export interface DatabaseRequest {
  readonly loaded: LoadedConfig
  readonly what:
    | { readonly kind: 'status' | 'migrate' | 'verify' }
    /** `to`: schema version; null: one back. */
    | { readonly kind: 'rollback'; readonly to: number | null; readonly force: boolean }
    | { readonly kind: 'backup' | 'restore'; readonly file: string }
    | { readonly kind: 'explain'; readonly id: string }
  readonly json: boolean
}

/** What `models` is asked for. */
export interface ModelsRequest {
  /** Folder of the registry. */
  readonly dir: string
  readonly what:
    | { readonly kind: 'list' | 'history' | 'deactivate' | 'unshadow' | 'rollback' }
    | { readonly kind: 'show' | 'activate' | 'shadow' | 'archive'; readonly version: string }
    /** `version`: null for the name of the file. */
    | { readonly kind: 'import'; readonly file: string; readonly meta: string | null; readonly golden: string | null; readonly version: string | null }
  /** null: the user of the system. */
  readonly who: string | null
  readonly why: string
  readonly json: boolean
}

/**
 * What the commands do; given by the entry point, which may reach workers and actors. Each answers its exit code.
 */
export interface CliActions {
  run(request: StartRequest): Promise<number>
  exchange(request: StartRequest): Promise<number>
  backtest(request: BacktestRequest): Promise<number>
  soak(request: SoakRequest): Promise<number>
  simulate(request: SimulateRequest, print: (line: string) => void): Promise<number>
  journalCat(path: string, view: JournalView, print: (line: string) => void): Promise<number>
  journalVerify(path: string, print: (line: string) => void): Promise<number>
  /** Makes the CSV files of the configured venue anew. */
  csvRebuild(loaded: LoadedConfig, print: (line: string) => void): Promise<number>
  database(request: DatabaseRequest, print: (line: string) => void): Promise<number>
  record(request: RecordRequest, print: (line: string) => void): Promise<number>
  collect(request: CollectRequest, print: (line: string) => void): Promise<number>
  label(request: LabelRequest, print: (line: string) => void): Promise<number>
  datasetInfo(request: DatasetInfoRequest, print: (line: string) => void): Promise<number>
  datasetCheck(request: DatasetRequest, print: (line: string) => void): Promise<number>
  alertsTest(request: AlertsTestRequest, print: (line: string) => void): Promise<number>
  modelServer(request: StartRequest): Promise<number>
  models(request: ModelsRequest, print: (line: string) => void): Promise<number>
  train(request: TrainRequest, print: (line: string) => void): Promise<number>
  strategyReplay(request: StrategyReplayRequest, print: (line: string) => void): Promise<number>
  dataCheck(files: readonly string[], json: boolean, print: (line: string) => void): Promise<number>
}

/** The outside of the command line. */
export interface CliIo {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly env: Readonly<Record<string, string | undefined>>
  /** Standard output is a terminal. */
  readonly terminal: boolean
  /** `.env` to read; null for none, undefined for the one of the working folder. */
  readonly envFile?: string | null
}
