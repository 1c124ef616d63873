/** What a process takes of the machine. */
export interface Usage {
  readonly rssBytes: number
  readonly cpuSeconds: number
}

/** Usage of this process. */
export function usageOf({ memoryUsage, cpuUsage }: Pick<NodeJS.Process, 'memoryUsage' | 'cpuUsage'>): Usage {
  const { user, system } = cpuUsage()
  return { rssBytes: memoryUsage.rss(), cpuSeconds: (user + system) / 1e6 }
}
