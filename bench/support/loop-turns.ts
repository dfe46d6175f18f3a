import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface LoopPauses {
  /** Longest that a timer was late, milliseconds on the clock: what a caller feels, other programs on the machine included. */
  readonly longestLateness: number;
  readonly latenessPercentile999: number;
  /** Most processor milliseconds that this thread spent between two looks: how long our own code held the loop at the worst. */
  readonly longestTurn: number;
}

/** Watches the event loop of the calling thread until the returned function is called. */
export function watchEventLoop(): () => LoopPauses {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const spent = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let last = spent();
  let longestTurn = 0;
  const timer = setInterval(() => {
    const now = spent();
    longestTurn = Math.max(longestTurn, now - last);
    last = now;
  }, 1);
  return () => {
    clearInterval(timer);
    delay.disable();
    return { longestLateness: delay.max / 1e6, latenessPercentile999: delay.percentile(99.9) / 1e6, longestTurn };
  };
}
